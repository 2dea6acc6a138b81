"""Simulated frames of a phone: a person before the lens, or a print or a screen that shows one.

Everything is drawn at the resolution of the sensor in linear light, and the same camera takes
both, so that only the medium tells them apart. Dots and pixels of a medium are not drawn finer
than the sensor sees: their harmonics are sampled where the sensor samples, which is what makes
them beat. Deterministic by the generator of random numbers that is passed in.
"""
import cv2
import numpy as np

FRAMES = ((480, 640), (640, 480), (480, 640), (540, 960), (720, 720))  # width, height
SPECIES = ("print", "screen")


def chance(rng, share):
    return rng.random() < share


def linear(picture):
    return np.power(picture.astype(np.float32) / 255, 2.2)


def noise_field(rng, height, width, cell):
    """Smooth noise, zero mean, standard deviation about 1."""
    small = rng.normal(size=(max(2, int(height / cell)) + 1, max(2, int(width / cell)) + 1))
    return cv2.resize(small.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)


# ---- what stands behind a person ----

def furnish(rng, room):
    """Windows, doors, frames and shelves: straight edges that belong to no medium."""
    height, width = room.shape[:2]
    for _ in range(rng.integers(1, 7)):
        x, y = rng.integers(-width // 4, width), rng.integers(-height // 4, height)
        w, h = rng.integers(width // 10, width), rng.integers(height // 10, height)
        tint = rng.uniform(0.02, 0.9, 3) * rng.uniform(0.3, 1.3)
        kind = rng.integers(3)
        if kind == 0:
            cv2.rectangle(room, (x, y), (x + w, y + h), tint.tolist(), -1)
        elif kind == 1:
            cv2.rectangle(room, (x, y), (x + w, y + h), tint.tolist(), int(rng.integers(2, 24)))
        else:
            cv2.line(room, (x, -height), (x + int(rng.normal(0, width / 8)), 2 * height),
                     tint.tolist(), int(rng.integers(1, 30)))
    return room


def background(rng, height, width):
    tint = rng.uniform(0.05, 0.8) * rng.uniform(0.75, 1.25, 3)
    room = np.ones((height, width, 3), np.float32) * tint.astype(np.float32)
    if chance(rng, 0.6):
        room = furnish(rng, room)
        room = cv2.GaussianBlur(room, (0, 0), rng.uniform(0.3, 6))
    if chance(rng, 0.5):
        room *= 1 + rng.uniform(0.02, 0.2) * noise_field(rng, height, width,
                                                         rng.uniform(2, 40))[..., None]
    room *= 1 + rng.uniform(0, 0.25) * noise_field(rng, height, width, 300)[..., None]
    return np.clip(room, 0.003, 1.2)


# ---- a person ----

class Portrait:
    """A picture of a person, what of it is the person, and how wide the face is."""

    def __init__(self, picture, mask, face):
        self.picture = picture  # BGR, 8 bit
        self.mask = mask  # 0 to 1; None: the whole picture is to be kept
        self.face = face  # x, y, width, height


def light(rng, person, face):
    """Lamps: a gradient over the face, and now and then hard highlights and deep shadows."""
    height, width = person.shape[:2]
    xs = (np.arange(width, dtype=np.float32) - face[0]) / face[2] - 0.5
    ys = (np.arange(height, dtype=np.float32) - face[1]) / face[3] - 0.5
    slope = rng.normal(0, 0.35, 2)
    out = person * np.clip(1 + slope[0] * xs[None, :, None] + slope[1] * ys[:, None, None],
                           0.15, 2.5).astype(np.float32)
    if chance(rng, 0.5):
        grey = cv2.GaussianBlur(out.mean(2), (0, 0), face[2] / 60)
        x, y, w, h = face
        bright = np.quantile(grey[y:y + h, x:x + w], rng.uniform(0.85, 0.97))
        out += (rng.uniform(0.5, 4) * np.maximum(grey - bright, 0))[..., None]
    return out


def stand(rng, portrait, width, height, face_px, centre):
    """The person before a room, in linear light, and where the face then is."""
    scale = face_px / portrait.face[2]
    x, y, w, h = portrait.face
    turn = cv2.getRotationMatrix2D((x + w / 2, y + h / 2), rng.normal(0, 4), scale)
    turn[:, 2] += np.array(centre) - (x + w / 2, y + h / 2)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture = portrait.picture
    if scale < 0.7:  # warpAffine does not average
        picture = cv2.GaussianBlur(picture, (0, 0), 0.4 / scale)
    picture = cv2.warpAffine(picture, turn, (width, height), flags=way,
                             borderMode=cv2.BORDER_REPLICATE)
    face = [int(centre[0] - face_px / 2), int(centre[1] - face_px * h / w / 2), int(face_px),
            int(face_px * h / w)]
    face = [max(face[0], 0), max(face[1], 0), max(face[2], 8), max(face[3], 8)]
    person = light(rng, linear(picture), face)
    if portrait.mask is None:
        return person
    mask = cv2.warpAffine(portrait.mask, turn, (width, height),
                          borderMode=cv2.BORDER_REPLICATE)[..., None]
    return person * mask + background(rng, height, width) * (1 - mask)


# ---- the camera ----

def mosaic(rng, raw):
    """One colour a pixel, and the others guessed again."""
    top = np.clip(raw, 0, 1)
    cfa = np.zeros(top.shape[:2], np.float32)
    cfa[0::2, 0::2] = top[0::2, 0::2, 0]
    cfa[0::2, 1::2] = top[0::2, 1::2, 1]
    cfa[1::2, 0::2] = top[1::2, 0::2, 1]
    cfa[1::2, 1::2] = top[1::2, 1::2, 2]
    return cv2.cvtColor((cfa * 65535).astype(np.uint16), cv2.COLOR_BayerRG2BGR) / np.float32(65535)


def flicker(rng, scene, strength):
    """Mains or a screen's refresh, read row by row."""
    height = scene.shape[0]
    period = height / rng.uniform(1.5, 14)
    wave = np.sin(2 * np.pi * (np.arange(height) / period + rng.random()))
    if chance(rng, 0.5):
        wave = np.tanh(wave * 4)
    return scene * (1 + strength * wave[:, None, None]).astype(np.float32)


def take(rng, scene, frame):
    """A frame of a phone: linear light at the sensor to the picture a JPEG decodes to."""
    scene = scene * np.float32(rng.lognormal(0, 0.15) * 0.5 / max(np.quantile(scene, 0.8), 0.05))
    scene = scene * rng.lognormal(0, 0.07, 3).astype(np.float32)
    if chance(rng, 0.2):
        scene = flicker(rng, scene, rng.uniform(0.005, 0.04))
    if chance(rng, 0.4):  # stray light in the lens, as against a window
        scene = scene + rng.uniform(0, 0.08) * scene.mean((0, 1))
    scene = cv2.GaussianBlur(scene, (0, 0), rng.uniform(0.3, 1.1))
    if chance(rng, 0.15):
        length = int(rng.integers(2, 6))
        scene = cv2.blur(scene, (length, 1) if chance(rng, 0.7) else (1, length))
    shot = rng.uniform(0.002, 0.03)
    raw = scene + rng.normal(size=scene.shape).astype(np.float32) * np.sqrt(
        np.maximum(scene, 0) * shot ** 2 + (shot / 12) ** 2)
    if chance(rng, 0.6):
        raw = mosaic(rng, raw)
    picture = np.power(np.clip(raw, 0, 1), 1 / rng.uniform(1.9, 2.4)).astype(np.float32)
    curve = rng.uniform(-0.6, 0.8)  # the contrast that the phone gives its pictures
    picture = picture + curve * (picture - 0.5) * picture * (1 - picture) * 4
    if chance(rng, 0.5):
        picture = cv2.bilateralFilter(picture, 5, rng.uniform(0.02, 0.1), 2)
    picture = cv2.resize(picture, frame, interpolation=(cv2.INTER_AREA, cv2.INTER_LINEAR)[
        int(chance(rng, 0.4))])
    if chance(rng, 0.6):
        soft = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.7, 1.5))
        picture = picture + rng.uniform(0.2, 1.0) * (picture - soft)
    return np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)


