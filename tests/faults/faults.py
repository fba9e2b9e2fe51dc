# SPDX-License-Identifier: MIT
"""Runs that are killed, stopped, starved of disk or told that their files fail, at random moments,
and resumed until they are done, with other numbers of ranks and threads each time. Afterwards: the
same files as from an undisturbed run (scripts/same), no process and no scratch left after any of
them, and no more work done again than what was in flight.

usage: faults.py ROUNDS [SEED [FIRST]]: the seed (by the clock) and the round's number make a round"""
import collections
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import lab

CALLS = ("write+pwrite", "ftruncate", "fsync+fdatasync", "rename", "any")
WORK = {"native": "blocks computed", "external": "programs run"}
MOST_FAULTS = 4  # of a round: it is left alone afterwards


def is_program(name):
    return name in ("program", "awk", "mawk", "sleep", "sh")


# ---- faults: each gets a running job and does something to it ----


def pick(case, wanted):
    found = [pid for pid, name in case.processes().items() if wanted(name)]
    return random.choice(found) if found else None


def kill_some(wanted):
    def fault(case, _job):
        pid = pick(case, wanted)
        if pid is not None:
            lab.send(pid, signal.SIGKILL)
        return pid is not None

    return fault


def signal_rank(case, _job):
    """A rank that listens; before that, a signal is no more than a kill."""
    pid = pick(case, is_rank)
    listens = pid is not None and lab.listens(pid)
    if listens:
        lab.send(pid, random.choice(STOPS))
    return listens


def signal_launcher(case, _job):
    pid = pick(case, is_launcher)
    if pid is not None:
        lab.send(pid, random.choice(STOPS))
    return pid is not None


def kill_all_ranks(case, _job):
    ranks = [pid for pid, name in case.processes().items() if is_rank(name)]
    for pid in ranks:
        lab.send(pid, signal.SIGKILL)
    return bool(ranks)


def kill_everything(case, _job):
    """Wardens, too: nobody is left to remove the scratch, which the next run does."""
    case.kill_all()
    return True


def interrupt_twice(case, job):
    """The second SIGINT exits at once."""
    pid = pick(case, is_rank)
    if pid is None or not lab.listens(pid):
        return False
    lab.send(pid, signal.SIGINT)
    time.sleep(random.random() * 0.2)
    lab.send(pid, signal.SIGINT)
    return True


def is_rank(name):
    return name == "catchsim"


def is_launcher(name):
    return name in lab.LAUNCHERS


STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)
# name: (fault, what it needs)
MOMENTS = {
    "kill a rank": (kill_some(is_rank), ""),
    "kill a program": (kill_some(is_program), "external"),
    "kill a warden": (kill_some(lambda name: name == "catchsim-warden"), "external"),
    "kill a lane": (kill_some(lambda name: name == "catchsim-lane"), "external"),
    "kill the launcher": (kill_some(is_launcher), "launcher"),
    "kill all ranks": (kill_all_ranks, ""),
    "kill the whole job": (kill_everything, ""),
    "signal to a rank": (signal_rank, ""),
    "signal to the launcher": (signal_launcher, "launcher"),
    "two interrupts to a rank": (interrupt_twice, ""),
}
# A signal is answered. A run without its warden has met what cannot be; a lane is replaced.
MAY_END_WITH = {"signal to a rank": {0, 75}, "two interrupts to a rank": {0, 75},
                "kill a warden": lab.STATUSES | {70}, "kill a lane": {0},
                # a warden or lane has the rank's name until it takes its own
                "kill a rank": lab.STATUSES | {70}}
SHIMS = ("kill at a call", "torn call", "short calls", "call fails once", "calls fail from there on")
DISK = "full disk"


class Disk:
    """A small file system to be filled, where it may be mounted."""

    def __init__(self, root):
        self.path = f"{root}/disk"
        os.mkdir(self.path)
        self.is_there = self.mount("-t", "tmpfs", "-o", "size=1m", "none")
        if self.is_there:
            self.unmount()

    def mount(self, *options):
        return subprocess.run(["mount", *options, self.path], capture_output=True,
                              check=False).returncode == 0

    def unmount(self):
        subprocess.run(["umount", "-l", self.path], capture_output=True, check=False)


