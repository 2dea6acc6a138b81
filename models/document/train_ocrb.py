#!/usr/bin/python3
"""Trains the network that reads the characters of a machine readable zone.

usage: train_ocrb.py OUT [--steps N] [--seed N]

Every sample is drawn: an OCR-B character between two others, in the resolution, blur, noise,
tilt and background that photos of documents show. No photo is used. The font comes from
Debian's fonts-ocr-b (public domain and free without limitation), drawn by ImageMagick.

OUT: per layer int8 weights (outputs x inputs), float32 scale per output, float32 bias per
output, little-endian. ocrb.c reads it.
"""
import argparse
import subprocess

import numpy as np

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
FONTS = ("OCRB.otf", "OCRBS.otf")
FONT_FOLDER = "/usr/share/fonts/opentype/ocr-b/"
PITCH = 40  # of the drawn bank, in pixels
CANVAS_W, CANVAS_H = 3 * PITCH, 104
CELL_W, CELL_H = 16, 20  # the network's input
CELL_STEP = 0.075  # of the input's pixels, in pitches
CAP_CENTRE = CANVAS_H / 2
HIDDEN = 128
LEVELS = (5.0, 5.6, 6.4, 7.5, 9.0, 11.0, 14.0, 18.0)  # pixels per pitch of the imitated photo


def draw(font, char):
    """Ink (0 to 1) of one character, its cap height's middle on the canvas' middle."""
    size = PITCH / 43.1 * 60
    out = subprocess.run(
        ["convert", "-size", f"{CANVAS_W}x{CANVAS_H}", "xc:white", "-font", FONT_FOLDER + font,
         "-pointsize", f"{size:.2f}", "-fill", "black", "-gravity", "center",
         "-annotate", "+0+0", char.replace("<", "\\<"), "-depth", "8", "gray:-"],
        check=True, capture_output=True).stdout
    ink = 1 - np.frombuffer(out, np.uint8).reshape(CANVAS_H, CANVAS_W) / 255
    return ink.astype(np.float32)


def centre_rows(bank):
    """Moves all characters alike, so that capitals stand in the middle."""
    rows = np.nonzero(bank[:, ALPHABET.index("H")].max(axis=(0, 2)) > 0.5)[0]
    shift = int(round(CAP_CENTRE - (rows[0] + rows[-1]) / 2))
    return np.roll(bank, shift, axis=2), (rows[-1] - rows[0] + 1) / PITCH


def blur_axis(image, sigma, axis):
    reach = int(3 * sigma) + 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    total = np.zeros_like(image)
    for weight, step in zip(kernel, range(-reach, reach + 1)):
        total += np.float32(weight) * np.roll(image, step, axis=axis)
    return total


def blur(image, sigma):
    return blur_axis(blur_axis(image, sigma, -1), sigma, -2)


def weights_of(ink):
    """Thin, plain and bold strokes."""
    soft = blur(ink, 2.0)
    return np.stack([np.clip((soft - t) * 4 + 0.5, 0, 1) for t in (0.62, 0.5, 0.33, 0.22)])


class Bank:
    def __init__(self):
        plain = np.stack([np.stack([draw(f, c) for c in ALPHABET]) for f in FONTS])
        plain, self.cap_height = centre_rows(plain)
        inks = weights_of(plain)  # weight, font, char, y, x
        self.inks = inks.reshape(-1, *inks.shape[2:])
        self.levels = [blur(self.inks, 0.45 * PITCH / q) for q in LEVELS]


def sample_batch(bank, rng, count):
    """Cells (count, CELL_H * CELL_W), normalised, and labels."""
    level = rng.integers(len(LEVELS))
    inks, pitch = bank.levels[level], LEVELS[level]
    style = rng.integers(inks.shape[0], size=count)
    labels = rng.integers(len(ALPHABET), size=count)
    beside = rng.integers(len(ALPHABET), size=(2, count))
    beside[rng.random((2, count)) < 0.3] = ALPHABET.index("<")
    # The photo's pixels, in pitches around the character's middle.
    reach_x, reach_y = 0.85, 1.0
    nx, ny = int(2 * reach_x * pitch) + 1, int(2 * reach_y * pitch) + 1
    phase = rng.random((2, count, 1, 1)).astype(np.float32)
    gx = (np.arange(nx)[None, None, :] + phase[0]) / pitch - reach_x
    gy = (np.arange(ny)[None, :, None] + phase[1]) / pitch - reach_y
    low = render(inks, style, labels, beside, gx, gy, rng, count)
    low = spoil(low, gx, gy, rng, count)
    return to_cells(low, phase, pitch, reach_x, reach_y, rng, count), labels


def render(inks, style, labels, beside, gx, gy, rng, count):
    shape = (count, 1, 1)
    tilt = rng.uniform(-0.05, 0.05, shape)
    slant = rng.uniform(-0.08, 0.08, shape)
    scale_x = rng.uniform(0.9, 1.1, shape)
    scale_y = rng.uniform(0.86, 1.16, shape)
    x = (gx + (tilt + slant) * gy) * scale_x
    y = (gy - tilt * gx) * scale_y
    row = np.clip(np.rint(y * PITCH + CAP_CENTRE).astype(int), 0, CANVAS_H - 1)
    total = np.zeros(np.broadcast_shapes(x.shape, y.shape), np.float32)
    for char, offset in ((labels, 0), (beside[0], 1), (beside[1], -1)):
        column = np.rint((x + offset) * PITCH + CANVAS_W / 2).astype(int)
        inside = (column >= 0) & (column < CANVAS_W)
        ink = inks[style[:, None, None], char[:, None, None], row,
                   np.clip(column, 0, CANVAS_W - 1)]
        total += np.where(inside, ink, 0)
    return np.minimum(total, 1)


