#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# factorize and what it cannot take: one line that says where, or skipped and counted; a line without
# end takes no memory.
. "$(dirname "$0")/lib.sh"
cd "$work"
factorize=$build_dir/factorize

for range in 5..3 0x1..5 '1 .. 2' 1.. ..5 1...5 12 1..9223372036854775809 1e3..1e4 '' ' 1..2' \
    1..99999999999999999999999; do
    expect 65 "$factorize" "$range"
    expect_one_error "\"$range\""
    [ ! -s stdout ] || fail "\"$range\": something is printed"
done
expect 65 "$factorize" -- -5..3
expect_one_error '"-5..3"'
set_launch 3
expect 65 "${launch[@]}" "$factorize" 5..3
expect_one_error '"5..3"'

bad() { # NAME LINE: bad.txt is refused at this line; skipped, the two good lines remain
    expect 65 "$factorize" --from=bad.txt --quiet
    expect_one_error "bad.txt:$2:"
    expect 65 "$factorize" --from=bad.txt --quiet --output=out.txt
    expect_no_file out.txt out.txt.part out.txt.journal
    expect 2 "$factorize" --from=bad.txt --skip-bad --quiet
    [ "$(cat stdout)" = $'12: 2 2 3\n35: 5 7' ] || fail "$1: --skip-bad gives $(cat stdout)"
    grep -q '1 bad lines were left out' stderr || fail "$1: the bad line is not counted"
}
printf '12\n-35\n35\n' >bad.txt
bad negative 2
printf '12\n35\n0x23\n' >bad.txt
bad hexadecimal 3
printf ' 12\n12\n35\n' >bad.txt
bad blanks 1
printf '12\n\n35' >bad.txt
bad "an empty line" 2
printf '12\n3\0005\n35\n' >bad.txt
bad "a NUL byte" 2
printf '12\n1%0400d\n35\n' 0 >bad.txt
bad "ten to the 400" 2
printf '12\n35\n3.5' >bad.txt
bad "a fraction without a newline" 3
printf '12\n35' >good.txt
expect 0 "$factorize" --from=good.txt --quiet
[ "$(cat stdout)" = $'12: 2 2 3\n35: 5 7' ] || fail "no newline at the end"
: >empty.txt
expect 0 "$factorize" --from=empty.txt --quiet
[ ! -s stdout ] || fail "an empty list prints something"

# Beyond 64 bits: by FLINT, or refused in one line.
printf '12\n18446744073709551616\n35\n340282366920938463463374607431768211457\n' >big.txt
status=0
"$factorize" --from=big.txt --quiet >stdout 2>"$work/stderr" || status=$?
if [ "$status" -eq 0 ]; then
    [ "$(sed -n 4p stdout)" = "340282366920938463463374607431768211457: 59649589127497217 5704689200685129054721" ] ||
        fail "2^128 + 1"
    [ "$(sed -n 2p stdout)" = "18446744073709551616:$(printf ' 2%.0s' $(seq 64))" ] || fail "2^64"
    expect 0 "$factorize" --from=big.txt --format=ndjson --quiet
    [ "$(sed -n 4p stdout)" = '{"n":340282366920938463463374607431768211457,"factors":[59649589127497217,5704689200685129054721]}' ] ||
        fail "2^128 + 1 as NDJSON"
    expect 0 "$factorize" --from=big.txt --exponents --quiet
    [ "$(sed -n 2p stdout)" = "18446744073709551616: 2^64" ] || fail "2^64 with exponents"
    expect 0 "$factorize" --from=big.txt --count --quiet
    [ "$(cat stdout)" = "integers=4 primes=0 factors=71 distinct=7" ] || fail "sums: $(cat stdout)"
else
    [ "$status" -eq 65 ] || fail "a big integer: exit status $status"
    expect_one_error big.txt:2: FLINT
fi
expect 65 "$factorize" --from=big.txt --quiet --output=big.h5
expect_one_error big.txt:2: HDF5
expect_no_file big.h5 big.h5.part

# A line of a gigabyte: refused, in the memory that a short list takes.
megabytes=1000
[ -z "${CATCHSIM_SANITIZE:-}" ] || megabytes=50
{ echo 12; head -c "${megabytes}M" /dev/zero | tr '\0' 7; printf '\n35\n'; } >bad.txt
bad "a line of a gigabyte" 2
if [ -z "${CATCHSIM_SANITIZE:-}" ]; then
    peak() { # KiB
        /usr/bin/time -f %M -o peak "$factorize" "$@" >/dev/null 2>&1 || true
        grep -E '^[0-9]+$' peak
    }
    short=$(peak --from=good.txt --quiet)
    long=$(peak --from=bad.txt --skip-bad --quiet)
    [ "$long" -lt $((short + 20000)) ] || fail "a long line takes $long KiB, a short one $short"
fi
rm -f bad.txt

# Wrong use.
for wrong in '--from=nowhere.txt'; do
    expect 74 "$factorize" "$wrong" --quiet
    expect_one_error nowhere.txt
done
for wrong in '' '1..2 3..4' '1..2 --from=good.txt' '1..2 --method=magic' '1..2 --format=xml' \
    '1..2 --format=hdf5' '1..2 --count --bench' '1..2 --format=text --count' '1..2 --output=' \
    '1..2 --count --output=x' '--from=good.txt --method=sieve' \
    '1..2 --deflate=13' '1..2 --dataset=x' '1..2 --exponents --format=ndjson'; do
    # shellcheck disable=SC2086
    expect 64 "$factorize" $wrong
    [ "$(wc -l <stderr)" -eq 1 ] || fail "\"$wrong\": more than one line"
done

# Files that would destroy each other: refused, both named, the list untouched.
for beside in .part .part2 .journal ''; do
    cp good.txt "own.txt$beside"
    ln -sf "own.txt$beside" link.txt
    for list in "own.txt$beside" "./own.txt$beside" link.txt; do
        expect 64 "$factorize" --from="$list" -q -o own.txt
        expect_one_error "$list" own.txt
    done
    for list in - /dev/stdin; do
        expect 64 bash -c '"$1" --from="$2" -q -o own.txt <"$3"' - "$factorize" "$list" "own.txt$beside"
        expect_one_error stdin own.txt
    done
    expect 64 "$factorize" --from="own.txt$beside" -q -o new.txt --report=own.txt
    expect_one_error --report=own.txt "own.txt$beside"
    expect 64 "$factorize" 1..9000 -q -o "new.txt$beside" --report=new.txt
    expect_one_error --report=new.txt "new.txt$beside"
    expect 64 "$factorize" 1..9000 -q -o new.txt --report="new.txt$beside"
    expect_one_error "--report=new.txt$beside" new.txt
    cmp good.txt "own.txt$beside" || fail "own.txt$beside: the list is lost"
    rm "own.txt$beside" link.txt
    expect_no_file own.txt new.txt own.txt.part own.txt.journal new.txt.part new.txt.journal
done
echo "factorize, bad input: done"
