# SPDX-License-Identifier: MIT
"""fakegen at full size: a million records parsed, ten million uuids, the tables of persons."""
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
FAKEGEN = str(pathlib.Path(os.environ.get("CATCHSIM_BUILD", "build/release")) / "fakegen")
ROWS = [2324798, 0, 2876945, 964940, 963719, 1011473, 1004483, 997491, 996222, 991508, 989194,
        988304, 987513]


def check_uuids(folder, n):
    (folder / "u.xml").write_text(
        '<records version="1"><field name="u" provider="uuid4"/></records>')
    subprocess.run([FAKEGEN, "-q", f"--schema={folder}/u.xml", "--no-header", f"--count={n}",
                    f"--output={folder}/u.csv"], check=True)
    lines = np.memmap(folder / "u.csv", dtype="S37", mode="r")
    assert len(lines) == n and len(np.unique(lines)) == n, "a uuid occurs twice"


def check_persons(folder):
    subprocess.run([FAKEGEN, "-q", "--schema=persons", f"--output={folder}/{{table}}.csv"],
                   check=True)
    hashes = []
    for year, rows in zip(range(2000, 2013), ROWS):
        text = (folder / f"ID{year}.csv").read_bytes()
        lines = text.split(b"\n")[1:-1]
        assert len(lines) == rows, f"ID{year}: {len(lines)} rows"
        hashes.append(np.array([line[-32:] for line in lines], "S32"))
    n = len(np.unique(np.concatenate(hashes)))
    assert n == 1001413, f"{n} distinct persons"


with tempfile.TemporaryDirectory() as name:
    check_persons(pathlib.Path(name))
    check_uuids(pathlib.Path(name), 10_000_000)
subprocess.run([sys.executable, str(HERE.parent / "cli" / "fakegen_records.py"), "1000000"], check=True)
