#!/usr/bin/python3
"""convert.py MODEL IN OUT: converts one model's source file to the ONNX file we load.

MODEL is blazeface, facemesh, mobilefacenet, dlib_resnet or minifasnet. IN is the main source file (weight
files lie beside it). The same source gives the same bytes, whose SHA-256 is in manifest.json.
"""
import os
import sys
from pathlib import Path

import from_faceapi
import from_minifasnet
import from_tfjs
import from_tflite
import tfjs
import tflite

# Node of the source graph -> name in the converted file.
BLAZEFACE_OUTPUTS = {"Identity": "scores_stride16", "Identity_1": "scores_stride32",
                     "Identity_2": "boxes_stride16", "Identity_3": "boxes_stride32"}
# The third output, lip and eye contours, is not used, so its branch is left out.
FACEMESH_OUTPUTS = {"Identity_2": "mesh", "Identity_1": "presence"}
INPUT_SIZES = {"blazeface": 256, "facemesh": 192}


def blazeface(path):
    return from_tfjs.lower(tfjs.read_graph(path), "blazeface", INPUT_SIZES["blazeface"],
                           BLAZEFACE_OUTPUTS)


def facemesh(path):
    return from_tfjs.lower(tfjs.read_graph(path), "facemesh", INPUT_SIZES["facemesh"],
                           FACEMESH_OUTPUTS)


def mobilefacenet(path):
    return from_tflite.lower(tflite.read(Path(path).read_bytes()), "mobilefacenet",
                             ["embedding"])


def dlib_resnet(path):
    return from_faceapi.lower(from_faceapi.read(path), "dlib_resnet")


def minifasnet(path):
    return from_minifasnet.lower(from_minifasnet.read(path), "minifasnet")


CONVERTERS = {"blazeface": blazeface, "facemesh": facemesh, "mobilefacenet": mobilefacenet,
              "dlib_resnet": dlib_resnet, "minifasnet": minifasnet}


def main(arguments):
    if len(arguments) != 3 or arguments[0] not in CONVERTERS:
        print(__doc__, file=sys.stderr)
        return 2
    model, source, target = arguments
    try:
        data = CONVERTERS[model](source).to_bytes()
    except (OSError, ValueError, KeyError) as error:
        print(f"convert.py: {source} cannot be converted as {model}: {error}", file=sys.stderr)
        return 1
    # A crash must not leave half a model behind under the final name.
    partial = Path(f"{target}.partial")
    partial.write_bytes(data)
    os.replace(partial, target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
