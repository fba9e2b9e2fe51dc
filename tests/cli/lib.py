# SPDX-License-Identifier: MIT
"""Shared by the tests of the command line: broken copies of a good input file.

usage: lib.py GOOD.h5 OUT.h5 DEFECT
"""
import shutil
import sys

import h5py
import numpy as np

SERIES = ("temperature", "precipitation", "discharge", "local_discharge")


def replace(f, name, data, dtype=None):
    """Gives a variable other data, keeping its attributes but its ties to dimensions."""
    kept = {
        key: value
        for key, value in f[name].attrs.items()
        if key not in ("DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME", "_Netcdf4Dimid")
    }
    del f[name]
    f.create_dataset(name, data=data, dtype=dtype)
    for key, value in kept.items():
        f[name].attrs[key] = value


def without_catchments(f):
    n_catchment = f["catchment"].shape[0]
    for name in [n for n in f if isinstance(f[n], h5py.Dataset)]:
        shape, dtype = f[name].shape, f[name].dtype
        if shape[:1] == (n_catchment,):
            replace(f, name, np.empty((0,) + shape[1:], dtype))
    f["catchment"].make_scale("catchment")
    for name in SERIES:
        f[name].dims[0].attach_scale(f["catchment"])
        f[name].dims[1].attach_scale(f["time"])


def set_value(name, index, value):
    return lambda f: f[name].__setitem__(index, value)


DEFECTS = {
    "no-precipitation": lambda f: f.__delitem__("precipitation"),
    "no-catchment": lambda f: f.__delitem__("catchment"),
    "no-time": lambda f: f.__delitem__("time"),
    "no-area": lambda f: f.__delitem__("area"),
    "transposed": lambda f: replace(f, "local_discharge", f["local_discharge"][:].T),
    "one-dimension": lambda f: replace(f, "temperature", f["temperature"][0]),
    "text-temperature": lambda f: replace(
        f, "temperature", np.full(f["temperature"].shape, "warm", object), h5py.string_dtype()),
    "unit": lambda f: f["temperature"].attrs.__setitem__("units", "furlong"),
    "time-unit": lambda f: f["time"].attrs.__setitem__("units", "fortnights since 2021-01-01"),
    "zero-catchments": without_catchments,
    "duplicate-id": lambda f: f["catchment"].__setitem__(3, f["catchment"][1]),
    "nan-area": set_value("area", 2, np.nan),
    "negative-area": set_value("area", 2, -5.0),
    "zero-id": set_value("catchment", 0, 0),
    "time-backwards": lambda f: f["time"].__setitem__(5, f["time"][3]),
    "nan-forcing": set_value("local_discharge", (2, 10), np.nan),
}


def break_copy(good, out, defect):
    shutil.copyfile(good, out)
    with h5py.File(out, "r+") as f:
        DEFECTS[defect](f)


if __name__ == "__main__":
    break_copy(*sys.argv[1:4])
