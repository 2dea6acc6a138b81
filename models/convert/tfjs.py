"""Reads TensorFlow.js graph models and the weight groups that face-api shares with them."""
import base64
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

DTYPES = {"float32": np.float32, "float16": np.float16, "int32": np.int32, "uint8": np.uint8,
          "uint16": np.uint16}


class FormatError(ValueError):
    """The files are not what this reader understands."""


@dataclass
class Node:
    name: str
    kind: str
    inputs: list
    strides: tuple = (1, 1)
    window: tuple = (1, 1)
    same: bool = False
    fused: list = field(default_factory=list)


@dataclass
class Graph:
    nodes: dict  # by name
    weights: dict  # arrays by the name of their Const node
    outputs: list  # nodes that no other node reads


def read_weights(groups, folder):
    """Arrays by name: each group is one byte stream, cut and de-quantised in order."""
    weights = {}
    for group in groups:
        data = b"".join((Path(folder) / path).read_bytes() for path in group["paths"])
        offset = 0
        for entry in group["weights"]:
            array, offset = _take(entry, data, offset)
            weights[entry["name"]] = array
        if offset != len(data):
            raise FormatError(f"{group['paths']}: {len(data) - offset} bytes left over")
    return weights


def _take(entry, data, offset):
    quantised = entry.get("quantization")
    stored = np.dtype(DTYPES[quantised["dtype"] if quantised else entry["dtype"]])
    count = int(np.prod(entry["shape"], dtype=np.int64))
    array = np.frombuffer(data, stored, count, offset).astype(DTYPES[entry["dtype"]])
    if quantised and "scale" in quantised:
        array = array * np.float32(quantised["scale"]) + np.float32(quantised["min"])
    return array.reshape(entry["shape"]), offset + count * stored.itemsize


def read_graph(path):
    """Parse model.json and the weight files beside it."""
    path = Path(path)
    document = json.loads(path.read_text())
    if document.get("format") != "graph-model":
        raise FormatError(f"{path}: not a graph model")
    weights = read_weights(document["weightsManifest"], path.parent)
    nodes = {raw["name"]: _node(raw) for raw in document["modelTopology"]["node"]}
    used = {name for node in nodes.values() for name in node.inputs}
    return Graph(nodes, weights, [name for name in nodes if name not in used])


def _node(raw):
    attributes = raw.get("attr", {})
    inputs = [name.split(":")[0] for name in raw.get("input", []) if not name.startswith("^")]
    node = Node(raw["name"], raw["op"], inputs)
    node.strides = _pair(attributes.get("strides"))
    node.window = _pair(attributes.get("ksize"))
    node.same = _text(attributes.get("padding", {}).get("s", "")) == "SAME"
    if _pair(attributes.get("dilations")) != (1, 1):
        raise FormatError(f"{node.name}: dilation is not supported")
    fused = attributes.get("fused_ops", {}).get("list", {}).get("s", [])
    node.fused = [_text(name) for name in fused]
    return node


def _pair(attribute):
    """Rows and columns of an NHWC list attribute."""
    values = (attribute or {}).get("list", {}).get("i")
    return (int(values[1]), int(values[2])) if values else (1, 1)


def _text(value):
    return base64.b64decode(value).decode()
