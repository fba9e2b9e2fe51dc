# SPDX-License-Identifier: MIT
"""What the tests of faults share: a small case, runs of it that are disturbed, and what must hold
afterwards. Under ctest the environment is set by tests/CMakeLists.txt; by hand:
CATCHSIM_BUILD=build/release MPIEXEC=mpiexec CATCHSIM_MPI=openmpi tests/faults/NAME.py"""
import collections
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid

import h5py
import numpy as np

BUILD = os.path.abspath(os.environ["CATCHSIM_BUILD"])
SOURCE = os.path.abspath(os.environ.get("CATCHSIM_SOURCE", "."))
MPIEXEC = os.environ.get("MPIEXEC", "mpiexec").split()
IS_OPENMPI = os.environ.get("CATCHSIM_MPI", "openmpi") == "openmpi"
SHIM = f"{BUILD}/tests/libfaults_shim.so"
CATCHSIM = f"{BUILD}/catchsim"

LAUNCHERS = ("mpiexec", "mpirun", "orterun", "mpiexec.openmpi", "mpiexec.mpich", "mpiexec.hydra",
             "hydra_pmi_proxy")
SUBSTANCES = ("herbicide", "biocide")
FINISHED = tuple(f"{name}{kind}.h5" for name in SUBSTANCES for kind in ("", "-steps"))
# What a fault may end a run with: itself, by a failed file, interrupted; by its launcher: 1, or
# 128 and the signal that ended a rank. Nothing else: no crash, no broken invariant.
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)
STATUSES = {0, 74, 75, 1, *(128 + number for number in SIGNALS), *(-number for number in SIGNALS)}

PROGRAM = r"""#!/bin/sh
echo "$3 $4" >>"$FAULTS_STARTS"
[ -z "$FAULTS_NAP" ] || sleep "$FAULTS_NAP"
exec awk -v id="$4" 'NR == 1 { print "t Conc_" id; next } { print $1, $3 * id }' "$1" >"$2"
"""
ENGINE = """
  <engine name="program-{name}" type="external" workers="{workers}" retries="5">
    <program file="program"><argument>{{input}}</argument><argument>{{output}}</argument>
      <argument>{name}</argument><argument>{{id}}</argument></program>
    <series><column name="t" from="time" unit="d"/><column name="T" from="temperature" unit="degC"/>
      <column name="P" from="precipitation" unit="mm d-1"/></series>
    <result concentration="Conc_{{id}}"/>
  </engine>"""
SUBSTANCE = """
  <substance name="{name}" model="{name}"{engine}>{parameter}</substance>"""
OUTPUT = """
  <output results="{substance}.h5" steps="{substance}-steps.h5"/>
  <journal interval="1" fsync="yes"/>
</catchsim>
"""
N_WORKERS = 2  # programs in flight on each rank


def config(engine):
    """Two substances, result and step files."""
    parameter = {"herbicide": '<parameter name="T_objective" value="300"/>',
                 "biocide": '<parameter name="A_appl" from="facade_area"/>'}
    is_external = engine == "external"
    engines = [ENGINE.format(name=name, workers=N_WORKERS) for name in SUBSTANCES if is_external]
    substances = [SUBSTANCE.format(name=name, parameter=parameter[name],
                                   engine=f' engine="program-{name}"' if is_external else "")
                  for name in SUBSTANCES]
    return "".join(['<catchsim version="1">\n  <input file="input.h5"/>', *engines, *substances,
                    OUTPUT])


class Failure(Exception):
    """What must hold does not."""


