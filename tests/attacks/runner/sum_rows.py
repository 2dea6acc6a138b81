#!/usr/bin/env python3
"""Adds up what several runs of attack_runner wrote, and prints tables for docs/attacks.md.

    sum_rows.py rows_20000.csv rows_20025.csv...

The first one: rates, BPCER for bona_fide and IAPAR for the others, with exact 95 % intervals; behind
them, how many attempts each layer by itself takes for bona fide, of those that it measured or vetoed.
The second: of all attempts, the share that the mesh's geometry alone, both geometric layers alone and
passive detection alone would let pass: by what the policy says they are worth, added up. Layers that
measured nothing let nobody pass. The third: the errors, people who were not
accepted and attacks that were, by reason and by what spoke against them.
"""
import collections
import csv
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "injection"))
from exact_interval import upper_limit  # noqa: E402

LAYERS = ("challenge", "geometry", "parallax", "passive", "continuity", "camera")
ALONE = (("geometry",), ("geometry", "parallax"), ("passive",))


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


def rate(count, trials):
    low, high = interval(count, trials)
    return f"{100 * count / trials:.1f} % ({low:.1f} to {high:.1f})"


def found_by(row, layer):
    """What a layer found, such as "+1.2", "-0.4(code)" or "veto(code)"; None if it says nothing."""
    hit = re.search(rf"\b{layer}:(\S+)", row["evidence"])
    silent = hit is None or hit.group(1).startswith(("missing", "unmeasured"))
    return None if silent else hit.group(1)


def favoured(rows, layer):
    """(attempts that a layer takes for bona fide, attempts of which it says anything)"""
    found = [found_by(row, layer) for row in rows]
    values = [value for value in found if value is not None]
    return sum(value.startswith("+") for value in values), len(values)


def lets_pass(row, layers):
    """Whether some layers together take an attempt for bona fide."""
    found = [value for value in (found_by(row, layer) for layer in layers) if value is not None]
    values = [re.match(r"[-+][\d.]+", value) for value in found]
    if not found or None in values:
        return False
    total = sum((float(value.group()) for value in values), start=-0.0)
    return f"{total:+.1f}".startswith("+")


def is_error(row):
    return (row["outcome"] == "accepted") != (row["species"] == "bona_fide")


def against(row):
    """The findings that speak against an attempt, without their values."""
    parts = re.findall(r"(\w+):(veto|missing|-[\d.]+)(\(\w+\))?", row["evidence"])
    return " ".join(f"{layer}{code}" for layer, _, code in parts if layer in LAYERS)


def line(species, rows):
    accepted = sum(row["outcome"] == "accepted" for row in rows)
    cells = [f"`{species}`", str(len(rows)), str(accepted), rate(sum(map(is_error, rows)), len(rows))]
    return cells + ["{}/{}".format(*favoured(rows, layer)) for layer in LAYERS]


def line_alone(species, rows):
    return [f"`{species}`", *(rate(sum(lets_pass(row, layers) for row in rows), len(rows))
                              for layers in ALONE)]


def lines_of_errors(species, rows):
    kinds = collections.Counter((row["outcome"], row["reason"], against(row))
                                for row in rows if is_error(row))
    return [[f"`{species}`", str(count), *kind] for kind, count in kinds.most_common()]


def print_table(heading, lines):
    for cells in (heading, ["---"] * len(heading), *lines):
        print("| " + " | ".join(cells) + " |")
    print()


def main():
    species = read(sys.argv[1:]).items()
    print_table(["species", "attempts", "accepted", "rate (interval)", *LAYERS],
                [line(*item) for item in species])
    print_table(["species", *(" and ".join(layers) + " alone" for layers in ALONE)],
                [line_alone(*item) for item in species])
    print_table(["species", "errors", "outcome", "reason", "against it"],
                [cells for item in species for cells in lines_of_errors(*item)])


if __name__ == "__main__":
    main()
