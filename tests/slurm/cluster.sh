# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A private SLURM cluster of one node on loopback, for the tests of slurm/; sourced after lib.sh.
# start_cluster makes it, with its own munge daemon, keys, ports and folders below $work;
# stop_cluster ends what it started, by process id. Jobs that are queued again wait until their
# credentials have expired: 5 s here, two minutes elsewhere.

cluster=$work/slurm
cluster_pids=()

cluster_lacks() {
    local program
    for program in munged slurmctld slurmd sbatch srun scontrol; do
        command -v "$program" >/dev/null || PATH=$PATH:/usr/sbin command -v "$program" \
            >/dev/null || { echo "$program"; return; }
    done
    [ "$(id -u)" -eq 0 ] || echo "root" # slurmd starts jobs as their users
}

free_port() {
    "$python" -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

write_cluster() {
    local host
    host=$(hostname -s)
    mkdir -p "$cluster/state" "$cluster/spool" "$cluster/munge"
    chmod 755 "$work" "$cluster"
    chmod 700 "$cluster/munge"
    dd if=/dev/urandom of="$cluster/munge/key" bs=128 count=1 status=none
    chmod 600 "$cluster/munge/key"
    cat >"$cluster/slurm.conf" <<EOF
ClusterName=catchsim
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
AuthType=auth/munge
AuthInfo=socket=$cluster/munge/socket,cred_expire=5
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
ReturnToService=2
SlurmctldPidFile=$cluster/slurmctld.pid
SlurmdPidFile=$cluster/slurmd.pid
SlurmdSpoolDir=$cluster/spool
StateSaveLocation=$cluster/state
SlurmUser=root
SlurmctldLogFile=$cluster/slurmctld.log
SlurmdLogFile=$cluster/slurmd.log
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
KillWait=30
MessageTimeout=30
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP OverSubscribe=YES
EOF
    export SLURM_CONF=$cluster/slurm.conf
}

node_is_idle() {
    [ "$(sinfo --noheader --format=%T 2>/dev/null)" = idle ]
}

start_cluster() {
    export PATH=$PATH:/usr/sbin
    write_cluster
    munged --foreground --force --key-file="$cluster/munge/key" --socket="$cluster/munge/socket" \
        --log-file="$cluster/munge/log" --pid-file="$cluster/munge/pid" \
        --seed-file="$cluster/munge/seed" --num-threads=2 >/dev/null 2>&1 &
    cluster_pids+=($!)
    slurmctld -D -c >/dev/null 2>&1 &
    cluster_pids+=($!)
    slurmd -D -c >/dev/null 2>&1 &
    cluster_pids+=($!)
    local deadline=$((SECONDS + 60))
    until node_is_idle; do
        [ "$SECONDS" -lt "$deadline" ] || {
            tail -n 20 "$cluster"/*.log "$cluster/munge/log"
            fail "the private SLURM cluster has no idle node after 60 s"
        }
        sleep 0.2
    done
}

stop_cluster() {
    [ "${#cluster_pids[@]}" -gt 0 ] || return 0
    scancel --quiet --state=RUNNING --user="$(id -un)" >/dev/null 2>&1 || true
    local i
    for ((i = ${#cluster_pids[@]} - 1; i >= 0; i--)); do
        kill "${cluster_pids[i]}" 2>/dev/null || true
        wait "${cluster_pids[i]}" 2>/dev/null || true
    done
    cluster_pids=()
}
