#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Failed catchments are data: the summary, files that are kept and can be started by hand, the limit
# of failures.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
scratch=$work/scratch
mkdir "$scratch"
export FAULT_NAP=98765$((RANDOM % 9000 + 1000))
cp "$here/external_fault" "$work/program"
cd "$work"

expect 0 "$catchmake" --output=input.h5 --catchments=21 --hours=48 --seed=1
config() { # NAME ATTRIBUTES
    cat >"$1.xml" <<XML
<catchsim version="1"><input file="input.h5"/>
  <engine name="faulty" type="external" $2>
    <program file="program"><argument>{input}</argument><argument>{output}</argument>
      <argument>{id}</argument></program>
    <parameters template="param.txt"/>
  </engine>
  <substance name="any" model="unknown_to_us" engine="faulty"><parameter name="Beta" value="2e-5"/>
  </substance>
  <output results="out.h5" steps="steps.h5"/>
</catchsim>
XML
}
printf 'Beta[all]: 1\n' >param.txt
config faulty 'timeout="6" workers="8"'

# --- the summary: counts by cause, ids, commands ---
expect 2 "$catchsim" faulty.xml --scratch="$scratch" --retries=1 --report=report.json
cp "$work/stdout" summary
for line in '    4 timed out: killed after N s' '    1 exit status 3' '    2 no output: it did not write out_N.txt' \
    '    1 killed by signal 11 (Segmentation fault)' '    1 its output is short: N of N rows' \
    '  the first of them: 2 3 4 5 6 7 9 12 13 14' \
    "    $catchsim --scratch=$scratch --retries=1 faulty.xml --only=2 --keep-files=again" \
    "    $catchsim --scratch=$scratch --retries=1 faulty.xml --retry-failed"; do
    grep -qxF -- "$line" summary || fail "the summary lacks '$line': $(cat summary)"
done
n_by_cause=$(sed -n '/by cause/,/the first of them/p' summary | awk '/^    / { n += $1 } END { print n }')
n_failed=$("$python" -c 'import h5py; print((h5py.File("out.h5")["run_status"][:] != 1).sum())')
[ "$n_by_cause" -eq "$n_failed" ] || fail "causes add up to $n_by_cause, $n_failed failed"
"$python" - <<'PY'
import json
report = json.load(open("report.json"))["substances"][0]
causes = {c["cause"]: c["catchments"] for c in report["causes"]}
assert causes["timed out: killed after N s"] == 4, causes
assert sum(causes.values()) == report["failed"] + report["timeout"] + report["invalid_input"]
PY

# --- the command of the summary leaves a folder that runs by hand, and no other output ---
cp out.h5 before.h5
command=$(grep -A1 'one of them alone' summary | tail -n 1 | sed 's/--only=2 /--only=13 /')
expect 2 sh -c "$command"
cmp out.h5 before.h5 || fail "a rerun of one catchment has touched the result"
[ -f again/any.h5 ] || fail "the rerun's result is not in its folder"
for file in input_13.txt param_13.txt out_13.txt run environment.txt stderr.txt message.txt; do
    [ -f "again/13/$file" ] || fail "again/13/$file is missing: $(ls again/13)"
done
grep -q '^Beta\[all\]: 2e-05$' again/13/param_13.txt || fail "$(cat again/13/param_13.txt)"
grep -q 'the disk is on fire' again/13/stderr.txt || fail "stderr is not kept"
grep -qx 'exit: 3' again/13/message.txt || fail "$(cat again/13/message.txt)"
[ "$(stat -c %a again/13/environment.txt)" = 600 ] || fail "everybody may read the environment"
mv again/13/out_13.txt kept.txt
mv again moved
status=0
(cd / && "$work/moved/13/run") 2>by-hand || status=$?
[ "$status" -eq 3 ] || fail "started by hand it ends with $status"
cmp kept.txt moved/13/out_13.txt || fail "started by hand it gives something else"
grep -q 'the disk is on fire' by-hand || fail "started by hand it says something else"
rm moved/13/out_13.txt
echo 'env >SEEN' | sed "s|SEEN|$work/seen|" >>moved/13/environment.txt # proof that it is read
(cd moved/13 && env -i sh -c 'set -a; . ./environment.txt; set +a; exec ./run') 2>/dev/null || true
cmp kept.txt moved/13/out_13.txt || fail "with its environment it gives something else"
grep -qx "FAULT_NAP=$FAULT_NAP" seen || fail "the environment is not that of the run"

# --- a run that is ok is kept, too, and once more in the same place ---
for _ in 1 2; do
    expect 0 "$catchsim" faulty.xml --scratch="$scratch" --only=1 --keep-files=good
    [ "$(ls good/1 | wc -l)" -eq 7 ] || fail "good/1: $(ls good/1)"
done
mkdir mine mine/1
: >mine/1/precious
expect 0 "$catchsim" faulty.xml --scratch="$scratch" --only=1 --keep-files=mine
[ "$(ls mine/1)" = precious ] || fail "a folder that is not ours was changed"
grep -q 'mine/1: is in the way' "$work/stderr" || fail "nothing is said about the folder in the way"

