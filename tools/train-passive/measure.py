#!/usr/bin/python3
"""Error rates of the combiner on labelled pictures: what docs/passive.md states.

The manifest names set, subject, file, session, liveness ("live", "spoof_..." or nothing, which counts as
live) and ea ("1": East or South-East Asian). Pictures are only measured, never trained on.
"""
import argparse
import csv
import math

import numpy as np

from fit import area

SCORES = ("networks", "combined_without_networks", "combined")
ROUNDS = 1000
COLOUR_SETS = ("asian_celeb", "celeba", "london")  # of which some people are East Asian


def tail(n, k, p):
    """P(at most k of n)."""
    if p <= 0 or p >= 1:
        return 1.0 if p <= 0 or k >= n else 0.0
    return sum(math.exp(math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1)
                        + i * math.log(p) + (n - i) * math.log1p(-p)) for i in range(k + 1))


def solve(reaches):
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if reaches(middle) else (low, middle)
    return low


def exact(k, n):
    """Clopper and Pearson's interval, 95 %."""
    low = 0.0 if k == 0 else solve(lambda p: 1 - tail(n, k - 1, p) < 0.025)
    high = 1.0 if k == n else solve(lambda p: tail(n, k, p) > 0.025)
    return low, high


def rate(name, errors):
    if len(errors) == 0:
        return ""
    k, n = int(np.sum(errors)), len(errors)
    return "%s %.1f %% (%d/%d, %.1f to %.1f)" % ((name, 100 * k / n, k, n) + tuple(
        100 * v for v in exact(k, n)))


def area_text(score, attack, subject):
    """Area under the curve, and its interval over subjects drawn again."""
    names = np.unique(subject)
    rng = np.random.default_rng(1)
    found = []
    for _ in range(ROUNDS):
        rows = np.concatenate([np.flatnonzero(subject == n) for n in rng.choice(names, len(names))])
        live, bad = score[rows][~attack[rows]], score[rows][attack[rows]]
        if len(live) and len(bad):
            found.append(area(live, bad))
    low, high = np.quantile(found, [0.025, 0.975])
    return "AUC %.4f (%.4f to %.4f)" % (area(score[~attack], score[attack]), low, high)


def describe(title, rows, threshold):
    attack = np.array([row["liveness"].startswith("spoof") for row in rows])
    subject = np.array([row["subject"] for row in rows])
    print("%s, %d pictures of %d people" % (title, len(rows), len(np.unique(subject))))
    for name in SCORES:
        score = np.array([float(row[name]) for row in rows])
        passed = score >= threshold
        parts = [rate("BPCER", ~passed[~attack]), rate("APCER", passed[attack])]
        if attack.any() and not attack.all() and np.isfinite(score).all():
            parts.append(area_text(score, attack, subject))
        print("  %-26s %s" % (name, ", ".join(p for p in parts if p)))


def fused(rows):
    """Pictures of one session as one capture: the median, as imi_passive_tally has it."""
    captures = {}
    for row in rows:
        captures.setdefault((row["subject"], row["session"], row["liveness"]), []).append(row)
    for group in captures.values():
        yield dict(group[0], **{name: np.median([float(row[name]) for row in group])
                                for name in SCORES})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--manifest", required=True)
    parser.add_argument("--cues", required=True, help="what imi-passive-cues printed")
    parser.add_argument("--threshold", type=float, default=0.0, help="log odds")
    arguments = parser.parse_args()
    labels = {row["file"]: row for row in csv.DictReader(open(arguments.manifest))}
    groups = {}
    for row in csv.DictReader(open(arguments.cues)):
        label = labels.get(row["file"]) or labels.get(row["file"].split("/", 1)[-1])
        if label is None:
            continue
        row.update(liveness=label["liveness"], subject=label["subject"],
                   session=label["session"])
        groups.setdefault(label["set"], []).append(row)
        if label["set"] in COLOUR_SETS:
            group = "East Asian" if label["ea"] == "1" else "others"
            groups.setdefault("photos in colour, " + group, []).append(row)
    for title in sorted(groups):
        rows = groups[title]
        describe(title, rows, arguments.threshold)
        if all(row["session"] for row in rows):
            describe(title + ", by session", list(fused(rows)), arguments.threshold)


if __name__ == "__main__":
    main()
