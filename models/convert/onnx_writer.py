"""Writes float32 networks as ONNX: NCHW, opset 10, operators that OpenCV 4.6 dnn reads.

The same calls give the same bytes: names are counted, nothing depends on time or hash order.
"""
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 10
IR_VERSION = 5


@dataclass(frozen=True)
class Value:
    """A tensor in the graph: its name and its static shape (NCHW where it has four axes)."""

    name: str
    shape: tuple


@dataclass(frozen=True)
class Window:
    """How a convolution or a pool slides: (rows, columns) each; pads top, left, bottom, right."""

    kernel: tuple
    strides: tuple
    pads: tuple = (0, 0, 0, 0)

    def output_size(self, rows, columns):
        top, left, bottom, right = self.pads
        return ((rows + top + bottom - self.kernel[0]) // self.strides[0] + 1,
                (columns + left + right - self.kernel[1]) // self.strides[1] + 1)


def same_pads(size, kernel, strides):
    """TensorFlow's SAME: the odd pixel goes to the bottom and the right."""
    before, after = [], []
    for length, width, step in zip(size, kernel, strides):
        total = max((-(-length // step) - 1) * step + width - length, 0)
        before.append(total // 2)
        after.append(total - total // 2)
    return (*before, *after)


class Network:
    """Builds one graph; every method adds a node and returns its output."""

    def __init__(self, name):
        self.name = name
        self._nodes = []
        self._weights = []
        self._inputs = []
        self._outputs = []

    def input(self, name, shape):
        self._inputs.append(Value(name, tuple(shape)))
        return self._inputs[-1]

    def output(self, value, name):
        self._node("Identity", [value.name], value.shape, name=name)
        self._outputs.append(Value(name, value.shape))

    def conv(self, x, weights, bias, window, groups=1):
        """weights: out, in / groups, rows, columns. bias may be None."""
        inputs = [x.name, self._weight(weights)]
        if bias is not None:
            inputs.append(self._weight(bias))
        shape = (x.shape[0], weights.shape[0], *window.output_size(*x.shape[2:]))
        return self._node("Conv", inputs, shape, kernel_shape=list(window.kernel),
                          strides=list(window.strides), pads=list(window.pads), group=groups)

    def max_pool(self, x, window):
        return self._pool("MaxPool", x, window)

    def average_pool(self, x, window):
        return self._pool("AveragePool", x, window)

    def global_average_pool(self, x):
        return self._node("GlobalAveragePool", [x.name], (*x.shape[:2], 1, 1))

    def relu(self, x):
        return self._node("Relu", [x.name], x.shape)

    def relu6(self, x):
        return self._node("Clip", [x.name], x.shape, min=0.0, max=6.0)

    def sigmoid(self, x):
        return self._node("Sigmoid", [x.name], x.shape)

    def prelu(self, x, slopes):
        return self._node("PRelu", [x.name, self._weight(slopes.reshape(-1, 1, 1))], x.shape)

    def add(self, a, b):
        if a.shape != b.shape:
            raise ValueError(f"cannot add {a.shape} and {b.shape}")
        return self._node("Add", [a.name, b.name], a.shape)

    def add_constant(self, x, offsets):
        """x plus one number a channel, or one number."""
        return self._node("Add", [x.name, self._channels(x, offsets)], x.shape)

    def scale_by_constant(self, x, factors):
        """x times one number a channel, or one number."""
        return self._node("Mul", [x.name, self._channels(x, factors)], x.shape)

    def scale_channels(self, x, gate):
        """x times one factor a channel; gate: 1, channels, 1, 1."""
        if gate.shape != (*x.shape[:2], 1, 1):
            raise ValueError(f"cannot scale {x.shape} by {gate.shape}")
        return self._node("Mul", [x.name, gate.name], x.shape)

    def pad(self, x, before, after):
        """Zeros before and after, per NCHW axis."""
        shape = tuple(n + p + q for n, p, q in zip(x.shape, before, after))
        return self._node("Pad", [x.name], shape, mode="constant", value=0.0,
                          pads=[int(n) for n in (*before, *after)])

    def linear(self, x, weights, bias):
        """weights: out, in."""
        shape = (x.shape[0], weights.shape[0])
        return self._node("Gemm", [x.name, self._weight(weights), self._weight(bias)], shape,
                          transB=1)

    def reshape_as_nhwc(self, x, shape):
        """Reshape as the channels-last source does: its element order must survive."""
        if len(x.shape) == 4 and x.shape[2] * x.shape[3] > 1:
            n, c, h, w = x.shape
            x = self._node("Transpose", [x.name], (n, h, w, c), perm=[0, 2, 3, 1])
        target = np.array(shape, np.int64)
        return self._node("Reshape", [x.name, self._weight(target, np.int64)], tuple(shape))

    def to_bytes(self):
        graph = helper.make_graph(
            self._nodes, self.name, [_tensor(v) for v in self._inputs],
            [_tensor(v) for v in self._outputs], self._weights)
        model = helper.make_model(graph, producer_name="imi-convert",
                                  opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model)
        return model.SerializeToString(deterministic=True)

    def _channels(self, x, numbers):
        """A constant of one number a channel that goes with x by broadcasting."""
        count = x.shape[1]
        if numbers.size not in (1, count):
            raise ValueError(f"{numbers.size} numbers do not go with {count} channels")
        shape = (1, count, *(1 for _ in x.shape[2:]))
        return self._weight(np.broadcast_to(numbers.ravel(), (count,)).reshape(shape))

    def _pool(self, kind, x, window):
        shape = (*x.shape[:2], *window.output_size(*x.shape[2:]))
        return self._node(kind, [x.name], shape, kernel_shape=list(window.kernel),
                          strides=list(window.strides), pads=list(window.pads))

    def _weight(self, array, dtype=np.float32):
        name = f"w{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(array, dtype), name))
        return name

    def _node(self, kind, inputs, shape, name=None, **attributes):
        name = name or f"t{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], name=f"{name}_{kind}",
                                            **attributes))
        return Value(name, tuple(int(n) for n in shape))


def _tensor(value):
    return helper.make_tensor_value_info(value.name, TensorProto.FLOAT, list(value.shape))
