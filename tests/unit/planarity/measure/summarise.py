"""summarise.py GEOMETRY PARALLAX LIVE.csv ATTACKS.csv: the tables of docs/planarity.md.

Both files come from measure_views. A capture's species is its name up to the first "-".
GEOMETRY and PARALLAX are the thresholds; intervals are exact (Clopper and Pearson), 95 %.
"""

import csv
import math
import sys

COLUMNS = ["geometry", "geometry_near", "geometry_turn",
           "parallax", "parallax_near", "parallax_turn"]


def read(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def scores(rows, column):
    values = [float(row[column]) for row in rows]
    return sorted(v for v in values if not math.isnan(v))


def tail(n, k, p):
    """P(X <= k) for n tries of probability p."""
    return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))


def solve(holds):
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def interval(n, k):
    lower = 0 if k == 0 else solve(lambda p: 1 - tail(n, k - 1, p) < 0.025)
    upper = 1 if k == n else solve(lambda p: tail(n, k, p) > 0.025)
    return f"{100 * lower:.1f} to {100 * upper:.1f}"


def share(n, k):
    return f"{k}/{n} ({interval(n, k)} %)" if n else "-"


def area(live, attack):
    wins = sum((a > b) + 0.5 * (a == b) for a in live for b in attack)
    return wins / (len(live) * len(attack))


def spread(values):
    if not values:
        return "-"
    middle = values[(len(values) - 1) // 2]
    return f"{values[0]:+.2f} {middle:+.2f} {values[-1]:+.2f}"


def main():
    limit = {"geometry": float(sys.argv[1]), "parallax": float(sys.argv[2])}
    live, attacks = read(sys.argv[3]), read(sys.argv[4])
    print("| | live | attacks | AUC | live below | attacks at or above |")
    print("| --- | --- | --- | --- | --- | --- |")
    for column in COLUMNS:
        good, bad = scores(live, column), scores(attacks, column)
        if not good or not bad:
            continue
        point = limit[column.split("_")[0]]
        low = sum(v < point for v in good)
        high = sum(v >= point for v in bad)
        print(f"| {column} | {spread(good)} | {spread(bad)} | {area(good, bad):.4f} "
              f"| {share(len(good), low)} | {share(len(bad), high)} |")
    print()
    print("| species | captures | geometry | at or above | parallax | at or above | both |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name in ["live"] + sorted({row["capture"].split("-")[0] for row in attacks}):
        rows = live if name == "live" else \
            [row for row in attacks if row["capture"].split("-")[0] == name]
        geometry, parallax = scores(rows, "geometry"), scores(rows, "parallax")
        over = [[float(row[layer]) >= limit[layer] for row in rows] for layer in limit]
        both = sum(g and p for g, p in zip(*over))
        print(f"| {name} | {len(rows)} | {spread(geometry)} | {sum(over[0])}/{len(geometry)} "
              f"| {spread(parallax)} | {sum(over[1])}/{len(parallax)} "
              f"| {share(len(rows), both)} |")


main()
