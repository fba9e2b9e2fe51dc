# SPDX-License-Identifier: MIT
"""--initial-states: two pieces of a series in a row are the series, bit for bit, for every model; and
what does not fit is refused (docs/running.md)."""
import os
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy as np

BUILD = os.environ["CATCHSIM_BUILD"]
MPIEXEC = os.environ["MPIEXEC"].split()
BIND = ["--bind-to", "none"] if os.environ.get("CATCHSIM_MPI") == "openmpi" else []
# The year's turn of the pesticide model, 365.25 days after the series began, is in the last piece.
N_CATCHMENT, N_HOUR = 5, 24 * 375
CUTS = ("2021-04-20T07:00", "2021-10-03T00:00")

PATTERNS = """
  <pattern kind="weekly" values="1.3 1.1 1 1 1 0.9 0.7"/>
  <pattern kind="daily" values="0 0 0 0 0 0 2 2 2 2 2 2 1 1 1 1 1 1 1 1 1 1 1 1"/>
  <pattern kind="monthly" values="0.5 1.5 1 1 1 1 1 1 1 1 0.25 1.75"/>"""
SUBSTANCES = {
    "herbicide": '<parameter name="T_objective" value="300"/>',
    "biocide": '<parameter name="A_appl" from="facade_area"/>',
    "pesticide": '<parameter name="T_objective" value="200"/>',
    "biocide_wwtp": '<parameter name="beta" value="2"/>',
    "household": PATTERNS,
    "mixed": '<parameter name="herbicide.T_objective" value="300"/>' + PATTERNS,
}


def run(*arguments, status=0, ranks=1):
    launch = [*MPIEXEC, *BIND, "-n", str(ranks)] if ranks > 1 else []
    done = subprocess.run([*launch, *arguments], capture_output=True, text=True, timeout=100,
                          check=False)
    assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stderr


def catchsim(*arguments, **how):
    return run(f"{BUILD}/catchsim", *arguments, **how)


def refused(config, *words, status=65, output="no.h5"):
    said = catchsim(config, f"--output={output}", "--fresh", status=status)
    lines = [line for line in said.splitlines() if "error:" in line]
    assert len(lines) == 1 and all(word in lines[0] for word in words), (words, said)


def write_config(name, substances=None, kind="float64", attributes=""):
    """All models, or the ones given: {name: (model, body)}."""
    if substances is None:
        substances = {model: (model, body) for model, body in SUBSTANCES.items()}
    bodies = "".join(f'<substance name="{key}" model="{model}">{body}</substance>\n'
                     for key, (model, body) in substances.items())
    with open(f"{name}.xml", "w", encoding="utf-8") as f:
        f.write(f'<catchsim version="1"><input file="input.h5" {attributes}/>\n{bodies}'
                f'<output results="{name}-{{substance}}.h5" type="{kind}" existing="replace"/>\n'
                "</catchsim>\n")
    return f"{name}.xml"


def states_of(f):
    return {name: f[name][:] for name in f if name.startswith("state_")}


def assert_pieces(whole_path, pieces):
    """The pieces' rows from their second on are the whole's, and the last one's states."""
    with h5py.File(whole_path) as whole:
        at = 0
        for path in pieces:
            with h5py.File(path) as piece:
                n = piece["time"].size
                for name in ("load", "concentration"):
                    expected = whole[name][:, at + 1:at + n]
                    assert expected.size and np.nanmax(expected) > 0, (path, name, "is all zero")
                    assert expected.tobytes() == piece[name][:, 1:].tobytes(), (path, name)
                assert (piece["run_status"][:] == 1).all()
                assert piece.attrs["series_number"] == at, piece.attrs["series_number"]
                last = states_of(piece)
            at += n - 1
        assert at + 1 == whole["time"].size, "the pieces do not cover the whole"
        expected = states_of(whole)
        assert expected.keys() == last.keys()
        for name, values in expected.items():
            assert values.dtype == "f8" and values.tobytes() == last[name].tobytes(), name
        return len(expected)


