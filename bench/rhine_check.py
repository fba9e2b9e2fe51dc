#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether the year of bench/rhine is sensible: prints what a hydrologist would look at, and fails
where it is out of bounds. Writes the ids worth a plot into plots.txt."""
import h5py
import numpy as np

BATCH = 500
DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
EDGES = np.concatenate([[0], np.cumsum(DAYS) * 24])
problems = []


def expect(condition, what):
    if not condition:
        problems.append(what)


def batches(n):
    return (slice(a, min(a + BATCH, n)) for a in range(0, n, BATCH))


def check_input(f):
    n = f["catchment"].size
    elevation, area = f["elevation"][:], f["area"][:]
    t, p, q = np.empty(n), np.empty(n), np.empty(n)
    for s in batches(n):
        temperature, rain, runoff = (f[v][s] for v in ("temperature", "precipitation", "local_discharge"))
        expect((rain >= 0).all() and (runoff >= 0).all(), "negative rain or discharge")
        t[s], p[s], q[s] = temperature.mean(1), rain.sum(1), runoff.mean(1)
    coefficient = q * 3600 * 8760 / (p / 1000 * area)
    print("elevation [m]    n   temperature [degC]  precipitation [mm]  runoff coefficient")
    for low, high in zip((-50, 100, 300, 600, 1000, 1500, 2000), (100, 300, 600, 1000, 1500, 2000, 4000)):
        m = (elevation >= low) & (elevation < high)
        print(f"{low:5d}..{high:4d} {m.sum():7d} {t[m].mean():12.1f} {p[m].mean():20.0f} {coefficient[m].mean():18.2f}")
    whole = q.sum() * 3600 * 8760 / (p / 1000 * area).sum()
    print(f"whole basin: runoff coefficient {whole:.2f}; {100 * ((coefficient > 0.3) & (coefficient < 0.8)).mean():.1f} % of catchments in 0.3..0.8")
    expect(0.3 < whole < 0.8, "runoff coefficient of the basin")
    expect(np.corrcoef(t, elevation)[0, 1] < -0.5, "temperature does not fall with elevation")
    return p


def check_substance(name, rain):
    with h5py.File(f"{name}.h5") as f:
        n = f["catchment"].size
        month, peak, median = np.zeros(12), np.empty(n), np.empty(n)
        dry_load = 0.0
        for s in batches(n):
            load, c = f["load"][s], f["concentration"][s]
            expect(not np.isnan(load).any() and (load >= 0).all() and not (c < 0).any(), f"{name}: negative or missing values")
            month += [load[:, EDGES[m] : EDGES[m + 1]].sum() for m in range(12)]
            peak[s], median[s] = np.nanmax(c, 1), np.nanmedian(c, 1)
            if name == "biocide":
                dry_load += load[rain["precipitation"][s] == 0].sum()
        expect((f["run_status"][:] == 1).all(), f"{name}: not all catchments are ok")
    print(f"{name}: load by month [kg]:", " ".join(f"{v / 1000:.0f}" for v in month))
    print(f"{name}: highest concentration of a catchment, 1/50/99 % of them: {np.percentile(peak, [1, 50, 99]).round(1)} ng/L; medians: {np.percentile(median, [1, 50, 99]).round(2)} ng/L")
    expect((peak > 1).all() and (peak < 1e6).all(), f"{name}: concentrations out of order")
    if name == "herbicide":
        expect(month[0] < 0.05 * month.max() and month.argmax() in (4, 5, 6), "herbicide does not peak after spring")
    else:
        expect(dry_load == 0.0, "biocide without rain")


with h5py.File("rhine.h5") as f:
    check_input(f)
    for substance in ("herbicide", "biocide"):
        check_substance(substance, f)
    ids, strahler, discharge = f["catchment"][:], f["strahler"][:], f["next_down_id"][:]
    headwater = ids[(strahler == 1) & (f["elevation"][:] < 500)][1000]
    largest = ids[strahler == strahler.max()]
    open("plots.txt", "w").write(f"{headwater} {largest[len(largest) // 2]} {largest[-1]}\n")
if problems:
    raise SystemExit("not sensible: " + "; ".join(sorted(set(problems))))
print("sensible")
