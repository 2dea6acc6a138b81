"""Recordings of the phrases: complete, of the stated kind, and replaced by real ones where there are."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import wave

MOBILE = pathlib.Path(os.environ["IMI_SOURCE"]) / "mobile-sdk"
LANGUAGES = ("cmn", "yue", "en")


def make(out, *options):
    return subprocess.run([MOBILE / "voice/make-voices", *options, out], capture_output=True, text=True)


def silence(path, milliseconds):
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 22050, 0, "NONE", ""))
        sound.writeframes(bytes(2 * 22050 * milliseconds // 1000))


class Voices(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        cls.out = cls.scratch / "out"
        cls.made = make(cls.out)

    def lengths(self, out=None):
        return json.loads(((out or self.out) / "lengths.json").read_text("utf-8"))

    def test_every_phrase_has_a_file_and_a_length(self):
        self.assertEqual(self.made.returncode, 0, self.made.stderr)
        self.assertEqual(list(self.lengths()), list(LANGUAGES))
        for language in LANGUAGES:
            names = json.loads((MOBILE / f"phrases/{language}.json").read_text("utf-8"))
            self.assertEqual(list(self.lengths()[language]), list(names))
            files = {path.stem for path in (self.out / language).iterdir()}
            self.assertEqual(files, set(names))

    def test_placeholders_are_counted(self):
        self.assertIn("yue: 38 phrases, 38 of them placeholders", self.made.stdout)

    def test_files_are_mono_at_24_kbit_per_second(self):
        for mp3 in self.out.glob("*/*.mp3"):
            header = mp3.read_bytes()[:4]
            self.assertEqual(header[0], 0xFF)
            self.assertEqual(header[1] & 0xFE, 0xF2)  # MPEG 2, layer III
            self.assertEqual(header[2] >> 4, 3)  # 24 kbit/s
            self.assertEqual(header[2] >> 2 & 3, 0)  # 22,050 Hz
            self.assertEqual(header[3] >> 6, 3)  # mono

    def test_lengths_are_those_of_the_files(self):
        # At a constant rate the size says the length, but for a last frame.
        for language in LANGUAGES:
            for name, length_ms in self.lengths()[language].items():
                size = (self.out / language / f"{name}.mp3").stat().st_size
                self.assertAlmostEqual(length_ms, size * 8 / 24, delta=120, msg=name)

    def test_none_blocks_longer_than_the_pacer_lets_it(self):
        for language in LANGUAGES:
            for name, length_ms in self.lengths()[language].items():
                self.assertGreater(length_ms, 500, f"{language} {name}")
                self.assertLess(length_ms, 15000, f"{language} {name}")

    def test_guidance_is_short(self):
        for language in LANGUAGES:
            for name in ("turn_left", "open_mouth", "blink", "nod", "move_closer", "hold_still"):
                self.assertLess(self.lengths()[language][name], 6000, f"{language} {name}")

    def test_languages_are_spoken_differently(self):
        self.assertEqual(len({(self.out / language / "nod.mp3").read_bytes() for language in LANGUAGES}), 3)


class Recordings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        recordings = cls.scratch / "recordings"
        silence(recordings / "en/nod.wav", 700)
        silence(cls.scratch / "blink.wav", 900)
        (recordings / "yue").mkdir()
        subprocess.run(["lame", "--quiet", "-b", "32", cls.scratch / "blink.wav", recordings / "yue/blink.mp3"],
                       check=True)
        cls.first, cls.second = cls.scratch / "first", cls.scratch / "second"
        cls.recordings = recordings
        cls.made = make(cls.first, "--recordings", recordings)
        make(cls.second, "--recordings", recordings)

    def test_an_mp3_is_used_as_it_is(self):
        self.assertEqual((self.first / "yue/blink.mp3").read_bytes(),
                         (self.recordings / "yue/blink.mp3").read_bytes())

    def test_a_wav_is_encoded_and_its_length_told(self):
        lengths = json.loads((self.first / "lengths.json").read_text("utf-8"))
        self.assertAlmostEqual(lengths["en"]["nod"], 700, delta=120)

    def test_the_rest_stays_a_placeholder(self):
        self.assertIn("yue: 38 phrases, 37 of them placeholders", self.made.stdout)
        self.assertIn("cmn: 38 phrases, 38 of them placeholders", self.made.stdout)

    def test_the_same_input_gives_the_same_bytes(self):
        names = sorted(path.relative_to(self.first) for path in self.first.rglob("*.*"))
        self.assertEqual(len(names), 3 * 38 + 1)
        for name in names:
            self.assertEqual((self.first / name).read_bytes(), (self.second / name).read_bytes(), name)

    def test_a_missing_folder_is_an_error(self):
        made = make(self.scratch / "third", "--recordings", self.scratch / "nowhere")
        self.assertNotEqual(made.returncode, 0)
        self.assertIn("no folder", made.stderr)
        self.assertFalse((self.scratch / "third").exists())


if __name__ == "__main__":
    if not (shutil.which("espeak-ng") and shutil.which("lame")):
        print("skipped: no espeak-ng or lame")
        sys.exit(77)
    unittest.main()
