#!/usr/bin/python3
"""Compares the parser with the test vectors of the npm package mrz, where they are at hand.

usage: test_vectors.py READ_ZONE SHARED

They lie in data/conformance/mrz_tests below $IMI_SHARED, else SHARED; without them the test is
skipped (77).
"""
import os
import re
import subprocess
import sys

SEXES = {"male": "M", "female": "F", "nonspecified": "X"}
COMPARED = ("documentCode", "issuingState", "nationality", "documentNumber", "lastName",
            "firstName", "birthDate", "expirationDate", "sex")


def strings(text):
    return re.findall(r"'([^']*)'", text)


def cases(path):
    with open(path, encoding="utf-8") as file:
        blocks = re.split(r"\n  it\('", file.read())[1:]
    for block in blocks:
        title = block.split("'")[0]
        zone = re.search(r"const MRZ = \[(.*?)\]", block, re.S)
        fields = re.search(r"result\.fields\)\.toStrictEqual\(\{(.*?)\}\)", block, re.S)
        if zone and fields:
            yield title, strings(zone.group(1)), dict(re.findall(r"(\w+): '([^']*)'",
                                                                 fields.group(1)))


def check(program, title, lines, wanted):
    done = subprocess.run([program] + lines, capture_output=True, text=True)
    got = dict(line.split("=", 1) for line in done.stdout.splitlines())
    wanted["sex"] = SEXES.get(wanted.get("sex"), "X")
    wrong = [f"{key}: {got.get(key)!r}, not {wanted[key]!r}"
             for key in COMPARED if key in wanted and got.get(key) != wanted[key]]
    if (got.get("hold") == "1") == ("wrong" in title):
        wrong.append(f"check digits hold: {got.get('hold')}")
    for line in wrong:
        print(f"{title}: {line}")
    return not wrong


def main():
    folder = os.path.join(os.environ.get("IMI_SHARED", sys.argv[2]), "data/conformance/mrz_tests/src")
    if not os.path.isdir(folder):
        print("skipped: no data/conformance/mrz_tests in $IMI_SHARED")
        return 77
    results = [check(sys.argv[1], *case) for name in ("td1", "td2", "td3")
               for case in cases(os.path.join(folder, f"parse/__tests__/{name}.test.ts"))]
    print(f"{sum(results)} of {len(results)} vectors as expected")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