def encode(rng, picture):
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 96))])[1]


# ---- media ----

def crop(rng, portrait):
    """Of a picture that is to be kept whole: the face and some of what is around it."""
    x, y, w, h = portrait.face
    reach = rng.uniform(0.25, 1.2) * w
    top, left = max(0, int(y - reach)), max(0, int(x - reach))
    return portrait.picture[top:int(y + h + reach), left:int(x + w + reach)], w


def photo(rng, portrait):
    """The picture that an attacker has: taken by another camera, stored and shared."""
    if portrait.mask is None:
        return crop(rng, portrait)
    face_px = rng.uniform(90, 300)
    margin = rng.uniform(1.3, 3.2)
    width, height = int(face_px * margin), int(face_px * margin * rng.uniform(1.0, 1.5))
    centre = (width / 2, height * rng.uniform(0.42, 0.55))
    scene = stand(rng, portrait, width, height, face_px, centre)
    picture = take(rng, scene, (width, height)) if chance(rng, 0.6) else (
        np.clip(np.power(np.clip(scene, 0, 1), 1 / 2.2) * 255, 0, 255).astype(np.uint8))
    picture = cv2.imdecode(encode(rng, picture), cv2.IMREAD_COLOR)
    return picture, face_px


def harmonics(rng, u, v, pitch, channel):
    """A screen's pixels as the sensor sees them: a comb of stripes, and gaps between rows."""
    aperture = rng.uniform(0.5, 1.0)
    wave = np.zeros_like(u)
    for order, height in ((1, 0.8), (2, 0.35)):
        seen = height * abs(np.sinc(aperture * order / pitch))
        wave += seen * np.cos(2 * np.pi * order * (u / pitch + channel / 3))
    seen = 0.35 * abs(np.sinc(aperture / pitch))
    return 1 + wave + seen * np.cos(2 * np.pi * v / pitch)


