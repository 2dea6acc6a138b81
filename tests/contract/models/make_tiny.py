"""make_tiny.py FOLDER: networks of a few hundred bytes for the tests of models.local.json.

tiny.onnx: colour means of a 48 x 40 chip through a fixed matrix to 8 values, output "embedding".
endless.onnx: the same, but its values are infinite.
"""
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "models/convert"))

from onnx_writer import Network  # noqa: E402


def network(factor):
    net = Network("tiny")
    x = net.global_average_pool(net.input("input", (1, 3, 40, 48)))
    weights = np.cos(np.arange(24, dtype=np.float32)).reshape(8, 3)
    means = net.reshape_as_nhwc(x, (1, 3))
    net.output(net.linear(means, weights, np.full(8, factor, np.float32)), "embedding")
    return net.to_bytes()


def main(folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tiny.onnx").write_bytes(network(0.5))
    (folder / "endless.onnx").write_bytes(network(np.inf))


if __name__ == "__main__":
    main(sys.argv[1])
