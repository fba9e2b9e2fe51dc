#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ndpipe against Python's json; the same bytes for all ranks and threads; malformed lines; pipes,
# shared outputs, throttles; everything that is refused.
. "$(dirname "$0")/lib.sh"
ndpipe=$build_dir/ndpipe
cd "$work"

cat >make.py <<'PY'
import json
import random
import sys

n, seed, damaged = int(sys.argv[1]), int(sys.argv[2]), len(sys.argv) > 3
r = random.Random(seed)
pool = 'abc "\\/\b\f\n\r\t{}[]:,é€😀\x00\x1f\x7f\u2028title'


def text(n_max=20):
    return "".join(r.choice(pool) for _ in range(r.randint(0, n_max)))


def value(depth=0):
    k = r.randrange(8 if depth < 3 else 6)
    if k < 3:
        return text()
    if k < 6:
        return r.choice([None, True, False, 0, -1.5e300, 12345678901234567890, r.random()])
    n_items = r.randint(0, 4)
    if k == 6:
        return [value(depth + 1) for _ in range(n_items)]
    return {text(6): value(depth + 1) for _ in range(n_items)}


for i in range(n):
    record = {"id": i}
    for _ in range(r.randint(0, 4)):
        record[text(5) + "_"] = value()
    record["title"] = text(60) if r.random() < 0.8 else value()
    record["deep"] = {"title": "other", "list": [value(), {"x y": text()}]}
    line = json.dumps(record, ensure_ascii=r.random() < 0.5,
                      separators=r.choice([(",", ":"), (" , ", " : ")]))
    if damaged and r.random() < 0.02:
        line = r.choice(["[1]", "nothing", line[: len(line) // 2], '{"no":1}', '{"title":"\\ud800"}',
                         line[:-1], '{"title" 1}', "  ", '{"title":"a\\qb"}'])
    sys.stdout.buffer.write(line.encode("utf-8", "surrogatepass") + r.choice([b"\n", b"\n", b"\r\n"]))
PY
cat >oracle.py <<'PY'
import json
import sys

# newline="\n": other line ends are no line ends here
for line in open(sys.argv[1], encoding="utf-8", newline="\n"):
    try:
        value = json.loads(line)
        for step in sys.argv[2:]:
            value = value[int(step) if step.isdigit() else step]
    except (ValueError, KeyError, IndexError, TypeError):
        continue
    if isinstance(value, str):
        try:
            out = value.encode("utf-8").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
        except UnicodeEncodeError:
            continue
    elif isinstance(value, (dict, list)):
        out = b"<" + json.dumps(value).encode() + b">"
    else:
        out = json.dumps(value).encode()
    sys.stdout.buffer.write(out + b"\n")
PY
# Objects and arrays as Python writes them: ndpipe leaves them as they stand.
cat >normal.py <<'PY'
import json
import sys

for line in sys.stdin.buffer.read().split(b"\n")[:-1]:
    if line[:1] in (b"{", b"["):
        try:
            line = b"<" + json.dumps(json.loads(line)).encode() + b">"
        except ValueError:
            pass
    sys.stdout.buffer.write(line + b"\n")
PY
"$python" make.py 3000 1 >good.ndjson
"$python" make.py 3000 2 damaged >bad.ndjson

like_python() { # IN OUT STEP...
    local out=$2
    "$python" oracle.py "$1" "${@:3}" >expected
    "$python" normal.py <"$out" >normal
    cmp expected normal || fail "$1, $3: not what Python's json finds"
}

# ---- values ----
expect 0 "$ndpipe" --field=title good.ndjson title.txt
like_python good.ndjson title.txt title
expect 0 "$ndpipe" --field='deep.list[1]["x y"]' good.ndjson deep.txt
like_python good.ndjson deep.txt deep list 1 "x y"
expect 0 "$ndpipe" --strict --fresh --field=title good.ndjson strict.txt
cmp title.txt strict.txt || fail "--strict changes the values"
expect 0 "$ndpipe" --raw --field=title good.ndjson raw.txt
[ "$(wc -l <raw.txt)" -eq 3000 ] || fail "--raw: not a line a record"
"$python" - <<'PY' || fail "--raw: not the record's values"
import json
a = [json.loads(x) for x in open("raw.txt", encoding="utf-8", newline="\n")]
assert a == [json.loads(x)["title"] for x in open("good.ndjson", encoding="utf-8", newline="\n")]
PY
printf '{"title":"a\\nb"}\n' >newline.ndjson
expect 0 "$ndpipe" --field=title newline.ndjson -
[ "$(cat stdout)" = 'a\nb' ] || fail "a line end in a value is not escaped"
expect 0 "$ndpipe" --keep-newlines --field=title newline.ndjson -
[ "$(cat stdout)" = $'a\nb' ] || fail "--keep-newlines"

# ---- malformed lines ----
expect 2 "$ndpipe" --field=title --rejects=rejects.ndjson --report=report.json bad.ndjson bad.txt
"$python" - <<'PY' || fail "counts, rejects and messages do not agree"
import json
import re
lines = open("bad.ndjson", "rb").read().split(b"\n")[:-1]
report = json.load(open("report.json"))["streams"][0]
rejects = open("rejects.ndjson", "rb").read().split(b"\n")[:-1]
assert report["lines"] == len(lines) == 3000
assert report["blank"] == sum(not x.strip() for x in lines) > 0
assert report["malformed"] == len(rejects) > 10
assert report["values"] + report["blank"] + report["malformed"] == report["lines"]
assert report["bytes"] == len(open("bad.ndjson", "rb").read())
stripped = [x.rstrip(b"\r") for x in lines]
told = [int(x) for x in re.findall(r"bad.ndjson:(\d+): ", open("stderr").read())]
assert len(told) == 10 and [stripped[i - 1] for i in told] == rejects[:10], told
PY
grep -q 'further malformed lines' stderr || fail "what is not told is not said"
grep -o ':[0-9]*: .*' stderr | head -n 10 >told.txt
expect 2 "$ndpipe" --field=title --strict bad.ndjson valid.txt
like_python bad.ndjson valid.txt title
printf '{"title":"cut' >cut.ndjson
expect 2 "$ndpipe" --field=title cut.ndjson -
grep -q 'cut.ndjson:1: ' stderr || fail "a truncated file is not told"

# ---- the same bytes for all ranks and threads, blocks and queues ----
same_bytes() { # WHAT
    cmp one.txt "$work/all.txt" || fail "$1: other bytes"
    cmp one-rejects.txt "$work/rejects.txt" || fail "$1: other rejects"
}
everything=(--fresh --field=title --block=1K --rejects=rejects.txt
            good.ndjson all.txt bad.ndjson all.txt newline.ndjson all.txt)
expect 2 env OMP_NUM_THREADS=1 "$ndpipe" "${everything[@]}"
cp all.txt one.txt
cp rejects.txt one-rejects.txt
[ "$(wc -l <one.txt)" -eq "$(cat title.txt bad.txt newline.ndjson | wc -l)" ] || fail "lines are lost"
for threads in 2 4; do
    for queue in 1 2 100; do
        expect 2 env OMP_NUM_THREADS=$threads "$ndpipe" --queue=$queue "${everything[@]}"
        same_bytes "$threads threads, queue $queue"
    done
done
for ranks in 2 3 16; do
    [ "$ranks" -lt 16 ] || [ -z "${CATCHSIM_SANITIZE:-}" ] || continue # minutes, and no other lines
    set_launch $ranks
    expect 2 env OMP_NUM_THREADS=1 "${launch[@]}" "$ndpipe" "${everything[@]}"
    same_bytes "$ranks ranks"
done
set_launch 3
expect 2 env OMP_NUM_THREADS=2 "${launch[@]}" "$ndpipe" "${everything[@]}"
same_bytes "3 ranks of 2 threads"
for block in 1024 5000 1M; do
    expect 0 "$ndpipe" --fresh --block=$block --field=title good.ndjson block.txt
    cmp title.txt block.txt || fail "blocks of $block: other bytes"
done

# ---- pipes ----
for way in '"$ndpipe" --field=title - piped.txt --fresh <good.ndjson' \
    'cat good.ndjson | "$ndpipe" --field=title - piped.txt --fresh --queue=2' \
    '"$ndpipe" -q --field=title good.ndjson - | cat >piped.txt' \
    '"$ndpipe" -q --field=title <(cat good.ndjson) /dev/stdout | cat >piped.txt'; do
    eval "$way" 2>stderr || fail "$way"
    cmp title.txt piped.txt || fail "$way: other bytes"
done
for threads in 1 4; do # consumers of one pipe, in turn: damaged lines keep their numbers
    for options in --queue=1 --queue=100 "--queue=3 --throttle=0.00001"; do
        expect 2 env OMP_NUM_THREADS=$threads "$ndpipe" -v --fresh --field=title $options \
            --rejects=piped-rejects.txt <(cat bad.ndjson) piped.txt
        cmp bad.txt piped.txt && cmp rejects.ndjson piped-rejects.txt || fail "$threads, $options: other bytes"
        cmp <(grep -o ':[0-9]*: .*' stderr | head -n 10) told.txt || fail "$threads, $options: other numbers"
    done
done
mkfifo fifo
(sleep 0.2; cat good.ndjson >fifo) &
expect 0 "$ndpipe" --fresh --field=title fifo piped.txt newline.ndjson piped2.txt
wait
cmp title.txt piped.txt || fail "a named pipe: other bytes"
"$python" make.py 40000 3 >many.ndjson
("$ndpipe" --field=title many.ndjson - many.ndjson other.txt || echo $? >status) 2>stderr |
    head -n 1 >/dev/null
[ "$(cat status)" -eq 141 ] || fail "a reader that has gone: exit status $(cat status)"
! grep -q 'error' stderr || fail "a reader that has gone is told"
expect_no_file other.txt other.txt.part other.txt.journal

# ---- files of no lines, without a last line end, with a byte order mark ----
: >empty.ndjson
printf '\xef\xbb\xbf{"title":1}\r\n\r\n{"title":2}' >odd.ndjson
expect 0 "$ndpipe" --field=title empty.ndjson empty.txt odd.ndjson odd.txt
[ ! -s empty.txt ] || fail "nothing gives something"
[ "$(tr '\n' , <odd.txt)" = 1,2, ] || fail "odd ends of lines"

# ---- long lines in bounded memory ----
"$python" - <<'PY'
with open("long.ndjson", "w") as f:
    f.write('{"title":"early","x":"' + "y" * 150_000_000 + '"}\n')
    f.write('{"x":"' + "y" * 3_000_000 + '","title":"late"}\n{"title":"short"}\n')
PY
sanitized=${CATCHSIM_SANITIZE:-}
([ -n "$sanitized" ] || ulimit -v 400000 # their shadow memory alone is more
    exec "$ndpipe" --field=title --max-line=1M --fresh long.ndjson long.txt) 2>stderr || [ $? -eq 2 ] ||
    fail "long lines"
[ "$(tr '\n' , <long.txt)" = early,short, ] || fail "long lines: $(head -c 200 long.txt)"
grep -q 'long.ndjson:2: .*--max-line' stderr || fail "a line that is too long is not told"
expect 2 "$ndpipe" --strict --field=title long.ndjson -
grep -q 'long.ndjson:1: .*--max-line' stderr || fail "--strict takes a line that it has not seen"
[ "$(tr '\n' , <stdout)" = late,short, ] || fail "--strict: long lines"
rm long.ndjson

# ---- throttles: a line an item, whole lines in a shared output ----
head -n 12 good.ndjson >few.ndjson
head -n 12 title.txt >few.txt
expect 0 "$ndpipe" --field=title --throttle=0.02,0.01,0 --queue=5 few.ndjson slow.txt \
    few.ndjson fast.txt good.ndjson free.txt
cmp few.txt slow.txt && cmp few.txt fast.txt && cmp title.txt free.txt || fail "throttled streams"
[ "$(grep -cE 'stream=few.ndjson#[12] since_last=[0-9.]+ slept=[0-9.]+ queued=[1-5] fill=[0-9]+%' stderr)" -eq 24 ] ||
    fail "not a log line an item"
[ "$(grep -c 'stream=few.ndjson#2 since_last' stderr)" -eq 12 ] || fail "streams of one input are labelled alike"
! grep -q 'stream=good.ndjson since_last' stderr || fail "a line an item without a throttle"
awk -F'[= ]' '/since_last/ { for (i = 1; i < NF; i++) if ($i == "since_last") sum += $(i + 1) }
    END { exit !(sum >= 11 * 0.02 + 11 * 0.01 - 0.001) }' stderr || fail "faster than the throttles"
head -n 20 good.ndjson >twenty.ndjson
expect 0 "$ndpipe" --fresh --field=title --throttle=0.05,0.01,0 twenty.ndjson slow.txt \
    few.ndjson fast.txt good.ndjson free.txt
# the rate that is promised: 19 intervals, neither shorter nor half as long again on average
awk -F'[= ]' '/stream=twenty.ndjson since_last/ { n++
        for (i = 1; i < NF; i++) if ($i == "since_last") sum += $(i + 1) }
    END { exit !(n == 20 && sum >= 19 * 0.05 - 0.001 && sum <= 19 * 0.05 * 1.5) }' stderr ||
    fail "not a line every 0.05 s"
