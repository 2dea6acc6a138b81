#!/usr/bin/python3
"""Lays the pictures of shoot.mjs side by side, one sheet for each language, for docs/page.md.

usage: sheets.py SHOTS_FOLDER OUT_FOLDER SIZE NAMES (by commas)

Needs python3-pil. Few colours are enough for what is drawn, and keep the sheets small.
"""
import os
import sys

from PIL import Image, ImageDraw

COLOURS = 48
GAP_PX, CAPTION_PX = 12, 16
SHAPES = {"phone": (270, 8), "computer": (600, 4), "lying": (480, 4), "large": (240, 7)}
BEHIND = (92, 92, 112)


def load(shots, name, language, size):
    path = os.path.join(shots, f"{name}-{language}-{size}.png")
    if not os.path.exists(path):
        return None
    picture = Image.open(path).convert("RGB")
    width = SHAPES[size][0]
    return name, picture.resize((width, picture.height * width // picture.width), Image.LANCZOS)


def lay_out(pictures, width, columns):
    """(name, picture, x, y) of each, always in the column that is shortest."""
    filled = [GAP_PX] * columns
    for name, picture in pictures:
        column = filled.index(min(filled))
        yield name, picture, GAP_PX + column * (width + GAP_PX), filled[column]
        filled[column] += CAPTION_PX + picture.height + GAP_PX


def main(shots, out, size, names):
    os.makedirs(out, exist_ok=True)
    width, columns = SHAPES[size]
    for language in ("zh-CN", "zh-HK", "en"):
        pictures = [one for name in names.split(",") if (one := load(shots, name, language, size))]
        if not pictures:
            continue
        placed = list(lay_out(pictures, width, columns))
        height = max(y + picture.height for _, picture, _, y in placed) + CAPTION_PX + GAP_PX
        sheet = Image.new("RGB", (GAP_PX + columns * (width + GAP_PX), height), BEHIND)
        pen = ImageDraw.Draw(sheet)
        for name, picture, x, y in placed:
            pen.text((x, y), name, fill="white")
            sheet.paste(picture, (x, y + CAPTION_PX))
        sheet.quantize(COLOURS, method=Image.Quantize.FASTOCTREE).save(os.path.join(out, f"{size}-{language}.png"), optimize=True)


if len(sys.argv) != 5:
    sys.exit(__doc__)
main(*sys.argv[1:])
