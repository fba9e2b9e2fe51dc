# SPDX-License-Identifier: MIT
"""CrossWater's input as plain h5py writes it: values, selections, ranks, and every defect refused
with one line, exit status 65 and no output (docs/file-formats.md)."""
import os
import subprocess
import tempfile

import h5py
import numpy as np

BUILD, SOURCE = os.environ["CATCHSIM_BUILD"], os.environ["CATCHSIM_SOURCE"]
N_TIME = 60
START = 1262304000  # 2010-01-01, s since 1970
HOUR = 3600 * 10**9
BETA, R_APPL, C_BACK = 2e-5, 0.3, 1.5
IDS = (7, 12, 1000000000001)  # longer than the ten characters of CrossWater's output
INPUT_TYPE = np.dtype([(name, "f8") for name in
                       ("temperature", "precipitation", "discharge", "local_discharge")])
PARAMETER_TYPE = np.dtype([("name", "S100"), ("unit", "S20"), ("value", "f8")])
CONFIG = f"""<catchsim version="1">
  <input file="input.h5"/>
  <substance name="diuron" model="biocide">
    <parameter name="A_appl" from="facade_area"/><parameter name="R_appl" from="A_special"/>
    <parameter name="Beta" value="{BETA}"/><parameter name="C_back" value="{C_BACK}"/>
  </substance>
  <output results="result.h5" steps="steps.h5" type="float64" discharge="yes"/>
</catchsim>
"""


def forcing(seed):
    rng = np.random.default_rng(seed)
    table = np.zeros(N_TIME, INPUT_TYPE)
    table["temperature"] = rng.uniform(1, 20, N_TIME)
    table["precipitation"] = rng.uniform(0, 300, N_TIME) * (rng.uniform(size=N_TIME) < 0.5)
    table["discharge"] = rng.uniform(1, 3, N_TIME)
    table["local_discharge"] = rng.uniform(0.1, 0.9, N_TIME)
    return table


def parameters(i):
    return np.array([(b"A_tot", b"m**2", 1e7 + i), (b"A_appl", b"m**2", 1e6 + i / 3),
                     (b"R_appl", b"g/m**2", 0.01 * i), (b"facade_area", b"km**2", 0.1 * (i + 1)),
                     (b"A_special", b"whatever", R_APPL)], PARAMETER_TYPE)


def write(path="input.h5"):
    with h5py.File(path, "w") as f:
        times = np.array([(START * 10**9 + i * HOUR,) for i in range(N_TIME)],
                         [("timesteps", "i8")])
        f["time_steps"] = times
        f["steps_per_day"] = np.array([(24,)], [("steps_per_day", "i8")])
        for i, catchment in enumerate(IDS):
            group = f.create_group(f"catch_{catchment}")
            group.create_dataset("inputs", data=forcing(i), chunks=(17,), maxshape=(None,),
                                 shuffle=True, compression="gzip")
            group["parameters"] = parameters(i)


def run(*arguments, expect=0):
    done = subprocess.run((f"{BUILD}/catchsim", "case.xml", "--quiet", *arguments),
                          capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stderr}"
    return done


def expected(i):
    """The biocide's equation, T > 0 and Q > 0 throughout; row 0 has no flux."""
    table, given = forcing(i), parameters(i)
    flux = BETA * R_APPL * (1e6 * given["value"][3]) * table["precipitation"]
    return flux / (86400 * table["local_discharge"]) * 1e6 + C_BACK


def check_values():
    write()
    run()
    with h5py.File("result.h5") as f:
        assert f["catchment"][:].tolist() == sorted(IDS)
        assert f["time"].attrs["units"] == b"hours since 2009-12-31 00:00:00", dict(f["time"].attrs)
        assert f["time"][0] == 24 and f["time"][-1] == 24 + N_TIME - 1
        for i in range(len(IDS)):
            np.testing.assert_allclose(f["concentration"][i, 1:], expected(i)[1:], rtol=4e-15)
            for name in ("discharge", "local_discharge"):
                np.testing.assert_array_equal(f[name][i], forcing(i)[name])
    with h5py.File("steps.h5") as f:
        np.testing.assert_allclose(f["concentration"][1:, 2], expected(2)[1:], rtol=4e-15)