# each stream has its own time: schedules are at least 0.95 s and 0.11 s long
awk -F'[= ]' '/ lines=/ { seconds[$3] = $NF }
    END { exit !(seconds["twenty.ndjson"] >= 0.949 && seconds["few.ndjson"] >= 0.109 &&
        seconds["few.ndjson"] < seconds["twenty.ndjson"] && seconds["good.ndjson"] > 0 &&
        seconds["good.ndjson"] < seconds["twenty.ndjson"]) }' stderr || fail "seconds= of streams"
set_launch 2
expect 0 "${launch[@]}" "$ndpipe" --fresh --field=title --throttle=0.01,0 few.ndjson shared.txt \
    good.ndjson shared.txt
cat few.txt title.txt | sort >expected
sort shared.txt | cmp - expected || fail "a shared output has other lines"
printf '\n\n{"title":1}\n\nx\n{"title":2}\n\n' >gaps.ndjson
expect 2 "$ndpipe" --field=title --throttle=0.001 gaps.ndjson -
[ "$(tr '\n' , <stdout)" = 1,2, ] || fail "blank lines, throttled"
grep -q 'gaps.ndjson:5: not an object' stderr || fail "line numbers, throttled"
grep -q 'lines=7 values=2 blank=4 malformed=1' stderr || fail "counts, throttled"