# --- what failed is kept, bounded; of a run that timed out the partial output and stderr ---
cat >program <<'SH'
#!/bin/sh
case $3 in
1|2|3) echo "step 7 diverges" >&2; head -n 9 "$1" >"$2"; ln -s /etc/passwd link; mkfifo pipe
    sleep "$FAULT_NAP" ;;
4) head -c 3000000 /dev/zero | tr '\0' 'x' >"$2"; exit 5 ;;
*) rm -f "$1"; echo no >&2; exit 4 ;;
esac
SH
config partial 'timeout="1" workers="8"'
set_launch 2
expect 2 "${launch[@]}" "$catchsim" partial.xml --fresh --only=1,2,4,5,6,7 --scratch="$scratch" \
    --keep-failed=failed --keep-size=1 --retries=1
"$python" - <<'PY'
import h5py
f = h5py.File("out.h5")
said = [m.decode() for m in f["run/message"][:]]
for i in (0, 1):
    assert f["run_status"][i] == 3 and said[i].startswith("timed out: killed after 1"), said[i]
    assert said[i].endswith("; it said: step 7 diverges; it had written 8 of 48 rows, "
                            f"{len(b''.join(open(f'failed/{i + 1}/out_{i + 1}.txt', 'rb')))} bytes"), said[i]
PY
[ "$(ls failed | tr '\n' ' ')" = "1 2 4 5 6 7 " ] || fail "kept: $(ls failed)"
[ "$(wc -l <failed/1/out_1.txt)" -eq 9 ] || fail "the partial output is not kept"
grep -q 'step 7 diverges' failed/1/stderr.txt || fail "stderr of a time-out is not kept"
grep -qx 'status: timeout' failed/1/message.txt || fail "$(cat failed/1/message.txt)"
[ ! -e failed/1/link ] && [ ! -e failed/1/pipe ] || fail "more than plain files is kept"
[ "$(stat -c %s failed/4/out_4.txt)" -eq 1048576 ] || fail "--keep-size is not heeded"
grep -qx 'out_4.txt: the first 1048576 of 3000000 bytes' failed/4/message.txt ||
    fail "$(cat failed/4/message.txt)"
[ -s failed/5/input_5.txt ] || fail "an input that the program removed is not kept"
rm -r failed
expect 2 "${launch[@]}" "$catchsim" partial.xml --fresh --scratch="$scratch" --keep-failed=failed \
    --keep-runs=3 --timeout=0.2
n=$(ls failed | wc -l)
[ "$n" -le 3 ] && [ "$n" -ge 1 ] || fail "$n runs are kept instead of 3"
[ -z "$(ls "$scratch")" ] || fail "scratch is left"
pgrep -f "sleep $FAULT_NAP" >/dev/null && fail "a program is left"
# --- where nothing is done, nothing is balanced ---
expect 2 "$catchsim" partial.xml --fresh --scratch="$scratch" --only=5,6
grep -q '0 of 2 catchments done' "$work/stdout" || fail "$(cat "$work/stdout")"
! grep -q 'balance' "$work/stdout" || fail "a balance of nothing: $(cat "$work/stdout")"
expect 74 "$catchsim" partial.xml --fresh --keep-failed=nowhere/at/all --scratch="$scratch"
expect_one_error nowhere/at
expect 64 "$catchsim" partial.xml --keep-failed=a --keep-files=b

# --- too many failures end the run early ---
rm out.h5 steps.h5
expect 65 "$catchsim" partial.xml --scratch="$scratch" --max-failures=2 --only=5,6,7,8,9,10,11
expect_one_error 'substance any: 3 of' '--max-failures allows 2'
expect_no_file out.h5 steps.h5
grep -q -e 'resume with: .*catchsim .*--only=5,6,7,8,9,10,11 --resume$' "$work/stderr" ||
    fail "how to go on after too many failures is not told: $(cat "$work/stderr")"
! grep -q -e 'resume with: .*--max-failures' "$work/stderr" ||
    fail "the command to resume would end as this run did"
expect 2 "$catchsim" partial.xml --scratch="$scratch" --max-failures=7 --only=5,6,7,8,9,10,11 --resume
n=$("$python" -c 'import h5py; print((h5py.File("out.h5")["run_status"][:] == 2).sum())')
[ "$n" -eq 7 ] || fail "$n catchments failed instead of 7, after going on with a higher limit"
expect 2 "$catchsim" partial.xml --fresh --scratch="$scratch" --max-failures=1% --only=5,6,7,8 # few
expect 0 "$catchmake" --output=input.h5 --catchments=120 --hours=24 --seed=1 --fresh
expect 65 "${launch[@]}" "$catchsim" partial.xml --fresh --scratch="$scratch" --max-failures=50% --timeout=0.2
expect_one_error '--max-failures allows 50 %'
expect 64 "$catchsim" partial.xml --max-failures=many
expect_one_error --max-failures
echo "failures: done"
