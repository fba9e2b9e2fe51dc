#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# External programs that misbehave cost only their own catchment; nothing is left of them.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
rounds=${CATCHSIM_FAULT_ROUNDS:-200}

nap=9876$((RANDOM % 90000 + 10000)) # seconds that leftovers sleep: how they are found
export FAULT_NAP=$nap
scratch=$work/scratch
mkdir "$scratch"

# Processes of this test: sleepers, programs, wardens and ranks. The patterns are in a file, so that
# grep does not find itself.
printf '%s\n' "$nap" "$work/each" "$work/few" "$work/program" >"$work/patterns"
leftovers() {
    local file
    for file in $(cd / && grep -lszF -f "$work/patterns" /proc/[0-9]*/cmdline); do
        { printf '%s:' "${file//[!0-9]/}" && tr '\0' ' ' <"$file" && echo; } 2>/dev/null
    done
}

cleanup_more() {
    umount "$work/full" 2>/dev/null || true
    local line
    while IFS= read -r line; do
        kill -9 "${line%%:*}" 2>/dev/null || true
    done < <(leftovers)
}

nothing_left() {
    [ -z "$(leftovers)" ] && [ -z "$(ls "$scratch")" ]
}

expect_nothing_left() { # SECONDS WHAT
    local deadline=$((SECONDS + $1))
    until nothing_left; do
        [ "$SECONDS" -lt "$deadline" ] ||
            fail "$2: left are: $(leftovers | tr '\n' ';') $(ls -R "$scratch" | tr '\n' ' ')"
        sleep 0.02
    done
}

cp "$here/external_fault" "$work/program"
config() { # NAME PROGRAM ATTRIBUTES
    cat >"$work/$1.xml" <<XML
<catchsim version="1"><input file="$1.h5"/>
  <engine name="faulty" type="external" $3>
    <program file="$2"><argument>{input}</argument><argument>{output}</argument>
      <argument>{id}</argument></program>
  </engine>
  <substance name="any" model="unknown_to_us" engine="faulty"/>
  <output results="$1-out.h5" steps="$1-steps.h5"/>
</catchsim>
XML
}

# --- every fault once: what is recorded ---
expect 0 "$catchmake" --output="$work/each.h5" --catchments=30 --hours=48 --seed=1
config each program 'timeout="6" workers="12"'
padding=$(printf '%0100000d' 0) # an environment that is longer than what is read of it at once
PADDING=$padding expect 2 "$catchsim" "$work/each.xml" --scratch="$scratch" --retries=1
expect_nothing_left 0 "every fault once"
"$python" - "$work/each-out.h5" "$work/each-steps.h5" "$work/each.h5" <<'PY'
import sys
import h5py
import numpy as np

result, steps, given = (h5py.File(path) for path in sys.argv[1:4])
water = given["local_discharge"][:].astype(float)
assert (water > 0).any(axis=1).sum() > 10, "hardly a catchment has water: the test tests little"
message = [m.decode() if isinstance(m, bytes) else m for m in result["run/message"][:]]
status, attempts = result["run_status"][:], result["run/attempts"][:]
exit_ = result["run/exit"][:]
OK, FAILED, TIMEOUT = 1, 2, 3
wanted = {2: (TIMEOUT, "timed out"), 3: (FAILED, "signal 11"), 4: (FAILED, "no column"),
          5: (FAILED, "no output"), 6: (FAILED, "short: 9 of 48 rows"),
          7: (FAILED, "row 8 of its output: the concentration is missing"),
          # its limit, or, where the watch over its folder is sooner, that
          9: (FAILED, ("File size limit exceeded", "it filled its folder")), 12: (TIMEOUT, "timed out"),
          13: (FAILED, "exit status 3; it said: first line the disk is on fire"),
          14: (FAILED, "no plain file"), 15: (FAILED, "cannot be read"),
          16: (TIMEOUT, "timed out"), 17: (TIMEOUT, "timed out"),
          18: (FAILED, 'row 4 of its output: Conc_18 is no number: "seven"'),
          20: (FAILED, 'no column "Conc_20"'), 21: (FAILED, "it said: unknown model"),
          23: (FAILED, "no output"), 24: (FAILED, "no output"),
          25: (TIMEOUT, "timed out"), 28: (FAILED, "it filled its folder: more than 16.0 MiB"),
          29: (FAILED, "it filled its folder"),
          30: (FAILED, "the process that watches over the program was killed")}
