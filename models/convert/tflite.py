"""Reads TFLite files: the FlatBuffers of schema version 3, without any library.

Only what our models need: the first subgraph, its tensors, constants and operators. Field
numbers are those of tensorflow/lite/schema/schema.fbs.
"""
import struct
from dataclasses import dataclass, field

import numpy as np

OPERATORS = {0: "ADD", 3: "CONV_2D", 4: "DEPTHWISE_CONV_2D", 18: "MUL", 19: "RELU",
             22: "RESHAPE", 41: "SUB", 101: "ABS"}
DTYPES = {0: np.float32, 2: np.int32}


class FormatError(ValueError):
    """The file is not what this reader understands."""


@dataclass
class Tensor:
    name: str
    shape: tuple
    constant: object = None  # numpy array, or None for a computed tensor


@dataclass
class Operator:
    kind: str
    inputs: list
    outputs: list
    options: dict = field(default_factory=dict)


@dataclass
class Model:
    tensors: list
    operators: list
    inputs: list
    outputs: list


class Table:
    """A FlatBuffers table: field i through its vtable, absent fields give the default."""

    def __init__(self, data, offset):
        self.data = data
        self.offset = offset
        self.vtable = offset - self._unpack("i", offset)
        self.vtable_size = self._unpack("H", self.vtable)

    def scalar(self, index, code, default=0):
        position = self._field(index)
        return self._unpack(code, position) if position else default

    def table(self, index):
        position = self._indirect(index)
        return Table(self.data, position) if position else None

    def tables(self, index):
        position = self._indirect(index)
        if not position:
            return []
        count = self._unpack("I", position)
        slots = [position + 4 + 4 * i for i in range(count)]
        return [Table(self.data, slot + self._unpack("I", slot)) for slot in slots]

    def vector(self, index, dtype):
        position = self._indirect(index)
        if not position:
            return np.zeros(0, dtype)
        return np.frombuffer(self.data, dtype, self._unpack("I", position), position + 4)

    def text(self, index):
        return self.vector(index, np.uint8).tobytes().decode()

    def _unpack(self, code, position):
        try:
            return struct.unpack_from("<" + code, self.data, position)[0]
        except struct.error as error:
            raise FormatError(f"truncated at byte {position}") from error

    def _field(self, index):
        slot = 4 + 2 * index
        if slot >= self.vtable_size:
            return 0
        relative = self._unpack("H", self.vtable + slot)
        return self.offset + relative if relative else 0

    def _indirect(self, index):
        position = self._field(index)
        return position + self._unpack("I", position) if position else 0


def read(data):
    """Parse the bytes of a .tflite file."""
    if data[4:8] != b"TFL3":
        raise FormatError("not a TFLite file (no TFL3 mark)")
    root = Table(data, struct.unpack_from("<I", data, 0)[0])
    graph = root.tables(2)[0]
    buffers = root.tables(4)
    # Old files keep the operator in a byte (field 0), newer ones in an int (field 3).
    codes = [max(code.scalar(0, "b"), code.scalar(3, "i")) for code in root.tables(1)]
    return Model(tensors=[_tensor(table, buffers) for table in graph.tables(0)],
                 operators=[_operator(table, codes) for table in graph.tables(3)],
                 inputs=graph.vector(1, np.int32).tolist(),
                 outputs=graph.vector(2, np.int32).tolist())


def _tensor(table, buffers):
    shape = tuple(table.vector(0, np.int32).tolist())
    kind = table.scalar(1, "b")
    if kind not in DTYPES:
        raise FormatError(f"tensor {table.text(3)}: element type {kind} is not supported")
    raw = buffers[table.scalar(2, "I")].vector(0, np.uint8).tobytes()
    constant = np.frombuffer(raw, DTYPES[kind]).reshape(shape) if raw else None
    return Tensor(table.text(3), shape, constant)


def _operator(table, codes):
    code = codes[table.scalar(0, "I")]
    if code not in OPERATORS:
        raise FormatError(f"operator {code} is not supported")
    kind = OPERATORS[code]
    return Operator(kind, table.vector(1, np.int32).tolist(), table.vector(2, np.int32).tolist(),
                    _options(kind, table.table(4)))


def _options(kind, table):
    """The operator's own fields; 1 = VALID and 0 = SAME padding, activation 1 = ReLU."""
    if kind not in ("CONV_2D", "DEPTHWISE_CONV_2D"):
        activation = table.scalar(0, "b") if table and kind in ("ADD", "MUL", "SUB") else 0
        return {"activation": activation}
    depthwise = kind == "DEPTHWISE_CONV_2D"
    shift = 1 if depthwise else 0
    dilation = (table.scalar(5 + shift, "i", 1), table.scalar(4 + shift, "i", 1))
    if dilation != (1, 1):
        raise FormatError(f"dilation {dilation} is not supported")
    return {"same": table.scalar(0, "b") == 0,
            "strides": (table.scalar(2, "i", 1), table.scalar(1, "i", 1)),
            "activation": table.scalar(3 + shift, "b")}
