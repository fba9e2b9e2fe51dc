#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# --retry-failed: what failed is run again, and the result is the one of a run without failures.
. "$(dirname "$0")/lib.sh"
scratch=$work/scratch
mkdir "$scratch"
cd "$work"

expect 0 "$catchmake" --output=input.h5 --catchments=40 --hours=900 --seed=4
write_engine 4 'discharge="yes"' <<'SH'
[ ! -e "$here/broken-$3" ] || { echo "broken" >&2; exit 3; }
[ ! -e "$here/slow-$3" ] || sleep 60
SH
run() { # STATUS OPTION...
    local status=$1
    shift
    expect "$status" "${launch[@]}" "$catchsim" config.xml --scratch="$scratch" "$@"
}
expect_same() { # WHAT
    "$same" reference.h5 out.h5 || fail "$1: another result"
    "$same" reference-steps.h5 steps.h5 || fail "$1: other steps"
    expect_no_file out.h5.retry out.h5.retry.part out.h5.part steps.h5.part out.h5.journal \
        steps.h5.journal out.h5.retry.journal
}
launch=()
run 0
mv out.h5 reference.h5
mv steps.h5 reference-steps.h5

# --- nothing failed: nothing is touched ---
cp reference.h5 out.h5
run 0 --retry-failed
cmp reference.h5 out.h5 || fail "a result without failures was touched"
rm out.h5

# --- several failures in several tiles, mended in two goes, by any ranks ---
for ranks in 1 3; do
    set_launch "$ranks"
    touch broken-2 broken-3 broken-17 broken-40
    run 2 --fresh
    cp out.h5 before.h5
    cp steps.h5 before-steps.h5
    rm broken-2 broken-17 broken-40
    run 2 --retry-failed
    grep -q '3 of 4 catchments done' "$work/stdout" || fail "$(cat "$work/stdout")"
    grep -q 'results: out.h5$' "$work/stdout" || fail "the summary names another file"
    "$python" - <<'PY'
import h5py
f = h5py.File("out.h5")
assert [int(i) for i in f["catchment"][f["run_status"][:] != 1]] == [3]
assert b"exit status 3; it said: broken" in f["run/message"][2]
assert f["run/message"][1] == b"" and f["run/exit"][1] == 0 and f["run/attempts"][1] == 1
assert f["run/seconds"][1] > 0 and "run/retry_report" in f
history = f.attrs["history"]
history = history.decode() if isinstance(history, bytes) else history
assert "4 catchments that had failed" in history.splitlines()[0], history
assert len(history.splitlines()) >= 2
PY
    rm broken-3
    run 0 --retry-failed
    expect_same "$ranks ranks"
done

# --- a step file that is another's: told before anything runs again ---
launch=()
touch broken-2
run 2 --fresh
cp out.h5 before.h5
rm broken-2
"$catchmake" --quiet --output=small.h5 --catchments=3 --hours=24
printf 'no HDF5' >not-hdf.h5
for steps in small.h5 out.h5 not-hdf.h5 missing.h5; do
    status=65
    [ "$steps" != missing.h5 ] || status=74
    run "$status" --retry-failed --steps="$steps"
    expect_one_error "$steps"
    expect_no_file out.h5.retry out.h5.retry.part
    cmp before.h5 out.h5 || fail "$steps: the result was touched"
done

# --- --resume of a finished result tells what failed in it, touches nothing, and is no failure ---
launch=()
for outputs in '' '--output=second.h5 --steps=second-steps.h5'; do
    touch broken-2 broken-40
    # shellcheck disable=SC2086
    run 2 --fresh $outputs
    result=out.h5
    [ -z "$outputs" ] || result=second.h5
    cp "$result" before.h5
    # shellcheck disable=SC2086
    run 0 $outputs --resume
    cmp before.h5 "$result" || fail "a finished result was touched"
    grep -qx '  2 of 40 catchments failed' "$work/stdout" ||
        fail "what failed is not told: $(cat "$work/stdout")"
    rm broken-2 broken-40
    expect 0 sh -c "$(tail -n 1 "$work/stdout")" # the command that it names
    "$same" reference.h5 "$result" || fail "the command that is told does something else"
    # shellcheck disable=SC2086
    run 0 $outputs --resume
    ! grep -q -e failed "$work/stdout" || fail "failures are told that are none: $(cat "$work/stdout")"
