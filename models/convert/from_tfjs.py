"""Carries a TensorFlow.js graph (channels last) into an ONNX network (channels first)."""
import numpy as np

import tfjs_patterns
from onnx_writer import Network, Window, same_pads
from tfjs import FormatError

NHWC_TO_NCHW = (0, 3, 1, 2)


def lower(graph, name, input_size, outputs, start=None, pair_up=False):
    """outputs: {node name: output name}; branches that lead to no output are left out.

    start: the node that stands for the network's input; what comes before it, such as the
    source's own scaling of pixels, is left out. The graph's placeholder if not given.
    pair_up: neighbouring values of each output are summed, for vectors twice too long for us.
    """
    lowering = _Lowering(tfjs_patterns.simplify(graph), name, input_size, start)
    return lowering.run(outputs, pair_up)


class _Lowering:
    def __init__(self, graph, name, input_size, start):
        self.graph = graph
        self.network = Network(name)
        self.input_size = input_size
        self.start = start
        self.values = {}

    def run(self, outputs, pair_up):
        for node in order(self.graph, outputs, self.start):
            if node.kind != "Const":
                self.values[node.name] = self._lower(node)
        for node_name, output_name in outputs.items():
            value = self.values[node_name]
            self.network.output(self._pair_up(value) if pair_up else value, output_name)
        return self.network

    def _pair_up(self, value):
        count = value.shape[1] // 2
        weights = np.repeat(np.eye(count), 2, axis=1)
        return self.network.linear(value, weights, np.zeros(count))

    def _lower(self, node):
        handlers = {"Placeholder": self._input, "Identity": self._first, "Relu": self._relu,
                    "Relu6": self._relu6, "Sigmoid": self._sigmoid, "_FusedConv2D": self._conv,
                    "Conv2D": self._plain_conv, "DepthwiseConv2dNative": self._depthwise,
                    "FusedDepthwiseConv2dNative": self._fused_depthwise,
                    "Add": self._add, "AddV2": self._add, "Mul": self._scale,
                    "Prelu": self._prelu, "MaxPool": self._max_pool, "Pad": self._pad,
                    "Mean": self._mean, "MatMul": self._linear, "_FusedMatMul": self._linear,
                    "Reshape": self._reshape, "Squeeze": self._squeeze}
        if node.name == self.start:
            return self._input(node)
        if node.kind not in handlers:
            raise FormatError(f"{node.name}: operator {node.kind} is not supported")
        return handlers[node.kind](node)

    def _input(self, _node):
        return self.network.input("input", (1, 3, self.input_size, self.input_size))

    def _first(self, node):
        return self.values[node.inputs[0]]

    def _relu(self, node):
        return self.network.relu(self._first(node))

    def _relu6(self, node):
        return self.network.relu6(self._first(node))

    def _sigmoid(self, node):
        return self.network.sigmoid(self._first(node))

    def _add(self, node):
        split = tfjs_patterns.split_constant(self.graph, node)
        if split:
            return self.network.add_constant(self.values[split[0]], split[1])
        return self.network.add(*(self.values[name] for name in node.inputs))

    def _scale(self, node):
        split = tfjs_patterns.split_constant(self.graph, node)
        if not split:
            raise FormatError(f"{node.name}: a product of two tensors is not supported")
        return self.network.scale_by_constant(self.values[split[0]], split[1])

    def _prelu(self, node):
        return self.network.prelu(self._first(node), self.graph.weights[node.inputs[1]])

    def _conv(self, node):
        weights, bias = (self.graph.weights[name] for name in node.inputs[1:3])
        return self._activate(node, self._slide(node, weights.transpose(3, 2, 0, 1), bias, 1))

    def _plain_conv(self, node):
        weights = self.graph.weights[node.inputs[1]]
        return self._slide(node, weights.transpose(3, 2, 0, 1), None, 1)

    def _depthwise(self, node):
        # rows, columns, channels, multiplier (1 in our models)
        weights = self.graph.weights[node.inputs[1]].transpose(2, 3, 0, 1)
        return self._slide(node, weights, None, weights.shape[0])

    def _fused_depthwise(self, node):
        weights, bias = (self.graph.weights[name] for name in node.inputs[1:3])
        weights = weights.transpose(2, 3, 0, 1)
        return self._activate(node, self._slide(node, weights, bias, weights.shape[0]))

    def _activate(self, node, value):
        """What is fused after the bias."""
        for fused in node.fused[1:]:
            if fused == "Relu":
                value = self.network.relu(value)
            elif fused == "Prelu":
                value = self.network.prelu(value, self.graph.weights[node.inputs[3]])
            else:
                raise FormatError(f"{node.name}: fused {fused} is not supported")
        return value

    def _slide(self, node, weights, bias, groups):
        if node.fused and node.fused[0] != "BiasAdd":
            raise FormatError(f"{node.name}: fused {node.fused[0]} first is not supported")
        x = self._first(node)
        window = self._window(node, x, weights.shape[2:])
        return self.network.conv(x, weights, bias, window, groups)

    def _max_pool(self, node):
        x = self._first(node)
        return self.network.max_pool(x, self._window(node, x, node.window))

    @staticmethod
    def _window(node, x, kernel):
        pads = same_pads(x.shape[2:], kernel, node.strides) if node.same else (0,) * 4
        return Window(tuple(kernel), node.strides, pads)

    def _pad(self, node):
        amounts = self.graph.weights[node.inputs[1]][list(NHWC_TO_NCHW)]
        return self.network.pad(self._first(node), amounts[:, 0], amounts[:, 1])

    def _mean(self, node):
        if sorted(self.graph.weights[node.inputs[1]].ravel().tolist()) != [1, 2]:
            raise FormatError(f"{node.name}: only a mean over rows and columns is supported")
        x = self.network.global_average_pool(self._first(node))
        return self.network.reshape_as_nhwc(x, (1, x.shape[1]))

    def _linear(self, node):
        weights = self.graph.weights[node.inputs[1]].T
        fused = bool(node.fused)
        bias = self.graph.weights[node.inputs[2]] if fused else np.zeros(len(weights))
        return self._activate(node, self.network.linear(self._first(node), weights, bias))

    def _reshape(self, node):
        x = self._first(node)
        shape = [int(n) for n in self.graph.weights[node.inputs[1]]]
        if -1 in shape:
            shape[shape.index(-1)] = int(np.prod(x.shape)) // -int(np.prod(shape))
        return self.network.reshape_as_nhwc(x, shape)

    def _squeeze(self, node):
        x = self._first(node)
        if x.shape[2:] != (1, 1):
            raise FormatError(f"{node.name}: only single pixels can be squeezed")
        return self.network.reshape_as_nhwc(x, x.shape[:2])


def order(graph, wanted, start=None):
    """Nodes that the wanted ones need, each after its inputs; none before start."""
    done, result = set(), []

    def visit(name):
        if name not in done:
            done.add(name)
            for source in graph.nodes[name].inputs if name != start else ():
                visit(source)
            result.append(graph.nodes[name])

    for name in wanted:
        visit(name)
    return result
