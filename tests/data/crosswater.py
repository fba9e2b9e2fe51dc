# SPDX-License-Identifier: MIT
"""The input.h5 of CrossWater's own run (golden/crosswater_mini of the shared folder) with the
parameters of its files: the forcing that its workers wrote as text, the herbicide against a
numerical integration of the equations, and against the concentrations of its model server.

The server ran at its default accuracy, and its integrator steps over the onset of application (it
begins up to 12 hours early, stops, begins again): up to 12.8 % of the maximum, while integration
(of the numbers in the workers' text files) and result agree to 2e-12 of it. So the server's own
output is a check of units, times and ids: within 15 % of the maximum.
"""
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

import h5py
import numpy as np

BUILD = os.environ["CATCHSIM_BUILD"]
MINI = os.path.join(os.environ["CATCHSIM_SHARED"], "golden", "crosswater_mini")
STEP = 1 / 24  # days
BETA, R_APPL, C_BACK = 2e-5, 0.3, 1.5  # of the biocide; it has no case of its own
CONFIG = """<catchsim version="1">
  <input file="{input}"/>
  <substance name="herbicide" model="herbicide">{herbicide}</substance>
  <substance name="biocide" model="biocide">
    <parameter name="Beta" value="{beta}"/><parameter name="R_appl" value="{rate}"/>
    <parameter name="C_back" value="{back}"/></substance>
  <output results="{{substance}}.h5" type="float64" discharge="yes"/>
</catchsim>
"""


def worker_table(kind, catchment):
    path = os.path.join(MINI, "worker_files", f"{kind}_{catchment}.txt")
    return np.genfromtxt(path, names=True, delimiter="\t")


def worker_parameters(catchment):
    """The numbers of a worker's layout and parameter file, by name."""
    path = os.path.join(MINI, "worker_files", f"layout_{catchment}.xml")
    values = {p.get("name"): float(p.get("value"))
              for model in ET.parse(path).getroot().iter("model") for p in model.iter("parameter")}
    with open(os.path.join(MINI, "worker_files", f"param_{catchment}.txt"), encoding="ascii") as f:
        for line in f:
            name, value = line.split(":")
            values[name.split("[")[0]] = float(value)
    return values


def run(catchment):
    values = worker_parameters(catchment)
    names = ("k", "Init_avail", "T_objective", "Transfer_au", "Transfer_ua", "Eta", "C_back")
    herbicide = "".join(f'<parameter name="{n}" value="{values[n]}"/>' for n in names)
    with open("mini.xml", "w", encoding="utf-8") as f:
        f.write(CONFIG.format(input=os.path.join(MINI, "input.h5"), herbicide=herbicide,
                              beta=BETA, rate=R_APPL, back=C_BACK))
    subprocess.run((f"{BUILD}/catchsim", "mini.xml", "--quiet"), check=True, timeout=100,
                   capture_output=True)


def runge_kutta(slope, y, days, n=40):
    h = days / n
    for _ in range(n):
        k1 = slope(y)
        k2 = slope(y + h / 2 * k1)
        k3 = slope(y + h / 2 * k2)
        k4 = slope(y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return y


def herbicide(table, p):
    """The equations of docs/models.md, integrated in small steps; it is never cold here."""
    total, left, warmth = p["M_totalperA"], p["M_totalperA"], 0.0
    stocks, result = np.zeros(3), [0.0]  # available, unavailable, lost in the row [g]
    for row in table[1:]:
        assert row["T"] > 0
        warmth += row["T"] * STEP
        days = min(STEP, max(0.0, (warmth - p["T_objective"]) / row["T"]))
        before = left
        if row["P"] <= 2:
            left = runge_kutta(lambda m: -total / 14 * m / (m + 0.01 * total), left, days)
        into = (1 - p["k"]) * (before - left) / STEP * p["A_appl"]
        wash = p["Eta"] * (row["Qloc"] / p["A_tot"]) ** 2 * 86400
        matrix = np.array([[-p["Transfer_au"] - wash, p["Transfer_ua"], 0],
                           [p["Transfer_au"], -p["Transfer_ua"], 0], [wash, 0, 0]])
        source = np.array([p["Init_avail"] * into, (1 - p["Init_avail"]) * into, 0])
        stocks[2] = 0
        stocks = runge_kutta(lambda y: matrix @ y + source, stocks, STEP)
        result.append(stocks[2] / STEP / (86400 * row["Qloc"]) * 1e6 + p["C_back"])
    return np.array(result)


def check_catchment(i, catchment, files, server):
    table, p = worker_table("input", catchment), worker_parameters(catchment)
    for name, column in (("discharge", "Q"), ("local_discharge", "Qloc")):
        np.testing.assert_array_equal(files["biocide"][name][i], table[column])
    flux = BETA * R_APPL * p["A_appl"] * table["P"]
    expected = (flux / (86400 * table["Qloc"]) * 1e6 + C_BACK)[1:]
    np.testing.assert_allclose(files["biocide"]["concentration"][i, 1:], expected, rtol=4e-15)

    ours = files["herbicide"]["concentration"][i]
    exact = herbicide(table, p)
    difference = np.abs(ours - exact).max() / exact.max()
    assert difference < 1e-10, (catchment, difference)

    theirs = server[server["catchment"] == str(catchment).encode()]
    theirs = theirs[np.argsort(theirs["timestep"])]
    np.testing.assert_allclose(theirs["concentration"],
                               worker_table("out", catchment)[f"Conc_{catchment}"], rtol=1e-8)
    untouched = (exact == p["C_back"]) & (theirs["concentration"] == p["C_back"])
    assert untouched.sum() > 0 and (ours[untouched] == p["C_back"]).all()
    off = np.abs(ours - theirs["concentration"]).max() / theirs["concentration"].max()
    print(f"{catchment}: off the integration by {difference:.1e} of the maximum, off the server "
          f"by {off:.3f} of it")
    assert off < 0.15, (catchment, off)
    assert abs(int(ours.argmax()) - int(theirs["concentration"].argmax())) <= 1
    load = theirs["concentration"] * theirs["local_discharge"] * 3600e-6
    np.testing.assert_allclose(load, theirs["load"], rtol=1e-9)


def main():
    if not os.path.isdir(MINI):
        print(f"SKIP no shared data: {MINI}")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with h5py.File(os.path.join(MINI, "output_catchments.h5")) as f:
            server = f["output"][:]
        run(100001)
        files = {name: h5py.File(f"{name}.h5") for name in ("herbicide", "biocide")}
        catchments = files["herbicide"]["catchment"][:].tolist()
        assert catchments == [100001, 100008, 100015]
        for i, catchment in enumerate(catchments):
            check_catchment(i, catchment, files, server)
        for f in files.values():
            f.close()
        os.chdir("/")
    print("crosswater: done")


if __name__ == "__main__":
    main()