ids = result["catchment"][:]
for i, id_ in enumerate(ids):
    status_wanted, text = wanted.get(int(id_), (OK, ""))
    assert status[i] == status_wanted, (id_, status[i], message[i])
    texts = text if isinstance(text, tuple) else (text,)
    assert any(t in message[i] for t in texts), (id_, message[i])
    # a lane may be killed by others, too: three times that does not count
    assert attempts[i] == (1 if status_wanted == OK else 5 if id_ == 30 else 2), (id_, attempts[i])
    row = result["concentration"][i]
    if status_wanted == OK:
        if id_ == 22:  # says nothing in row 0, as if there were no water
            assert water[i, 0] > 0, "row 0 is dry: the test tests nothing"
            water[i, 0] = 0
        assert np.array_equal(row, np.where(water[i] > 0, 7, np.nan), equal_nan=True), id_
        assert np.allclose(result["load"][i], 0.0864 * 7 * water[i] / 24, rtol=1e-6), id_
    else:
        assert np.isnan(row).all(), id_
place = {int(id_): i for i, id_ in enumerate(ids)}
assert exit_[place[13]] == 3 and exit_[place[3]] == 128 + 11 and exit_[place[9]] in (128 + 25, 128 + 9)
for name in ("load", "concentration"):
    assert np.array_equal(result[name][:], steps[name][:].T, equal_nan=True), name
PY
rm "$work"/each-*

# --- what cannot be started is said before anything runs ---
config each nowhere ''
expect 65 "$catchsim" "$work/each.xml" --scratch="$scratch"
expect_one_error nowhere "does not exist"
: >"$work/not-executable"
config each not-executable ''
expect 65 "$catchsim" "$work/each.xml" --scratch="$scratch"
expect_one_error not-executable "not executable"
config each . ''
expect 65 "$catchsim" "$work/each.xml" --scratch="$scratch"
set_launch 3
config each nowhere ''
expect 65 "${launch[@]}" "$catchsim" "$work/each.xml" --scratch="$scratch"
expect_one_error nowhere
config each program ''
expect 74 "$catchsim" "$work/each.xml" --scratch="$work/no-such-folder"
expect_one_error no-such-folder
expect 74 "$catchsim" "$work/each.xml" --scratch="$work/program"
expect_one_error "$work/program" 'is not a directory'
expect_no_file "$work/each-out.h5" "$work/each-steps.h5"
expect_nothing_left 0 "what cannot be started"

# --- a file system that a program fills up: its neighbours are run once more. Two at once could
# leave each other too little to reach the bound, so they are far apart in the order. ---
full=$work/full
mkdir "$full"
if mount -t tmpfs -o size=33m none "$full" 2>"$work/stderr"; then
    expect 0 "$catchmake" --output="$work/disk.h5" --catchments=30 --hours=24 --seed=3
    cat >"$work/fill" <<'SH'
#!/bin/sh
case $3 in
3 | 27) for i in 1 2 3 4 5 6 7 8 9; do head -c 4M /dev/zero >"large$i"; done ;;
esac
for i in 1 2 3 4; do awk -F '\t' -v id="$3" '{ print $0 "\t" (NR == 1 ? "Conc_" id : 7) }' "$1" >"$2" || exit 4; done
SH
    chmod +x "$work/fill"
    config disk fill 'workers="2"'
    expect 2 "$catchsim" "$work/disk.xml" --scratch="$full"
    [ -z "$(ls "$full")" ] || fail "left on the full disk: $(ls "$full")"
    expect 74 "$catchsim" "$work/disk.xml" --fresh --scratch="$full" --workers=3
    expect_one_error "$full" "are free"
    umount "$full"
    "$python" - "$work/disk-out.h5" <<'PY'
import sys
import h5py

