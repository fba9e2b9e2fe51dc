#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The files of a program are those that the CrossWater framework writes, byte by byte; its program's
# own output is read as it read it.
. "$(dirname "$0")/../cli/lib.sh"
mini=${CATCHSIM_SHARED:-$source_dir/../shared}/golden/crosswater_mini
if [ ! -d "$mini" ]; then
    echo "SKIP: no shared data in $mini"
    exit 77
fi
cp "$mini/input.h5" "$mini/layout.xml" "$mini/param.txt" "$work/"
mkdir "$work/seen"
cat >"$work/program" <<SH
#!/bin/sh
cp "\$1" "\$2" "\$3" "$work/seen/"
cp "$mini/worker_files/\$4" "\$4"
SH
chmod +x "$work/program"
cat >"$work/config.xml" <<'XML'
<catchsim version="1"><input file="input.h5"/>
  <engine name="program" type="external"><program file="program"><argument>{layout}</argument>
    <argument>{parameters}</argument><argument>{input}</argument><argument>{output}</argument>
    </program><layout template="layout.xml"/><parameters template="param.txt"/></engine>
  <substance name="any" model="herbicide" engine="program"/>
  <output results="out.h5" type="float64"/>
</catchsim>
XML
expect 0 "$catchsim" "$work/config.xml"
n=0
for file in "$mini"/worker_files/{layout,param,input}_*; do
    cmp <(cat "$file" && [ -z "$(tail -c 1 "$file")" ] || echo) "$work/seen/$(basename "$file")" ||
        fail "another $(basename "$file")"
    n=$((n + 1))
done
[ "$n" -eq 9 ] || fail "$n files compared instead of 9"
"$python" - "$work/out.h5" "$mini/output_catchments.h5" <<'PY'
import sys
import h5py
import numpy as np

ours, theirs = h5py.File(sys.argv[1]), h5py.File(sys.argv[2])["output"][:]
for i, id_ in enumerate(ours["catchment"][:]):
    rows = theirs[theirs["catchment"] == str(id_).encode()]
    rows = rows[np.argsort(rows["timestep"])]
    assert len(rows) == ours["concentration"].shape[1] > 0
    assert np.array_equal(ours["concentration"][i], rows["concentration"]), id_
    assert np.allclose(ours["load"][i], rows["load"], rtol=1e-12), id_
PY
echo "files of CrossWater: done"
