"""Reads PyTorch checkpoints of the old format (before 1.6): pickles, then raw storages.

Without PyTorch, and without running what a pickle says: only the few names that a dictionary of
tensors needs are known, anything else is an error.
"""
import io
import pickle
import struct
from collections import OrderedDict

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
DTYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class FormatError(ValueError):
    """The file is not what this reader understands."""


class _Storage:
    def __init__(self, kind, key):
        self.dtype = DTYPES[kind]
        self.key = key
        self.values = None


class _Tensor:
    def __init__(self, storage, offset, shape, stride, *_unused):
        self.storage, self.offset, self.shape, self.stride = storage, offset, shape, stride

    def array(self):
        wanted, step = [], 1
        for size in reversed(self.shape):
            wanted.insert(0, step)
            step *= size
        if tuple(wanted) != tuple(self.stride):
            raise FormatError("a tensor is not contiguous")
        return self.storage.values[self.offset:self.offset + step].reshape(self.shape)


class _Reader(pickle.Unpickler):
    def __init__(self, file):
        super().__init__(file)
        self.storages = {}

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _Tensor
        if module == "torch" and name in DTYPES:
            return name
        raise FormatError(f"{module}.{name} has no place in a checkpoint")

    def persistent_load(self, pid):
        _, kind, key = pid[:3]
        return self.storages.setdefault(key, _Storage(kind, key))


def read(data):
    """Arrays by name."""
    file = io.BytesIO(data)
    try:
        if _Reader(file).load() != MAGIC or _Reader(file).load() != PROTOCOL:
            raise FormatError("not a PyTorch checkpoint of the old format")
        _Reader(file).load()  # sizes of C types, of the machine that wrote it
        reader = _Reader(file)
        tensors = reader.load()
        for key in _Reader(file).load():
            _fill(reader.storages[key], file)
    except (pickle.UnpicklingError, EOFError, struct.error, KeyError) as error:
        raise FormatError(f"the checkpoint cannot be read: {error}") from error
    return {name: tensor.array() for name, tensor in tensors.items()}


def _fill(storage, file):
    count = struct.unpack("<q", file.read(8))[0]
    raw = file.read(count * storage.dtype.itemsize)
    if len(raw) != count * storage.dtype.itemsize:
        raise FormatError("the checkpoint is truncated")
    storage.values = np.frombuffer(raw, storage.dtype)
