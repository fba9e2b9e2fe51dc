# SPDX-License-Identifier: MIT
"""Movie records and person tables, read by Python: types, ranges, dates, uuids, shares of choices.

usage: fakegen_records.py [RECORDS]   (100,000; the slow test takes 1,000,000)
"""
import collections
import csv
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import uuid

BUILD = pathlib.Path(os.environ.get("CATCHSIM_BUILD", "build/release"))
SOURCE = pathlib.Path(os.environ.get("CATCHSIM_SOURCE", "."))
FAKEGEN = str(BUILD / "fakegen")
LISTS = {"types": 5, "attributes": 5, "genres": 5, "directors": 2, "writers": 15, "actors": 50}
DOMAIN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)?\.[a-z]{2,4}")


def words(name):
    path = SOURCE / "inputs" / "words" / f"{name}.txt"
    return [w for w in path.read_text(encoding="utf-8").splitlines() if w and w[0] != "#"]


def check_even(counts, n_values, what):
    """Pearson's chi-square against equal shares: within 5 standard deviations of its mean."""
    total = sum(counts.values())
    expected = total / n_values
    chi2 = sum((counts.get(k, 0) - expected) ** 2 / expected for k in counts)
    chi2 += (n_values - len(counts)) * expected
    assert chi2 < n_values + 5 * (2 * n_values) ** 0.5, f"{what}: chi-square {chi2:.0f} of {n_values}"


def check_movie(r):
    assert len(r) == 20 and list(r)[0] == "titleId" and list(r)[19] == "actors"
    u = uuid.UUID(r["titleId"])
    assert u.version == 4 and u.variant == uuid.RFC_4122 and str(u) == r["titleId"]
    for name in ("ordering", "runtimeMinutes"):
        assert type(r[name]) is int and 0 <= r[name] <= 9999
    assert type(r["endYear"]) is int and 1970 <= r["endYear"] <= 2029
    assert datetime.date(1970, 1, 1) <= datetime.date.fromisoformat(r["startYear"]) \
        <= datetime.date(2029, 12, 31)
    for name in ("isAdult", "isOriginalTitle"):
        assert type(r[name]) is bool
    for name, n in LISTS.items():
        assert len(r[name]) == n and all(type(x) is str and x for x in r[name])
    assert re.fullmatch(r"#[0-9a-f]{6}", r["tconst"])
    assert DOMAIN.fullmatch(r["titleType"]), r["titleType"]
    company, phrase = r["originalTitle"].split(":")
    assert company and phrase
    for text in (r["title"], r["primaryTitle"], phrase):
        assert text.count(" ") >= 2


def check_movies(n):
    genres, regions, years, orders = (collections.Counter() for _ in range(4))
    ids, names, languages = set(), set(words("first_name")), set(words("language"))
    n_bytes = 0
    run = subprocess.Popen([FAKEGEN, "-q", f"--count={n}", "--seed=5"], stdout=subprocess.PIPE)
    for i, line in enumerate(run.stdout):
        r = json.loads(line.decode("utf-8"))
        n_bytes += len(line)
        check_movie(r)
        assert r["language"] in languages
        assert any(r["actors"][0].startswith(f + " ") for f in names) if i % 1000 == 0 else True
        ids.add(r["titleId"])
        genres.update(r["genres"])
        regions[r["region"]] += 1
        years[r["endYear"]] += 1
        orders[r["ordering"] // 100] += 1
    assert run.wait() == 0 and len(ids) == n, "a uuid occurs twice, or records are missing"
    check_even(genres, len(words("country")), "genres")
    check_even(regions, len(words("locale")), "region")
    check_even(years, 60, "endYear")
    check_even(orders, 100, "ordering")
    assert set(genres) == set(words("country")) and set(regions) == set(words("locale"))
    print(f"{n} movie records, {n_bytes / n:.0f} bytes each")


def check_persons(folder):
    """Everybody is in a table; rows of one person are equal; ids and hashes are one to one."""
    schema = (SOURCE / "inputs" / "persons.xml").read_text()
    schema = schema.replace('population="1001413"', 'population="1001"')
    schema = re.sub(r'count="(\d+)"', lambda m: f'count="{int(m[1]) // 1000}"', schema)
    (folder / "small.xml").write_text(schema)
    subprocess.run([FAKEGEN, "-q", f"--schema={folder}/small.xml", f"--output={folder}/{{table}}.csv"],
                   check=True)
    persons, sizes = {}, {}
    for path in sorted(folder.glob("ID*.csv")):
        with open(path, newline="", encoding="utf-8") as f:
            rows = list(csv.DictReader(f))
        sizes[path.stem] = len(rows)
        for r in rows:
            assert persons.setdefault(r["HASHIDV"], tuple(r.values())) == tuple(r.values())
            assert 1900 <= datetime.date.fromisoformat(r["ID_BIRTHDAY"]).year <= 1999
            assert 10_000_000 <= int(r["ID"]) <= 99_999_999 and r["ID_SEX"] in "FM"
            assert re.fullmatch("[0-9a-f]{32}", r["HASHIDV"])
    assert len(persons) == 1001 == len({p[0] for p in persons.values()})
    assert [sizes[f"ID{y}"] for y in range(2000, 2013)] == [
        2324, 0, 2876, 964, 963, 1011, 1004, 997, 996, 991, 989, 988, 987]
    assert (folder / "ID2001.csv").read_text() == "ID,ID_BIRTHDAY,ID_SEX,HASHIDV\n"


if __name__ == "__main__":
    check_movies(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    with tempfile.TemporaryDirectory() as name:
        check_persons(pathlib.Path(name))
