# SPDX-License-Identifier: MIT
"""A small run is killed at every call that changes a file, is resumed, killed again, and resumed.

Whatever the call, the bytes at the end are those of a run that nobody disturbed: of the step file
all but its history, of the result all but its history and its group /run. Every other kill at a
write leaves half of what was to be written. The run that goes on is killed as well, each time at
another call, once or twice, before it may end.
"""
import os
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy as np

build = os.environ.get("CATCHSIM_BUILD", "build/release")
source = os.environ.get("CATCHSIM_SOURCE", ".")
catchsim = os.path.abspath(os.path.join(build, "catchsim"))
catchmake = os.path.abspath(os.path.join(build, "catchmake"))
shim = os.path.abspath(os.path.join(build, "tests", "libfaults_shim.so"))
sanitized = bool(os.environ.get("CATCHSIM_SANITIZE"))
STRIDE = 9 if sanitized else 1  # sanitized programs are slow: every ninth call
KILLED = -9
FILLING = "write+pwrite+ftruncate+fsync+fdatasync+rename"  # what fails without room

CONFIG = """<catchsim version="1"><input file="input.h5"/>
  <engine name="program" type="external" workers="1">
    <program file="model"><argument>{input}</argument><argument>{output}</argument></program>
    <series><column name="t" from="time" unit="d"/>
      <column name="P" from="precipitation" unit="mm d-1"/></series>
    <result concentration="Conc_x"/></engine>
  <substance name="s" model="m" engine="program"/>
  <output results="out.h5" steps="steps.h5"/>
  <journal interval="0.1" fsync="%s"/>
</catchsim>
"""
MODEL = """#!/usr/bin/awk -f
BEGIN {
    getline < ARGV[1]
    print "t\\tConc_x" > ARGV[2]
    while ((getline < ARGV[1]) > 0) print $1 "\\t" $2 * 3 > ARGV[2]
    if (ENVIRON["STARTS"] != "") print "x" >> ENVIRON["STARTS"]
}
"""


def fail(text):
    print("FAIL:", text)
    sys.exit(1)


