#!/usr/bin/env python3
"""Writes the list of people that generated attacks are made from: one for every folder that holds
both a still and another photo, which is enrolled.

    list_people.py LONDON --prefix london > people.csv
"""
import argparse
import pathlib


def rows(root, prefix, still, reference):
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        if (folder / still).is_file() and (folder / reference).is_file():
            yield f"{prefix}{folder.name},{folder.name}/{still},{folder.name}/{reference}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", type=pathlib.Path, help="one folder a person")
    parser.add_argument("--prefix", default="", help="before the folder's name, as the person's")
    parser.add_argument("--still", default="neutral.jpg", help="what heads and prints are made from")
    parser.add_argument("--reference", default="smiling.jpg", help="what is enrolled")
    options = parser.parse_args()
    print("person,still,reference")
    for row in rows(options.root, options.prefix, options.still, options.reference):
        print(row)


if __name__ == "__main__":
    main()
