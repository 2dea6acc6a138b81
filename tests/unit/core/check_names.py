#!/usr/bin/python3 -B
"""docs/reasons.md has every state, reason, phrase and outcome of the core, and no other; so have
the SDKs that name states themselves.

usage: check_names.py REPOSITORY
"""
import re
import sys


def read(path):
    with open(f"{sys.argv[1]}/{path}", encoding="utf-8") as file:
        return file.read()


def section(page, title):
    """Rows of the table under a title, as lists of cells without their quotes."""
    text = page.split(f"\n## {title}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.*) \|$", text, re.M)[2:]
    return [[cell.strip("` ") for cell in row.split(" | ")] for row in rows]


def macro(header, name):
    """Arguments of the X in an X macro."""
    text = header.split(f"#define {name}(X)")[1].split("\n\n")[0]
    return [re.split(r", ", row) for row in re.findall(r"X\((.*?)\)", text)]


def same(what, got, want):
    if got != want:
        print(f"{what}: page and code differ: {sorted(set(map(str, got)) ^ set(map(str, want)))}")
        return False
    return True


def main():
    page, codes = read("docs/reasons.md"), read("mobile-sdk/core/include/imi_core/codes.h")
    session = read("mobile-sdk/core/include/imi_core/session.h")
    states = [name.lower() for name in re.findall(r"IMI_CORE_STATE_(\w+)", session)
              if name != "COUNT"]
    phrases = {name: text.strip('"') for name, _, text in macro(codes, "IMI_CORE_PHRASES")}
    reasons = [[number, name.strip('"'), phrases[phrase], "yes" if again == "true" else "no"]
               for _, number, name, phrase, again in macro(codes, "IMI_CORE_REASONS")]
    outcomes = re.findall(r"IMI_CORE_OUTCOME_(\w+) = [1-9]", codes)
    objective_c = read("mobile-sdk/ios/Sources/IMIVerification/IMINames.m")
    fits = [
        same("states", [row[0] for row in section(page, "States")], states),
        same("reasons", [row[:4] for row in section(page, "Reasons")], reasons),
        same("phrases", [row[:2] for row in section(page, "Phrases")],
             [[number, text.strip('"')] for _, number, text in macro(codes, "IMI_CORE_PHRASES")]),
        same("outcomes", [row[0] for row in section(page, "Outcomes")], outcomes),
        same("states in Objective-C",
             re.findall(r'@"(\w+)"', objective_c.split("names[] = {")[1].split("};")[0]), states),
    ]
    return 0 if all(fits) else 1


if __name__ == "__main__":
    sys.exit(main())
