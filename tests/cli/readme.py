# SPDX-License-Identifier: MIT
"""What README.md shows works: its Python makes an input, its configuration runs on it, and its
xarray lines read the result."""
import os
import re
import subprocess
import sys
import tempfile

import numpy as np
import xarray as xr

BUILD = os.environ["CATCHSIM_BUILD"]
SOURCE = os.environ["CATCHSIM_SOURCE"]


def blocks(language):
    with open(f"{SOURCE}/README.md", encoding="utf-8") as f:
        return re.findall(rf"```{language}\n(.*?)```", f.read(), re.S)


def series():
    """A year in which something is applied and washed off, for 3 catchments."""
    hour = np.arange(8760)
    season = -np.cos(2 * np.pi * hour / 8760)
    rain = np.where(hour % 97 < 6, 2.0, 0.0)
    flow = 0.5 + 0.3 * np.convolve(rain, np.exp(-np.arange(48) / 12), "full")[:8760]
    ones = np.ones((3, 1))
    return {
        "T": ones * (9 + 9 * season), "P": ones * rain, "Q": ones * flow, "Q_local": ones * flow,
        "area": np.full(3, 1e7), "fields": np.full(3, 5e5), "facades": np.full(3, 2e4),
        "rate": np.full(3, 0.1),
    }


def run(*arguments):
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"


def main():
    reading, making = blocks("python")
    configuration, engine = blocks("xml")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        exec(making, series())  # writes basin.h5
        run(f"{BUILD}/catchsim", "--input=basin.h5", "--model=herbicide", "--output=herbicide.h5")
        with open("basin.xml", "w", encoding="utf-8") as f:
            f.write(configuration)
        run(f"{BUILD}/catchsim", "basin.xml")
        with open("external.xml", "w", encoding="utf-8") as f:  # a valid element, not used here
            f.write(configuration.replace("  <engine", engine + "  <engine", 1))
        run(f"{BUILD}/catchsim", "external.xml", "--check", "--fresh")
        for name in "herbicide.h5", "diuron.h5", "diuron-steps.h5":
            with xr.open_dataset(name) as ds:
                assert ds.catchment.values.tolist() == [11, 12, 13], name
                assert float(ds.concentration.max()) > 0, name
                assert not ds["load"].isnull().any(), name
        reading = re.sub(r'"[^"]*/herbicide.h5"', '"herbicide.h5"', reading)
        reading = reading.replace("catchment=1)", "catchment=11)").replace("one.concentration.plot()", "")
        exec(reading, {})
        os.chdir("/")
    print("README: done")


if __name__ == "__main__":
    sys.exit(main())
