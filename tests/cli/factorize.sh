#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# factorize: the same text as GNU factor, the same bytes for any ranks and threads, formats that
# others read, sums that are known.
. "$(dirname "$0")/lib.sh"
cd "$work"
factorize=$build_dir/factorize

as_gnu() { # FIRST LAST: compares the range, swept and as a list, with GNU factor
    seq "$1" "$2" >list.txt
    factor <list.txt >gnu.txt
    expect 0 "$factorize" "$1..$2" --quiet
    cmp stdout gnu.txt || fail "$1..$2: not what GNU factor prints"
    expect 0 "$factorize" --from=list.txt --quiet
    cmp stdout gnu.txt || fail "$1..$2 as a list: not what GNU factor prints"
}

# --- byte by byte as GNU factor ---
if factor 12 >/dev/null 2>&1; then
    as_gnu 0 100000
    as_gnu 99999990 100000010
    as_gnu 4294967000 4294967400           # 2^32
    as_gnu 281474976710600 281474976710700 # 2^48
    as_gnu 999999999990 1000000000100      # around 10^12 and (10^6 +- 3)^2
    {
        "$python" - <<'PY'
primes = [3, 5, 101, 65521, 65537, 1000003, 2097143, 2642239, 4294967291]
for p in primes:
    for power in (p * p, p * p * p):
        for n in (power - 1, power, power + 1):
            if n < 2**64:
                print(n)
for e in range(64):
    for n in (2**e - 1, 2**e, 2**e + 1):
        print(n)
# strong pseudoprimes to several bases, Carmichael numbers
for n in (2047, 1373653, 25326001, 3215031751, 2152302898747, 3474749660383, 341550071728321,
          3825123056546413051, 561, 1105, 1729, 2465, 2821, 6601, 8911, 9746347772161,
          1436697831295441, 60977817398996785):
    print(n)
# products of close primes, edges
for n in (4294967291 * 4294967279, 3037000493 * 3037000453, 2147483647 * 2147483629,
          999999937 * 999999929, 2**63 - 1, 2**63, 2**63 + 1, 2**64 - 59, 2**64 - 1):
    print(n)
PY
    } >list.txt
    factor <list.txt >gnu.txt
    expect 0 "$factorize" --from=list.txt --quiet
    cmp stdout gnu.txt || fail "special numbers: not what GNU factor prints"
else
    echo "no GNU factor here: texts are compared among each other only"
fi

# --- edges of the range, where the sieve has its largest primes ---
expect 0 "$factorize" 9223372036854775807..9223372036854775808 --quiet
[ "$(tail -n 1 stdout)" = "9223372036854775808:$(printf ' 2%.0s' $(seq 63))" ] || fail "2^63"
expect 0 "$factorize" 0..1 --quiet
[ "$(cat stdout)" = $'0:\n1:' ] || fail "0 and 1"

# --- the same bytes by any method, ranks, threads, and path of the processor ---
first=1000000000000
last=1000000300000
expect 0 "$factorize" $first..$last --quiet --output=one.txt
for threads in 1 2 4; do
    for ranks in 1 2 3; do
        set_launch $ranks
        OMP_NUM_THREADS=$threads expect 0 "${launch[@]}" "$factorize" $first..$last --quiet --fresh \
            --output=other.txt
        cmp one.txt other.txt || fail "$ranks ranks x $threads threads: other bytes"
        OMP_NUM_THREADS=$threads expect 0 "${launch[@]}" "$factorize" 1..30000 --quiet --fresh \
            --method=naive --output=naive.txt
        OMP_NUM_THREADS=$threads expect 0 "${launch[@]}" "$factorize" 1..30000 --quiet --fresh \
            --output=sieve.txt
        cmp naive.txt sieve.txt || fail "naive and sieve differ"
    done
done
for path in plain avx2; do
    status=0
    CATCHSIM_FACTOR_PATH=$path "$factorize" $first..$last --quiet --fresh --output=other.txt \
        2>"$work/stderr" || status=$?
    if [ "$status" -eq 64 ] && [ "$path" = avx2 ]; then
        echo "no AVX2 here"
    else
        [ "$status" -eq 0 ] || fail "path $path: exit status $status"
        cmp one.txt other.txt || fail "path $path: other bytes"
    fi
