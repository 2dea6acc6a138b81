"""Builds MiniFASNet (V2, and V1 with squeeze and excitation) from its PyTorch checkpoint.

The topology is that of Silent-Face-Anti-Spoofing: MobileFaceNet blocks of pruned widths, which the
shapes of the weights tell. Batch normalisation is folded into the convolution before it.
"""
from pathlib import Path

import numpy as np

import torch_checkpoint
from onnx_writer import Network, Window

INPUT_SIZE = 80
EPSILON = 1e-5
# Blocks that halve the size, and the number of residual blocks after each.
STAGES = (("conv_23", "conv_3", 4), ("conv_34", "conv_4", 6), ("conv_45", "conv_5", 2))


def read(path):
    tensors = torch_checkpoint.read(Path(path).read_bytes())
    return {name.removeprefix("module."): array for name, array in tensors.items()}


def lower(weights, name):
    return _Lowering(weights, name).run()


def scale_and_offset(weights, layer):
    """What a batch normalisation does to each channel, in double precision."""
    gamma, beta, mean, variance = (
        weights[f"{layer}.{part}"].astype(np.float64)
        for part in ("weight", "bias", "running_mean", "running_var"))
    scale = gamma / np.sqrt(variance + EPSILON)
    return scale, beta - mean * scale


class _Lowering:
    def __init__(self, weights, name):
        self.weights = weights
        self.network = Network(name)

    def run(self):
        net = self.network
        x = net.input("input", (1, 3, INPUT_SIZE, INPUT_SIZE))
        x = self._unit(x, "conv1", 2, 1)
        x = self._unit(x, "conv2_dw", 1, 1)
        for down, residual, count in STAGES:
            x = self._block(x, down, 2)
            for index in range(count):
                block = f"{residual}.model.{index}"
                x = net.add(x, self._excite(self._block(x, block, 1), block))
        x = self._unit(x, "conv_6_sep", 1, 0)
        x = self._unit(x, "conv_6_dw", 1, 0)
        x = net.reshape_as_nhwc(x, (1, x.shape[1]))
        scale, offset = scale_and_offset(self.weights, "bn")
        x = net.linear(x, self.weights["linear.weight"] * scale[:, None], offset)
        classes = self.weights["prob.weight"]
        net.output(net.linear(x, classes, np.zeros(len(classes))), "out")
        return net

    def _unit(self, x, layer, stride, padding):
        """Convolution, normalisation and, where the layer has one, PReLU."""
        x = self._conv(x, f"{layer}.conv", f"{layer}.bn", stride, padding)
        slopes = self.weights.get(f"{layer}.prelu.weight")
        return x if slopes is None else self.network.prelu(x, slopes)

    def _conv(self, x, layer, norm, stride, padding):
        filters = self.weights[f"{layer}.weight"]
        scale, offset = scale_and_offset(self.weights, norm)
        groups = x.shape[1] if filters.shape[1] == 1 else 1
        window = Window(filters.shape[2:], (stride, stride), (padding,) * 4)
        return self.network.conv(x, filters * scale.reshape(-1, 1, 1, 1), offset, window, groups)

    def _block(self, x, name, stride):
        x = self._unit(x, f"{name}.conv", 1, 0)
        x = self._unit(x, f"{name}.conv_dw", stride, 1)
        return self._unit(x, f"{name}.project", 1, 0)

    def _excite(self, x, block):
        layer = f"{block}.se_module"
        if f"{layer}.fc1.weight" not in self.weights:
            return x
        gate = self.network.global_average_pool(x)
        gate = self.network.relu(self._conv(gate, f"{layer}.fc1", f"{layer}.bn1", 1, 0))
        gate = self.network.sigmoid(self._conv(gate, f"{layer}.fc2", f"{layer}.bn2", 1, 0))
        return self.network.scale_channels(x, gate)
