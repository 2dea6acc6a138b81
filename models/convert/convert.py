#!/usr/bin/python3
"""convert.py MODEL IN OUT: converts one model's source file to the ONNX file we load.

MODEL is blazeface, facemesh, mobilefacenet, dlib_resnet, minifasnet, or one that was tried and does not
ship: faceres, mobileface, human_mobilefacenet. IN is the main source file (weight files lie beside it). The same source gives the same bytes, whose SHA-256 is in manifest.json.
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

# TensorFlow.js graphs: node of the source graph -> name in the converted file.
TFJS_OUTPUTS = {
    "blazeface": {"Identity": "scores_stride16", "Identity_1": "scores_stride32",
                  "Identity_2": "boxes_stride16", "Identity_3": "boxes_stride32"},
    # The third output, lip and eye contours, is not used, so its branch is left out.
    "facemesh": {"Identity_2": "mesh", "Identity_1": "presence"},
    # Template networks that were tried and do not ship: docs/models.md.
    "faceres": {"global_pooling/Mean": "embedding"},
    "mobileface": {"batchnorm0/add_1": "embedding"},
    "human_mobilefacenet": {"MobileFaceNet/Logits/SpatialSqueeze": "embedding"},
}
# Where the graph begins for us: behind its own scaling of pixels, which the manifest does.
TFJS_STARTS = {"mobileface": "mul"}
# 1,024 values where the engine takes 512.
TFJS_PAIRED_UP = {"faceres"}
INPUT_SIZES = {"blazeface": 256, "facemesh": 192, "faceres": 224, "mobileface": 112,
               "human_mobilefacenet": 112}


def tfjs_graph(model):
    def run(path):
        return from_tfjs.lower(tfjs.read_graph(path), model, INPUT_SIZES[model],
                               TFJS_OUTPUTS[model], TFJS_STARTS.get(model),
                               model in TFJS_PAIRED_UP)
    return run


def mobilefacenet(path):
    return from_tflite.lower(tflite.read(Path(path).read_bytes()), "mobilefacenet",
                             ["embedding"])


def dlib_resnet(path):
    return from_faceapi.lower(from_faceapi.read(path), "dlib_resnet")


def minifasnet(path):
    return from_minifasnet.lower(from_minifasnet.read(path), "minifasnet")


CONVERTERS = {"mobilefacenet": mobilefacenet, "dlib_resnet": dlib_resnet,
              "minifasnet": minifasnet, **{model: tfjs_graph(model) for model in TFJS_OUTPUTS}}


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
