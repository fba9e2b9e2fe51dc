#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trial division of 1..N over a pool of processes: the lesson's way.

usage: factorize_python.py N PROCESSES      prints the sum of Omega and the seconds
"""
import sys
import time
from multiprocessing import Pool


def factors(n):
    found = []
    d = 2
    while d * d <= n:
        while n % d == 0:
            found.append(d)
            n //= d
        d += 1
    if n > 1:
        found.append(n)
    return found


def main():
    last, processes = int(sys.argv[1]), int(sys.argv[2])
    begin = time.perf_counter()
    with Pool(processes) as pool:
        total = sum(len(f) for f in pool.map(factors, range(1, last + 1), chunksize=1000))
    print(total, f"{time.perf_counter() - begin:.6f}")


if __name__ == "__main__":
    main()