# ---- signals ----
mkfifo silent
: >stderr
"$ndpipe" --field=title --throttle=100,0 good.ndjson new.txt silent new2.txt 2>stderr &
job=$!
for ((i = 0; i < 100; i++)); do
    ! grep -q 'since_last' stderr || break
    sleep 0.1
done
kill -TERM "$job"
status=0
wait "$job" || status=$?
[ "$status" -eq 75 ] || fail "exit status $status instead of 75 after SIGTERM"
expect_one_error SIGTERM
expect_no_file new.txt new.txt.part new.txt.journal new2.txt new2.txt.part

# ---- a pipe whose reader does not read, or is not there: signals end the waiting ----
mkfifo nobody
stops() { # WHAT COMMAND...: it is waiting after a moment, and ends by SIGTERM
    local what=$1
    shift
    "$@" 2>stderr &
    job=$!
    sleep 0.5
    kill -TERM "$job" || fail "$what: has ended already"
    for ((i = 0; i < 100; i++)); do
        kill -0 "$job" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$job" 2>/dev/null && fail "$what: does not end"
    status=0
    wait "$job" || status=$?
    [ "$status" -eq 75 ] || fail "$what: exit status $status instead of 75"
    expect_one_error SIGTERM
    expect_no_file new.txt new.txt.part new.txt.journal
}
stops "a pipe without reader" "$ndpipe" -q --field=title many.ndjson nobody good.ndjson new.txt
exec 7<>nobody # there, and reads nothing
stops "a file into a full pipe" "$ndpipe" -q --raw --field=deep many.ndjson nobody good.ndjson new.txt
stops "a pipe into a full pipe" "$ndpipe" -q --raw --field=deep <(cat many.ndjson) nobody \
    good.ndjson new.txt
