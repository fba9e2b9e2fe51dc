# SPDX-License-Identifier: MIT
"""The models pesticide, biocide_wwtp, household and mixed from input file to result file, against
numpy: sums, patterns in calendar time, backgrounds, and what is refused (docs/models.md)."""
import os
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
import xarray as xr

BUILD = os.environ["CATCHSIM_BUILD"]
N_CATCHMENT, N_HOUR, N_DAY = 4, 24 * 40, 50
START = "2024-02-10T00:00"  # the leap day and the turn of a month are within
POPULATION = np.array([1000.0, 0.0, 52_000.0, 7.0])
AREA, FIELDS, FACADES, RATE = 15e6, 2e6, 4e4, 0.05
G_PER_D = 0.0864  # of 1 ng/L in 1 m3/s
WEEKLY = np.array([1.3, 1.1, 1.0, 1.0, 1.0, 0.9, 0.7])
DAILY = np.array([0.2] * 6 + [2.0, 3.0] + [1.0] * 10 + [1.5, 1.5, 0.8, 0.6, 0.2, 0.2])
MONTHLY = np.array([0.5, 1.5] + [1.0] * 8 + [0.25, 1.75])
DAILY *= 24 / DAILY.sum()


def run(*arguments, status=0):
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stderr


def weather(n_time, rng):
    """Warm spring with frosts, rain now and then; no water and backflow in the first catchment."""
    temperature = rng.uniform(-3, 15, (N_CATCHMENT, n_time))
    rain = np.maximum(0, rng.uniform(-2, 1.5, (N_CATCHMENT, n_time)))
    water = rng.uniform(0.1, 1.0, (N_CATCHMENT, n_time))
    water[0, 5:8] = 0
    water[0, 9] = -1
    return [x.astype("f4") for x in (temperature, rain, water)]


def write_input(path, time, without=()):
    temperature, rain, water = weather(len(time), np.random.default_rng(7))
    series = {"temperature": (temperature, "degC"), "precipitation": (rain, "mm h-1"),
              "discharge": (water, "m3 s-1"), "local_discharge": (water, "m3 s-1")}
    numbers = {"area": (AREA, "m2"), "application_area": (FIELDS, "m2"),
               "facade_area": (FACADES, "m2"), "application_rate": (RATE, "g m-2"),
               "population": (POPULATION, "persons"),
               "use": (np.array([1.0, 2.0, 3.0, 4.0]) * 1e-3, "g d-1"),
               "hospital": (np.array([0.0, 3.0, 0.0, 0.0]), "g d-1")}
    variables = {k: (("catchment", "time"), x, {"units": u}) for k, (x, u) in series.items()}
    for k, (x, unit) in numbers.items():
        variables[k] = ("catchment", np.broadcast_to(x, N_CATCHMENT).astype("f8"), {"units": unit})
    ids = np.arange(11, 11 + N_CATCHMENT)
    ds = xr.Dataset({k: v for k, v in variables.items() if k not in without},
                    {"catchment": ("catchment", ids, {"cf_role": "timeseries_id"}), "time": time})
    ds.to_netcdf(path, engine="netcdf4", encoding={
        "time": {"units": "hours since 2024-01-01 00:00:00", "dtype": "f8"}})
    return ds


def simulate(name, substances, input_file="hourly.h5", status=0):
    with open(f"{name}.xml", "w", encoding="utf-8") as f:
        f.write(f'<catchsim version="1">\n<input file="{input_file}"/>\n{substances}\n'
                f'<output results="{name}-{{substance}}.h5" type="float64" existing="replace"/>\n'
                "</catchsim>\n")
    return run(f"{BUILD}/catchsim", "--quiet", f"{name}.xml", status=status)


def result(path):
    with xr.open_dataset(path) as ds:
        return ds["load"].values, ds["concentration"].values


def substance(name, model, **settings):
    """Settings: numbers, names of variables, and lists of numbers (patterns)."""
    text = f'<substance name="{name}" model="{model}">\n'
    for key, value in settings.items():
        key = key.replace("__", ".")
        if isinstance(value, np.ndarray):
            text += f'<pattern kind="{key}" values="{" ".join(map(repr, value.tolist()))}"/>\n'
        elif isinstance(value, str):
            text += f'<parameter name="{key}" from="{value}"/>\n'
        else:
            text += f'<parameter name="{key}" value="{value!r}"/>\n'
    return text + "</substance>\n"


