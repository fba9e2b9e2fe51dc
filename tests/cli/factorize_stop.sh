#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# factorize is stopped in good order wherever it is: in large blocks of a far range. What does not
# stop is killed, which gives another exit status.
. "$(dirname "$0")/lib.sh"
cd "$work"
factorize=$build_dir/factorize
export OMP_NUM_THREADS=2

# expect_stop SIGNAL COMMAND...: 75 after the signal, which comes when it has run for 2 s.
expect_stop() {
    local status=0
    timeout --preserve-status -s "$1" -k 30 2 "${@:2}" >stdout 2>stderr || status=$?
    [ "$status" -eq 75 ] || fail "exit status $status instead of 75: ${*:2}"
    grep -q "error: .*by SIG$1" stderr || fail "SIG$1 is not named: ${*:2}"
}

far=10000000000000000..10009000000000000
expect_stop TERM "$factorize" $far --count
expect_stop USR1 "$factorize" $far --bench
set_launch 2
OMP_NUM_THREADS=1 expect_stop USR1 "${launch[@]}" "$factorize" $far --count
