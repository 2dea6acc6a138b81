#!/usr/bin/env python3
"""What findings are worth, by what attack_runner wrote, beside what the policy took them to be worth.

    weigh_rows.py rows_20000.csv rows_20025.csv...

For each layer: the attempts whose finding the policy gave a log likelihood ratio within a range, of
people and of attacks, all species counting alike; and the natural logarithm of the two shares'
quotient, which should lie in that range. Its interval is exact (95 %) in the people and takes the
attacks' share as it is. Another living person is no presentation attack and is left out. What is printed
is the table of docs/decision.md.
"""
import math
import re
import sys

import sum_rows

EDGES = (-3, -1, -0.3, 0.3, 1)
KINDS = ("veto", "not measured", "below -3", "-3 to -1", "-1 to -0.3", "-0.3 to 0.3", "0.3 to 1",
         "1 and more")
PEOPLE, LEFT_OUT = "bona_fide", ("other_person",)
FEWEST = 20  # attempts of a species that counts


def kind_of(row, layer):
    """Which of KINDS a layer's finding is."""
    found = sum_rows.found_by(row, layer)
    if found is None:
        return "not measured"
    if found.startswith("veto"):
        return "veto"
    value = float(re.match(r"[-+][\d.]+", found).group())
    return KINDS[2 + sum(value >= edge for edge in EDGES)]


def share_of_attacks(species, layer, kind):
    """Mean over species of the share of attempts with such a finding."""
    shares = [sum(kind_of(row, layer) == kind for row in rows) / len(rows)
              for name, rows in species.items()
              if name != PEOPLE and name not in LEFT_OUT and len(rows) >= FEWEST]
    return sum(shares) / len(shares)


def log_ratio(count, trials, share):
    """The measured logarithm with its interval, as text."""
    if share == 0:
        return "no attack"
    low, high = (end / 100 for end in sum_rows.interval(count, trials))
    upper = f"{math.log(high / share):+.1f}"
    if count == 0:
        return f"below {upper}"
    return f"{math.log(count / trials / share):+.1f} ({math.log(low / share):+.1f} to {upper})"


def lines(species, layer):
    """A line for each kind of finding that there was."""
    people = species[PEOPLE]
    for kind in KINDS:
        count = sum(kind_of(row, layer) == kind for row in people)
        share = share_of_attacks(species, layer, kind)
        if count > 0 or share > 0:
            yield [f"`{layer}`", kind, f"{count}/{len(people)}", f"{100 * share:.1f} %",
                   log_ratio(count, len(people), share)]


def main():
    species = sum_rows.read(sys.argv[1:])
    sum_rows.print_table(["layer", "taken for", "people", "attacks", "measured"],
                         [line for layer in sum_rows.LAYERS for line in lines(species, layer)])


if __name__ == "__main__":
    main()
