#!/usr/bin/env python3
"""Adds up what several runs of attack_runner wrote, and prints a table for docs/attacks.md.

    sum_rows.py rows_20000.csv rows_20025.csv...

Rates are BPCER for bona_fide and IAPAR for the others, with exact 95 % intervals; behind them, how
many attempts each layer by itself takes for bona fide, of those that it measured or vetoed.
"""
import csv
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "injection"))
from exact_interval import upper_limit  # noqa: E402

LAYERS = ("challenge", "geometry", "parallax", "passive", "continuity", "camera")


def read(paths):
    """Rows by species, in the order in which species come."""
    species = {}
    for path in paths:
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                species.setdefault(row["species"], []).append(row)
    return species


def interval(count, trials):
    """Percent; the lower end is the upper one of the complement."""
    low = 1 - upper_limit(trials - count, trials) if count > 0 else 0
    high = upper_limit(count, trials) if count < trials else 1
    return 100 * low, 100 * high


def layer_share(rows, layer):
    """Favourable of measured ones; a layer that was not measured says nothing."""
    found = [re.search(rf"\b{layer}:(\S+)", row["evidence"]) for row in rows]
    values = [hit.group(1) for hit in found if hit and not hit.group(1).startswith("missing")]
    return f"{sum(value.startswith('+') for value in values)}/{len(values)}"


def line(species, rows):
    accepted = sum(row["outcome"] == "accepted" for row in rows)
    errors = len(rows) - accepted if species == "bona_fide" else accepted
    low, high = interval(errors, len(rows))
    rate = f"{100 * errors / len(rows):.1f} % ({low:.1f} to {high:.1f})"
    cells = [f"`{species}`", str(len(rows)), str(accepted), rate]
    return cells + [layer_share(rows, layer) for layer in LAYERS]


def main():
    species = read(sys.argv[1:])
    heading = ["species", "attempts", "accepted", "rate (interval)", *LAYERS]
    for cells in (heading, ["---"] * len(heading), *(line(*item) for item in species.items())):
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
