#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# kill -9 of a rank, of a warden and of the launcher, while programs hang that started others in
# sessions of their own: soon nothing of them is alive, and no scratch is left. A killed lane costs
# what it ran, no more.
. "$(dirname "$0")/lib.sh"

nap=9765$((RANDOM % 90000 + 10000)) # seconds that everything sleeps: how it is found
scratch=$work/scratch
mkdir "$scratch"
printf '%s\n' "$nap" "$work/config" "$work/program" >"$work/patterns"

# Processes of this test, "pid name" a line: sleepers, ranks, wardens, lanes, the launcher. The
# patterns are in a file, so that grep does not find itself.
processes() {
    local file pid
    for file in $(cd / && grep -lszF -f "$work/patterns" /proc/[0-9]*/cmdline); do
        pid=${file//[!0-9]/}
        echo "$pid $(cat "/proc/$pid/comm" 2>/dev/null)"
    done
}

cleanup_more() {
    local pid
    while read -r pid _; do
        kill -9 "$pid" 2>/dev/null || true
    done < <(processes)
}

all_sleep() { [ "$(processes | grep -c ' sleep$')" -eq "$n_sleepers" ]; }
nothing_left() { [ -z "$(processes)" ] && [ -z "$(ls "$scratch")" ]; }
ended() { ! kill -0 "$job" 2>/dev/null; }

cat >"$work/program" <<SH
#!/bin/sh
(setsid sh -c 'trap "" TERM; (setsid sleep $nap &); sleep $nap' &)
(cd / && exec env -i setsid sleep $nap) &
sleep $nap
SH
chmod +x "$work/program"
expect 0 "$catchmake" --output="$work/input.h5" --catchments=20 --hours=24 --seed=4
cat >"$work/config.xml" <<XML
<catchsim version="1"><input file="input.h5"/>
  <engine name="hangs" type="external" workers="2"><program file="program"/></engine>
  <substance name="any" model="any" engine="hangs"/>
  <output results="out.h5" existing="replace"/>
</catchsim>
XML

sleepers() { processes | awk '$2 == "sleep" { print $1 }' | sort; }

start() { # RANKS: until all programs run
    launch=()
    [ "$1" -eq 0 ] || set_launch "$1"
    n_sleepers=$((($1 > 0 ? $1 : 1) * 2 * 4))
    "${launch[@]}" "$catchsim" "$work/config.xml" --scratch="$scratch" \
        >"$work/stdout" 2>"$work/stderr" </dev/null &
    job=$!
    wait_until 30 all_sleep || fail "not all programs run: $(processes | tr '\n' ';')"
}

kill_victim() { # NAME WHICH: the WHICHth process of that name
    local victim
    victim=$(processes | awk -v name="$1" '$2 == name { print $1 }' | sed -n "$2p")
    [ "$1" != launcher ] || victim=$job
    [ -n "$victim" ] || fail "no $1 among $(processes | tr '\n' ';')"
    kill -9 "$victim"
}

expect_end() { # NAME: soon after one of that name was killed
    wait_until 30 ended || fail "the job goes on 30 s after a $1 was killed: $(processes | tr '\n' ';')"
    status=0
    wait "$job" || status=$?
    [ "$status" -ne 0 ] || fail "exit status 0 although a $1 was killed"
    wait_until 15 nothing_left ||
        fail "after the kill of a $1 are left: $(processes | tr '\n' ';') $(ls -R "$scratch" | tr '\n' ' ')"
    expect_no_file "$work/out.h5"
}

kill_one() { # RANKS NAME WHICH
    start "$1"
    kill_victim "$2" "$3"
    expect_end "$2"
    echo "$1 ranks, a $2 killed: exit status $status"
}

# What a lane ran ends with it, nothing else does; the catchment is begun again.
four_others_sleep() { all_sleep && [ "$(sleepers | comm -12 - "$work/before" | wc -l)" -eq $((n_sleepers - 4)) ]; }
replace_lane() { # RANKS WHICH
    start "$1"
    sleepers >"$work/before"
    kill_victim catchsim-lane "$2"
    wait_until 30 four_others_sleep || fail "a killed lane is not replaced: $(processes | tr '\n' ';')"
    kill_victim catchsim 1
    expect_end catchsim
    echo "$1 ranks, a catchsim-lane killed: replaced"
}

kill_one 0 catchsim 1
kill_one 0 catchsim-warden 1
grep -q 'error: .*warden' "$work/stderr" || fail "the warden's end is not told"
replace_lane 0 1
for which in 1 2; do
    kill_one 2 catchsim "$which"
    kill_one 2 catchsim-warden "$which"
done
replace_lane 2 3
kill_one 2 launcher 1
echo "external kill: done"
