# SPDX-License-Identifier: MIT
"""Movie records by Python's Faker (Debian: python3-fake-factory). usage: fakegen_peer.py COUNT"""
import json
import sys
import time

from faker import Faker

fake = Faker()


def names(n):
    return [fake.name() for _ in range(n)]


def record():
    return {
        "titleId": str(fake.uuid4()), "ordering": fake.random_int(0, 9999),
        "title": fake.catch_phrase(), "region": fake.locale(), "language": fake.language_code(),
        "types": names(5), "attributes": names(5), "isOriginalTitle": fake.boolean(),
        "tconst": fake.hex_color(), "titleType": fake.domain_name(),
        "primaryTitle": fake.catch_phrase(),
        "originalTitle": fake.company() + ":" + fake.catch_phrase(), "isAdult": fake.boolean(),
        "startYear": fake.date(), "endYear": int(fake.year()),
        "runtimeMinutes": fake.random_int(0, 9999), "genres": [fake.country() for _ in range(5)],
        "directors": names(2), "writers": names(15), "actors": names(50),
    }


count = int(sys.argv[1])
n_bytes = 0
begin = time.perf_counter()
for _ in range(count):
    n_bytes += len(json.dumps(record())) + 1
seconds = time.perf_counter() - begin
print(f"{count / seconds:.0f} {n_bytes / seconds * 1e-6:.2f}")
