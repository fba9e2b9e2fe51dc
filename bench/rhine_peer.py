#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The biocide for the first N catchments as a careful script would do it: h5py for the files, numpy
for a catchment's whole year at once, compression and chunks as ours. Timed beside catchsim on the
same part of the same input, in turns; results compared."""
import os
import statistics
import subprocess
import sys
import time

import h5py
import numpy as np

BETA, R_APPL = 2e-5, 0.3


def peer(n):
    with h5py.File("rhine.h5") as f, h5py.File("peer.h5", "w") as out, h5py.File(
        "peer-steps.h5", "w"
    ) as steps:
        n_time = f["time"].shape[0]
        options = dict(dtype="f4", compression="gzip", compression_opts=1, shuffle=True)
        load = out.create_dataset("load", (n, n_time), chunks=(1, n_time), **options)
        conc = out.create_dataset("concentration", (n, n_time), chunks=(1, n_time), **options)
        by_step = [
            steps.create_dataset(name, (n_time, n), chunks=(384, 16), **options)
            for name in ("load", "concentration")
        ]
        area = f["facade_area"][:n]
        block = 256  # as much as a user's memory would take easily
        for first in range(0, n, block):
            some = slice(first, min(first + block, n))
            t = f["temperature"][some].astype(float)
            p = f["precipitation"][some].astype(float) * 24.0
            q = f["local_discharge"][some].astype(float)
            flux = BETA * R_APPL * area[some, None] * p
            thaw = t > 0
            flux[:, 0] = 0.0
            c = np.where(thaw, flux / (86400.0 * q) * 1e6, 0.0)
            c[q <= 0] = np.nan
            m = np.where(thaw, flux / 24.0, 0.0)
            load[some] = m
            conc[some] = c
            by_step[0][:, some] = m.T
            by_step[1][:, some] = c.T


def main():
    catchsim, n = sys.argv[1], int(sys.argv[2])
    command = [catchsim, "biocide.xml", f"--first={n}", "--quiet", "--fresh"]
    command += ["--output=ours-{substance}.h5", "--steps=ours-{substance}-steps.h5"]
    config = open("rhine.xml").read()
    head, tail = config.split('<substance name="herbicide"', 1)
    only_biocide = head + tail.split("</substance>", 1)[1]
    open("biocide.xml", "w").write(only_biocide)
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    ours, theirs = [], []
    for trial in range(6):
        begin = time.monotonic()
        peer(n)
        middle = time.monotonic()
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
        end = time.monotonic()
        if trial > 0:  # the first warms up
            theirs.append(middle - begin)
            ours.append(end - middle)
    with h5py.File("peer.h5") as a, h5py.File("ours-biocide.h5") as b:
        for name in ("load", "concentration"):
            np.testing.assert_allclose(b[name][:], a[name][:], rtol=1e-6, atol=1e-12)
    ratios = [t / o for t, o in zip(theirs, ours)]
    print(
        f"peer {statistics.median(theirs):.2f} s, catchsim on one thread {statistics.median(ours):.2f} s "
        f"(whole processes, medians of {len(ours)}); ratio {statistics.median(ratios):.1f} "
        f"({min(ratios):.1f} to {max(ratios):.1f}); results agree"
    )
    for name in ("peer.h5", "peer-steps.h5", "ours-biocide.h5", "ours-biocide-steps.h5"):
        os.remove(name)


main()
