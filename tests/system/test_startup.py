#!/usr/bin/python3 -B
"""A server that cannot start well does not start: exit code 3 and one line that says why."""
import json
import os
import socket
import subprocess
import tempfile
import unittest

from imi_system import BIN, MODELS, POLICY, SHARE, Backend, Client, Imid, read, read_text

EXIT_USAGE, EXIT_CANNOT_START = 2, 3
CALIBRATION = os.path.join(SHARE, "calibration.json")


class StartUp(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="imi-system.")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.imid = Imid(self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        path = self.path(name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path

    def assert_refused(self, *options):
        """The one error line."""
        ready = self.path("not-ready")
        done = self.imid.fail_to_start(*options, "--ready-file", ready)
        self.assertEqual(done.returncode, EXIT_CANNOT_START, done.stderr)
        self.assertFalse(os.path.exists(ready))
        self.assertEqual(done.stdout, "")
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        errors = [line for line in lines if line["level"] == "error"]
        self.assertEqual(len(errors), 1, done.stderr)
        self.assertIs(errors[0], lines[-1])
        return errors[0]["message"]

    def make_data(self):
        """Data of an earlier start."""
        self.imid.start()
        self.assertEqual(self.imid.stop(), 0)

    def test_mistakes_in_the_policy_are_named_with_line_and_field(self):
        mistakes = {
            "target_fmr": ("target_fmr: 1e-4", "target_fmr: 2.5"),
            "attempts": ("attempts: 5", "attempts: many"),
            "atempts": ("attempts: 5", "atempts: 5"),
            "audience": ("    audience: https://relying-party.example\n", ""),
            "evidence": ("[face, liveness]", "[face, blood]"),
            "purposes": ("demo]", "dmeo]"),
        }
        shipped = read_text(POLICY)
        for field, (right, wrong) in mistakes.items():
            with self.subTest(field=field):
                self.assertIn(right, shipped)
                policy = self.write("policy.yaml", shipped.replace(right, wrong, 1))
                message = self.assert_refused("--policy", policy)
                self.assertIn(field, message)
                self.assertRegex(message, r"line \d+|:\d+:")

    def test_what_is_no_yaml_is_refused_with_its_line(self):
        policy = self.write("policy.yaml", read_text(POLICY) + "\n\t: [\n")
        self.assertRegex(self.assert_refused("--policy", policy), r"line \d+|:\d+:")

    def test_missing_files_are_named(self):
        for option in ["--policy", "--calibration", "--models"]:
            with self.subTest(option=option):
                missing = self.path("missing")
                self.assertIn(missing, self.assert_refused(option, missing))

    def test_a_purpose_stricter_than_the_calibration_is_refused(self):
        strict = read_text(POLICY).replace("1e-4", "1e-6", 1)
        strict = strict.replace("fmr_max: 1e-5", "fmr_max: 1e-6")
        policy = self.write("policy.yaml", strict)
        self.assertIn("pension.qualification", self.assert_refused("--policy", policy))

    def test_a_calibration_made_for_other_models_is_refused(self):
        table = json.loads(read(CALIBRATION))
        table["models"][0]["id"] = "mobilefacenet@000000000000"
        calibration = self.write("calibration.json", json.dumps(table))
        self.assertIn("mobilefacenet@000000000000",
                      self.assert_refused("--calibration", calibration))

    def test_a_calibration_of_fewer_models_is_refused(self):
        table = json.loads(read(CALIBRATION))
        left_out = table["models"].pop(0)
        table["models"][0]["weights"] = {"raw": 1, "normalised": 1}
        calibration = self.write("calibration.json", json.dumps(table))
        self.assertIn(left_out["id"], self.assert_refused("--calibration", calibration))

    def test_a_damaged_calibration_is_refused(self):
        calibration = self.write("calibration.json", read(CALIBRATION)[:-200])
        self.assertIn("calibration", self.assert_refused("--calibration", calibration))

    def copy_models(self):
        """Links to every model, so that one can be replaced."""
        models = self.path("models")
        os.mkdir(models)
        for name in os.listdir(MODELS):
            os.symlink(os.path.join(MODELS, name), os.path.join(models, name))
        return models

    def test_a_model_with_one_flipped_bit_is_refused_by_name(self):
        models = self.copy_models()
        name = "mobilefacenet.onnx"
        content = bytearray(read(os.path.join(MODELS, name)))
        content[len(content) // 2] ^= 1
        os.remove(os.path.join(models, name))
        self.write(os.path.join("models", name), bytes(content))
        self.assertIn("mobilefacenet", self.assert_refused("--models", models))

    def test_a_missing_model_is_named(self):
        models = self.copy_models()
        os.remove(os.path.join(models, "facemesh.onnx"))
        self.assertIn("facemesh.onnx", self.assert_refused("--models", models))

    def test_keys_and_secrets_that_others_may_read_are_refused_by_name(self):
        self.make_data()
        for name in [self.imid.token_key(), "log-key.pem", "subject-secret", "wrapping-secret",
                     "pki/server.key", "pki/ca.key"]:
            with self.subTest(file=name):
                path = os.path.join(self.imid.data, name)
                os.chmod(path, 0o644)
                self.assertIn(name, self.assert_refused())
                os.chmod(path, 0o600)

    def test_a_lost_or_broken_key_is_not_replaced(self):
        self.make_data()
        for name in [self.imid.token_key(), "log-key.pem", "subject-secret", "wrapping-secret",
                     "pki/server.key"]:
            with self.subTest(file=name):
                path = os.path.join(self.imid.data, name)
                right = read(path)
                with open(path, "wb") as file:
                    file.write(b"x")
                self.assertIn(name, self.assert_refused())
                self.assertEqual(read(path), b"x")
                with open(path, "wb") as file:
                    file.write(right)

    def test_what_is_no_database_is_refused_and_left_alone(self):
        self.make_data()
        path = os.path.join(self.imid.data, "imi.db")
        with open(path, "wb") as file:
            file.write(b"not a database" * 1000)
        self.assert_refused()
        self.assertEqual(read(path), b"not a database" * 1000)

    def test_a_port_that_is_taken_is_named(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            address = "127.0.0.1:%d" % other.getsockname()[1]
            self.assertIn(address, self.assert_refused("--listen", address))

    def test_a_data_folder_that_cannot_be_written_is_named(self):
        data = self.path("file")
        self.write("file", "in the way")
        self.assertIn(data, self.assert_refused("--data", data))
        self.assertIn("/proc/none", self.assert_refused("--data", "/proc/none"))

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_data_folder_without_leave_to_write_is_named(self):
        os.mkdir(self.imid.data, 0o500)
        self.assertIn(self.imid.data, self.assert_refused())

    def test_a_second_server_on_the_same_data_is_refused_and_the_first_unharmed(self):
        self.imid.start()
        self.addCleanup(self.imid.kill)
        self.assertIn(self.imid.data, self.assert_refused())
        with Backend(self.imid) as backend:
            reference_id = backend.enrol()
            self.assertTrue(backend.create(reference_id).session_id)
        self.assertEqual(self.imid.stop(), 0)

    def test_the_data_of_a_killed_server_are_free_again(self):
        self.imid.start()
        self.imid.kill()
        self.imid.start()
        with Client(self.imid) as client:
            self.assertTrue(client.is_serving())
        self.assertEqual(self.imid.stop(), 0)


class Usage(unittest.TestCase):
    def run_imid(self, *arguments):
        return subprocess.run([os.path.join(BIN, "imid"), *arguments], capture_output=True,
                              text=True, timeout=60, check=False)

    def test_wrong_usage_exits_2_and_says_how_to_get_help(self):
        for arguments in [["--frob"], ["stray"], ["--data"], ["--workers", "0"],
                          ["--workers", "many"], ["--captures-at-once", "0"],
                          ["--listen", "7443"],
                          ["--log-level", "loud"], ["--policy", "x" * 5000]]:
            with self.subTest(arguments=arguments):
                done = self.run_imid(*arguments)
                self.assertEqual(done.returncode, EXIT_USAGE)
                self.assertIn("--help", done.stderr)
                self.assertEqual(done.stdout, "")

    def test_a_wrong_value_is_told_with_its_own_option(self):
        done = self.run_imid("--log-level=info", "--workers", "0")
        self.assertIn("--workers", done.stderr)
        self.assertIn("'0'", done.stderr)


if __name__ == "__main__":
    unittest.main()
