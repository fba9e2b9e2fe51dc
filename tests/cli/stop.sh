#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Signals and --walltime stop a run in good order: exit status 75, one line, no file that looks
# whole, no process left; external programs have the grace, and their end is no failure.
. "$(dirname "$0")/lib.sh"

expect 0 "$catchmake" --quiet --output="$work/input.h5" --catchments=40 --hours=48
cat >"$work/model.sh" <<'EOF'
#!/bin/sh
echo started >>"$CATCHSIM_TEST_STARTS"
sleep "$CATCHSIM_TEST_SECONDS"
awk 'NR == 1 { print "t Conc_x"; next } { print $1, $3 }' "$1" >"$2"
EOF
chmod +x "$work/model.sh"
write_slow_engine 'workers="2" retries="3"' 'results="result.h5" steps="steps.h5" existing="replace"'
mkdir "$work/scratch"
export CATCHSIM_TEST_STARTS=$work/starts
run=("$catchsim" "$work/run.xml" --progress=none --scratch="$work/scratch")

has_started() { [ -s "$CATCHSIM_TEST_STARTS" ]; }

# begin RANKS SECONDS-OF-A-PROGRAM OPTION...: starts it in the background and waits for a program.
begin() {
    local ranks=$1 launch=()
    : >"$CATCHSIM_TEST_STARTS"
    [ "$ranks" -eq 0 ] || set_launch "$ranks"
    # a shell starts background commands with SIGINT ignored
    CATCHSIM_TEST_SECONDS=$2 "$python" -c '
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' "${launch[@]}" "${run[@]}" "${@:3}" \
        >"$work/stdout" 2>"$work/stderr" </dev/null &
    job=$!
    wait_until 60 has_started || fail "no program was started within 60 s"
}

ranks_of() {
    pgrep -f "catchsim $work/run.xml" | while read -r pid; do
        # not the launcher; wardens and lanes have names of their own
        [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != catchsim ] || echo "$pid"
    done
    true
}

expect_stopped() { # WORD-IN-THE-ERROR
    local status=0
    wait "$job" || status=$?
    [ "$status" -eq 75 ] || fail "exit status $status instead of 75"
    grep -q "error: interrupted by $1" "$work/stderr" || fail "$1 is not named"
    [ "$(grep -c "resume with: .*catchsim .*--resume" "$work/stderr")" -eq 1 ] ||
        fail "how to resume is not told once"
    expect_no_file "$work/result.h5" "$work/steps.h5"
    wait_until 10 nothing_left || fail "left: $(pgrep -af "$work") $(ls "$work/scratch")"
}

nothing_left() {
    ! pgrep -f "$work/(run.xml|model.sh)" >/dev/null && [ -z "$(ls "$work/scratch")" ]
}

for signal in INT TERM USR1; do
    begin 0 0.4
    kill -"$signal" "$job"
    expect_stopped "SIG$signal"
    # finished within the grace, not started again although there are retries
    [ "$(wc -l <"$CATCHSIM_TEST_STARTS")" -le 4 ] || fail "programs were started after SIG$signal"
done
echo "signals: done"

begin 0 60 --grace=0.5
before=$SECONDS
kill -TERM "$job"
expect_stopped SIGTERM
[ $((SECONDS - before)) -lt 30 ] || fail "the grace has no end"
echo "grace: done"

begin 0 60 --grace=30
kill -INT "$job"
sleep 0.3
kill -INT "$job"
status=0
wait "$job" || status=$?
[ "$status" -eq 75 ] || fail "the second SIGINT: exit status $status instead of 75"
wait_until 10 nothing_left || fail "left after the second SIGINT: $(pgrep -af "$work")"
echo "second SIGINT: done"

: >"$CATCHSIM_TEST_STARTS"
CATCHSIM_TEST_SECONDS=0.5 expect 75 "${run[@]}" --walltime=00:00:03 --grace=1
grep -q 'interrupted by the limit of --walltime' "$work/stderr" || fail "--walltime is not named"
for wrong in 10 00:61:00 1:2 -1:00:00 00:00:00; do
    expect 64 "${run[@]}" --walltime="$wrong"
    expect_one_error --walltime "$wrong"
done
echo "walltime: done"

# A rank that is told tells the others.
begin 3 0.4
wait_until 20 eval '[ "$(ranks_of | wc -l)" -ge 3 ]' || fail "the ranks were not found"
kill -USR1 "$(ranks_of | sort -n | tail -n 1)"
expect_stopped SIGUSR1
if [ "$flavour" = openmpi ]; then
    begin 3 0.4
    kill -USR1 "$job"
    expect_stopped SIGUSR1
fi
echo "ranks: done"
