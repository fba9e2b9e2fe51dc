# SPDX-License-Identifier: MIT
"""Every file is what netCDF tools expect: xarray (netcdf4, h5netcdf) and ncdump read it, and the
values are those of the biocide's closed form (docs/file-formats.md)."""
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np
import xarray as xr

BUILD = os.environ["CATCHSIM_BUILD"]
ENGINES = ("netcdf4", "h5netcdf")
N_CATCHMENT, N_TIME = 40, 500
BETA, R_APPL = 2e-5, 0.3
UNITS = {
    "temperature": "degC",
    "precipitation": "mm h-1",
    "discharge": "m3 s-1",
    "local_discharge": "m3 s-1",
    "area": "m2",
    "application_area": "m2",
    "facade_area": "m2",
    "load": "g",
    "concentration": "ng L-1",
}
CONFIG = """<catchsim version="1">
  <input file="input.h5"/>
  <engine name="exact" type="native"/>
  <substance name="diuron" model="biocide" engine="exact">
    <parameter name="A_appl" from="facade_area"/>
    <parameter name="R_appl" value="0.3"/>
    <parameter name="Beta" value="2e-5"/>
  </substance>
  <substance name="terbuthylazine" model="herbicide" engine="exact"/>
  <output results="{type}-{{substance}}.h5" steps="{type}-{{substance}}-steps.h5" type="{type}"
          deflate="1" discharge="yes"/>
</catchsim>
"""


def run(*arguments):
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def make_files(folder):
    """An input with zero, negative and no local discharge and with frost, and results of it."""
    os.chdir(folder)
    run(f"{BUILD}/catchmake", "--output=input.h5", f"--catchments={N_CATCHMENT}",
        f"--hours={N_TIME}", "--seed=5")
    with h5py.File("input.h5", "r+") as f:
        f["local_discharge"][0, 20:30] = 0
        f["local_discharge"][1, 40] = -1
        f["temperature"][2, 100:200] = -3
        f["temperature"][3, 100:200] = 4
        f["precipitation"][2:4, 100:200] = 1.5
    run(f"{BUILD}/catchsim", "--input=input.h5", "--model=biocide", "--output=plain.h5",
        "--steps=plain-steps.h5")
    for number_type in "float32", "float64":
        with open(f"{number_type}.xml", "w", encoding="utf-8") as f:
            f.write(CONFIG.format(type=number_type))
        run(f"{BUILD}/catchsim", f"{number_type}.xml")


def check_conventions(ds, name):
    assert ds.attrs["Conventions"].startswith("CF-1.8"), name
    assert ds.attrs["featureType"] == "timeSeries", name
    assert int(ds.attrs["catchsim_format"]) == 1, name
    for attribute in "title", "source", "history":
        assert ds.attrs[attribute], (name, attribute)
    for variable, unit in UNITS.items():
        if variable in ds:
            assert ds[variable].attrs["units"] == unit, (name, variable, ds[variable].attrs)
    assert ds["catchment"].attrs["cf_role"] == "timeseries_id", name
    assert ds["catchment"].dtype == np.int64 and ds["catchment"].dims == ("catchment",), name


def check_time(ds, name):
    time = ds["time"].values
    assert time.dtype.kind == "M" and len(time) == N_TIME, name
    assert (np.diff(time) == np.timedelta64(1, "h")).all(), name
    bounds = ds[ds["time"].attrs.get("bounds", "time_bnds")].values
    assert bounds.shape == (N_TIME, 2), name
    if bounds.dtype.kind == "M":
        assert (bounds[:, 1] == time).all() and (bounds[1:, 0] == time[:-1]).all(), name