result = h5py.File(sys.argv[1])
ids, status = result["catchment"][:], result["run_status"][:]
for id_, s, message in zip(ids, status, result["run/message"][:]):
    assert s == (2 if id_ in (3, 27) else 1), (id_, s, message)
    assert s == 1 or b"it filled its folder" in message, (id_, message)
assert (status == 2).sum() == 2
PY
else
    echo "no file system may be mounted here: not tested that one is full"
fi

# --- killed ranks ---
expect 0 "$catchmake" --output="$work/few.h5" --catchments=9 --hours=24 --seed=2
config few program 'timeout="0.15" workers="9"'
run_in_background() { # COMMAND...
    "$@" >"$work/stdout" 2>"$work/stderr" </dev/null &
    job=$!
}
export FAULT_SEED=17 # catchments of several kinds, some of which hang
set_launch 2
run_in_background "${launch[@]}" "$catchsim" "$work/few.xml" --fresh --scratch="$scratch" --timeout=0
sleep 1.5
rank=$(pgrep -x -f "$catchsim $work/few.xml .*" | while read -r pid; do
    [ "$(cat "/proc/$pid/comm")" != catchsim ] || echo "$pid"
done | tail -n 1)
kill -9 "$rank"
wait "$job" && fail "exit status 0 although a rank was killed"
expect_nothing_left 15 "a rank was killed"

# A node that loses everything at once leaves its scratch; the next start clears it.
run_in_background "$catchsim" "$work/few.xml" --fresh --scratch="$scratch" --timeout=0
sleep 0.4
kill -9 "$(pgrep -P "$job" -x catchsim-warden)" "$job"
wait "$job" 2>/dev/null || true
cleanup_more
[ -n "$(ls "$scratch")" ] || fail "nothing to clear: the test tests nothing"
number=1-0123456789abcdef # a node of another name may see the folder, but not whether it is in use
dead=$scratch/catchsim-scratch-$(uname -n)-$number
mkdir "$scratch/catchsim-scratch-$(uname -n)-2-0123456789abcdef" "$scratch/of-somebody-else" "$dead" \
    "$scratch/catchsim-scratch-elsewhere-$number"
touch -d '2 minutes ago' "$dead" "$scratch/catchsim-scratch-elsewhere-$number"
expect 2 "$catchsim" "$work/few.xml" --fresh --scratch="$scratch"
printf '%s\n' "catchsim-scratch-$(uname -n)-2-0123456789abcdef" of-somebody-else \
    "catchsim-scratch-elsewhere-$number" | sort >"$work/wanted"
ls "$scratch" | sort | cmp -s - "$work/wanted" ||
    fail "scratch has $(ls "$scratch" | tr '\n' ' ')"
rmdir "$scratch"/*

# --- rounds of random faults; every third run is killed ---
for ((round = 1; round <= rounds; round++)); do
    export FAULT_SEED=$round
    if ((round % 3 == 0)); then
        run_in_background "$catchsim" "$work/few.xml" --fresh --scratch="$scratch"
        sleep "0.0$((RANDOM % 10))"
        kill -9 "$job" 2>/dev/null || true
        wait "$job" 2>/dev/null || true
        expect_nothing_left 10 "round $round, killed"
    else
        status=0
        "$catchsim" "$work/few.xml" --fresh --scratch="$scratch" >"$work/stdout" \
            2>"$work/stderr" </dev/null || status=$?
        [ "$status" -eq 0 ] || [ "$status" -eq 2 ] || fail "round $round: exit status $status"
        nothing_left || fail "round $round: left are: $(leftovers | tr '\n' ';') $(ls "$scratch")"
    fi
done
echo "external faults: done, $rounds rounds as user $(id -u)"

# --- and some of that without root's rights, where the suite has them ---
as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
if [ "$(id -u)" -eq 0 ] && "${as_nobody[@]}" test -x "$catchsim" -a -r "$here/lib.sh" 2>/dev/null; then
    mkdir "$work/home"
    chown 65534:65534 "$work/home"
    chmod 711 "$work"
    HOME=$work/home TMPDIR=$work/home CATCHSIM_FAULT_ROUNDS=12 FAULT_SEED='' \
        "${as_nobody[@]}" "$BASH" "$here/external_faults.sh"
fi
