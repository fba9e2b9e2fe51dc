#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Python peers of bench/external, and what the bench needs of HDF5.

  ids INPUT.h5 N                                        the first N catchments
  threads WORKERS IDS COMMAND...                        threads that start the program, no files
  framework WORKERS IDS INPUT.h5 OUTPUT.h5 COMMAND...   the whole job, as scripts do it
  alone IDS N COMMAND...                                CPU ms of the program, one after the other
  check FOLDER LABEL N                                  whether a whole job has its results
  ratios FOLDER LABEL...                                wall times beside catchsim's, pair by pair

`framework` is written for this bench after the description of how the users' framework works: the
main thread alone touches HDF5; for each catchment a thread of its own (WORKERS at a time) writes
layout, parameters and series as texts, starts the program, reads the text it wrote, and puts the
result on a queue; the main thread appends it to one long table. {} in a command is the id."""
import os
import queue
import statistics
import string
import subprocess
import sys
import threading

SERIES = ("temperature", "precipitation", "discharge", "local_discharge")


def read_ids(path, n=None):
    with open(path) as lines:
        return [line.strip() for line in lines][:n]


def fill(command, id_):
    return [word.replace("{}", id_) for word in command]


def run_threads(workers, ids, command):
    tasks = queue.Queue()
    for id_ in ids:
        tasks.put(id_)

    def work():
        while True:
            try:
                id_ = tasks.get_nowait()
            except queue.Empty:
                return
            subprocess.run(fill(command, id_), check=True)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Framework:
    """A run over all catchments."""

    def __init__(self, workers, ids, source, result, command):
        self.ids, self.source, self.result, self.command = ids, source, result, command
        self.slots = threading.Semaphore(workers)
        self.results = queue.Queue()
        self.layout = string.Template(
            open("../herbicide.xml").read().replace("$", "$$").replace("{", "${"))
        self.parameters = string.Template(
            open("../parameters.txt").read().replace("$", "$$").replace("{", "${"))

    def write_files(self, id_, numbers, series):
        values = dict(numbers, id=id_, input_file_name=f"input_{id_}.txt", k=0.7, Init_avail=0.3,
                      T_objective=300, Transfer_au=0.05, Transfer_ua=0.003, Eta=1e8, C_back=5)
        for name, template in (("layout_{}.xml", self.layout), ("param_{}.txt", self.parameters)):
            with open(name.format(id_), "w") as out:
                out.write(template.safe_substitute(values))
        columns = [column.tolist() for column in series]
        with open(f"input_{id_}.txt", "w") as out:
            out.write("step\tT\tP\tQ\tQloc\tEmptymeas\n")
            for row, (t, p, q, q_local) in enumerate(zip(*columns)):
                out.write(f"{row / 24}\t{t}\t{p}\t{q}\t{q_local}\tN/A\n")

    def read_output(self, id_, n_time, numpy):
        path = f"out_{id_}.txt"
        if not os.path.exists(path):  # `true` writes nothing
            return numpy.zeros(n_time)
        with open(path) as lines:
            place = next(lines).rstrip("\n").split("\t").index(f"Conc_{id_}")
            values = [float(line.split("\t")[place]) for line in lines]
        os.remove(path)
        return numpy.array(values)

    def work(self, id_, numbers, series, numpy):
        try:
            self.write_files(id_, numbers, series)
            subprocess.run(fill(self.command, id_), check=True, stdout=subprocess.DEVNULL)
            self.results.put((id_, series, self.read_output(id_, len(series[0]), numpy)))
        except Exception as problem:  # the main thread tells
            self.results.put((id_, None, problem))
        finally:
            self.slots.release()

    def append(self, table, numpy):
        id_, series, concentration = self.results.get()
        if series is None:
            raise SystemExit(f"catchment {id_}: {concentration}")
        rows = numpy.zeros(len(concentration), dtype=table.dtype)
        rows["catchment"] = id_
        rows["timestep"] = numpy.arange(1, len(rows) + 1)
        rows["discharge"], rows["local_discharge"] = series[2], series[3]
        rows["concentration"] = concentration
        rows["load"] = concentration * series[3] * 3600 * 1e-6
        table.resize(len(table) + len(rows), axis=0)
        table[-len(rows):] = rows

    def run(self):
        import h5py
        import numpy

        kind = [("catchment", "S10"), ("concentration", "f8"), ("discharge", "f8"), ("load", "f8"),
                ("local_discharge", "f8"), ("timestep", "i4")]
        with h5py.File(self.source) as source, h5py.File(self.result, "w") as result:
            n_time = source["time"].size
            place = {str(id_): i for i, id_ in enumerate(source["catchment"][:])}
            per_catchment = {name: source[variable][:] for name, variable in (
                ("A_tot", "area"), ("A_appl", "application_area"), ("R_appl", "application_rate"))}
            table = result.create_dataset("output", (0,), maxshape=(None,), dtype=kind,
                                          chunks=(n_time,), compression="gzip", compression_opts=5,
                                          shuffle=True)
            threads, n_left = [], len(self.ids)
            for id_ in self.ids:
                i = place[id_]
                series = [source[name][i].astype("f8") for name in SERIES]
                series[1] *= 24
                numbers = {name: values[i] for name, values in per_catchment.items()}
                self.slots.acquire()
                threads.append(threading.Thread(target=self.work, args=(id_, numbers, series, numpy)))
                threads[-1].start()
                while not self.results.empty():
                    self.append(table, numpy)
                    n_left -= 1
            for _ in range(n_left):
                self.append(table, numpy)
            for thread in threads:
                thread.join()


def print_alone(ids, command):
    used = []
    for id_ in ids:
        words = fill(command, id_)
        pid = os.posix_spawn(words[0], words, os.environ)
        _, status, usage = os.wait4(pid, 0)
        if status != 0:
            raise SystemExit(f"{words}: status {status}")
        used.append(1e3 * (usage.ru_utime + usage.ru_stime))
    print(f"{statistics.median(used):.3f}")


def check(folder, label, n):
    import h5py

    if label in ("catchsim", "day"):
        with h5py.File(f"{folder}/case.h5") as f:
            done = (f["run_status"][:] == 1).sum()
    else:
        with h5py.File(f"{folder}/framework.h5") as f:
            done = len(f["output"]) // 8760
    if done != n:
        raise SystemExit(f"{label}: {done} of {n} catchments are done")


def print_ratios(folder, labels):
    seconds = {label: [float(line.split()[0]) for line in open(f"{folder}/times-{label}")]
               for label in labels}
    for label in labels:
        if label != "catchsim":
            pairs = [a / b for a, b in zip(seconds[label], seconds["catchsim"])]
            print(f"  {label} takes {statistics.median(pairs):.2f} times as long as catchsim "
                  f"({min(pairs):.2f} .. {max(pairs):.2f})")


def main():
    what, rest = sys.argv[1], sys.argv[2:]
    if what == "ids":
        import h5py

        with h5py.File(rest[0]) as f:
            print("\n".join(str(id_) for id_ in f["catchment"][: int(rest[1])]))
    elif what == "threads":
        run_threads(int(rest[0]), read_ids(rest[1]), rest[2:])
    elif what == "framework":
        Framework(int(rest[0]), read_ids(rest[1]), rest[2], rest[3], rest[4:]).run()
    elif what == "alone":
        print_alone(read_ids(rest[0], int(rest[1])), rest[2:])
    elif what == "check":
        check(rest[0], rest[1], int(rest[2]))
    elif what == "ratios":
        print_ratios(rest[0], rest[1:])
    else:
        raise SystemExit(f"unknown: {what}")


main()
