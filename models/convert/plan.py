#!/usr/bin/python3
"""plan.py MANIFEST: one line a model file for tools/setup-models, fields parted by '|'.

file | sha256 | bytes | required (1 or 0) | package | converter | path:sha256:bytes of each source
file, parted by spaces (bytes 0 if not given) | upstream address
"""
import json
import sys


def line(model):
    source = model["source"]
    files = " ".join(f"{entry['path']}:{entry['sha256']}:{entry.get('bytes', 0)}"
                     for entry in source["files"])
    fields = (model["file"], model["sha256"], model["bytes"], int(model["required"]),
              source.get("package", ""), source.get("converter", ""), files,
              source.get("upstream", ""))
    return "|".join(str(field) for field in fields)


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    with open(arguments[0], encoding="utf-8") as file:
        for model in json.load(file)["models"]:
            if "file" in model:
                print(line(model))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
