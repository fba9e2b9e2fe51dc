#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# scripts/same sees every kind of difference; scripts/plot draws; scripts/install-deps --check tells.
. "$(dirname "$0")/lib.sh"
cd "$work"

"$python" - <<'EOF'
import h5py
import numpy as np

def make(name, change=None):
    with h5py.File(name, "w") as f:
        f.attrs["history"] = "made as " + name
        f.attrs["title"] = "a title"
        f["catchment"] = np.array([7, 11, 13])
        f["catchment"].make_scale("catchment")
        f["time"] = np.arange(48.0)
        f["time"].attrs["units"] = "hours since 2021-01-01 00:00:00"
        for variable in "concentration", "local_discharge":
            data = np.arange(144, dtype="f4").reshape(3, 48)
            data[1, 5] = np.nan
            f.create_dataset(variable, data=data, chunks=(1, 48), compression=1)
            f[variable].dims[0].attach_scale(f["catchment"])
        f["concentration"].attrs["units"] = "ng L-1"
        f.create_dataset("name", data=["x", "y", "z"], dtype=h5py.string_dtype())
        f["run/message"] = np.arange(len(name))
        if change:
            change(f)

def retype(f):
    del f["local_discharge"]
    f["local_discharge"] = np.arange(144.0).reshape(3, 48)

make("a.h5")
make("again.h5")
for name, change in {
    "value": lambda f: f["concentration"].__setitem__((0, 0), 9),
    "missing": lambda f: f["concentration"].__setitem__((0, 0), np.nan),
    "found": lambda f: f["concentration"].__setitem__((1, 5), 9),
    "string": lambda f: f["name"].__setitem__(1, "q"),
    "unit": lambda f: f["concentration"].attrs.__setitem__("units", "g"),
    "title": lambda f: f.attrs.__setitem__("title", "another"),
    "attribute": lambda f: f["name"].attrs.__setitem__("more", 1),
    "dataset": lambda f: f.create_dataset("more", data=[1]),
    "type": retype,
}.items():
    make(f"differs-{name}.h5", change)
EOF

expect 0 "$same" a.h5 a.h5
expect 0 "$same" a.h5 again.h5
for other in differs-*.h5; do
    expect 1 "$same" a.h5 "$other"
    [ -s stdout ] || fail "same does not say how $other differs"
    expect 1 "$same" "$other" a.h5
done
expect 2 "$same" a.h5 no-such-file.h5
expect 2 "$same" a.h5
head -c 3000 a.h5 >cut.h5
expect 2 "$same" a.h5 cut.h5
printf 'one\n' >a.txt
printf 'two\n' >b.txt
expect 0 "$same" a.txt a.txt
expect 1 "$same" a.txt b.txt
expect 1 "$same" a.h5 a.txt

for picture in out.png out.svg; do
    expect 0 "$source_dir/scripts/plot" a.h5 11 "$picture"
    [ "$(wc -c <"$picture")" -gt 4000 ] || fail "$picture looks empty"
done
grep -q 'Catchment 11' out.svg || fail "the plot does not name its catchment"
grep -q 'discharge' out.svg || fail "the plot has no discharge"
expect 65 "$source_dir/scripts/plot" a.h5 12 none.png
expect 74 "$source_dir/scripts/plot" no-such-file.h5 11 none.png
expect 64 "$source_dir/scripts/plot" a.h5 11 none.gif
expect_no_file none.png none.gif

# Whether something is missing depends on the machine; that it is told does not.
status=0
"$source_dir/scripts/install-deps" all --check >stdout || status=$?
case "$status" in
0) grep -q 'nothing is missing' stdout || fail "install-deps --check: 0 without saying so" ;;
1) grep -qE 'missing|no apt' stdout || fail "install-deps --check: 1 without naming a package" ;;
*) fail "install-deps --check: exit status $status" ;;
esac
expect 64 "$source_dir/scripts/install-deps" everything
echo "scripts: done"