def wait_until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class Case:
    """A basin, an engine and a folder for each of its runs; the mark finds its processes."""

    def __init__(self, root, engine, n_catchment, n_hour):
        self.engine = engine
        self.n_catchment = n_catchment
        self.n_launchers_hung = 0
        self.root = f"{root}/{engine}"
        self.mark = f"FAULTS_MARK={uuid.uuid4()}"
        self.scratch = f"{self.root}/scratch"
        os.makedirs(self.scratch)
        with open(f"{self.root}/program", "w", encoding="ascii") as f:
            f.write(PROGRAM)
        os.chmod(f"{self.root}/program", 0o755)
        with open(f"{self.root}/config.xml", "w", encoding="ascii") as f:
            f.write(config(engine))
        subprocess.run([f"{BUILD}/catchmake", "--quiet", f"--output={self.root}/input.h5",
                        f"--catchments={n_catchment}", f"--hours={n_hour}", "--seed=11"],
                       check=True, stdout=subprocess.DEVNULL, env=self.environment())
        self.starts = f"{self.root}/starts"
        self.n_logged = self.n_blocks = 0  # native blocks: computed so far; of an undisturbed run

    def environment(self, **more):
        name, value = self.mark.split("=")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "FAULTS_"))}
        return kept | {"LC_ALL": "C", "OMPI_MCA_rmaps_base_oversubscribe": "1",
                       "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                       name: value, "FAULTS_STARTS": f"{self.root}/starts", **more}

    def command(self, folder, ranks=0, shim=None):
        """ranks 0: no launcher. shim: settings of the preloaded library (shim.c), or none."""
        launch = []
        if ranks > 0:
            launch = [*MPIEXEC, *(["--bind-to", "none"] if IS_OPENMPI else []), "-n", str(ranks)]
        preload = []
        if shim is not None:
            preload = ["env", f"LD_PRELOAD={SHIM}", f"FAULTS_FOLDER={folder}",
                       *(f"FAULTS_{name.upper()}={value}" for name, value in shim.items())]
            if os.environ.get("CATCHSIM_SANITIZE"):
                options = os.environ.get("ASAN_OPTIONS", "")
                preload += [f"ASAN_OPTIONS={options}:verify_asan_link_order=0"]
        paths = [f"--output={folder}/{{substance}}.h5", f"--steps={folder}/{{substance}}-steps.h5"]
        return [*launch, *preload, CATCHSIM, f"{self.root}/config.xml", *paths, "--resume",
                "--progress=none", f"--scratch={self.scratch}",
                *(["--verbose"] if self.engine == "native" else [])]

    def start(self, folder, ranks=0, threads=1, shim=None, nap=None):
        """What it says goes to `said` beside the folder."""
        more = {"OMP_NUM_THREADS": str(threads), "FAULTS_NAP": nap or ""}
        with open(f"{folder}.said", "w", encoding="utf-8") as said:
            return subprocess.Popen(self.command(folder, ranks, shim), stdin=subprocess.DEVNULL,
                                    stdout=said, stderr=said, env=self.environment(**more),
                                    start_new_session=True)

    def run(self, folder, **how):
        """@return the exit status, once nothing of it is left"""
        job = self.start(folder, **how)
        status = self.wait(job, folder)
        self.check_remains(folder)
        return status

    def wait(self, job, folder):
        """Open MPI's launcher sometimes never notices that a rank was killed while it connected
        (PMIX ERROR: UNREACHABLE). If nothing else is left, that is no fault of the ranks'."""
        alone_since = None
        deadline = time.monotonic() + 90
        while job.poll() is None:
            alone = all(name in LAUNCHERS for name in self.processes().values())
            alone_since = (alone_since or time.monotonic()) if alone else None
            if alone and time.monotonic() - alone_since > 15:
                self.n_launchers_hung += 1
                job.kill()
            if time.monotonic() > deadline:
                raise Failure(f"hangs: {self.processes()}\n{said(folder)}")
            time.sleep(0.02)
        with open(f"{folder}.said", encoding="utf-8", errors="replace") as f:
            self.n_logged += f.read().count("computed substance=")
        return job.returncode

    # ---- what is alive ----

    def processes(self):
        """{pid: name} of all that was started for this case."""
        found = {}
        mark = self.mark.encode()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as f:
                    if mark not in f.read():
                        continue
                with open(f"/proc/{pid}/comm", encoding="utf-8") as f:
                    found[int(pid)] = f.read().strip()
            except OSError:
                pass  # it ended while it was looked at
        return found

    def check_remains(self, folder, may_leave_scratch=False):
        """No process and no scratch is left, soon after a run's end."""
        if self.did_nothing(folder):  # hence removed nothing of a killed run
            shutil.rmtree(self.scratch)
            os.mkdir(self.scratch)
        gone = wait_until(lambda: not self.processes() and
                          (may_leave_scratch or not os.listdir(self.scratch)), 25)
        if may_leave_scratch:
            self.remove_unlocked()
        if not gone:
            raise Failure(f"left: {self.processes()} {os.listdir(self.scratch)}\n{said(folder)}")

    def remove_unlocked(self):
        """A warden may be killed when it has removed a lock and not yet its folder. A run of a
        minute later would remove that; the rest, the next one."""
        for name in os.listdir(self.scratch):
            if not os.path.exists(f"{self.scratch}/{name}/lock"):
                shutil.rmtree(f"{self.scratch}/{name}")

    def did_nothing(self, folder):
        """All was finished by an earlier run."""
        return said(folder).count("finished by an earlier run") == len(SUBSTANCES)

    def kill_all(self):
        for pid in self.processes():
            send(pid, signal.SIGKILL)

    # ---- what was done ----

    def started(self):
        """How often the program was started for each substance and catchment."""
        try:
            with open(self.starts, encoding="ascii") as f:
                return collections.Counter(f.read().splitlines())
        except FileNotFoundError:
            return collections.Counter()

    def forget_starts(self):
        self.n_logged = 0
        if os.path.exists(self.starts):
            os.remove(self.starts)

    def redone(self):
        """Programs that were started again, or native blocks that were computed again. Of these, lines
        that a killed launcher did not hand on are missing."""
        if self.engine == "native":
            return self.n_logged - self.n_blocks
        return sum(self.started().values()) - len(SUBSTANCES) * self.n_catchment

    def most_in_flight(self, ranks):
        """What a killed run may leave to be done again. Native: the blocks between source and sink
        (farm.h). Programs: for each worker one that runs, and one that has ended and whose result
        is on its way to the journal."""
        ranks = max(1, ranks)
        return 2 * ranks + 2 if self.engine == "native" else 2 * ranks * N_WORKERS

    def new_folder(self, name):
        folder = f"{self.root}/{name}"
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        return folder

    def reference(self, **how):
        """The undisturbed run."""
        folder = self.new_folder("undisturbed")
        status = self.run(folder, **how)
        if status != 0 or sorted(os.listdir(folder)) != sorted(FINISHED):
            raise Failure(f"the undisturbed run: {status} {os.listdir(folder)}\n{said(folder)}")
        if self.engine == "native":
            self.n_blocks = self.n_logged
        elif self.redone() != 0:
            raise Failure(f"the undisturbed run started {self.redone()} programs too many")
        self.forget_starts()
        return folder


def said(folder):
    try:
        with open(f"{folder}.said", encoding="utf-8", errors="replace") as f:
            return f.read()[-3000:]
    except FileNotFoundError:
        return ""


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def listens(pid):
    """Whether it has a handler for SIGUSR1, hence for the others."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as f:
            caught = next(line for line in f if line.startswith("SigCgt:"))
    except (OSError, StopIteration):
        return False
    return int(caught.split()[1], 16) >> (signal.SIGUSR1 - 1) & 1 == 1


# ---- the same ----


def values(path):
    """{name: bytes of its values}, but group /run: quick, and independent of scripts/same."""
    found = {}

    def visit(name, thing):
        if isinstance(thing, h5py.Dataset) and not name.startswith("run/"):
            data = thing[()]
            found[name] = data.tobytes() if data.dtype != object else repr(np.ravel(data).tolist())

    with h5py.File(path, "r") as f:
        f.visititems(visit)
    return found


def check_finished(folder, status):
    names = sorted(os.listdir(folder))
    if status != 0 or names != sorted(FINISHED):
        raise Failure(f"not finished: exit status {status}, {names}\n{said(folder)}")


def check_values(folder, wanted, status):
    """wanted: of values() for each of FINISHED"""
    check_finished(folder, status)
    for name in FINISHED:
        if values(f"{folder}/{name}") != wanted[name]:
            raise Failure(f"{folder}/{name} differs from that of the undisturbed run")


def check_same(folder, reference, status):
    check_finished(folder, status)
    for name in FINISHED:
        done = subprocess.run([f"{SOURCE}/scripts/same", f"{reference}/{name}", f"{folder}/{name}"],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"{done.stdout}{done.stderr}")


def main(function):
    """Runs function(folder); a failure leaves nothing but a line."""
    root = os.path.realpath(tempfile.mkdtemp(prefix="catchsim-faults-"))
    try:
        function(root)
    except Failure as failure:
        print(f"FAIL: {failure}", flush=True)
        sys.exit(1)
    finally:
        shutil.rmtree(root, ignore_errors=True)
