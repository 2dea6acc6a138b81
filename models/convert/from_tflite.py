"""Carries a TFLite graph (channels last) into an ONNX network (channels first)."""
import numpy as np

from onnx_writer import Network, Window, same_pads
from tflite import FormatError


def lower(model, name, output_names):
    """The network of a tflite.Model for one image; batch sizes in the file are ignored."""
    return _Lowering(model, name).run(output_names)


class _Lowering:
    def __init__(self, model, name):
        self.model = model
        self.network = Network(name)
        self.values = {}
        self.producers = {out: op for op in model.operators for out in op.outputs}
        self.prelus, self.absorbed = find_prelus(model)

    def run(self, output_names):
        _, height, width, channels = self.model.tensors[self.model.inputs[0]].shape
        self.values[self.model.inputs[0]] = self.network.input("input",
                                                               (1, channels, height, width))
        for operator in self.model.operators:
            if operator.outputs[0] not in self.absorbed:
                self.values[operator.outputs[0]] = self._lower(operator)
        for index, output_name in zip(self.model.outputs, output_names, strict=True):
            self.network.output(self.values[index], output_name)
        return self.network

    def _lower(self, operator):
        out = operator.outputs[0]
        if out in self.prelus:
            source, slopes = self.prelus[out]
            return self.network.prelu(self.values[source], slopes)
        if operator.kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            result = self._conv(operator)
        elif operator.kind == "ADD":
            result = self.network.add(*(self.values[i] for i in operator.inputs))
        elif operator.kind == "RESHAPE":
            x = self.values[operator.inputs[0]]
            result = self.network.reshape_as_nhwc(x, (1, int(np.prod(x.shape))))
        else:
            raise FormatError(f"operator {operator.kind} outside a PReLU is not supported")
        return self._activate(result, operator.options["activation"])

    def _conv(self, operator):
        x = self.values[operator.inputs[0]]
        weights, bias = (self.model.tensors[i].constant for i in operator.inputs[1:3])
        depthwise = operator.kind == "DEPTHWISE_CONV_2D"
        # TFLite: out, rows, columns, in; depthwise: 1, rows, columns, channels.
        weights = weights.transpose(3, 0, 1, 2) if depthwise else weights.transpose(0, 3, 1, 2)
        kernel, strides = weights.shape[2:], operator.options["strides"]
        pads = same_pads(x.shape[2:], kernel, strides) if operator.options["same"] else (0,) * 4
        groups = x.shape[1] if depthwise else 1
        return self.network.conv(x, weights, bias, Window(kernel, strides, pads), groups)

    def _activate(self, value, activation):
        if activation == 0:
            return value
        if activation == 1:
            return self.network.relu(value)
        raise FormatError(f"activation {activation} is not supported")


def find_prelus(model):
    """PReLU written out as relu(x) + a * (x - |x|), which is PReLU with slope 2 a.

    Returns ({output: (x, slopes)}, outputs of the inner operators).
    """
    producers = {out: op for op in model.operators for out in op.outputs}
    prelus, absorbed = {}, set()
    for operator in model.operators:
        if operator.kind != "ADD":
            continue
        for first, second in (operator.inputs, operator.inputs[::-1]):
            match = _match_prelu(model, producers, producers.get(first), producers.get(second))
            if match:
                source, slopes, inner = match
                prelus[operator.outputs[0]] = (source, slopes)
                absorbed |= inner
    return prelus, absorbed


def _match_prelu(model, producers, relu, scaled):
    if not relu or not scaled or relu.kind != "RELU" or scaled.kind != "MUL":
        return None
    constants = [i for i in scaled.inputs if model.tensors[i].constant is not None]
    computed = [i for i in scaled.inputs if model.tensors[i].constant is None]
    if len(constants) != 1 or len(computed) != 1:
        return None
    difference = producers.get(computed[0])
    if not difference or difference.kind != "SUB" or difference.inputs[0] != relu.inputs[0]:
        return None
    magnitude = producers.get(difference.inputs[1])
    if not magnitude or magnitude.kind != "ABS" or magnitude.inputs[0] != relu.inputs[0]:
        return None
    inner = {op.outputs[0] for op in (relu, scaled, difference, magnitude)}
    return relu.inputs[0], 2 * model.tensors[constants[0]].constant, inner
