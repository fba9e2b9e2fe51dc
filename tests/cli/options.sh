#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What catchsim's options do: parts of an input, checks, reports, monitor, progress, the lock.
. "$(dirname "$0")/lib.sh"

holder=
cleanup_more() {
    if [ -n "$holder" ]; then
        kill -9 "$holder" 2>/dev/null || true
    fi
}

input=$work/input.h5
expect 0 "$catchmake" --output="$input" --catchments=30 --hours=1200 --seed=2
mapfile -t ids < <("$python" -c 'import h5py, sys
print(*h5py.File(sys.argv[1])["catchment"][:], sep="\n")' "$input")

biocide() { # OUTPUT OPTION...
    local out=$1
    shift
    expect 0 "$catchsim" --input="$input" --model=biocide --output="$work/$out.h5" \
        --steps="$work/$out-steps.h5" "$@"
}

# --- a part of the input: the biocide has no memory, so its values are those of the whole ---
biocide all
same_part() { # OUTPUT IDS FIRST-ROW N-ROWS
    "$python" - "$work/all.h5" "$work/$1.h5" "$work/$1-steps.h5" "$2" "$3" "$4" <<'EOF'
import sys
import numpy as np
import xarray as xr

whole, part, steps = (xr.open_dataset(path) for path in sys.argv[1:4])
ids = [int(i) for i in sys.argv[4].split(",")]
first, n = int(sys.argv[5]), int(sys.argv[6])
assert part["catchment"].values.tolist() == ids, part["catchment"].values
expected = whole.sel(catchment=ids).isel(time=slice(first, first + n))
assert (part["time"].values == expected["time"].values).all()
for name in "load", "concentration":
    # The first row of a run is its initial state, which has no flux.
    np.testing.assert_array_equal(part[name][:, 1:], expected[name][:, 1:], err_msg=name)
    np.testing.assert_array_equal(part[name], steps[name].T, err_msg=name)
assert n < 500 or float(expected["load"][:, 1:].max()) > 0, "the part has no rain"
EOF
}
chosen="${ids[20]},${ids[3]},${ids[29]}"
biocide only --only="$chosen"
same_part only "$chosen" 0 1200
first_ids=$(IFS=,; echo "${ids[*]:0:17}")
biocide first --first=17
same_part first "$first_ids" 0 1200
biocide both --only="$chosen" --first=2
same_part both "${ids[20]},${ids[3]}" 0 1200
biocide times --from=2021-01-11T05:00 --to=2021-02-03
same_part times "$(IFS=,; echo "${ids[*]}")" 244 548
biocide all-of-it --only="${ids[7]}" --from=2021-01-31 --to=2021-01-31T23:00:00
same_part all-of-it "${ids[7]}" 719 24
expect 65 "$catchsim" --input="$input" --output="$work/none.h5" --only=987654321
expect_one_error 987654321
expect 65 "$catchsim" --input="$input" --output="$work/none.h5" --from=2031-01-01
expect_one_error --from
for wrong in --first=x --first=-1 --only=1,1 --only= --only=1,x --from=yesterday \
    --to=2021-02-30 --progress=loud --cpu-monitor=0 --cpu-monitor-scope=all --nonsense; do
    expect 64 "$catchsim" --input="$input" --output="$work/none.h5" "$wrong"
    expect_one_error
done
expect_no_file "$work/none.h5"

for wrong in x 0 -1 99999; do
    OMP_NUM_THREADS=$wrong expect 64 "$catchsim" --input="$input" --output="$work/none.h5"
    expect_one_error OMP_NUM_THREADS
done
expect 0 "$catchsim" --input="$input" --output="$work/verbose.h5" --engine=native --verbose
grep -qE 'phase=model seconds_min=[0-9.]+ ' "$work/stderr" || fail "--verbose shows no phases"
expect 64 "$catchsim" --input="$input" --output="$work/none.h5" --engine=nobody
expect_one_error nobody
expect_no_file "$work/none.h5"

# --- --check runs nothing ---
before=$(ls "$work")
expect 0 "$catchsim" --input="$input" --output="$work/none.h5" --steps="$work/none-steps.h5" --check
[ "$(ls "$work")" = "$before" ] || fail "--check left files behind"
for word in 'herbicide: valid; 30 catchments x 1200 time steps' 'time: about' 'memory: about' \
    'disk: about'; do
    grep -q "$word" "$work/stdout" || fail "--check does not say: $word"
done
set_launch 3
expect 0 "${launch[@]}" "$catchsim" --input="$input" --output="$work/none.h5" --check
grep -q 'on 3 rank(s)' "$work/stdout" || fail "--check does not count the ranks"
expect 74 "$catchsim" --input="$input" --output="$work/all.h5" --check
expect_one_error all.h5
expect 0 "$catchsim" --input="$input" --output="$work/all.h5" --check --fresh
expect 74 "$catchsim" --input="$input" --output="$work/nowhere/out.h5" --check
expect_one_error nowhere
expect 64 "$catchsim" --input="$input" --model=no_such_model --output="$work/none.h5" --check
expect_one_error no_such_model
expect_no_file "$work/none.h5"

# --- files that would destroy each other: refused, the input and the configuration untouched ---
cp "$input" "$work/own.h5"
cp "$input" "$work/other.h5.part"
expect 65 "$catchsim" --input="$work/other.h5.part" --model=biocide --output="$work/other.h5"
expect_one_error other.h5.part
for report in own.h5 r.h5 r.h5.part r-steps.h5; do
    expect 65 "$catchsim" --input="$work/own.h5" --model=biocide --output="$work/r.h5" \
        --steps="$work/r-steps.h5" --report="$work/$report"
    expect_one_error "$report"
done
printf '%s\n' '<catchsim version="1"><input file="own.h5"/><substance name="s" model="biocide"/>' \
    '<output results="r.h5"/></catchsim>' >"$work/own.xml"
cp "$work/own.xml" "$work/kept.xml"
expect 65 "$catchsim" "$work/own.xml" --report="$work/own.xml"
expect_one_error own.xml
cp "$work/kept.xml" "$work/table.csv"
for report in table.csv new.h5 new.h5.part; do
    expect 64 "$catchmake" --network="$work/table.csv" --station="$work/table.csv:a:8.1:47.3:500" \
        --output="$work/new.h5" --report="$work/$report"
    expect_one_error "--report=$work/$report"
done
expect 64 "$catchmake" --network="$work/table.csv" --station="$input:a:8.1:47.3:500" \
    --output="$work/table.csv" --fresh
expect_one_error table.csv
cmp "$work/own.xml" "$work/kept.xml" && cmp "$work/table.csv" "$work/kept.xml" &&
    cmp "$work/own.h5" "$input" && cmp "$work/other.h5.part" "$input" || fail "an input is lost"
expect_no_file "$work"/r.h5* "$work"/r-steps.h5* "$work"/new.h5* "$work/other.h5"
rm "$work/own.h5" "$work/other.h5.part"

# --- --quiet, --progress, --report ---
biocide quiet --quiet
[ ! -s "$work/stderr" ] || fail "--quiet is not quiet"
biocide lines --progress=lines
grep -qE '^catchsim: finished biocide done=30 total=30 unit=catchments percent=100\.0 ' \
    "$work/stderr" || fail "--progress=lines shows no progress"
biocide silent --progress=none
! grep -q 'done=30' "$work/stderr" || fail "--progress=none shows progress"
set_launch 2
expect 0 "${launch[@]}" "$catchsim" --input="$input" --model=biocide --output="$work/r.h5" \
    --report="$work/report.json"
"$python" - "$work/report.json" "$work/r.h5" <<'EOF'
import json
import sys
import h5py

report = json.load(open(sys.argv[1]))
assert report["program"] == "catchsim" and report["ranks"] == 2, report
for key in "version", "host", "mpi", "threads_per_rank", "cores_of_rank", "wait_policy":
    assert report[key], key
phases = report["phases"]
names = set(phases) if isinstance(phases, dict) else {p["name"] for p in phases}
assert {"startup", "read", "decode", "model", "encode", "write"} <= names, names
about = report["substances"][0]
assert about["model"] == "biocide" and about["catchments"] == 30 and about["ok"] == 30, about
assert about["failed"] == 0 and about["time_steps"] == 1200, about
own = h5py.File(sys.argv[2])["run/report"][()]
assert json.loads(own)["model"] == "biocide", own
EOF
cat >"$work/two.xml" <<EOF
<catchsim version="1">
  <input file="input.h5"/>
  <engine name="exact" type="native"/>
  <substance name="one" model="biocide" engine="exact"/>
  <substance name="two" model="herbicide" engine="exact"/>
  <output results="{substance}.h5"/>
</catchsim>
EOF
expect 0 "$catchsim" "$work/two.xml" --report="$work/report.json"
"$python" -c 'import json, sys
names = [s["substance"] for s in json.load(open(sys.argv[1]))["substances"]]
assert names == ["one", "two"], names' "$work/report.json"

# --- --fresh replaces, and only whole files ---
cp "$work/one.h5" "$work/kept.h5"
expect 74 "$catchsim" "$work/two.xml"
expect_one_error one.h5 --fresh
expect 0 "$catchsim" "$work/two.xml" --fresh
"$same" "$work/one.h5" "$work/kept.h5" || fail "--fresh gave another result"
rm "$work/one.h5"
expect 74 "$catchsim" "$work/two.xml"
expect_one_error two.h5
expect_no_file "$work/one.h5" "$work/one.h5.part" "$work/one.h5.journal"
cp "$work/input.h5" "$work/copy.h5"
ln -s copy.h5 "$work/link.h5"
expect 74 "$catchsim" --input="$input" --output="$work/link.h5" --fresh
expect_one_error link.h5
expect 0 "$catchsim" --input="$input" --output="$work/none.h5" --check

# --- a run of seconds: small, but compressed as hard as can be ---
expect 0 "$catchmake" --output="$work/year.h5" --catchments=150 --hours=8760 --seed=1
cat >"$work/slow.xml" <<EOF
<catchsim version="1">
  <input file="year.h5"/>
  <engine name="exact" type="native"/>
  <substance name="slow" model="herbicide" engine="exact"/>
  <output results="slow.h5" steps="slow-steps.h5" type="float64" deflate="12" discharge="yes"/>
</catchsim>
EOF

monitor_lines() { # RANK: t of its lines
    sed -nE "s/^cpu-monitor rank=$1 host=[^ ]+ t=([0-9.]+) (cpu[0-9]+=(-|[0-9]+%) )+mean=[0-9]+%\$/\1/p" \
        "$work/stderr"
}
set_launch 3
expect 0 "${launch[@]}" "$catchsim" "$work/slow.xml" --fresh --cpu-monitor
monitor_lines 0 | awk '
    { if ($1 - last < 0.09 || $1 - last > 1.5) bad = 1; last = $1 }
    END { exit bad || NR < 2 || last > NR + 0.5 }' || fail "no line a second: $(monitor_lines 0)"
n=$(grep -c '^cpu-monitor' "$work/stderr")
[ "$n" -eq "$(monitor_lines 0 | wc -l)" ] || fail "more than one rank of the host prints"
expect 0 "${launch[@]}" "$catchsim" "$work/slow.xml" --fresh --cpu-monitor=0.5 \
    --cpu-monitor-scope=rank --first=60
for rank in 0 1 2; do
    [ "$(monitor_lines $rank | wc -l)" -ge 1 ] || fail "rank $rank prints no line"
done
n=$(grep -c '^cpu-monitor' "$work/stderr")
[ "$n" -eq "$(monitor_lines '[012]' | wc -l)" ] || fail "lines are mixed up"
expect 0 "$catchsim" "$work/slow.xml" --fresh --cpu-monitor=once --quiet --first=60
[ "$(grep -c '^cpu-monitor' "$work/stderr")" -eq 1 ] || fail "--cpu-monitor=once is not once"

# --- two runs, one output: the second waits, then names the first ---
rm "$work/slow.h5" "$work/slow-steps.h5"
"$catchsim" "$work/slow.xml" >"$work/holder.out" 2>&1 </dev/null &
holder=$!
for _ in $(seq 1000); do
    ! grep -qs "pid=$holder\$" "$work/slow.h5.journal" || break
    sleep 0.01
done
kill -STOP "$holder"
grep -q "pid=$holder\$" "$work/slow.h5.journal" || fail "the first run holds no lock"
begin=$SECONDS
expect 74 "$catchsim" "$work/slow.xml" --fresh
waited=$((SECONDS - begin))
[ "$waited" -ge 9 ] && [ "$waited" -le 30 ] || fail "it waited $waited s, not about 10"
expect_one_error slow.h5 "pid=$holder" "host=$(hostname)"
kill -CONT "$holder"
wait "$holder" || fail "the first run was disturbed: $(cat "$work/holder.out")"
holder=
[ -s "$work/slow.h5" ] && [ -s "$work/slow-steps.h5" ] || fail "the first run made no output"
expect_no_file "$work"/slow.h5.{part,journal} "$work"/slow-steps.h5.{part,journal}

# The lock of a killed run is free at once; what it left is taken over.
rm "$work/slow.h5" "$work/slow-steps.h5"
"$catchsim" "$work/slow.xml" >"$work/holder.out" 2>&1 </dev/null &
holder=$!
for _ in $(seq 1000); do
    ! grep -qs "pid=$holder\$" "$work/slow.h5.journal" || break
    sleep 0.01
done
kill -9 "$holder"
wait "$holder" 2>/dev/null || true
holder=
expect_no_file "$work/slow.h5" "$work/slow-steps.h5"
begin=$SECONDS
expect 0 "$catchsim" "$work/slow.xml" --first=5
[ $((SECONDS - begin)) -lt 9 ] || fail "it waited for a lock that nobody held"
expect_no_file "$work"/slow.h5.{part,journal} "$work"/slow-steps.h5.{part,journal}
echo "options: done"
