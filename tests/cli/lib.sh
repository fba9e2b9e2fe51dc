# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# Shared by the tests of the command line; sourced, not run. Under ctest the environment is set by
# tests/CMakeLists.txt; by hand: CATCHSIM_BUILD=build/release tests/cli/NAME.sh
set -euo pipefail
export LC_ALL=C

source_dir=${CATCHSIM_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
build_dir=$(cd "${CATCHSIM_BUILD:-$source_dir/build/release}" && pwd)
catchsim=$build_dir/catchsim
catchmake=$build_dir/catchmake
same=$source_dir/scripts/same
python=${CATCHSIM_PYTHON:-/usr/bin/python3}
mpiexec=${MPIEXEC:-mpiexec}
flavour=${CATCHSIM_MPI:-openmpi}

export OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export MPIEXEC_TIMEOUT=${MPIEXEC_TIMEOUT:-100}
unset OMP_NUM_THREADS OMP_WAIT_POLICY

work=$(mktemp -d)
cleanup() {
    local status=$?
    trap - EXIT
    if declare -F cleanup_more >/dev/null; then
        cleanup_more
    fi
    rm -rf "$work"
    exit "$status"
}
trap cleanup EXIT

fail() {
    echo "FAIL: $*"
    [ ! -s "$work/stderr" ] || { echo "--- stderr"; head -n 30 "$work/stderr"; }
    exit 1
}

# The arguments that start a program on so many ranks, in the array `launch`.
set_launch() {
    launch=("$mpiexec")
    if [ "$flavour" = openmpi ]; then
        launch+=(--timeout "$MPIEXEC_TIMEOUT" --bind-to none)
    fi
    launch+=(-n "$1")
}

# mpi RANKS PROGRAM ARGUMENT...
mpi() {
    local launch
    set_launch "$1"
    shift
    "${launch[@]}" "$@"
}

# expect STATUS COMMAND...: runs it with stdout and stderr in $work, fails on another exit status.
expect() {
    local wanted=$1 status=0
    shift
    timeout 100 "$@" >"$work/stdout" 2>"$work/stderr" </dev/null || status=$?
    [ "$status" -eq "$wanted" ] || fail "exit status $status instead of $wanted: $*"
}

# One line of ours on stderr says what is wrong, and it names each of the words given.
expect_one_error() {
    local n word line
    n=$(grep -cE '^[a-z]+(\[[0-9]+\])?: error: ' "$work/stderr" || true)
    [ "$n" -eq 1 ] || fail "$n error lines instead of one"
    if grep -qE 'HDF5-DIAG|Sanitizer|Segmentation' "$work/stderr"; then
        fail "more on stderr than the error line"
    fi
    line=$(grep -E '^[a-z]+(\[[0-9]+\])?: error: ' "$work/stderr")
    for word in "$@"; do
        [[ "$line" == *"$word"* ]] || fail "the error line does not name $word: $line"
    done
}

expect_no_file() {
    local path
    for path in "$@"; do
        [ ! -e "$path" ] || fail "left behind: $path"
    done
}

# wait_until SECONDS COMMAND...: whether the command succeeded within the time.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.02
    done
}

# Makes `program` and `config.xml` in the working folder: an engine of programs of which each notes
# its catchment in `started`, does what is given on stdin, and writes a table of its own.
write_engine() { # WORKERS OUTPUT-ATTRIBUTES
    {
        printf '%s\n' '#!/bin/sh' 'here=$(dirname "$0")' 'echo "$3" >>"$here/started"'
        cat
        cat <<'SH'
awk -F '\t' -v id="$3" '{ print $5 "\t" (NR == 1 ? "Conc_" id : id + $3) }' "$1" | sed '1s/^.*\t/x\t/' >"$2"
SH
    } >program
    chmod +x program
    cat >config.xml <<XML
<catchsim version="1"><input file="input.h5"/>
  <engine name="awk" type="external" workers="$1"><program file="program">
    <argument>{input}</argument><argument>{output}</argument><argument>{id}</argument></program>
  </engine>
  <substance name="diuron" model="biocide" engine="awk">
    <parameter name="A_appl" from="facade_area"/></substance>
  <output results="out.h5" steps="steps.h5" $2/>
</catchsim>
XML
}

# Makes $work/run.xml for a program $work/model.sh that takes its time.
write_slow_engine() { # ENGINE-ATTRIBUTES OUTPUT-ATTRIBUTES
    cat >"$work/run.xml" <<XML
<catchsim version="1">
  <input file="input.h5"/>
  <engine name="slow" type="external" $1>
    <program file="model.sh"><argument>{input}</argument><argument>{output}</argument></program>
    <series><column name="t" from="time" unit="d"/><column name="T" from="temperature" unit="degC"/>
      <column name="P" from="precipitation" unit="mm d-1"/></series>
    <result concentration="Conc_x"/>
  </engine>
  <substance name="s" model="herbicide" engine="slow"/>
  <output $2/>
</catchsim>
XML
}
