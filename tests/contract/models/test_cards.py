"""test_cards.py MODELS_FOLDER: every model has a card that says what a deployment must know."""
import json
import re
import sys
import unittest
from pathlib import Path

MODELS = Path(sys.argv[1])
HEADINGS = ("Source", "Licence", "Training data", "Measured", "Doubts")
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def sections(text):
    """{heading: what stands below it}"""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


class Cards(unittest.TestCase):
    def setUp(self):
        models = json.loads((MODELS / "manifest.json").read_text())["models"]
        self.cards = {model["id"]: MODELS / model["card"] for model in models}
        # What is built into the program has a card, too, but no entry.
        self.all_cards = sorted((MODELS / "cards").iterdir())

    def test_every_model_has_a_card(self):
        self.assertGreaterEqual(len(self.cards), 7)
        for model, card in self.cards.items():
            self.assertTrue(card.is_file(), f"{model}: {card} is missing")

    def test_a_card_names_its_model(self):
        for model, card in self.cards.items():
            self.assertIn(f"`{model}`", card.read_text().splitlines()[0])

    def test_a_card_has_every_heading_with_something_below(self):
        for card in self.all_cards:
            found = sections(card.read_text())
            for heading in HEADINGS:
                self.assertIn(heading, found, card.name)
                self.assertGreater(len(found[heading].split()), 0, f"{card.name}: {heading}")

    def test_a_card_says_when_it_was_reviewed(self):
        for card in self.all_cards:
            self.assertRegex(card.read_text(), r"(?m)^Last reviewed: \d{4}-\d{2}-\d{2}$", card.name)

    def test_measured_figures_stand_between_marks(self):
        for card in set(self.cards.values()):
            measured = sections(card.read_text())["Measured"]
            self.assertEqual((measured.count(BEGIN), measured.count(END)), (1, 1), card.name)
            self.assertLess(measured.index(BEGIN), measured.index(END), card.name)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