def dots(u, v, ink, pitch, angle, sharp):
    """Halftone: ink where a rotated grid of cones is below what the picture wants."""
    a = np.deg2rad(angle)
    x, y = u * np.cos(a) + v * np.sin(a), -u * np.sin(a) + v * np.cos(a)
    cone = (np.cos(2 * np.pi * x / pitch) + np.cos(2 * np.pi * y / pitch)) / 4 + 0.5
    return np.clip((ink - cone) * sharp + 0.5, 0, 1).astype(np.float32)


def on_paper(rng, picture, u, v):
    """Reflected light: ink is never black, paper is never white, and both are matt or sheen."""
    value = linear(picture)
    share = rng.uniform(0, 0.6) if chance(rng, 0.6) else 0
    if share > 0:
        pitch = rng.uniform(0.8, 3.5)
        for channel, angle in ((0, 0), (1, 75), (2, 15)):
            spots = dots(u, v, value[..., channel], pitch, angle, rng.uniform(1, 3))
            value[..., channel] = (1 - share) * value[..., channel] + share * spots
    grey = value.mean(2, keepdims=True)
    value = grey + (value - grey) * rng.uniform(0.55, 1.0)
    black = rng.uniform(0.003, 0.1)
    value = black + value * (rng.uniform(0.5, 0.9) - black)
    value = value * rng.normal(1, 0.05, 3).astype(np.float32)
    height, width = u.shape
    value *= 1 + rng.uniform(0, 0.04) * noise_field(rng, height, width, 2)[..., None]
    value *= 1 + rng.uniform(0, 0.2) * noise_field(rng, height, width, 200)[..., None]
    if chance(rng, 0.3):
        value += rng.uniform(0, 0.2) * np.maximum(noise_field(rng, height, width, 120),
                                                  0)[..., None]
    return value


