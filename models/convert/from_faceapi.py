"""Builds dlib's face recognition ResNet from the weights that face-api ships.

The topology is dlib's own (its example dnn_face_recognition_ex.cpp): 29 convolutions, each
followed by a per-channel scale, which is folded into the convolution here.
"""
import json
from pathlib import Path

import numpy as np

from onnx_writer import Network, Window
from tfjs import read_weights

INPUT_SIZE = 150
STAGES = ("conv32_1", "conv32_2", "conv32_3", "conv64_down", "conv64_1", "conv64_2", "conv64_3",
          "conv128_down", "conv128_1", "conv128_2", "conv256_down", "conv256_1", "conv256_2",
          "conv256_down_out")
SAME_3X3 = (1, 1, 1, 1)


def read(manifest_path):
    path = Path(manifest_path)
    return read_weights(json.loads(path.read_text()), path.parent)


def lower(weights, name):
    return _Lowering(weights, name).run()


class _Lowering:
    def __init__(self, weights, name):
        self.weights = weights
        self.network = Network(name)

    def run(self):
        net = self.network
        x = net.input("input", (1, 3, INPUT_SIZE, INPUT_SIZE))
        x = net.relu(self._conv(x, "conv32_down", 2))
        x = net.max_pool(x, Window((3, 3), (2, 2)))
        for stage in STAGES:
            x = self._down(x, stage) if "down" in stage else self._plain(x, stage)
        x = net.global_average_pool(x)
        x = net.reshape_as_nhwc(x, (1, x.shape[1]))
        fc = self.weights["fc"]
        net.output(net.linear(x, fc.T, np.zeros(fc.shape[1], np.float32)), "descriptor")
        return net

    def _conv(self, x, layer, stride, pads=(0, 0, 0, 0)):
        filters = self.weights[f"{layer}/conv/filters"].transpose(3, 2, 0, 1)
        bias = self.weights[f"{layer}/conv/bias"]
        scale = self.weights[f"{layer}/scale/weights"]
        offset = self.weights[f"{layer}/scale/biases"]
        window = Window(filters.shape[2:], (stride, stride), pads)
        return self.network.conv(x, filters * scale.reshape(-1, 1, 1, 1), bias * scale + offset,
                                 window)

    def _plain(self, x, stage):
        y = self.network.relu(self._conv(x, f"{stage}/conv1", 1, SAME_3X3))
        y = self._conv(y, f"{stage}/conv2", 1, SAME_3X3)
        return self.network.relu(self.network.add(y, x))

    def _down(self, x, stage):
        """Halve the size; whichever branch is smaller is filled up with zeros, as dlib adds."""
        net = self.network
        y = net.relu(self._conv(x, f"{stage}/conv1", 2))
        y = self._conv(y, f"{stage}/conv2", 1, SAME_3X3)
        shortcut = net.average_pool(x, Window((2, 2), (2, 2)))
        shape = tuple(max(a, b) for a, b in zip(y.shape, shortcut.shape))
        return net.relu(net.add(self._fill(y, shape), self._fill(shortcut, shape)))

    def _fill(self, x, shape):
        if x.shape == shape:
            return x
        missing = [target - size for target, size in zip(shape, x.shape)]
        return self.network.pad(x, [0] * 4, missing)