stops "standard output" eval 'exec "$ndpipe" -q --raw --field=deep many.ndjson - good.ndjson new.txt >nobody'
expect 74 "$ndpipe" -q --raw --field=deep many.ndjson nobody <(cat many.ndjson) /dev/full
expect_one_error /dev/full
exec 7>&-
"$python" - "$ndpipe" <<'PY' || fail "a standard output that does not block"
import os
import subprocess
import sys
import time
reading, writing = os.pipe()
os.set_blocking(writing, False)
job = subprocess.Popen([sys.argv[1], "-q", "--raw", "--field=deep", "good.ndjson", "-"], stdout=writing)
os.close(writing)
time.sleep(0.3)
with open(reading, "rb") as lines:
    assert lines.read().count(b"\n") == 3000
assert job.wait() == 0
PY

# ---- what is refused, before anything is made ----
wrong_use() { # WORD ARGUMENT...
    local word=$1
    shift
    expect 64 "$ndpipe" "$@"
    [ "$(wc -l <stderr)" -eq 1 ] || fail "ndpipe $*: more than one line"
    grep -qF -- "$word" stderr || fail "ndpipe $*: $word is not named"
    expect_no_file new.txt new.txt.part
}
wrong_use --field good.ndjson new.txt
wrong_use --field --field= good.ndjson new.txt
wrong_use --field --field='[0]' good.ndjson new.txt
wrong_use pairs --field=title
wrong_use pairs --field=title good.ndjson
wrong_use good.ndjson --field=title good.ndjson ./good.ndjson
for beside in .part .part2 .journal; do # of an output: they would be overwritten or removed
    cp good.ndjson new.txt$beside
    for way in "new.txt$beside new.txt" "--fresh new.txt$beside ./new.txt" \
        "good.ndjson free2.txt --rejects=new.txt new.txt$beside free3.txt" \
        "good.ndjson new.txt good.ndjson new.txt$beside" \
        "good.ndjson new.txt --rejects=new.txt$beside" \
        "new.txt$beside free2.txt --report=new.txt"; do
        expect 64 "$ndpipe" --field=title $way
        grep -qF "new.txt" stderr || fail "ndpipe $way: not named"
        cmp good.ndjson new.txt$beside || fail "ndpipe $way: the input is lost"
    done
    ln -s new.txt$beside link.ndjson
    expect 64 "$ndpipe" --field=title link.ndjson new.txt
    expect 64 bash -c '"$1" --field=title - new.txt <"$2"' - "$ndpipe" new.txt$beside
    expect 64 bash -c '"$1" --field=title - free2.txt --rejects=new.txt <"$2"' - "$ndpipe" new.txt$beside
    cmp good.ndjson new.txt$beside || fail "$beside by another name: the input is lost"
    rm new.txt$beside link.ndjson