def check_selection():
    run("--fresh", "--only=1000000000001,12", "--from=2010-01-02", "--to=2010-01-03")
    with h5py.File("result.h5") as f:
        assert f["catchment"][:].tolist() == [1000000000001, 12]
        assert f["concentration"].shape == (2, 25)
        np.testing.assert_allclose(f["concentration"][0, 1:], expected(2)[25:49], rtol=4e-15)


def check_ranks():
    run("--fresh")
    for name in ("result.h5", "steps.h5"):
        os.rename(name, f"one-{name}")
    subprocess.run((os.environ["MPIEXEC"], "-n", "3", f"{BUILD}/catchsim", "case.xml", "--quiet"),
                   check=True, capture_output=True, timeout=100)
    for name in ("result.h5", "steps.h5"):
        subprocess.run((f"{SOURCE}/scripts/same", name, f"one-{name}"), check=True, timeout=100)


def check_other_times():
    """Times as numbers of time steps: from 1970 on. Six-hourly steps."""
    def edit(f):
        del f["time_steps"], f["steps_per_day"]
        f["time_steps"] = np.array([(i + 2,) for i in range(N_TIME)], [("timesteps", "i4")])
        f["steps_per_day"] = np.array([(4,)], [("steps_per_day", "u2")])
    write()
    with h5py.File("input.h5", "r+") as f:
        edit(f)
    run("--fresh")
    with h5py.File("result.h5") as f:
        assert f["time"].attrs["units"] == b"hours since 1970-01-01 00:00:00"
        assert f["time"][:3].tolist() == [12, 18, 24]
        flux = BETA * R_APPL * 1e6 * 0.1 * forcing(0)["precipitation"]
        load = (flux + 0.0864 * C_BACK * forcing(0)["local_discharge"]) / 4
        np.testing.assert_allclose(f["load"][0, 1:], load[1:], rtol=4e-15)


def check_units():
    """An A_tot in km**2 reaches the model as m**2."""
    write()
    with h5py.File("input.h5", "r+") as f:
        for catchment in IDS:
            set_parameter(f, catchment, 0, "unit", b"km**2")
            set_parameter(f, catchment, 0, "value", 0.35)
    with open("case.xml", "w", encoding="utf-8") as config:
        config.write(CONFIG.replace('from="facade_area"', 'from="area"'))
    run("--fresh")
    with open("case.xml", "w", encoding="utf-8") as config:
        config.write(CONFIG)
    with h5py.File("result.h5") as f:
        for i in range(len(IDS)):
            table = forcing(i)
            flux = BETA * R_APPL * 0.35e6 * table["precipitation"]
            wanted = flux / (86400 * table["local_discharge"]) * 1e6 + C_BACK
            np.testing.assert_allclose(f["concentration"][i, 1:], wanted[1:], rtol=4e-15)


def check_nan_costs_one_catchment():
    write()
    with h5py.File("input.h5", "r+") as f:
        table = f["catch_12/inputs"][:]
        table["local_discharge"][5] = np.nan
        f["catch_12/inputs"][:] = table
    done = run("--fresh", expect=2)
    assert "catchment 12 invalid_input: local_discharge" in done.stderr, done.stderr
    with h5py.File("result.h5") as f:
        assert f["run_status"][:].tolist() == [1, 4, 1]


def replace(f, name, data):
    del f[name]
    f[name] = data


def set_parameter(f, catchment, row, field, value):
    table = f[f"catch_{catchment}/parameters"][:]
    table[field][row] = value
    replace(f, f"catch_{catchment}/parameters", table)


def rename_group(name):
    return lambda f: f.move("catch_12", name)


def retype(f, field, kind):
    types = [(name, kind if name == field else "f8") for name in INPUT_TYPE.names]
    replace(f, "catch_12/inputs", f["catch_12/inputs"][:].astype(types))


def uneven(f):
    table = f["time_steps"][:]
    table["timesteps"][9] += HOUR // 2
    f["time_steps"][:] = table


def steps(value):
    return lambda f: replace(f, "steps_per_day", np.array([(value,)], [("steps_per_day", "i8")]))