done
"$python" - >list.txt <<'PY'
import random

random.seed(5)
for bits in range(1, 65): # half of them products of two factors
    for _ in range(20):
        print(random.getrandbits(bits))
        print(random.getrandbits(bits // 2 + 1) * random.getrandbits(bits - bits // 2 - 1 or 1))
PY
expect 0 "$factorize" --from=list.txt --quiet --output=one_list.txt
! factor 12 >/dev/null 2>&1 || factor <list.txt | cmp - one_list.txt || fail "a list: not GNU's text"
for path in plain ifma; do
    status=0
    CATCHSIM_FACTOR_PATH=$path "$factorize" --from=list.txt --quiet --fresh --output=other.txt \
        2>"$work/stderr" || status=$?
    if [ "$status" -eq 64 ] && [ "$path" = ifma ]; then
        echo "no AVX-512 with 52-bit multiply-add here"
    else
        [ "$status" -eq 0 ] || fail "path $path of lists: exit status $status"
        cmp one_list.txt other.txt || fail "path $path of lists: other bytes"
    fi
done
CATCHSIM_FACTOR_PATH=none expect 64 "$factorize" 1..1000000 --quiet
expect_one_error CATCHSIM_FACTOR_PATH
CATCHSIM_FACTOR_PATH=none expect 64 "$factorize" --from=list.txt --quiet
expect_one_error CATCHSIM_FACTOR_PATH

# --- sums ---
expect 0 "$factorize" 1..1000000 --count --quiet
[ "$(cat stdout)" = "integers=1000000 primes=78498 factors=3626619 distinct=2853708 largest_gap=114 after=492113" ] ||
    fail "sums of a million: $(cat stdout)"
expect 0 "$factorize" 1000000000000..1000001000000 --bench --quiet
grep -qE '^integers=1000001 factors=4374308 prepare_seconds=[0-9.]+ seconds=[0-9.]+ per_second=[0-9]+$' \
    stdout || fail "--bench: $(cat stdout)"
if [ -z "${CATCHSIM_SANITIZE:-}" ]; then
    set_launch 2
    expect 0 "${launch[@]}" "$factorize" 1..100000000 --count --quiet
    grep -q '^integers=100000000 primes=5761455 factors=392351272 ' stdout ||
        fail "sums of 10^8: $(cat stdout)"
fi
seq 1 1000 >list.txt
expect 0 "$factorize" --from=list.txt --count --quiet
[ "$(cat stdout)" = "integers=1000 primes=168 factors=2877 distinct=2126" ] ||
    fail "sums of a list: $(cat stdout)"

# --- exponents, NDJSON, HDF5 ---
expect 0 "$factorize" 12..13 --exponents --quiet
[ "$(cat stdout)" = $'12: 2^2 3\n13: 13' ] || fail "--exponents"
expect 0 "$factorize" 12..13 --quiet --format=text --output=text.h5
[ "$(cat text.h5)" = $'12: 2 2 3\n13: 13' ] || fail "--format=text counts less than the ending"
expect 0 "$factorize" 0..20000 --quiet --output=r.ndjson
set_launch 2
expect 0 "${launch[@]}" "$factorize" 1..400000 --quiet --output=r.h5
expect 0 "$factorize" 1..400000 --quiet --output=s.h5
cmp r.h5 s.h5 || fail "HDF5: other bytes by 2 ranks"
expect 0 "$factorize" 1..2000 --method=naive --quiet --output=t.h5
expect 0 "$factorize" 1..400000 --quiet --deflate=12 --output=u.h5 # HDF5 itself knows levels up to 9
printf '18446744073709551615\n12\n1\n97\n0\n64\n' >list.txt
expect 0 "$factorize" --from=list.txt --quiet --output=l.h5
"$python" - <<'PY'
import json

import h5py
import numpy as np

for i, line in enumerate(open("r.ndjson")):
    record = json.loads(line)
    assert list(record) == ["n", "factors"] and record["n"] == i, line
    assert record["factors"] == sorted(record["factors"]), line
    assert i < 2 or np.prod(record["factors"]) == i, line
assert i == 20000


def rows(path):
    with h5py.File(path) as f:
        offset, prime = f["offset"][:].astype(int), f["prime"][:]
        exponent = f["exponent"][:]
        number = f["number"][:] if "number" in f else None
    assert offset[0] == 0 and offset[-1] == len(prime) == len(exponent)
    assert exponent.min() >= 1
    return offset, prime, exponent, number


for path, n in (("r.h5", 400000), ("t.h5", 2000), ("u.h5", 400000)):
    offset, prime, exponent, _ = rows(path)
    assert len(offset) == n + 1
    product = np.ones(n, dtype=np.uint64)
    np.multiply.at(product, np.repeat(np.arange(n), np.diff(offset)),
                   prime ** exponent.astype(np.uint64))
    assert (product == np.arange(1, n + 1)).all(), path
f = h5py.File("r.h5")
assert f.attrs["first"] == 1 and f.attrs["last"] == 400000
assert f["prime"].compression == "gzip" and f["prime"].shuffle
offset, prime, exponent, number = rows("l.h5")
assert number.tolist() == [18446744073709551615, 12, 1, 97, 0, 64]
assert np.diff(offset).tolist() == [7, 2, 0, 1, 0, 1]
assert prime.tolist() == [3, 5, 17, 257, 641, 65537, 6700417, 2, 3, 97, 2]
assert exponent.tolist() == [1] * 7 + [2, 1, 1, 6]
with h5py.File("in.h5", "w") as f:
    f["n"] = np.array([12, 7, 30], dtype=np.int32)
with h5py.File("two.h5", "w") as f:
    f["a"] = np.array([12, -7, 30])
    f["b"] = np.array([1.5])
PY
expect 0 "$factorize" --from=in.h5 --quiet
[ "$(cat stdout)" = $'12: 2 2 3\n7: 7\n30: 2 3 5' ] || fail "a list from HDF5"
expect 64 "$factorize" --from=in.h5:/n --quiet --output=in.h5 --fresh
expect_one_error in.h5
expect 0 "$factorize" --from=in.h5:/n --quiet
expect 2 "$factorize" --from=two.h5:/a --skip-bad --quiet
expect 65 "$factorize" --from=two.h5:/a --quiet
expect_one_error two.h5 'a[1]' negative
expect 65 "$factorize" --from=two.h5 --quiet
expect_one_error two.h5 --dataset
expect 65 "$factorize" --from=two.h5 --dataset=b --quiet
expect_one_error integers

# --- uneven tasks, in order ---
{ seq 1 3000; echo 18446744030759878681; seq 1 2000; } >list.txt
expect 0 "$factorize" --from=list.txt --quiet --output=even.txt
set_launch 3
expect 0 "${launch[@]}" "$factorize" --from=list.txt --quiet --output=uneven.txt
cmp even.txt uneven.txt || fail "a list: other bytes by 3 ranks"
cut -d: -f1 even.txt | cmp - list.txt || fail "a list: not in its order"

# --- outputs are whole or not there; a reader that leaves ends it quietly ---
expect 74 "$factorize" 1..10 --quiet --output=one.txt
expect_one_error one.txt --fresh
expect 74 "$factorize" 1..10 --quiet --output=nowhere/one.txt
expect 64 "$factorize" --from=list.txt --quiet --output=list.txt --fresh
expect_one_error list.txt
status=0
"$factorize" 1..3000000 --quiet 2>"$work/stderr" | head -n 1 >/dev/null || status=$?
[ ! -s "$work/stderr" ] || fail "a closed pipe is not quiet"
expect_no_file ./*.part ./*.journal
expect 0 "$factorize" 1..1000 --count --report=report.json
"$python" -c 'import json
r = json.load(open("report.json"))
assert r["program"] == "factorize" and r["integers"] == 1000 and r["primes"] == 168, r
assert {"startup", "prepare", "factorize", "finish"} <= set(r["phases"]), r'
echo "factorize: done"

# --- a killed run goes on: at any place, with other ranks, also after its last bytes were lost ---
expect 0 "$factorize" 1000000000000..1000006000000 --quiet --output=whole.txt
for lost in 0 1 100000; do
    rm -f part.txt part.txt.part part.txt.journal
    "$factorize" 1000000000000..1000006000000 --quiet --output=part.txt 2>"$work/stderr" &
    pid=$!
    for _ in $(seq 2000); do
        [ "$(stat -c %s part.txt.part 2>/dev/null || echo 0)" -lt 20000000 ] || break
        sleep 0.001
    done
    kill -9 $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
    if [ -e part.txt ]; then
        echo "it was done before it was killed"
        continue
    fi
    truncate -s "-$lost" part.txt.part
    echo "what a kill may leave behind" >>part.txt.part
    expect 74 "$factorize" 1000000000000..1000006000000 --quiet --output=part.txt
    expect_one_error part.txt --resume
    expect 65 "$factorize" 1..1000 --quiet --output=part.txt --resume
    expect_one_error part.txt range
    set_launch 2
    expect 0 "${launch[@]}" "$factorize" 1000000000000..1000006000000 --output=part.txt --resume
    grep -qE 'goes on after [1-9][0-9]* integers' stderr || fail "it did not go on: $(cat stderr)"
    cmp part.txt whole.txt || fail "the resumed text differs"
    expect_no_file part.txt.part part.txt.journal
done

# --- what is made behind a damaged block counts at the next resume ---
resume_and_kill() { # BYTES: goes on, and is killed when the text has so many
    "$factorize" 1000000000000..1000006000000 --output=damaged.txt --resume 2>"$work/stderr" &
    pid=$!
    for _ in $(seq 4000); do
        [ "$(stat -c %s damaged.txt.part 2>/dev/null || echo 0)" -lt "$1" ] || break
        sleep 0.001
    done
    kill -9 $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
    before=$(sed -nE 's/.* goes on after ([0-9]+) integers/\1/p' "$work/stderr")
}
resume_and_kill 40000000
if [ ! -e damaged.txt ]; then
    printf 'damage' | dd of=damaged.txt.part bs=1 seek=12000000 conv=notrunc status=none
    resume_and_kill 100000000
    damaged=$before
    if [ ! -e damaged.txt ]; then
        resume_and_kill 160000000
        [ "$before" -gt "$damaged" ] || fail "it goes on after $before integers again and again"
    fi
fi
rm -f damaged.txt*

# stopped in good order; then finished, which is not done again
"$factorize" 1..8000000 --output=stopped.txt --quiet 2>"$work/stderr" &
pid=$!
for _ in $(seq 4000); do
    [ "$(stat -c %s stopped.txt.part 2>/dev/null || echo 0)" -lt 1000000 ] || break
    sleep 0.001
done
kill -TERM $pid 2>/dev/null || true
status=0
wait $pid || status=$?
if [ ! -e stopped.txt ]; then # else it was too fast for us
    [ "$status" -eq 75 ] || fail "exit status $status after SIGTERM instead of 75"
    grep -q "resume with: .*factorize 1..8000000 .*--resume" "$work/stderr" || fail "how to go on?"
    expect 0 "$factorize" 1..8000000 --output=stopped.txt --resume
fi
expect 0 "$factorize" 1..8000000 --output=stopped.txt --resume
grep -q "finished by an earlier run" "$work/stderr" || fail "a finished output was not seen"
expect 65 "$factorize" 1..8000001 --output=stopped.txt --resume
expect_one_error stopped.txt 1..8000001
rm -f stopped.txt*

# however long the range, the first lines come at once
first=$(timeout 60 "$factorize" 0..9223372036854775808 --quiet 2>"$work/stderr" | head -n 3 || true)
[ "$first" = "$(printf '0:\n1:\n2: 2')" ] || fail "a range up to 2^63 begins with: $first"

expect 64 "$factorize" 1..10 --resume
expect 64 "$factorize" --from=list.txt --output=x.txt --resume
echo "factorize, resumed: done"