def check_all_models(kind):
    config = write_config("all", kind=kind)
    catchsim(config, "--output=whole-{substance}.h5", "--fresh")
    first, second = CUTS
    catchsim(config, "--output=a-{substance}.h5", "--fresh", f"--to={first}", ranks=2)
    catchsim(config, "--output=b-{substance}.h5", "--fresh", f"--from={first}", f"--to={second}",
             "--initial-states=a-{substance}.h5", "--engine=native", ranks=3)
    # the last piece: told in the configuration instead
    config = write_config("all", kind=kind, attributes='initial_states="b-{substance}.h5"')
    catchsim(config, "--output=c-{substance}.h5", "--fresh", f"--from={second}")
    for model in SUBSTANCES:
        n = assert_pieces(f"whole-{model}.h5", [f"{piece}-{model}.h5" for piece in "abc"])
        assert n == {"herbicide": 4, "mixed": 4, "pesticide": 3}.get(model, 0), (model, n)
    with h5py.File("whole-pesticide.h5") as whole:
        # applied again in the second year: else the turn would not be tested
        rows = slice(24 * 366, None)
        assert whole["state_M_to_apply"][:].max() > 0 and whole["load"][:, rows].max() > 0


def check_part_of_the_basin():
    """Catchments are found by id, whatever the order and number."""
    config = write_config("part", {"herbicide": ("herbicide", SUBSTANCES["herbicide"])})
    with h5py.File("input.h5") as f:
        ids = f["catchment"][:]
    only = f"--only={ids[3]},{ids[1]}"
    catchsim(config, only, f"--from={CUTS[0]}", f"--to={CUTS[1]}", "--output=part.h5",
             "--initial-states=a-herbicide.h5")
    with h5py.File("part.h5") as part, h5py.File("b-herbicide.h5") as b:
        assert list(part["catchment"][:]) == [ids[3], ids[1]]
        assert part["load"][0].tobytes() == b["load"][3].tobytes()
        assert part["load"][1].tobytes() == b["load"][1].tobytes()


def check_failed_catchment():
    """What failed in the first piece has no states: it is invalid_input, the others are as usual."""
    shutil.copyfile("a-herbicide.h5", "failed.h5")
    with h5py.File("failed.h5", "r+") as f:
        f["run_status"][2] = 2
        for name in states_of(f):
            f[name][2] = np.nan
    config = write_config("part", {"herbicide": ("herbicide", SUBSTANCES["herbicide"])})
    catchsim(config, f"--from={CUTS[0]}", f"--to={CUTS[1]}", "--output=rest.h5", "--fresh",
             "--initial-states=failed.h5", status=2)
    with h5py.File("rest.h5") as rest, h5py.File("b-herbicide.h5") as b:
        assert list(rest["run_status"][:]) == [1, 1, 4, 1, 1]
        assert b"no initial state T_sum" in rest["run/message"][2], rest["run/message"][2]
        for i in (0, 1, 3, 4):
            assert rest["load"][i].tobytes() == b["load"][i].tobytes(), i
        assert np.isnan(rest["state_T_sum"][2]) and np.isnan(rest["load"][2]).all()


