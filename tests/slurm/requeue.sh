#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# slurm/catchsim.sbatch on a real cluster: a job that is told to stop queues itself again and goes on
# until the run is done, with the result of an undisturbed run; a cancelled job stays cancelled.
. "$(dirname "$0")/../cli/lib.sh"
. "$(dirname "$0")/cluster.sh"

lacking=$(cluster_lacks)
[ -z "$lacking" ] || { echo "SKIP: no $lacking"; exit 77; }
grep -q ' /sys/fs/cgroup' /proc/mounts || { echo "SKIP: slurmd needs /sys/fs/cgroup mounted"; exit 77; }
[ "$flavour" = openmpi ] || { echo "SKIP: srun --mpi=pmix is for Open MPI"; exit 77; }

cleanup_more() {
    stop_cluster
}

# catchsim jobs whose programs take a while: 60 catchments, three at a time, a third of a second.
make_inputs() {
    "$catchmake" --quiet --output="$work/input.h5" --catchments=60 --hours=48 --seed=1
    cat >"$work/model.sh" <<'EOF'
#!/bin/sh
sleep 0.3
awk 'NR == 1 { print "t Conc_x"; next } { print $1, $3 * 2 }' "$1" >"$2"
EOF
    chmod +x "$work/model.sh"
    write_slow_engine 'workers="1"' 'results="out/result.h5" steps="out/steps.h5"'
    mkdir -p "$work/out" "$work/undisturbed"
}

submit() { # OPTION...
    CATCHSIM=$catchsim sbatch --parsable --ntasks=3 --mem-per-cpu=0 --chdir="$work" \
        --output="$work/job.log" "$source_dir/slurm/catchsim.sbatch" "$work/run.xml" "$@"
}

state_of() {
    squeue --noheader --states=all --format=%T --job="$1" 2>/dev/null || true
}

# The job has started so many times and is at work.
is_at_work() { # TIMES
    [ -e "$work/job.log" ] && [ "$(grep -c 'ranks=3' "$work/job.log")" -eq "$1" ] &&
        [ -e "$work/out/result.h5.part" ]
}

is_over() {
    case $(state_of "$1") in
    COMPLETED | CANCELLED | FAILED | TIMEOUT | '') return 0 ;;
    *) return 1 ;;
    esac
}

has_restarted() { # JOB TIMES
    scontrol show job "$1" | grep -q "Restarts=$2 "
}

start_cluster
make_inputs
expect 0 "$catchsim" "$work/run.xml" --workers=6 --output="$work/undisturbed/result.h5" \
    --steps="$work/undisturbed/steps.h5"

job=$(submit --fresh)
for restart in 1 2; do
    wait_until 60 is_at_work "$restart" || { cat "$work/job.log"; fail "it does not begin"; }
    sleep 1.5
    scancel --signal=USR1 "$job"
    wait_until 60 has_restarted "$job" "$restart" ||
        { cat "$work/job.log"; fail "job $job was not queued again: $(state_of "$job")"; }
done
wait_until 200 is_over "$job" || { cat "$work/job.log"; fail "the job does not end"; }
[ "$(state_of "$job")" = COMPLETED ] || { cat "$work/job.log"; fail "job: $(state_of "$job")"; }
"$same" "$work/undisturbed/result.h5" "$work/out/result.h5"
"$same" "$work/undisturbed/steps.h5" "$work/out/steps.h5"
echo "stopped twice, queued again twice, the same result"

rm -f "$work"/out/* "$work/job.log"
job=$(submit --fresh)
wait_until 60 is_at_work 1 || { cat "$work/job.log"; fail "the job does not begin"; }
scancel "$job"
wait_until 60 is_over "$job" || fail "a cancelled job goes on"
sleep 2
[ "$(state_of "$job")" = CANCELLED ] || fail "a cancelled job: $(state_of "$job")"
expect_no_file "$work/out/result.h5" "$work/out/steps.h5"
echo "a cancelled job stays cancelled"