def expected(flux, water, background, days):
    """Load [g] and concentration [ng/L] of a flux [g/d]; row 0 is the initial state."""
    positive = np.maximum(water.astype("f8"), 0)
    delivered = flux + G_PER_D * background * positive
    with np.errstate(divide="ignore", invalid="ignore"):
        concentration = np.where(positive > 0, delivered / (G_PER_D * positive), np.nan)
    load = delivered * days
    load[:, 0] = 0
    concentration[:, 0] = np.where(positive[:, 0] > 0, 0, np.nan)
    return load, concentration


def assert_result(path, load, concentration, rtol=1e-12):
    got_load, got_concentration = result(path)
    np.testing.assert_allclose(got_load, load, rtol=rtol, err_msg=path)
    np.testing.assert_allclose(got_concentration, concentration, rtol=rtol, err_msg=path)


def factors(time):
    """Factors of the hours that end at these times."""
    begin = pd.DatetimeIndex(time) - pd.Timedelta(hours=1)
    return WEEKLY[begin.weekday] * DAILY[begin.hour] * MONTHLY[begin.month - 1]


def people(population, use, share=0.1 * (0.95 * 0.9 + 0.05 * 1.0)):
    return (population * use * share)[:, None]


def check_household(ds):
    water, time = ds["local_discharge"].values, ds["time"].values
    use = ds["use"].values
    simulate("a", substance("even", "household") +
             substance("all", "household", consumption="use", point_load="hospital", C_back=2.5,
                       weekly=WEEKLY, daily=DAILY, monthly=MONTHLY))
    even = np.repeat(people(POPULATION, 1e-3), len(time), axis=1)
    assert_result("a-even.h5", *expected(even, water, 0.0, 1 / 24))
    flux = people(POPULATION, use) * factors(time) + ds["hospital"].values[:, None]
    load, concentration = expected(flux, water, 2.5, 1 / 24)
    assert_result("a-all.h5", load, concentration)
    assert np.isnan(concentration[0, 5:8]).all() and (load[0, 5:8] > 0).all()
    run(f"{BUILD}/catchsim", "--quiet", "--input=hourly.h5", "--model=household",
        "--output=plain.h5")  # float32
    assert_result("plain.h5", *expected(even, water, 0.0, 1 / 24), rtol=1e-7)


def check_household_of_days(ds):
    """Rows of a day that end at noon, in an input that has nothing but water and people."""
    flux = []
    for end in pd.DatetimeIndex(ds["time"].values):
        flux.append(factors(end - pd.to_timedelta(np.arange(24), "h")).mean())
    simulate("b", substance("all", "household", weekly=WEEKLY, daily=DAILY, monthly=MONTHLY),
             "daily.h5")
    assert_result("b-all.h5", *expected(people(POPULATION, 1e-3) * np.array(flux),
                                        ds["local_discharge"].values, 0.0, 1.0))


def check_biocide_wwtp(ds):
    rain = 24 * ds["precipitation"].values.astype("f8")
    simulate("c", substance("plain", "biocide_wwtp") +
             substance("plant", "biocide_wwtp", a_urban="facade_area", M_stock=0.3, beta=0.02,
                       k_wwtp=0.8, f_wwtp=0.5, C_background=1.5))
    water = ds["local_discharge"].values
    assert_result("c-plain.h5",
                  *expected(0.002 * FIELDS * 0.001 * RATE * rain, water, 0.0, 1 / 24))
    assert_result("c-plant.h5", *expected(0.02 * FACADES * 0.001 * 0.3 * rain * 0.6, water, 1.5,
                                          1 / 24))


def check_mixed(ds):
    """The sum of three runs without background, and one background."""
    water = ds["local_discharge"].values
    simulate("d", substance("h", "herbicide", C_back=0.0, T_objective=20.0) +
             substance("b", "biocide", A_appl="facade_area", C_back=0.0) +
             substance("p", "household", daily=DAILY) +
             substance("m", "mixed", C_back=3.0, herbicide__T_objective=20.0,
                       biocide__A_appl="facade_area", daily=DAILY))
    parts = [result(f"d-{name}.h5")[0] for name in "hbp"]
    assert all(part.sum() > 0 for part in parts)
    frost = ds["temperature"].values <= 0
    assert frost.any() and (parts[1][frost] == 0).all()
    assert_result("d-m.h5", *expected(24 * sum(parts), water, 3.0, 1 / 24))
    with xr.open_dataset("d-m.h5") as m, xr.open_dataset("d-h.h5") as h:
        for state in ("state_T_sum", "state_M_to_apply", "state_M_avail", "state_M_unavail"):
            np.testing.assert_array_equal(m[state].values, h[state].values)