def on_screen(rng, picture, u, v):
    """Emitted light through a grid, under glass that mirrors the room."""
    value = np.power(picture.astype(np.float32) / 255, rng.uniform(1.9, 2.6))
    if chance(rng, 0.75):
        pitch = np.exp(rng.uniform(np.log(0.3), np.log(2.2)))
        strength = rng.uniform(0.1, 1.0)
        for channel in range(3):
            comb = harmonics(rng, u, v, pitch, channel)
            value[..., channel] *= 1 + strength * (comb - 1)
    value = value * (np.float32([1.08, 1.0, 0.94]) ** np.float32(rng.uniform(-0.5, 2.5)))
    if chance(rng, 0.45):
        value = flicker(rng, value, rng.uniform(0.02, 0.15))
    value = value * rng.uniform(0.6, 1.5) + np.exp(rng.uniform(np.log(0.0005), np.log(0.06)))
    height, width = u.shape
    if chance(rng, 0.4):
        centre = rng.uniform(0.1, 0.9, 2) * (width, height)
        glare = np.zeros((height, width), np.float32)
        axes = rng.uniform(0.02, 0.15, 2) * width
        cv2.ellipse(glare, (tuple(centre), tuple(axes * 2), rng.uniform(0, 180)), 1.0, -1)
        glare = cv2.GaussianBlur(glare, (0, 0), rng.uniform(1, 8))
        value += rng.uniform(0.1, 0.8) * glare[..., None]
    return value


def rim_of(rng, species):
    """Width of paper's margin or a bezel in shares of the medium, and its colour."""
    if species == "print":
        return rng.choice([0.0, rng.uniform(0.01, 0.12)]), np.float32(rng.uniform(0.5, 0.8))
    return rng.uniform(0.01, 0.08), np.float32(rng.uniform(0.004, 0.04))


def show(rng, portrait, species, width, height, face_px, centre):
    """A medium held before a camera, in linear light at the sensor."""
    picture, photo_face = photo(rng, portrait)
    rim, tint = rim_of(rng, species)
    pad = int(rim * picture.shape[1])
    ratio = face_px / photo_face
    around = background(rng, height, width)
    corners = np.float32([[0, 0], [1, 0], [1, 1], [0, 1]]) - 0.5
    corners *= np.float32([picture.shape[1], picture.shape[0]]) * np.float32(ratio)
    angle = np.deg2rad(rng.normal(0, 5))
    turn = np.float32([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    held = corners @ turn.T * (1 + rng.normal(0, 0.02, (4, 1))) + np.float32(centre)
    source = np.float32([[0, 0], [1, 0], [1, 1], [0, 1]]) * np.float32(
        [picture.shape[1], picture.shape[0]])
    way = cv2.getPerspectiveTransform(source, held.astype(np.float32))
    back = np.linalg.inv(way)
    xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    w = back[2, 0] * xs + back[2, 1] * ys + back[2, 2]
    u = ((back[0, 0] * xs + back[0, 1] * ys + back[0, 2]) / w).astype(np.float32)
    v = ((back[1, 0] * xs + back[1, 1] * ys + back[1, 2]) / w).astype(np.float32)
    shown = cv2.remap(picture, u, v, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    value = (on_paper if species == "print" else on_screen)(rng, shown, u * ratio, v * ratio)
    inside = (u >= 0) & (v >= 0) & (u < picture.shape[1]) & (v < picture.shape[0])
    within = (u >= -pad) & (v >= -pad) & (u < picture.shape[1] + pad) & (
        v < picture.shape[0] + pad)
    scene = np.where(within[..., None], tint, around)
    return np.where(inside[..., None], value, scene).astype(np.float32)


# ---- whole frames ----

def frame(rng, portrait, species):
    """The JPEG of one frame; species None: the person is there."""
    if species is None and portrait.mask is None:
        picture = portrait.picture
        again = take(rng, linear(picture), picture.shape[1::-1])
        return encode(rng, again if chance(rng, 0.5) else picture)
    size = FRAMES[rng.integers(len(FRAMES))]
    factor = rng.uniform(1.0, 1.4)
    width, height = int(size[0] * factor) // 2 * 2, int(size[1] * factor) // 2 * 2
    face_px = rng.uniform(0.22, 0.48) * min(width, height)
    centre = (width * rng.uniform(0.42, 0.58), height * rng.uniform(0.4, 0.58))
    if species is None:
        scene = stand(rng, portrait, width, height, face_px, centre)
    else:
        scene = show(rng, portrait, species, width, height, face_px, centre)
    return encode(rng, take(rng, scene, size))