class Bench:
    """The cases, and what has been counted over all rounds."""

    def __init__(self, root):
        self.disk = Disk(root)
        self.cases = [lab.Case(root, "native", 160, 1000), lab.Case(root, "external", 24, 300)]
        self.reference, self.n_bytes, self.n_calls = {}, {}, {}
        for case in self.cases:
            self.measure(case)
        self.n_faults = collections.Counter()
        self.statuses = collections.Counter()
        self.n_redone, self.most_redone = collections.Counter(), collections.Counter()
        self.n_interrupted = 0
        self.most_silent = 0.0

    def measure(self, case):
        engine = case.engine
        count = f"{case.root}/calls"
        for calls in CALLS:
            folder = case.reference(shim={"count": count, "plan": f"none:{calls}:1"})
            with open(count, encoding="ascii") as f:
                self.n_calls[engine, calls] = int(f.read())
        self.reference[engine] = folder
        self.n_bytes[engine] = sum(os.path.getsize(f"{folder}/{name}") for name in lab.FINISHED)

    def close(self):
        self.disk.unmount()
        for case in self.cases:
            case.kill_all()

    # ---- a start of a run ----

    def shim_for(self, kind, engine):
        """Slower calls, so that there is time to interfere, and perhaps a plan."""
        delay = {"delay": 1500 if kind in MOMENTS or random.random() < 0.2 else 0}
        if kind not in SHIMS:
            return delay
        calls = random.choice(CALLS[:-1])
        if kind in ("kill at a call", "torn call"):
            calls = "any"
        elif kind == "short calls":
            calls = "write+pwrite"
        nth = 1 + random.randrange(self.n_calls[engine, calls])
        error = random.choice(("ENOSPC", "EIO"))
        action, times = {"kill at a call": ("kill", 1), "torn call": ("torn", 1),
                         "short calls": ("short", random.choice((0, 3))),
                         "call fails once": (error, 1),
                         "calls fail from there on": (error, 0)}[kind]
        return delay | {"plan": f"{action}:{calls}:{nth}:{times}"}

    def choose(self, case, ranks):
        kinds = [kind for kind, (_, needs) in MOMENTS.items()
                 if needs in ("", case.engine) or (needs == "launcher" and ranks > 0)]
        kinds += SHIMS
        return random.choice(kinds + [DISK] if self.disk.is_there else kinds)

    def disturb(self, case, kind, folder, **how):
        """One start, one fault. @return exit status"""
        left = os.listdir(case.scratch)  # this run may be killed before it removes them
        job = case.start(folder, **how)
        if kind in MOMENTS:
            self.interfere(case, kind, folder, job)
        status = case.wait(job, folder)
        case.check_remains(folder, may_leave_scratch=kind == "kill the whole job" or left)
        return status

    def interfere(self, case, kind, folder, job):
        """After a random share of what it will write, or before it writes anything."""
        share = random.random() * 1.1 - 0.1
        wanted = share * self.n_bytes[case.engine]
        lab.wait_until(lambda: job.poll() is not None or written(folder) >= wanted, 60)
        time.sleep(random.random() * 0.05)
        fault = MOMENTS[kind][0]
        if lab.wait_until(lambda: job.poll() is not None or fault(case, job), 20):
            journals = [os.path.getmtime(f"{folder}/{name}") for name in os.listdir(folder)
                        if name.endswith(".journal")]
            if journals:
                self.most_silent = max(self.most_silent, time.time() - max(journals))

    # ---- a round ----

    def round(self, number):
        case = self.cases[number % len(self.cases)]
        folder = case.new_folder("run")
        case.forget_starts()
        on_disk, allowed, told, status = False, 0, [], None
        for _ in range(random.randint(1, MOST_FAULTS)):
            ranks, threads = random.choice((0, 0, 1, 2, 3)), random.choice((1, 2))
            kind = self.choose(case, ranks)
            if kind == DISK and not on_disk:
                on_disk = self.fill_disk(case, folder)
            where = self.disk.path if on_disk else folder
            told.append(f"{kind} ({ranks} x {threads})")
            try:
                status = self.disturb(case, kind, where, ranks=ranks, threads=threads,
                                      shim=self.shim_for(kind, case.engine), nap="0.03")
            except lab.Failure as failure:
                raise lab.Failure(f"{case.engine} {told}: {failure}") from None
            told[-1] += f": {status}"
            self.n_faults[kind] += 1
            self.statuses[status] += 1
            allowed += case.most_in_flight(ranks) + (kind == "kill a program")
            self.n_interrupted += status != 0
            if status not in MAY_END_WITH.get(kind, lab.STATUSES):
                raise lab.Failure(f"{told}: exit status {status}\n{lab.said(where)}")
            self.check_outputs(case, where, told)
            if on_disk:
                self.free_disk(folder)
                on_disk = False
            if status == 0:
                break
        try:
            status = case.run(folder, ranks=random.choice((0, 1, 2)), threads=random.choice((1, 2)))
            lab.check_same(folder, self.reference[case.engine], status)
            self.count_redone(case, allowed)
        except lab.Failure as failure:
            raise lab.Failure(f"{case.engine} {told}: {failure}") from None
        return case.engine, told

    def fill_disk(self, case, folder):
        """Room for what is there and a random share of what is still to be written."""
        there = sum(os.path.getsize(f"{folder}/{name}") for name in os.listdir(folder))
        room = 4096 * (8 + len(os.listdir(folder))) + 2 * there
        room += int(random.random() * self.n_bytes[case.engine])
        if not self.disk.mount("-t", "tmpfs", "-o", f"size={room}", "none"):
            return False
        move(folder, self.disk.path)
        return True

    def free_disk(self, folder):
        """Where there is room again."""
        move(self.disk.path, folder)
        self.disk.unmount()

    def check_outputs(self, case, folder, told):
        """A file that has its final name is whole, whatever happened."""
        for name in lab.FINISHED:
            if os.path.exists(f"{folder}/{name}"):
                path = f"{self.reference[case.engine]}/{name}"
                if lab.values(f"{folder}/{name}") != lab.values(path):
                    raise lab.Failure(f"{case.engine} {told}: {name} is there and not whole")

    def count_redone(self, case, allowed):
        redone = case.redone()
        least = 0 if case.engine == "external" else -case.n_blocks
        if not least <= redone <= allowed:
            raise lab.Failure(f"{redone} {WORK[case.engine]} again, {allowed} may have been in flight")
        self.n_redone[case.engine] += max(0, redone)
        self.most_redone[case.engine] = max(self.most_redone[case.engine], redone)


