#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# --costs: external programs start in the order of what they took before, longest first; results are
# the same.
. "$(dirname "$0")/lib.sh"
scratch=$work/scratch
mkdir "$scratch"
cd "$work"

expect 0 "$catchmake" --output=input.h5 --catchments=30 --hours=48 --seed=2
write_engine 1 'existing="replace"' </dev/null
expect 0 "$catchsim" config.xml --scratch="$scratch"
[ "$(tr '\n' ' ' <started)" = "$(seq -s ' ' 30) " ] || fail "without costs: $(tr '\n' ' ' <started)"
mv out.h5 earlier.h5
mv steps.h5 reference-steps.h5
cp earlier.h5 reference.h5

# 7 took longest, then 30 and 12; 5 is unknown to the file; the others took the same
"$python" - <<'PY'
import h5py
with h5py.File("earlier.h5", "r+") as f:
    f["catchment"][4] = 1005
    f["run/seconds"][:] = 1.0
    for id_, seconds in ((7, 50.0), (30, 40.0), (12, 30.0), (1, 0.5)):
        f["run/seconds"][id_ - 1] = seconds
PY
: >started
mkfifo pipe.h5 # opening it would wait for a writer
expect 74 "$catchsim" config.xml --scratch="$scratch" --costs=pipe.h5
expect_one_error "pipe.h5: is no regular file"
expect 0 "$catchsim" config.xml --scratch="$scratch" --costs=earlier.h5
wanted="5 7 30 12 2 3 4 6 8 9 10 11 $(seq -s ' ' 13 29) 1 "
[ "$(tr '\n' ' ' <started)" = "$wanted" ] || fail "started: $(tr '\n' ' ' <started)"
for ranks in 1 3; do
    set_launch "$ranks"
    expect 0 "${launch[@]}" "$catchsim" config.xml --scratch="$scratch" --costs=earlier.h5 --workers=4
    "$same" reference.h5 out.h5 || fail "another result with costs on $ranks ranks"
    "$same" reference-steps.h5 steps.h5 || fail "other steps with costs on $ranks ranks"
done

# --- an interrupted run goes on with costs or without ---
touch broken-3
sed -i "2i [ ! -e '$work/broken-'\$3 ] || exit 1" program
expect 65 "$catchsim" config.xml --scratch="$scratch" --fresh --max-failures=0
expect 2 "$catchsim" config.xml --scratch="$scratch" --resume --costs=earlier.h5
rm broken-3

# --- of no use for native models; what is refused ---
expect 0 "$catchsim" config.xml --engine=native --costs=earlier.h5 --output=native.h5 --steps=n-steps.h5
grep -q -e '--costs is for external programs' "$work/stderr" || fail "nothing is said about native models"
expect 65 "$catchsim" config.xml --costs=input.h5
expect_one_error input.h5 'no result file'
expect 74 "$catchsim" config.xml --costs=nowhere.h5
expect_one_error nowhere.h5
"$python" - <<'PY'
import h5py
with h5py.File("earlier.h5", "r+") as f:
    f["catchment"][:] = f["catchment"][:] + 5000
PY
expect 65 "$catchsim" config.xml --costs=earlier.h5
expect_one_error earlier.h5 'none of the catchments'
[ -z "$(ls "$scratch")" ] || fail "scratch is left"
echo "costs: done"