def spoil(low, gx, gy, rng, count):
    shape = (count, 1, 1)
    contrast = rng.uniform(0.25, 1.0, shape)
    ground = rng.uniform(-1, 1, shape) * gx + rng.uniform(-1, 1, shape) * gy
    angle = rng.uniform(0, np.pi, shape)
    wave = np.sin((np.cos(angle) * gx + np.sin(angle) * gy) * rng.uniform(3, 25, shape) +
                  rng.uniform(0, 6.28, shape))
    wave_strength = rng.uniform(0, 0.12, shape) * (rng.random(shape) < 0.5)
    noise = rng.normal(0, 1, low.shape) * rng.uniform(0, 0.12, shape)
    return (contrast * low + 0.06 * ground + wave_strength * wave +
            noise * contrast ** 0.5).astype(np.float32)


def to_cells(low, phase, pitch, reach_x, reach_y, rng, count):
    """Bilinear look-up at the network's grid, displaced a little."""
    dx = rng.uniform(-0.14, 0.14, (count, 1, 1))
    dy = rng.uniform(-0.12, 0.12, (count, 1, 1))
    cx = (np.arange(CELL_W) - (CELL_W - 1) / 2) * CELL_STEP
    cy = (np.arange(CELL_H) - (CELL_H - 1) / 2) * CELL_STEP
    x = np.clip((cx[None, None, :] + dx + reach_x) * pitch - phase[0], 0, low.shape[2] - 1.001)
    y = np.clip((cy[None, :, None] + dy + reach_y) * pitch - phase[1], 0, low.shape[1] - 1.001)
    ix, iy = x.astype(int), y.astype(int)
    fx, fy = x - ix, y - iy
    n = np.arange(count)[:, None, None]
    value = ((low[n, iy, ix] * (1 - fx) + low[n, iy, ix + 1] * fx) * (1 - fy) +
             (low[n, iy + 1, ix] * (1 - fx) + low[n, iy + 1, ix + 1] * fx) * fy)
    flat = value.reshape(count, -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return (flat / (flat.std(axis=1, keepdims=True) + 0.02)).astype(np.float32)


class Network:
    def __init__(self, rng):
        sizes = (CELL_W * CELL_H, HIDDEN, HIDDEN // 2, len(ALPHABET))
        self.w = [rng.normal(0, np.sqrt(2 / a), (b, a)).astype(np.float32)
                  for a, b in zip(sizes, sizes[1:])]
        self.b = [np.zeros(b, np.float32) for b in sizes[1:]]
        self.moments = [[np.zeros_like(p), np.zeros_like(p)] for p in self.w + self.b]
        self.step = 0

    def forward(self, x):
        kept = [x]
        for i, (w, b) in enumerate(zip(self.w, self.b)):
            x = x @ w.T + b
            if i + 1 < len(self.w):
                x = np.maximum(x, 0)
            kept.append(x)
        return kept

    def train(self, x, labels, rate):
        kept = self.forward(x)
        logits = kept[-1] - kept[-1].max(axis=1, keepdims=True)
        share = np.exp(logits)
        share /= share.sum(axis=1, keepdims=True)
        target = np.full_like(share, 0.02 / share.shape[1])
        target[np.arange(len(labels)), labels] += 0.98
        loss = -np.log(share[np.arange(len(labels)), labels] + 1e-9).mean()
        delta = (share - target) / len(labels)
        grads_w, grads_b = [], []
        for i in range(len(self.w) - 1, -1, -1):
            grads_w.insert(0, delta.T @ kept[i])
            grads_b.insert(0, delta.sum(axis=0))
            if i > 0:
                delta = (delta @ self.w[i]) * (kept[i] > 0)
        self.adam(grads_w + grads_b, rate)
        return loss

    def adam(self, grads, rate):
        self.step += 1
        for p, g, m in zip(self.w + self.b, grads, self.moments):
            m[0] += 0.1 * (g - m[0])
            m[1] += 0.001 * (g * g - m[1])
            first = m[0] / (1 - 0.9 ** self.step)
            second = m[1] / (1 - 0.999 ** self.step)
            p -= (rate * first / (np.sqrt(second) + 1e-8)).astype(np.float32)

    def quantise(self):
        out = b""
        for i, (w, b) in enumerate(zip(self.w, self.b)):
            scale = np.maximum(np.abs(w).max(axis=1), 1e-9) / 127
            q = np.clip(np.rint(w / scale[:, None]), -127, 127).astype(np.int8)
            self.w[i] = q * scale[:, None].astype(np.float32)
            out += q.tobytes() + scale.astype("<f4").tobytes() + b.astype("<f4").tobytes()
        return out


def accuracy(network, bank, rng, batches=32):
    right = total = 0
    for _ in range(batches):
        x, labels = sample_batch(bank, rng, 512)
        right += (network.forward(x)[-1].argmax(axis=1) == labels).sum()
        total += len(labels)
    return right / total


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    bank = Bank()
    print(f"cap height {bank.cap_height:.3f} pitches")
    network = Network(rng)
    for step in range(options.steps):
        rate = 0.002 * 0.5 * (1 + np.cos(np.pi * step / options.steps)) + 1e-6
        x, labels = sample_batch(bank, rng, 512)
        loss = network.train(x, labels, rate)
        if step % 250 == 0:
            print(f"step {step}: loss {loss:.4f}", flush=True)
    contents = network.quantise()
    with open(options.out, "wb") as file:
        file.write(contents)
    print(f"{len(contents)} bytes, {accuracy(network, bank, rng):.4f} of fresh samples right")


if __name__ == "__main__":
    main()