done
touch broken-2 broken-3 broken-17 broken-40
run 2 --fresh
cp out.h5 before.h5
cp steps.h5 before-steps.h5
rm broken-*

# --- killed while it retries: the result is as before, and the next retry as if nothing was ---
launch=()
cp before.h5 out.h5
cp before-steps.h5 steps.h5
touch slow-17
"$catchsim" config.xml --scratch="$scratch" --retry-failed >/dev/null 2>&1 &
victim=$!
until [ -e out.h5.retry.part ]; do sleep 0.02; done
sleep 0.3
kill -9 "$victim"
wait "$victim" 2>/dev/null || true
rm slow-17
cmp before.h5 out.h5 || fail "a killed retry has touched the result"
cmp before-steps.h5 steps.h5 || fail "a killed retry has touched the steps"
run 0 --retry-failed
expect_same "after a kill"
# the same with --resume: what the killed retry had finished is not run again
cp before.h5 out.h5
cp before-steps.h5 steps.h5
touch slow-17
: >started
"$catchsim" config.xml --scratch="$scratch" --retry-failed >/dev/null 2>&1 &
victim=$!
until [ "$(wc -l <started)" -eq 4 ]; do sleep 0.02; done
sleep 1
kill -9 "$victim"
wait "$victim" 2>/dev/null || true
rm slow-17
run 0 --retry-failed --resume
expect_same "after a kill and --resume"
[ "$(sort -n started | tr '\n' ' ')" = "2 3 17 17 40 " ] || fail "started: $(tr '\n' ' ' <started)"
# between the two renames: the steps are mended, the result is not
cp before.h5 out.h5
run 0 --retry-failed
expect_same "after a kill between the renames"

# --- no space for the copy: nothing is touched ---
cp before.h5 out.h5
cp before-steps.h5 steps.h5
(
    ulimit -f $(($(stat -c %s out.h5) / 1024 - 4))
    trap '' XFSZ
    expect 74 "$catchsim" config.xml --scratch="$scratch" --retry-failed
) || fail "a full disk is not told"
cmp before.h5 out.h5 || fail "a full disk has touched the result"
expect_no_file out.h5.part steps.h5.part
run 0 --retry-failed
expect_same "after a full disk"

# --- a native run, and one of both engines ---
native() { run "$1" --engine=native --output=n.h5 --steps=n-steps.h5 "${@:2}"; }
native 0
cp n.h5 n-reference.h5
cp n-steps.h5 n-reference-steps.h5
"$python" - <<'PY'
import h5py
import numpy as np
with h5py.File("n.h5", "r+") as f, h5py.File("n-steps.h5", "r+") as steps:
    for i in (0, 16, 39):
        f["run_status"][i] = 2
        for name in ("load", "concentration"):
            f[name][i] = np.nan
            steps[name][:, i] = np.nan
PY
native 0 --retry-failed
"$same" n-reference.h5 n.h5 || fail "native: another result"
"$same" n-reference-steps.h5 n-steps.h5 || fail "native: other steps"
both() { run "$1" --engine=both --output=b.h5 --steps=b-steps.h5 "${@:2}"; }
both 0
mv b.h5 b-reference.h5
touch broken-5
both 2 --fresh
rm broken-5
both 0 --retry-failed
"$same" b-reference.h5 b.h5 || fail "both engines: another result"

# --- refused ---
refused() { # STATUS WORD OPTION...
    run "$1" --retry-failed "${@:3}"
    expect_one_error "$2"
}
cp before.h5 out.h5
cp before-steps.h5 steps.h5
refused 64 --only --only=3
refused 64 --fresh --fresh
refused 64 --keep-failed --keep-files=x
refused 74 nowhere.h5 --output=nowhere.h5
cp input.h5 no-result.h5
refused 65 'no result file' --output=no-result.h5
expect 0 "$catchmake" --output=other.h5 --catchments=40 --hours=900 --seed=5
refused 65 content_id --input=other.h5
cmp before.h5 out.h5 || fail "a refused retry has touched the result"
sed -i 's/"diuron"/"terbutryn"/' config.xml
refused 65 terbutryn
sed -i 's/"terbutryn"/"diuron"/; s/model="biocide"/model="biocide_wwtp"/; s/A_appl/a_urban/' config.xml
refused 65 biocide_wwtp
[ -z "$(ls "$scratch")" ] || fail "scratch is left"
echo "retry: done"