def run(arguments, folder, **fault):
    """Runs catchsim; fault: plan, count, as tests/faults/shim.c has them."""
    environment = dict(os.environ, OMP_NUM_THREADS="1")
    if fault:
        environment |= {"LD_PRELOAD": shim, "FAULTS_FOLDER": os.path.realpath(folder)}
        environment |= {"FAULTS_" + key.upper(): value for key, value in fault.items()}
        if sanitized:
            options = os.environ.get("ASAN_OPTIONS", "")
            environment["ASAN_OPTIONS"] = f"{options}:verify_asan_link_order=0"
    done = subprocess.run([catchsim, "--quiet", *arguments], cwd=folder, env=environment,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


def without_history(path):
    """The bytes of a file, its history masked."""
    with h5py.File(path) as f:
        history = f.attrs["history"]
    history = history.encode() if isinstance(history, str) else bytes(history)
    with open(path, "rb") as f:
        data = f.read()
    if data.count(history) != 1:
        fail(f"{path}: its history is not there once")
    return data.replace(history, b"\0" * len(history))


def same_bytes(a, b):
    """But for the checksum, four bytes, of the header that holds the history."""
    if len(a) != len(b):
        return False
    places = np.nonzero(np.frombuffer(a, np.uint8) != np.frombuffer(b, np.uint8))[0]
    return places.size == 0 or places[-1] - places[0] < 4


def content(path):
    """All objects outside of /run, with their attributes and bytes."""
    found = {}

    def look(name, item):
        if name == "run" or name.startswith("run/"):
            return
        attributes = {}
        for key in item.attrs:
            if key not in ("DIMENSION_LIST", "REFERENCE_LIST"):  # addresses
                attributes[key] = item.attrs[key].tobytes() if hasattr(
                    item.attrs[key], "tobytes") else item.attrs[key]
        data = item[()].tobytes() if isinstance(item, h5py.Dataset) else None
        found[name] = (attributes, data)

    with h5py.File(path) as f:
        f.visititems(look)
        found["/"] = {k: str(v) for k, v in f.attrs.items() if k != "history"}
    return found


def left_in(folder):
    return sorted(n for n in os.listdir(folder) if ".part" in n or ".journal" in n)


class Study:
    """One kind of run."""

    def __init__(self, name, arguments, work):
        self.name, self.arguments, self.folder = name, arguments, os.path.join(work, name)
        os.mkdir(self.folder)
        shutil.copy(os.path.join(work, "input.h5"), self.folder)
        shutil.copy(os.path.join(work, "model"), self.folder)
        for fsync in ("yes", "no"):
            with open(os.path.join(self.folder, f"config-{fsync}.xml"), "w") as f:
                f.write(CONFIG % fsync)
        count = os.path.join(work, "count")
        status, text = run(arguments, self.folder, count=count)
        if status != 0:
            fail(f"{name}: status {status}: {text}")
        with open(count) as f:
            self.n_calls = int(f.read())
        self.expected = self.outcome()
        self.n_runs = self.n_kills = 0
        self.clear()

    def path(self, name):
        return os.path.join(self.folder, name)

    def clear(self):
        for name in left_in(self.folder) + ["out.h5", "steps.h5"]:
            if os.path.exists(self.path(name)):
                os.remove(self.path(name))

    def outcome(self):
        if left_in(self.folder):
            fail(f"{self.name}: left behind: {left_in(self.folder)}")
        return content(self.path("out.h5")), without_history(self.path("steps.h5"))

    def kill(self, at):
        """Kills a run at a call; tells whether it lived so long."""
        resume = ["--resume"] if self.n_runs > 0 else []
        action = "torn" if at % 2 == 1 else "kill"
        status, text = run(self.arguments + resume, self.folder, plan=f"{action}:any:{at}")
        self.n_runs += 1
        self.n_kills += status == KILLED
        if status not in (0, KILLED):
            fail(f"{self.name}: killed at call {at}: status {status}: {text}")

    def survive(self, *calls):
        """Kills runs at these calls, one after the other, then lets one end."""
        self.n_runs = 0
        for at in calls:
            self.kill(at)
        status, text = run(self.arguments + ["--resume"], self.folder)
        if status != 0:
            fail(f"{self.name}: not resumed after kills at {calls}: status {status}: {text}")
        got = self.outcome()
        if got[0] != self.expected[0]:
            names = [n for n in self.expected[0] if got[0].get(n) != self.expected[0][n]]
            fail(f"{self.name}: other results after kills at {calls}: {names}")
        if not same_bytes(got[1], self.expected[1]):
            fail(f"{self.name}: another step file after kills at {calls}")
        self.clear()

    def all_calls(self, stride):
        for at in range(1, self.n_calls + 1, stride):
            if at % 3 == 0:
                self.survive(at)
            elif at % 3 == 1:
                self.survive(at, at * 7 % self.n_calls + 1)
            else:
                self.survive(at, at * 5 % self.n_calls + 1, at * 11 % self.n_calls + 1)
        print(f"{self.name}: {self.n_calls} calls, {self.n_kills} kills")

    def full_disk(self):
        """No room from some call on: status 74, and it goes on once there is room."""
        for at in range(20, self.n_calls, max(self.n_calls // 12, 1)):
            status, text = run(self.arguments, self.folder, plan=f"ENOSPC:{FILLING}:{at}:0")
            if status not in (0, 74) or (status == 74 and text.count("error:") != 1):
                fail(f"{self.name}: full from call {at} on: status {status}: {text}")
            if status == 74:
                resumable = os.path.exists(self.path("out.h5.journal"))
                if resumable != ("resume with: " in text) and left_in(self.folder):
                    fail(f"{self.name}: full from call {at} on: {text}")
                self.n_runs = 1
                self.survive()
            self.clear()
        print(f"{self.name}: full disks done")


def main():
    with tempfile.TemporaryDirectory() as work:
        subprocess.run([catchmake, "--quiet", f"--output={work}/input.h5", "--catchments=36",
                        "--hours=60", "--seed=3"], check=True)
        with open(os.path.join(work, "model"), "w") as f:
            f.write(MODEL)
        os.chmod(os.path.join(work, "model"), 0o755)
        native = ["--input=input.h5", "--output=out.h5", "--steps=steps.h5"]
        first = ["--first=12", "--scratch=."]
        for name, arguments in (("native", native), ("program", ["config-no.xml", *first]),
                                ("durable", ["config-yes.xml", *first])):
            study = Study(name, arguments, work)
            study.all_calls(STRIDE if name != "durable" else 3 * STRIDE)
            study.full_disk()


main()