def check_refusals():
    herbicide = {"herbicide": ("herbicide", SUBSTANCES["herbicide"])}
    states = 'initial_states="a-herbicide.h5"'
    write_config("refused", herbicide, attributes=states)
    # the first row is not the last one of the first piece: which row, which time
    refused("refused.xml", "2021-04-20 07:00:00", "2021-01-01")
    two = {"a": ("herbicide", ""), "b": ("herbicide", "")}
    refused(write_config("refused", two, attributes=states), "{substance}", status=64,
            output="no-{substance}.h5")
    for path, words in (("a-mixed.h5", ("mixed", "herbicide")), ("nowhere.h5", ("nowhere.h5",)),
                        ("input.h5", ("input.h5", "no result"))):
        write_config("refused", herbicide, attributes=f'initial_states="{path}"')
        refused("refused.xml", *words, status=74 if path == "nowhere.h5" else 65)
    write_config("refused", {"other": ("herbicide", "")}, attributes=states)
    refused("refused.xml", "substance herbicide", "other")
    # another basin; broken states; the file itself as output
    shutil.copyfile("a-herbicide.h5", "other.h5")
    with h5py.File("other.h5", "r+") as f:
        f["catchment"][1] += 1000
    write_config("late", herbicide)
    late = ("late.xml", f"--from={CUTS[0]}", "--fresh", "--quiet")
    said = catchsim(*late, "--initial-states=other.h5", "--output=no.h5", status=65)
    assert "has no catchment" in said, said
    shutil.copyfile("a-herbicide.h5", "other.h5")
    with h5py.File("other.h5", "r+") as f:
        f["state_M_avail"][1] = -1
    said = catchsim(*late, "--initial-states=other.h5", "--output=no.h5", status=65)
    assert "M_avail" in said and "catchment" in said, said
    with h5py.File("other.h5", "r+") as f:
        del f["state_M_avail"]
    said = catchsim(*late, "--initial-states=other.h5", "--output=no.h5", status=65)
    assert "state_M_avail" in said, said
    said = catchsim(*late, "--initial-states=a-herbicide.h5", "--output=a-herbicide.h5", status=65)
    assert "initial states" in said, said
    assert not os.path.exists("no.h5")


def check_external():
    """A program gets the states where its templates ask for each of them; else it is refused."""
    with open("model", "w", encoding="utf-8") as f:
        f.write("#!/bin/sh\ncp \"$1\" \"SEEN/$4\"\n"
                "awk -F '\\t' -v id=\"$4\" '{ print $5 \"\\t\" "
                "(NR == 1 ? \"Conc_\" id : 7) \"\\t\" $5 }' \"$2\" | sed '1s/Qloc/x/2' >\"$3\"\n"
                .replace("SEEN", os.path.abspath("seen")))
    os.chmod("model", 0o755)
    os.mkdir("seen")
    names = ("T_sum", "M_to_apply", "M_avail", "M_unavail")

    def external(states):
        with open("param.txt", "w", encoding="utf-8") as f:
            f.writelines(f"{name}: {{{name}}}\n" for name in states)
        with open("external.xml", "w", encoding="utf-8") as f:
            f.write('<catchsim version="1"><input file="input.h5"/>'
                    '<engine name="x" type="external"><program file="model">'
                    "<argument>{parameters}</argument><argument>{input}</argument>"
                    "<argument>{output}</argument><argument>{id}</argument></program>"
                    '<parameters template="param.txt"/></engine>'
                    '<substance name="herbicide" model="herbicide" engine="x">' +
                    "".join(f'<initial name="{name}" value="0"/>' for name in names) +
                    '</substance><output results="external.h5" existing="replace"/></catchsim>')
        return ("external.xml", f"--from={CUTS[0]}", f"--to={CUTS[1]}",
                "--initial-states=a-herbicide.h5")

    catchsim(*external(names))
    with h5py.File("a-herbicide.h5") as a:
        for i, id_ in enumerate(a["catchment"][:]):
            with open(f"seen/{id_}", encoding="utf-8") as f:
                seen = dict(line.strip().split(": ") for line in f)
            for name in names:
                assert float(seen[name]) == a[f"state_{name}"][i], (id_, name)
    said = catchsim(*external(names[:-1]), status=65)
    assert "{M_unavail}" in said, said


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        run(f"{BUILD}/catchmake", "--quiet", "--output=input.h5", f"--catchments={N_CATCHMENT}",
            f"--hours={N_HOUR}", "--seed=3")
        check_all_models("float32")
        check_all_models("float64")
        check_part_of_the_basin()
        check_failed_catchment()
        check_refusals()
        check_external()
    print("initial states: done")


if __name__ == "__main__":
    sys.exit(main())
