#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""catchmodel as an external program against the native models, on the first N catchments of
bench/rhine: how far concentrations differ, as a share of the catchment's highest one."""
import os
import subprocess
import sys
import time

import h5py
import numpy as np

CONFIG = """<catchsim version="1"><input file="rhine.h5"/>
  <engine name="server" type="external">
    <program file="{program}"><argument>{{layout}}</argument><argument>RUN</argument>
      <argument>{{parameters}}</argument><argument>{{output}}</argument></program>
    <layout template="{model}.xml"/><parameters template="parameters.txt"/></engine>
  <substance name="{model}" model="{model}" engine="server">{body}</substance>
  <output results="both-{model}.h5" type="float64" existing="replace"/>
</catchsim>
"""
SUBSTANCES = {
    "herbicide": '<parameter name="T_objective" value="300"/><parameter name="Eta" value="1e8"/>',
    "biocide": '<parameter name="A_appl" from="facade_area"/>',
}


def main():
    build, n = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    for model, body in SUBSTANCES.items():
        with open("both.xml", "w") as out:
            out.write(CONFIG.format(program=f"{build}/catchmodel", model=model, body=body))
        begin = time.monotonic()
        subprocess.run([f"{build}/catchsim", "both.xml", "--engine=both", f"--first={n}", "--quiet"],
                       check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - begin
        with h5py.File(f"both-{model}.h5") as f:
            assert (f["run_status"][:] == 1).all() and (f["compare/run_status"][:] == 1).all()
            assert (f["compare/missing_rows"][:] == 0).all(), "rows that only one of them has"
            difference = f["compare/concentration_max"][:] / np.nanmax(f["concentration"][:], axis=1)
            worst = int(np.nanargmax(difference))
            print(f"{model}: {n} catchments in {seconds:.1f} s; largest difference "
                  f"{difference[worst]:.2e} of the highest concentration, in catchment "
                  f"{f['catchment'][worst]}, row {int(f['compare/concentration_row'][worst])}; "
                  f"median {np.nanmedian(difference):.1e}")
        os.remove(f"both-{model}.h5")


main()
