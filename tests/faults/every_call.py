# SPDX-License-Identifier: MIT
"""A small run killed at every call that changes its files, before the call and in its middle, and
resumed each time; then the resume killed at every such call, too. Random kills do not find torn
files. Afterwards there are the same files as from an undisturbed run, step files byte for byte.

usage: every_call.py native|external [STRIDE [SEED]]: every STRIDEth call (1)"""
import os
import random
import shutil
import sys

import lab

NOW = {"time": 1700000000}  # a history that does not change


def calls_of(case, folder):
    """Calls of the run that begins in a folder, which is finished afterwards."""
    count = f"{case.root}/calls"
    status = case.run(folder, shim=NOW | {"count": count})
    lab.check_finished(folder, status)
    with open(count, encoding="ascii") as f:
        return int(f.read())


class EveryCall:
    def __init__(self, root, engine, stride):
        n_catchment, n_hour = (24, 400) if engine == "native" else (6, 400)
        self.case = lab.Case(root, engine, n_catchment, n_hour)
        self.stride = stride
        self.reference = self.case.reference(shim=NOW)
        self.wanted = {name: lab.values(f"{self.reference}/{name}") for name in lab.FINISHED}
        self.n_kills = self.n_calls = self.most_redone = self.sum_redone = 0

    def check(self, folder, status, where):
        try:
            lab.check_values(folder, self.wanted, status)
            for name in lab.FINISHED:
                self.check_bytes(folder, name)
        except lab.Failure as failure:
            raise lab.Failure(f"{self.case.engine}, killed {where}: {failure}") from None

    def check_bytes(self, folder, name):
        """A step file holds nothing that was measured; a result file only in its group /run."""
        if not name.endswith("-steps.h5"):
            return
        with open(f"{folder}/{name}", "rb") as a, open(f"{self.reference}/{name}", "rb") as b:
            if a.read() != b.read():
                raise lab.Failure(f"{name} is not the undisturbed run's, byte for byte")

    def kill_at(self, folder, action, nth):
        """@return whether the run was over before its nth call"""
        shim = NOW | {"plan": f"{action}:any:{nth}"}
        status = self.case.run(folder, shim=shim)
        if status == 0:
            return True
        if status != -9:
            raise lab.Failure(f"{action} at call {nth}: exit status {status}\n{lab.said(folder)}")
        self.n_kills += 1
        return False

    def count_redone(self, n_interruptions):
        redone = self.case.redone()
        if not 0 <= redone <= n_interruptions * self.case.most_in_flight(1):
            raise lab.Failure(f"{redone} programs or blocks were begun again after "
                              f"{n_interruptions} kills: {self.case.started()}")
        self.most_redone = max(self.most_redone, redone)
        self.sum_redone += redone
        self.case.forget_starts()

    def kill_runs(self):
        """Every call of a run."""
        self.n_calls = calls_of(self.case, self.case.new_folder("count"))
        self.case.forget_starts()
        for nth in range(1 + random.randrange(self.stride), self.n_calls + 1, self.stride):
            for action in ("kill", "torn"):
                folder = self.case.new_folder("run")
                self.kill_at(folder, action, nth)
                status = self.case.run(folder, shim=NOW)
                self.check(folder, status, f"({action}) at call {nth} of {self.n_calls}")
                self.count_redone(1)

    def kill_resumes(self, share):
        """Every call of the resume of a run that was killed after a share of its calls."""
        first = self.case.new_folder("first")
        self.kill_at(first, "kill", int(share * self.n_calls))
        before, n_before = self.case.started(), self.case.n_logged
        shutil.copytree(first, f"{self.case.root}/probe", dirs_exist_ok=True)
        n_calls = calls_of(self.case, f"{self.case.root}/probe")
        shutil.rmtree(f"{self.case.root}/probe")
        for nth in range(1 + random.randrange(self.stride), n_calls + 1, self.stride):
            for action in ("kill", "torn"):
                folder = self.case.new_folder("run")
                shutil.copytree(first, folder, dirs_exist_ok=True)
                self.restore_starts(before, n_before)
                self.kill_at(folder, action, nth)
                status = self.case.run(folder, shim=NOW)
                self.check(folder, status, f"at {share:.0%} of a run, then ({action}) at call {nth} "
                                           f"of {n_calls} of its resume")
                self.count_redone(2)
        return n_calls

    def restore_starts(self, before, n_logged):
        self.case.n_logged = n_logged
        with open(self.case.starts, "w", encoding="ascii") as f:
            f.writelines(f"{line}\n" * n for line, n in before.items())

    def kill_always(self):
        """Killed again and again, each time a few calls further on, until it is done."""
        folder = self.case.new_folder("run")
        step = max(2, self.n_calls // 12)
        n = 0
        while not self.kill_at(folder, "torn", step + n):
            n += 1
            if n > self.n_calls:
                raise lab.Failure(f"does not get on, whatever is resumed:\n{lab.said(folder)}")
        self.check(folder, 0, f"{n} times in a row")
        self.count_redone(n)


def run(root):
    engine = sys.argv[1]
    stride = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    random.seed(sys.argv[3] if len(sys.argv) > 3 else None)
    test = EveryCall(root, engine, stride)
    test.kill_runs()
    n_resume = [test.kill_resumes(share) for share in (0.35, 0.8)]
    test.kill_always()
    print(f"every call, {engine}: {test.n_calls} calls of a run, {n_resume} of its resumes, "
          f"{test.n_kills} kills; programs run or blocks computed again: {test.sum_redone}, at most "
          f"{test.most_redone} in a run: done")


if __name__ == "__main__":
    os.chdir("/")
    lab.main(run)