done
for report in good.ndjson ./new.txt rejected.ndjson; do
    expect 64 "$ndpipe" --field=title --report=$report --rejects=rejected.ndjson good.ndjson new.txt
    expect_one_error --report
done
expect 64 "$ndpipe" --field=title --report=new.txt good.ndjson new.txt.part
expect_one_error --report=new.txt new.txt.part
expect_no_file new.txt new.txt.part free2.txt free3.txt rejected.ndjson
like_python good.ndjson title.txt title
wrong_use "standard input" --field=title - new.txt - new2.txt
wrong_use --throttle --field=title --throttle=1,2 good.ndjson new.txt
wrong_use --throttle --field=title --throttle=-1 good.ndjson new.txt
wrong_use --queue --field=title --queue=0 good.ndjson new.txt
wrong_use --max-line --field=title --max-line=x good.ndjson new.txt
expect 74 "$ndpipe" --field=title good.ndjson new.txt missing.ndjson new2.txt
expect_one_error missing.ndjson
expect 74 "$ndpipe" --field=title . new.txt
expect_one_error folder
expect 74 "$ndpipe" --field=title good.ndjson title.txt
expect_one_error title.txt --fresh
printf '%200s' x >other.txt.journal # of a program that goes on, which ndpipe does not
expect 74 "$ndpipe" --field=title good.ndjson other.txt
expect_one_error other.txt --fresh
! grep -q -e --resume stderr || fail "ndpipe has no --resume"
rm other.txt.journal
expect 74 "$ndpipe" --field=title good.ndjson no/such/folder.txt
expect_no_file new.txt new2.txt new.txt.part new2.txt.part
expect 74 "$ndpipe" --field=title good.ndjson /dev/full
expect_one_error /dev/full
set_launch 3
expect 74 "${launch[@]}" "$ndpipe" --field=title good.ndjson /dev/full fifo new.txt
expect_one_error /dev/full
expect_no_file new.txt new.txt.part new.txt.journal
echo "ndpipe: done"
