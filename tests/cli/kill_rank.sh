#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# kill -9 of one rank ends the job in seconds, leaves no process and no output that looks whole.
. "$(dirname "$0")/lib.sh"

mark=catchsim-test-$$-$RANDOM

# Processes of this test's jobs, known by a variable in their environment: "pid rank" a line.
job_processes() {
    local folder
    for folder in /proc/[0-9]*; do
        [ "$(cat "$folder/comm" 2>/dev/null || true)" = catchsim ] || continue
        # A process may end while it is looked at.
        { tr '\0' '\n' <"$folder/environ"; } 2>/dev/null |
            awk -F= -v mark="$mark" -v pid="${folder#/proc/}" '
                $1 == "CATCHSIM_TEST_MARK" && $2 == mark { ours = 1 }
                $1 == "OMPI_COMM_WORLD_RANK" || $1 == "PMI_RANK" { rank = $2 }
                END { if (ours) print pid, rank }' || true
    done
}

cleanup_more() {
    local pid
    while read -r pid _; do
        kill -9 "$pid" 2>/dev/null || true
    done < <(job_processes)
}

output_begun() {
    compgen -G "$work/out/*.part" >/dev/null || ended
}

no_process_left() {
    [ -z "$(job_processes)" ]
}

ended() {
    ! kill -0 "$job" 2>/dev/null
}

expect 0 "$catchmake" --output="$work/input.h5" --catchments=3000 --hours=8760 --seed=1
mkdir "$work/out"
for victim in 2 0; do
    set_launch 4
    CATCHSIM_TEST_MARK=$mark "${launch[@]}" "$catchsim" --input="$work/input.h5" \
        --output="$work/out/result.h5" --steps="$work/out/steps.h5" --fresh \
        >"$work/stdout" 2>"$work/stderr" </dev/null &
    job=$!
    wait_until 60 output_begun || fail "no output was begun within 60 s"
    pid=$(job_processes | awk -v rank="$victim" '$2 == rank { print $1 }')
    [ -n "$pid" ] || fail "rank $victim was not found: the run was over too soon"
    kill -STOP "$pid" # whatever the speed: the job cannot end without it
    sleep 0.5
    ! ended || fail "the run was over before a rank could be killed; make it longer"

    before=$SECONDS
    kill -9 "$pid"
    wait_until 20 ended || fail "the job goes on 20 s after its rank $victim was killed"
    status=0
    wait "$job" || status=$?
    [ "$status" -ne 0 ] || fail "exit status 0 although rank $victim was killed"
    wait_until 10 no_process_left || fail "processes are left: $(job_processes | tr '\n' ';')"
    expect_no_file "$work/out/result.h5" "$work/out/steps.h5"
    [ -s "$work/stderr" ] || fail "nothing was said"
    echo "rank $victim killed: exit status $status after $((SECONDS - before)) s"
    rm -f "$work"/out/*
done
echo "kill a rank: done"
