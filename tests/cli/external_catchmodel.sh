#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# catchmodel as an external program, with the layouts of inputs/server, is our own model: compared
# by --engine=both.
. "$(dirname "$0")/lib.sh"
cp "$source_dir"/inputs/server/* "$work/"
expect 0 "$catchmake" --output="$work/float.h5" --catchments=23 --hours=6000 --seed=7
# The same with doubles.
"$python" - "$work/float.h5" "$work/double.h5" <<'PY'
import sys
import h5py
import numpy as np

source, result = h5py.File(sys.argv[1]), h5py.File(sys.argv[2], "w")
names = ("temperature", "precipitation", "discharge", "local_discharge")
ids = source["catchment"][:]
hours = source["time"].size
for i, id_ in enumerate(ids):
    table = np.zeros(hours, dtype=[(n, "f8") for n in names])
    for n in names:
        table[n] = source[n][i].astype("f8") * (24 if n == "precipitation" else 1)
    group = result.create_group(f"catch_{id_}")
    group["inputs"] = table
    values = (("A_tot", "m**2", source["area"][i]), ("A_appl", "m**2", source["application_area"][i]),
              ("R_appl", "g/m**2", source["application_rate"][i]))
    group["parameters"] = np.array([(a.encode(), b.encode(), c) for a, b, c in values],
                                   dtype=[("name", "S100"), ("unit", "S20"), ("value", "f8")])
start = np.datetime64("2021-01-01", "ns").astype("i8")
steps = start + np.arange(hours, dtype="i8") * 3600 * 10**9
result["time_steps"] = np.array(steps, dtype=[("timesteps", "i8")])
result["steps_per_day"] = np.array([24], dtype=[("steps_per_day", "i8")])
PY

compare() { # MODEL PARAMETERS INPUT TOLERANCE
    cat >"$work/config.xml" <<XML
<catchsim version="1"><input file="$3.h5"/>
  <engine name="server" type="external">
    <program file="$build_dir/catchmodel"><argument>{layout}</argument><argument>RUN</argument>
      <argument>{parameters}</argument><argument>{output}</argument></program>
    <layout template="$1.xml"/><parameters template="$2.txt"/>
  </engine>
  <substance name="$1" model="$1" engine="server"/>
  <output results="out.h5" steps="steps.h5" type="float64" existing="replace"/>
</catchsim>
XML
    expect 0 "$catchsim" "$work/config.xml" --engine=both
    "$python" - "$work/out.h5" "$4" "$1 $3" <<'PY'
import sys
import h5py
import numpy as np

f, tolerance = h5py.File(sys.argv[1]), float(sys.argv[2])
peak = np.nanmax(f["concentration"][:, 1:], axis=1)
# row 0 is as the program prints it
difference = f["compare/concentration_max"][:]
row = f["compare/concentration_row"][:]
relative = np.where(row == 0, 0, difference) / peak
print(sys.argv[3], "largest difference, of the maximum:", relative.max())
assert (f["compare/run_status"][:] == 1).all()
assert relative.max() < tolerance, (sys.argv[3], relative)
PY
}
# The program's nine digits, whatever the input has.
for input in double float; do
    for model in herbicide biocide; do
        compare $model parameters $input 1e-8
    done
    for model in pesticide biocide_wwtp; do
        compare $model parameters-iwaqa $input 1e-8
    done
done
echo "external catchmodel: done"