def written(folder):
    """Bytes in a folder."""
    n = 0
    for entry in os.scandir(folder):
        try:
            n += entry.stat().st_size
        except FileNotFoundError:
            pass
    return n


def move(source, target):
    for name in os.listdir(source):
        shutil.move(f"{source}/{name}", f"{target}/{name}")


def run(root):
    n_rounds = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    print(f"faults: seed {seed}", flush=True)
    bench = Bench(root)
    if not bench.disk.is_there:
        print("SKIP: a full disk: mount is not permitted")
    try:
        for number in range(first, first + n_rounds):
            random.seed(seed * 1000003 + number)
            begin = time.monotonic()
            engine, told = bench.round(number)
            print(f"round {number}, {engine}: {'; '.join(told)}: the same "
                  f"({time.monotonic() - begin:.1f} s)", flush=True)
    finally:
        bench.close()
    for kind, n in sorted(bench.n_faults.items()):
        print(f"  {kind}: {n}")
    print(f"  exit statuses: {dict(sorted(bench.statuses.items()))}")
    for engine, work in WORK.items():
        print(f"  {work} again: {bench.n_redone[engine]}, at most {bench.most_redone[engine]} in a round")
    print(f"  longest time since the last record at a fault: {bench.most_silent:.2f} s")
    print(f"  launchers that hung alone: {sum(case.n_launchers_hung for case in bench.cases)}")
    print(f"faults: {n_rounds} rounds, {sum(bench.n_faults.values())} faults, "
          f"{bench.n_interrupted} of them ended a run: done")


if __name__ == "__main__":
    os.chdir("/")
    lab.main(run)