def variable_texts(f):
    text = h5py.string_dtype()
    table = np.array([("A_tot", "m**2", 1.0)], [("name", text), ("unit", text), ("value", "f8")])
    replace(f, "catch_12/parameters", table)


def drop_catchments(f):
    for catchment in IDS:
        del f[f"catch_{catchment}"]


DEFECTS = {
    "catch_12/inputs: is missing": lambda f: f.__delitem__("catch_12/inputs"),
    "catch_12/parameters: is missing": lambda f: f.__delitem__("catch_12/parameters"),
    "time_steps: is missing": lambda f: f.__delitem__("time_steps"),
    "steps_per_day: is missing": lambda f: f.__delitem__("steps_per_day"),
    "has no group catch_": drop_catchments,
    "has 59 rows, but time_steps has 60":
        lambda f: replace(f, "catch_12/inputs", f["catch_12/inputs"][:-1]),
    "catch_12/inputs: must be a table": lambda f: replace(f, "catch_12/inputs", np.zeros(N_TIME)),
    "catch_12/inputs: must have one dimension":
        lambda f: replace(f, "catch_12/inputs", f["catch_12/inputs"][:].reshape(2, -1)),
    "field local_discharge is missing":
        lambda f: replace(f, "catch_12/inputs", f["catch_12/inputs"][:][["temperature",
                          "precipitation", "discharge"]].copy()),
    "field precipitation must hold floating-point": lambda f: retype(f, "precipitation", "i4"),
    "field temperature must hold floating-point": lambda f: retype(f, "temperature", "S8"),
    "field name must hold short texts of fixed length": variable_texts,
    "A_tot has unit \"acre\"; write m2 or km2":
        lambda f: set_parameter(f, 12, 0, "unit", b"acre"),
    "A_appl has unit \"ha\"; write m2 or km2":
        lambda f: set_parameter(f, 12, 1, "unit", b"ha"),
    "A_tot has unit \"\"": lambda f: set_parameter(f, 12, 0, "unit", b""),
    "R_appl has unit \"kg\"": lambda f: set_parameter(f, 12, 2, "unit", b"kg"),
    "A_tot occurs more than once": lambda f: set_parameter(f, 12, 1, "name", b"A_tot"),
    "catch_12/parameters: has no facade_area":
        lambda f: set_parameter(f, 12, 3, "name", b"other"),
    "catchment 12 has area nan m2": lambda f: set_parameter(f, 12, 0, "value", np.nan),
    "catchment 12 has area -1 m2": lambda f: set_parameter(f, 12, 0, "value", -1),
    "group catch_abc: the id must be a positive": rename_group("catch_abc"),
    "group catch_: the id must be a positive": rename_group("catch_"),
    "group catch_0: the id must be a positive": rename_group("catch_0"),
    "group catch_-5: the id must be a positive": rename_group("catch_-5"),
    "group catch_1.5: the id must be a positive": rename_group("catch_1.5"),
    "group catch_99999999999999999999: the id": rename_group("catch_99999999999999999999"),
    "id 7 occurs more than once": rename_group("catch_007"),
    "time_steps: value 10 is": uneven,
    "steps_per_day: one number from 1 to 86400": steps(0),
    "must be all the same and fit steps_per_day": steps(12),
}


def check_refusal(phrase):
    done = run("--fresh", expect=65)
    lines = [line for line in done.stderr.splitlines() if line]
    assert len(lines) == 1 and "input.h5: " in lines[0] and phrase in lines[0], \
        f"expected: {phrase}\n{done.stderr}"
    assert not os.path.exists("result.h5") and not os.path.exists("result.h5.part")


def check_defects():
    os.remove("result.h5")
    os.remove("steps.h5")
    for phrase, edit in DEFECTS.items():
        write()
        with h5py.File("input.h5", "r+") as f:
            edit(f)
        check_refusal(phrase)
    write()
    os.truncate("input.h5", os.path.getsize("input.h5") // 2)
    check_refusal("may be truncated")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("case.xml", "w", encoding="utf-8") as config:
            config.write(CONFIG)
        check_values()
        check_selection()
        check_ranks()
        check_other_times()
        check_units()
        check_nan_costs_one_catchment()
        check_defects()
        os.chdir("/")
    print("crosswater: done")