def pesticide_by_small_steps(ds, n_small=60):
    """The equations of docs/models.md by Euler's method; default parameters but two."""
    T, water = (ds[k].values.astype("f8") for k in ("temperature", "local_discharge"))
    rain = 24 * ds["precipitation"].values.astype("f8")
    dt = 1 / 24 / n_small
    S, M, m = np.zeros(N_CATCHMENT), np.full(N_CATCHMENT, RATE), np.zeros(N_CATCHMENT)
    flux = np.zeros_like(T)
    for i in range(1, T.shape[1]):
        driver = 86400 * np.maximum(water[:, i], 0)
        warm = np.maximum(T[:, i] - 5, 0)
        for k in range(n_small):
            day = ((i - 1) + (k + 0.5) / n_small) / 24
            f = np.where((day >= 5) & (S > 10) & (rain[:, i] <= 1), 0.002 * M / (M + 0.01 * RATE),
                         0.0)
            decay = 0.02 * m * 1.08 ** (T[:, i] - 20)
            out = 100 * driver / AREA * 0.001 * m + f * FIELDS * 1e-4
            S = S + dt * (warm - np.where(T[:, i] <= 0, 0.99 * S, 0))
            M = M + dt * (-f if day >= 5 else 2 * (RATE - M))
            m = m + dt * (f * FIELDS - decay - out)
            flux[:, i] += out / n_small
    return flux, m


def check_pesticide(ds):
    simulate("e", substance("p", "pesticide", T_objective=10.0, f_daily=0.002))
    flux, stock = pesticide_by_small_steps(ds)
    load, _ = expected(flux, ds["local_discharge"].values, 5.0, 1 / 24)
    got, concentration = result("e-p.h5")
    assert load.sum() > 0 and (flux > 0).any()
    assert np.abs(got - load).max() <= 2e-2 * load.max()
    np.testing.assert_allclose(got.sum(axis=1), load.sum(axis=1), rtol=1e-3)
    assert (concentration[1, 1:] >= 5).all()
    with xr.open_dataset("e-p.h5") as r:
        np.testing.assert_allclose(r["state_M_stock"].values, stock, rtol=1e-3)
        assert (r["state_M_to_apply"].values < RATE).all()


def check_background(ds):
    """Scaled by the share of the area; the rows before anything is applied show it alone."""
    simulate("f", substance("r", "herbicide", ratio_herbicide_area_cal=0.05) +
             substance("none", "herbicide", ratio_herbicide_area_cal=0.05, R_appl=0.0))
    np.testing.assert_allclose(result("f-r.h5")[1][1, 1:5], 5 * (FIELDS / AREA) / 0.05)
    concentration = result("f-none.h5")[1]
    assert (concentration[~np.isnan(concentration)] == 0).all()
    assert np.isnan(concentration).sum() == (ds["local_discharge"].values <= 0).sum()


def check_refused():
    def refused(text, *wanted, input_file="hourly.h5"):
        message = simulate("g", text, input_file, status=65)
        assert len(message.splitlines()) == 1, message
        for part in wanted:
            assert part in message, (part, message)

    refused(substance("x", "household", weekly=WEEKLY + 2e-9), "g.xml:4: ", "weekly", "mean 1")
    refused(substance("x", "household", daily=DAILY[:23]), "g.xml:4: ", "24 values, not 23")
    refused(substance("x", "herbicide", weekly=WEEKLY), "g.xml:4: ", "has no patterns")
    refused(substance("x", "household", consumption=-1.0), "consumption must be a number >= 0")
    refused(substance("x", "household", removal=1.5), "removal must be in 0 .. 1")
    refused(substance("x", "pesticide", theta_decay=1.5), "theta_decay")
    refused(substance("x", "biocide_wwtp", k_wwtp=1.01), "k_wwtp must be in 0 .. 1")
    refused(substance("x", "mixed", Eta=1.0), "g.xml:4: ", 'no parameter "Eta"')
    refused(substance("x", "mixed", biocide__Beta=-1.0), "biocide.Beta must be a number >= 0")
    refused(substance("x", "pesticide"), "temperature is missing", input_file="daily.h5")
    refused(substance("x", "household", consumption="use"), "dataset use is missing",
            input_file="daily.h5")
    message = run(f"{BUILD}/catchsim", "--input=hourly.h5", "--model=insecticide",
                  "--output=no.h5", status=64)
    assert "household, mixed" in message, message


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        hourly = write_input("hourly.h5", pd.date_range(START, periods=N_HOUR, freq="h"))
        daily = write_input("daily.h5", pd.date_range("2024-02-10T12:00", periods=N_DAY, freq="D"),
                            without=("temperature", "precipitation", "discharge", "use",
                                     "application_area", "application_rate"))
        check_household(hourly)
        check_household_of_days(daily)
        check_biocide_wwtp(hourly)
        check_mixed(hourly)
        check_pesticide(hourly)
        check_background(hourly)
        check_refused()
        os.chdir("/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
