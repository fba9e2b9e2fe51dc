# SPDX-License-Identifier: MIT
"""Movie-like records for bench/ndpipe: twenty fields, about 2 KB each, a fixed seed.

usage: ndpipe_records.py COUNT >FILE. After 20,000 records the same ones come again.
"""
import json
import random
import sys
import uuid

r = random.Random(7)
WORDS = ["".join(r.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(r.randint(3, 11)))
         for _ in range(3000)]
WORDS[::20] = [word + "é" for word in WORDS[::20]]


def word():
    return r.choice(WORDS).title()


def names(n):
    return [word() + " " + word() for _ in range(n)]


def phrase():
    return " ".join(r.choice(WORDS) for _ in range(3)).capitalize()


def record():
    return {
        "titleId": str(uuid.UUID(int=r.getrandbits(128), version=4)), "ordering": r.randrange(10000),
        "title": phrase(), "region": "fy_DE", "language": word(), "types": names(5),
        "attributes": names(5), "isOriginalTitle": r.random() < 0.5,
        "tconst": "#%06x" % r.getrandbits(24), "titleType": r.choice(WORDS) + ".com",
        "primaryTitle": phrase(), "originalTitle": word() + " Inc:" + phrase(),
        "isAdult": r.random() < 0.5, "startYear": "2003-0%d-1%d" % (r.randint(1, 9), r.randrange(10)),
        "endYear": str(r.randint(1900, 2030)), "runtimeMinutes": r.randrange(10000),
        "genres": [word() for _ in range(5)], "directors": names(2), "writers": names(15),
        "actors": names(50)}


count = int(sys.argv[1])
some = [json.dumps(record(), ensure_ascii=i % 2 == 0).encode() + b"\n"
        for i in range(min(count, 20000))]
for i in range(count):
    sys.stdout.buffer.write(some[i % len(some)])
