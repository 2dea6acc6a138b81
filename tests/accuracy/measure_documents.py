#!/usr/bin/python3
"""Measures `imictl document` on photos of documents whose content is known.

usage: measure_documents.py IMICTL TRUTH.csv FOLDER [--today DAY] [--models DIR]

TRUTH.csv: file,portrait,side,number,lines: portrait 1 if the photo shows one; side front or back;
the resident number or empty; the zone's lines divided by '|', or empty. Prints counts only: what
is read stays on the machine that measures.
"""
import argparse
import csv
import json
import os
import subprocess
import sys


def read(options, name):
    command = [options.imictl, "document", os.path.join(options.folder, name), "--json"]
    if options.today:
        command += ["--today", options.today]
    if options.models:
        command += ["--models", options.models]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"{name}: {done.stderr.strip()}")
    return json.loads(done.stdout)


class Share:
    def __init__(self, title):
        self.title, self.good, self.all = title, 0, 0

    def count(self, good):
        self.good += bool(good)
        self.all += 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("imictl")
    parser.add_argument("truth")
    parser.add_argument("folder")
    parser.add_argument("--today")
    parser.add_argument("--models")
    options = parser.parse_args()
    portraits = Share("portraits found")
    phantoms = Share("photos without a portrait where one was seen")
    backs = Share("backs told as the wrong side")
    zones = Share("zones found")
    held = Share("zones whose check digits all hold")
    lines = Share("zone lines read exactly")
    plain = Share("zone lines read exactly without a correction")
    characters = Share("zone characters right")
    accepted_wrong = Share("zones with all digits held, yet a wrong number or date")
    numbers = Share("resident numbers read exactly")
    with open(options.truth, newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        document = read(options, row["file"])
        if row["portrait"] == "1":
            portraits.count(document["portrait"])
        else:
            phantoms.count(document["portrait"])
        if row["side"] == "back":
            backs.count("wrong_side" in document["reasons"])
        if row["number"]:
            field = document["fields"].get("id_number", {})
            numbers.count(field.get("text") == row["number"] and field.get("check") == "held")
        wanted = row["lines"].split("|") if row["lines"] else []
        if not wanted:
            continue
        zone = document["mrz"]
        all_held = zone is not None and "check_digit_wrong" not in document["reasons"]
        zones.count(zone is not None)
        held.count(all_held)
        got = zone["lines"] if zone is not None else []
        corrected = {c["line"] - 1 for c in zone["corrections"]} if zone is not None else set()
        for i, line in enumerate(wanted):
            seen = got[i] if i < len(got) else ""
            lines.count(seen == line)
            plain.count(seen == line and i not in corrected)
            for k, character in enumerate(line):
                characters.count(k < len(seen) and seen[k] == character)
        if all_held:
            data = {1: wanted[:2]}.get(len(wanted) - 2, wanted[1:])
            accepted_wrong.count(got[:2] != data if len(wanted) == 3 else got[1:] != data)
    print(f"{len(rows)} photos")
    for share in (portraits, phantoms, backs, zones, held, lines, plain, characters,
                  accepted_wrong, numbers):
        if share.all > 0:
            print(f"{share.title}: {share.good} of {share.all}")


if __name__ == "__main__":
    main()
