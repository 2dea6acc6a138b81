"""Calls the programs under test; shared by the tests of this folder."""
import base64
import json
import os
import subprocess
import unittest

BIN = os.environ["IMI_BIN"]

# A grey square, 96 x 96.
BLANK_JPEG = base64.b64decode("""
/9j/4AAQSkZJRgABAgAAAQABAAD//gAQTGF2YzU5LjM3LjEwMAD/2wBDAAgoKC8oLzc3Nzc3N0E8QUNDQ0FBQUFDQ0NISEhV
VVVISEhDQ0hIUFBVVVxfXFdXVVdfX2RkZHh4c3OMjJGsrM//xABKAAEAAAAAAAAAAAAAAAAAAAAAAQEAAAAAAAAAAAAAAAAA
AAAAEAEAAAAAAAAAAAAAAAAAAAAAEQEAAAAAAAAAAAAAAAAAAAAA/8AAEQgAYABgAwEiAAIRAAMRAP/aAAwDAQACEQMRAD8A
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/9k=
""")


def run(program, *arguments, timeout=240, text=None, environment=None):
    """The finished process: returncode, stdout and stderr as text."""
    return subprocess.run(
        [os.path.join(BIN, program), *arguments], input=text, capture_output=True, text=True,
        timeout=timeout, env=dict(os.environ, **(environment or {})), check=False)


class CliTest(unittest.TestCase):
    """Assertions about exit codes and output."""

    def imictl(self, code, *arguments, **options):
        """Run imictl and insist on its exit code."""
        done = run("imictl", *arguments, **options)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")
        return done

    def imictl_json(self, code, *arguments, **options):
        """The same with --json: what it printed, which must be one JSON object."""
        result = json.loads(self.imictl(code, *arguments, "--json", **options).stdout)
        self.assertIsInstance(result, dict)
        return result
