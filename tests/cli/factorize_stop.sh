#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# factorize is stopped in good order wherever it is: in large blocks of a far range, waiting for input
# or for a reader, in an integer that is too hard. What does not stop is killed, which gives another
# exit status.
. "$(dirname "$0")/lib.sh"
cd "$work"
factorize=$build_dir/factorize
export OMP_NUM_THREADS=2

# expect_stop SIGNAL COMMAND...: 75 after the signal, which comes after $wait seconds.
expect_stop() {
    local status=0
    timeout --preserve-status -s "$1" -k 30 "${wait:-1}" "${@:2}" >"${out:-stdout}" 2>stderr || status=$?
    [ "$status" -eq 75 ] || fail "exit status $status instead of 75: ${*:2}"
    grep -q "error: .*by SIG$1" stderr || fail "SIG$1 is not named: ${*:2}"
}

far=10000000000000000..10009000000000000
expect_stop TERM "$factorize" $far --count
expect_stop USR1 "$factorize" $far --bench
set_launch 2
OMP_NUM_THREADS=1 wait=3 expect_stop USR1 "${launch[@]}" "$factorize" $far --count

mkfifo in out
expect_stop TERM "$factorize" --from=in -q # nobody opens it
exec 3<>in                                 # or writes nothing
expect_stop TERM "$factorize" --from=in -q
expect_stop USR1 "$factorize" --from=- -q <in
[ "$(printf '12\n35\n' >in & timeout 30 "$factorize" --from=- -q < <(head -n 2 in))" = \
    $'12: 2 2 3\n35: 5 7' ] || fail "a pipe is not read"
exec 3>&- 4<>out
out=out expect_stop TERM "$factorize" 1..10000000 -q
exec 4>&-
timeout 30 "$factorize" 1..300000 -q | cat >piped
timeout 30 "$factorize" 1..300000 -q >direct
cmp piped direct || fail "a pipe gets other bytes than a file"

if printf '18446744073709551629\n' | "$factorize" --from=- -q >/dev/null 2>&1; then # with FLINT
    printf '12\n35\n1%049d1%046d133\n77\n' 0 0 >hard
    expect_stop TERM "$factorize" --from=hard -q
    [ "$(cat stdout)" = $'12: 2 2 3\n35: 5 7' ] || fail "what was finished is not written"
    set_launch 2
    OMP_NUM_THREADS=1 wait=3 expect_stop USR1 "${launch[@]}" "$factorize" --from=hard -q
fi

expect 0 "$factorize" 1..1000 --output=rows.h5 --progress=lines
grep -q 'finished places done=1000 ' stderr || fail "counting places shows no progress"
grep -q 'finished factorize done=1000 ' stderr || fail "factoring shows no progress"
