#!/usr/bin/python3
"""reference.py MODEL IN FOLDER: evaluates a source file by itself, for tests of the converter.

Runs the source graph in its own channels-last layout with plain numpy, without the converter's
lowering: no PReLU is recognised, no scale folded, no axis moved. Writes a fixed pseudo-random
input and every output as raw little-endian float32: input.f32 (1 x 3 x rows x columns, as the
converted network takes it) and OUTPUT.f32.
"""
import sys
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

import convert
import from_faceapi
import from_minifasnet
import tfjs
import tflite

SEED = 20221


def slide(x, kernel, strides, same, fill=0.0):
    """Windows of an NHWC tensor: 1, rows, columns, channels, kernel rows, kernel columns."""
    padding = [(0, 0)]
    for size, width, step in zip(x.shape[1:3], kernel, strides):
        total = max((-(-size // step) - 1) * step + width - size, 0) if same else 0
        padding.append((total // 2, total - total // 2))
    x = np.pad(x, [*padding, (0, 0)], constant_values=fill)
    return sliding_window_view(x, kernel, axis=(1, 2))[:, ::strides[0], ::strides[1]]


def conv(x, filters, strides, same):
    """filters: rows, columns, in, out."""
    return np.einsum("bhwcij,ijco->bhwo", slide(x, filters.shape[:2], strides, same), filters,
                     optimize=True)


def depthwise(x, filters, strides, same):
    """filters: rows, columns, channels."""
    return np.einsum("bhwcij,ijc->bhwc", slide(x, filters.shape[:2], strides, same), filters,
                     optimize=True)


def max_pool(x, window, strides, same):
    return slide(x, window, strides, same, fill=-np.inf).max(axis=(4, 5))


def relu(x):
    return np.maximum(x, 0)


def run_tfjs(graph, image, outputs, start=None):
    values = dict(graph.weights)
    if start:
        values[start] = image

    def value(name):
        if name not in values:
            node = graph.nodes[name]
            values[name] = _tfjs_node(node, [value(source) for source in node.inputs], image)
        return values[name]

    return {target: value(source) for source, target in outputs.items()}


def _tfjs_node(node, inputs, image):
    if node.kind == "Placeholder":
        return image
    if node.kind == "_FusedConv2D":
        return _fused(node, conv(*inputs[:2], node.strides, node.same), *inputs[2:])
    if node.kind == "_FusedMatMul":
        return _fused(node, inputs[0] @ inputs[1], *inputs[2:])
    if node.kind == "Conv2D":
        return conv(*inputs, node.strides, node.same)
    if node.kind == "DepthwiseConv2dNative":
        return depthwise(inputs[0], inputs[1][..., 0], node.strides, node.same)
    if node.kind == "FusedDepthwiseConv2dNative":
        y = depthwise(inputs[0], inputs[1][..., 0], node.strides, node.same)
        return _fused(node, y, *inputs[2:])
    if node.kind == "MaxPool":
        return max_pool(inputs[0], node.window, node.strides, node.same)
    simple = {"Identity": lambda x: x, "Relu": relu, "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
              "AddV2": np.add, "Add": np.add, "Sub": np.subtract, "Mul": np.multiply,
              "Abs": np.abs, "Maximum": np.maximum, "Minimum": np.minimum, "MatMul": np.matmul,
              "Mean": lambda x, axes: x.mean(axis=tuple(axes.ravel())),
              "Squeeze": lambda x: x.reshape(x.shape[0], -1),
              "Pad": np.pad, "Reshape": np.reshape, "Prelu": _prelu}
    return simple[node.kind](*inputs)


def _fused(node, y, bias, slopes=None):
    y = y + bias
    if "Relu" in node.fused:
        y = relu(y)
    return y if slopes is None else _prelu(y, slopes)


def _prelu(x, slopes):
    return np.where(x >= 0, x, x * slopes)


def run_tflite(model, image):
    values = {i: t.constant for i, t in enumerate(model.tensors) if t.constant is not None}
    values[model.inputs[0]] = image
    for operator in model.operators:
        inputs = [values[i] for i in operator.inputs]
        values[operator.outputs[0]] = _tflite_operator(operator, inputs)
    return values[model.outputs[0]]


def _tflite_operator(operator, inputs):
    options = operator.options
    if operator.kind == "CONV_2D":
        x, filters, bias = inputs
        y = conv(x, filters.transpose(1, 2, 3, 0), options["strides"], options["same"]) + bias
    elif operator.kind == "DEPTHWISE_CONV_2D":
        x, filters, bias = inputs
        y = depthwise(x, filters[0], options["strides"], options["same"]) + bias
    elif operator.kind == "RESHAPE":
        y = inputs[0].reshape(inputs[0].shape[0], -1)
    else:
        simple = {"ADD": np.add, "SUB": np.subtract, "MUL": np.multiply, "ABS": np.abs,
                  "RELU": relu}
        y = simple[operator.kind](*inputs)
    return relu(y) if options["activation"] == 1 else y


def run_dlib(weights, image):
    def layer(x, name, stride, padding):
        x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
        y = conv(x, weights[f"{name}/conv/filters"], (stride, stride), False)
        y = y + weights[f"{name}/conv/bias"]
        return y * weights[f"{name}/scale/weights"] + weights[f"{name}/scale/biases"]

    def block(x, name):
        halve = "down" in name
        y = relu(layer(x, f"{name}/conv1", 2 if halve else 1, 0 if halve else 1))
        y = layer(y, f"{name}/conv2", 1, 1)
        if halve:
            x = slide(x, (2, 2), (2, 2), False).mean(axis=(4, 5))
        total = np.zeros(np.maximum(x.shape, y.shape), np.float32)
        for part in (x, y):
            total[tuple(slice(0, n) for n in part.shape)] += part
        return relu(total)

    x = relu(layer(image, "conv32_down", 2, 0))
    x = max_pool(x, (3, 3), (2, 2), False)
    for name in from_faceapi.STAGES:
        x = block(x, name)
    return x.mean(axis=(1, 2)) @ weights["fc"]


def run_minifasnet(weights, image):
    def normalise(x, layer):
        mean, variance = weights[f"{layer}.running_mean"], weights[f"{layer}.running_var"]
        x = (x - mean) / np.sqrt(variance + from_minifasnet.EPSILON)
        return x * weights[f"{layer}.weight"] + weights[f"{layer}.bias"]

    def layer(x, name, stride=1, padding=0, conv_name="conv", norm="bn"):
        x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
        filters = weights[f"{name}.{conv_name}.weight"].transpose(2, 3, 1, 0)
        if filters.shape[2] == 1 and x.shape[3] > 1:
            y = depthwise(x, filters[:, :, 0, :], (stride, stride), False)
        else:
            y = conv(x, filters, (stride, stride), False)
        y = normalise(y, f"{name}.{norm}")
        slopes = weights.get(f"{name}.prelu.weight")
        return y if slopes is None else _prelu(y, slopes)

    def block(x, name, stride):
        y = layer(layer(x, f"{name}.conv"), f"{name}.conv_dw", stride, 1)
        y = layer(y, f"{name}.project")
        gate_name = f"{name}.se_module"
        if f"{gate_name}.fc1.weight" in weights:
            gate = y.mean(axis=(1, 2), keepdims=True)
            gate = relu(layer(gate, gate_name, conv_name="fc1", norm="bn1"))
            gate = layer(gate, gate_name, conv_name="fc2", norm="bn2")
            y = y / (1 + np.exp(-gate))
        return y if stride == 2 else x + y

    x = layer(layer(image, "conv1", 2, 1), "conv2_dw", 1, 1)
    for down, residual, count in from_minifasnet.STAGES:
        x = block(x, down, 2)
        for index in range(count):
            x = block(x, f"{residual}.model.{index}", 1)
    x = layer(layer(x, "conv_6_sep"), "conv_6_dw")
    x = normalise(x.reshape(1, -1) @ weights["linear.weight"].T, "bn")
    return x @ weights["prob.weight"].T


def evaluate(model, path):
    """(NHWC input, {output name: array}) of one model."""
    size = {"mobilefacenet": 112, "dlib_resnet": 150, "minifasnet": 80,
            **convert.INPUT_SIZES}[model]
    image = np.random.default_rng(SEED).uniform(-1, 1, (1, size, size, 3)).astype(np.float32)
    if model == "mobilefacenet":
        return image, {"embedding": run_tflite(tflite.read(Path(path).read_bytes()), image)}
    if model == "dlib_resnet":
        return image, {"descriptor": run_dlib(from_faceapi.read(path), image)}
    if model == "minifasnet":
        return image, {"out": run_minifasnet(from_minifasnet.read(path), image)}
    names, start = convert.TFJS_OUTPUTS[model], convert.TFJS_STARTS.get(model)
    outputs = run_tfjs(tfjs.read_graph(path), image, names, start)
    if model in convert.TFJS_PAIRED_UP:
        outputs = {name: y[:, 0::2] + y[:, 1::2] for name, y in outputs.items()}
    return image, outputs


def main(arguments):
    if len(arguments) != 3 or arguments[0] not in convert.CONVERTERS:
        print(__doc__, file=sys.stderr)
        return 2
    model, source, folder = arguments
    image, outputs = evaluate(model, source)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    image.transpose(0, 3, 1, 2).astype("<f4").tofile(folder / "input.f32")
    for name, array in outputs.items():
        array.astype("<f4").tofile(folder / f"{name}.f32")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
