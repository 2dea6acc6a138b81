"""Finds, in a TensorFlow.js graph, what its exporter wrote out in small steps.

PReLU and ReLU6 come as five and three elementwise nodes; one node of ours takes their place, so
that the lowering needs no elementwise operators and the network runs as one layer.
"""
import dataclasses

import numpy as np

ADDITIONS = ("Add", "AddV2")


def simplify(graph):
    """The graph with Prelu and Relu6 nodes where they were written out."""
    result = dataclasses.replace(graph, nodes=dict(graph.nodes), weights=dict(graph.weights))
    for node in graph.nodes.values():
        _replace_prelu(graph, node, result)
        _replace_relu6(graph, node, result)
    return result


def _replace_prelu(graph, node, result):
    """relu(x) + a * (x - |x|) has slope 2 a, relu(x) + a * min(0, x) slope a."""
    if node.kind not in ADDITIONS:
        return
    for positive, scaled in (node.inputs, node.inputs[::-1]):
        found = _negative_part(graph, graph.nodes[scaled])
        if found and _is_positive_part(graph, graph.nodes[positive], found[0]):
            source, slopes = found
            name = f"{node.name}/slopes"
            result.weights[name] = slopes
            result.nodes[name] = dataclasses.replace(node, name=name, kind="Const", inputs=[])
            result.nodes[node.name] = dataclasses.replace(node, kind="Prelu",
                                                          inputs=[source, name])
            return


def _negative_part(graph, node):
    """(x, slopes) if the node is a constant times the part of x below zero."""
    split = split_constant(graph, node) if node.kind == "Mul" else None
    if not split:
        return None
    inner, factor = graph.nodes[split[0]], split[1]
    if inner.kind == "Minimum":
        low = split_constant(graph, inner)
        return (low[0], factor) if low and not np.any(low[1]) else None
    if inner.kind == "Sub" and graph.nodes[inner.inputs[1]].kind == "Abs":
        magnitude = graph.nodes[inner.inputs[1]]
        return (inner.inputs[0], 2 * factor) if magnitude.inputs == inner.inputs[:1] else None
    return None


def _is_positive_part(graph, node, source):
    if node.kind == "Maximum":
        split = split_constant(graph, node)
        return bool(split) and split[0] == source and not np.any(split[1])
    # What ends in a ReLU is its own positive part; its PReLU does nothing.
    return node.kind == "Relu" and node.inputs == [source] or (
        node.name == source and "Relu" in node.fused)


def _replace_relu6(graph, node, result):
    """max(min(relu(x), 6), 0)"""
    if node.kind != "Maximum":
        return
    outer = split_constant(graph, node)
    low = outer and graph.nodes[outer[0]]
    inner = split_constant(graph, low) if low and low.kind == "Minimum" else None
    if inner and np.all(outer[1] == 0) and np.all(inner[1] == 6):
        relu = graph.nodes[inner[0]]
        source = relu.inputs[0] if relu.kind == "Relu" else relu.name
        result.nodes[node.name] = dataclasses.replace(node, kind="Relu6", inputs=[source])


def split_constant(graph, node):
    """(name of the computed input, constant) of a node with two inputs; None if not such."""
    constants = [name for name in node.inputs if name in graph.weights]
    computed = [name for name in node.inputs if name not in graph.weights]
    if len(constants) != 1 or len(computed) != 1:
        return None
    return computed[0], graph.weights[constants[0]]