def check_shape(ds, name):
    dims = ("time", "catchment") if name.endswith("-steps.h5") else ("catchment", "time")
    series = [v for v in ("temperature", "discharge", "load", "concentration") if v in ds]
    assert series, name
    for variable in series:
        assert ds[variable].dims == dims, (name, variable, ds[variable].dims)
    wanted = np.float64 if name.startswith("float64") else np.float32
    assert ds[series[0]].dtype == wanted, (name, ds[series[0]].dtype)
    if "load" in ds:
        assert "time: sum" in ds["load"].attrs["cell_methods"], name
    if name.startswith("float"):
        assert "discharge" in ds and "local_discharge" in ds, name
    identifier = int(ds["catchment"][7])
    chosen = ds[series[0]].sel(catchment=identifier)
    np.testing.assert_array_equal(chosen, ds[series[0]].isel(catchment=7), err_msg=name)


def check_opens(name):
    for engine in ENGINES:
        with xr.open_dataset(name, engine=engine) as ds:
            check_conventions(ds, name)
            check_time(ds, name)
            check_shape(ds, name)
            ds.load()
    header = run("ncdump", "-h", name)
    assert f"catchment = {N_CATCHMENT} ;" in header, header
    assert f"time = {N_TIME} ;" in header, header


def check_steps(results, steps):
    with xr.open_dataset(results) as a, xr.open_dataset(steps) as b:
        for variable in "load", "concentration", "discharge", "local_discharge":
            assert (variable in a) == (variable in b), (steps, variable)
            if variable in a:
                np.testing.assert_array_equal(a[variable].values, b[variable].values.T)


def check_status(name):
    with xr.open_dataset(name) as ds:
        status = ds["run_status"]
        meanings = status.attrs["flag_meanings"].split()
        assert meanings == "pending ok failed timeout invalid_input".split(), meanings
        ok = np.atleast_1d(status.attrs["flag_values"])[meanings.index("ok")]
        assert (status.values == ok).all(), status.values


def biocide(forcing, area):
    """The closed form: flux [g/d] = Beta R_appl A_appl P [mm/d] while T > 0; row 0 has none."""
    rain = forcing["precipitation"].values.astype("f8") * 24
    warm = forcing["temperature"].values > 0
    flow = forcing["local_discharge"].values.astype("f8")
    flux = BETA * R_APPL * forcing[area].values[:, None] * rain * warm
    flux[:, 0] = 0
    with np.errstate(divide="ignore", invalid="ignore"):
        concentration = np.where(flow > 0, flux / (86400 * flow) * 1e6, np.nan)
    return flux / 24, concentration


def check_biocide(name, area):
    with xr.open_dataset("input.h5") as forcing, xr.open_dataset(name) as ds:
        load, concentration = biocide(forcing, area)
        found = ds["concentration"].values
        missing = ~(forcing["local_discharge"].values > 0)
        assert missing.sum() >= 11, "the input has no missing cases"
        np.testing.assert_array_equal(np.isnan(found), missing, err_msg=name)
        assert np.nanmax(concentration) > 0, "the input has no rain"
        assert np.nanmax(found[2, 100:200]) == 0 and np.nanmin(found[3, 100:200]) > 0
        np.testing.assert_allclose(found, concentration, rtol=1e-6, atol=0, err_msg=name)
        np.testing.assert_allclose(ds["load"].values, load, rtol=1e-6, atol=0, err_msg=name)


def main():
    with tempfile.TemporaryDirectory() as folder:
        make_files(folder)
        pairs = [("plain.h5", "plain-steps.h5")]
        for number_type in "float32", "float64":
            for substance in "diuron", "terbuthylazine":
                pairs.append((f"{number_type}-{substance}.h5", f"{number_type}-{substance}-steps.h5"))
        check_opens("input.h5")
        for results, steps in pairs:
            check_opens(results)
            check_opens(steps)
            check_steps(results, steps)
            check_status(results)
        check_biocide("plain.h5", "application_area")
        check_biocide("float32-diuron.h5", "facade_area")
        check_biocide("float64-diuron.h5", "facade_area")
        os.chdir("/")
    print("xarray and ncdump: done")


if __name__ == "__main__":
    sys.exit(main())
