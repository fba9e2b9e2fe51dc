#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# catchsim without arguments: makes its input, runs two substances, replaces them the next time.
. "$(dirname "$0")/lib.sh"
cd "$work"

begin=$SECONDS
set_launch 16
expect 0 "${launch[@]}" "$catchsim" --report=report.json
[ $((SECONDS - begin)) -lt 60 ] || fail "it took $((SECONDS - begin)) s"
for substance in herbicide biocide; do
    grep -qE "^$substance: 1000 of 1000 catchments done in [0-9.]+ s" stdout ||
        fail "not all of $substance was done"
    for file in "$substance" "$substance-steps"; do
        [ -s "catchsim-demo/$file.h5" ] || fail "no $file.h5"
    done
done
[ "$(grep -cE '^    [0-9]+ [0-9.]+ 2021-[0-9-]+ [0-9:]+$' stdout)" -eq 10 ] ||
    fail "not five highest concentrations of each"
[ -z "$(find . -name '*.part' -o -name '*.journal')" ] || fail "something is left unfinished"
"$python" - <<'EOF'
import json
import numpy as np
import xarray as xr

report = json.load(open("report.json"))
assert report["ranks"] == 16 and len(report["substances"]) == 2, report
for name in "herbicide", "biocide":
    with xr.open_dataset(f"catchsim-demo/{name}.h5") as ds:
        assert ds["load"].shape == (1000, 8760) and (ds["run_status"] == 1).all()
        assert np.nanmin(ds["load"]) >= 0 and np.nanmax(ds["concentration"]) > 0
EOF

# The demonstration is replaced, whoever runs it, and gives the same.
mv catchsim-demo/herbicide-steps.h5 first.h5
expect 0 "$catchsim"
"$same" first.h5 catchsim-demo/herbicide-steps.h5 || fail "the second demonstration differs"

rm -r catchsim-demo
: >catchsim-demo
expect 74 "$catchsim"
expect_one_error catchsim-demo
echo "demo: done"
