#!/usr/bin/python3
"""imictl qr: a scanner reads from what is printed or drawn the link that was given."""
import os
import pty
import re
import shutil
import stat
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from imi_cli import BIN, CliTest

SECRET = "A" * 22 + "_-" + "z" * 19
LINK = "https://imi.localhost/j#ses_0123456789abcdefghijAB." + SECRET
GATEWAY = "https://192.168.1.20:7480"
QUIET = 4
SCALE = 6
BAD_LINKS = ["", "https://imi.localhost/j", "https://imi.localhost/j#ses_1", "https://imi.localhost/#a.b",
             "http://imi.localhost/j#a.b", "https:///j#", "imi.localhost/j#a.b", "/j#a.b",
             "https://imi.localhost/j#" + "a" * 100 + ".b", LINK + "x" * 500]
BAD_GATEWAYS = ["", "localhost:7480", "http://localhost", "https://", "https://localhost/", "https://a b",
                "https://localhost/j", "https://x#y", "https://user@localhost"]


def modules_of(lines):
    """Rows of dark (1) and light (0) modules of half blocks."""
    rows = []
    for line in lines:
        rows.append([int(block in "▀█") for block in line])
        rows.append([int(block in "▄█") for block in line])
    return rows


def modules_of_svg(path):
    root = ElementTree.parse(path).getroot()
    side = int(root.get("viewBox").split()[2])
    rows = [[0] * side for _ in range(side)]
    dark = root.findall("{http://www.w3.org/2000/svg}path")[1]
    assert dark.get("fill") == "#000000"
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", dark.get("d")):
        rows[int(y)][int(x)] = 1
    return rows


def scan(rows):
    """What a scanner reads."""
    with tempfile.NamedTemporaryFile(suffix=".pgm") as picture:
        width = SCALE * len(rows[0])
        pixels = b"".join(bytes(255 * (1 - dark) for dark in row for _ in range(SCALE)) * SCALE
                          for row in rows)
        picture.write(b"P5 %d %d 255\n" % (width, SCALE * len(rows)) + pixels)
        picture.flush()
        done = subprocess.run(["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable",
                               picture.name], capture_output=True, text=True, check=False)
        return done.stdout.strip()


@unittest.skipUnless(shutil.which("zbarimg"), "needs zbar-tools")
class Scanned(CliTest):
    def printed(self, *arguments, **options):
        done = self.imictl(0, "qr", *arguments, **options)
        self.assertNotIn("\033", done.stdout)
        return modules_of(done.stdout.splitlines())

    def test_what_is_printed_is_read_as_the_link(self):
        self.assertEqual(scan(self.printed(LINK)), LINK)

    def test_a_link_on_standard_input_is_read(self):
        self.assertEqual(scan(self.printed("-", text=LINK + "\n")), LINK)

    def test_the_link_leads_to_the_gateway_that_is_named(self):
        self.assertEqual(scan(self.printed(LINK, "--gateway", GATEWAY)),
                         GATEWAY + LINK[LINK.index("/j#"):])

    def test_an_issuer_below_a_path_keeps_it(self):
        link = LINK.replace("localhost/", "localhost/office/")
        self.assertEqual(scan(self.printed(link)), link)

    def test_a_quiet_zone_is_around(self):
        rows = self.printed(LINK)
        size = len(rows[0])
        self.assertIn(len(rows), (size, size + 1))
        for row in rows[:QUIET] + rows[size - QUIET:]:
            self.assertEqual(sum(row), 0)
        for row in rows:
            self.assertEqual(sum(row[:QUIET] + row[-QUIET:]), 0)

    def test_a_terminal_is_told_black_on_white(self):
        master, slave = pty.openpty()
        process = subprocess.Popen([os.path.join(BIN, "imictl"), "qr", LINK], stdout=slave)
        os.close(slave)
        shown = b""
        try:
            while piece := os.read(master, 65536):
                shown += piece
        except OSError:
            pass  # the terminal's other end is closed
        os.close(master)
        self.assertEqual(process.wait(), 0)
        lines = shown.decode().splitlines()
        for line in lines:
            self.assertRegex(line, "^\033\\[38;5;16;48;5;231m[ ▀▄█]+\033\\[0m$")
        self.assertEqual(scan(modules_of([re.sub("\033\\[[0-9;]*m", "", line) for line in lines])), LINK)

    def test_a_picture_is_read_as_the_link_and_for_its_owner_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "code.svg")
            done = self.imictl(0, "qr", LINK, "--svg", path)
            self.assertEqual(done.stdout, "")
            self.assertEqual(scan(modules_of_svg(path)), LINK)
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)


class Refused(CliTest):
    def test_what_is_no_join_link_is_not_drawn(self):
        for link in BAD_LINKS:
            with self.subTest(link=link):
                done = self.imictl(3, "qr", link)
                self.assertEqual(done.stdout, "")

    def test_what_is_no_gateway_is_refused(self):
        for gateway in BAD_GATEWAYS:
            with self.subTest(gateway=gateway):
                self.imictl(3, "qr", LINK, "--gateway", gateway)
                done = self.imictl(2, "session", "create", "--reference", "x", "--gateway", gateway)
                self.assertIn("--gateway", done.stderr)

    def test_a_picture_that_cannot_be_written_is_told(self):
        done = self.imictl(3, "qr", LINK, "--svg", "/nonexistent/code.svg")
        self.assertIn("/nonexistent", done.stderr)

    def test_usage(self):
        self.imictl(2, "qr")
        self.imictl(2, "qr", LINK, LINK)
        done = self.imictl(2, "session", "create", "--reference", "x", "--qr", "--json")
        self.assertIn("--json", done.stderr)
        self.assertIn("--svg", self.imictl(0, "qr", "--help").stdout)

    def test_messages_do_not_repeat_the_secret(self):
        done = self.imictl(3, "qr", LINK + "x" * 500)
        self.assertNotIn(SECRET, done.stderr)


if __name__ == "__main__":
    unittest.main()
