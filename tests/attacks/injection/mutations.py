"""What an attacker who owns the phone's network, or the phone, can do to frames on the wire.

Each mutation is a function of a Scene that returns the frame to be sent, made so that everything
about it is right but one thing. The frame must be refused. Deterministic by the scene's seed.
"""
import hashlib
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

MUTATIONS = {}
CHAIN = {"frame_chain"}
EARLY = {"frame_early"}  # the frames before it never come
IMAGE = {"image_empty", "image_format", "image_corrupt", "image_too_large", "image_too_small"}
SIGNATURE_BYTES, NONCE_BYTES = 64, 32
# Larger than a frame may be, smaller than the largest message.
HUGE_BYTES = (1 << 20) + 1


def mutation(refusals=frozenset(CHAIN), earlier=0):
    """Register a mutation: its stable names of refusal, the frames it needs to come before."""
    def register(function):
        MUTATIONS[function.__name__] = (function, refusals, earlier)
        return function
    return register


def link(nonce, sequence, captured_at_ms, jpeg, previous, domain=b"imi-frame-v1"):
    """The message that a frame's signature is over, as subject.proto says."""
    return (domain.ljust(16, b"\0") + nonce + struct.pack(">Qq", sequence, captured_at_ms)
            + hashlib.sha256(jpeg).digest() + previous)


def sign(key, message):
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Scene:
    """A capture after some honest frames: what the next one must be, and where to go wrong."""

    def __init__(self, phone, frame_type, jpegs, rng):
        self.phone, self.frame_type, self.jpegs, self.rng = phone, frame_type, jpegs, rng
        self.sent = []

    def honest(self, step_ms=80):
        frame = self.phone.frame(self.rng.choice(self.jpegs), step_ms)
        self.sent.append(frame)
        return frame

    def next(self, key=None, **changed):
        """The right next frame, with some of what is signed changed before it is signed."""
        parts = {"nonce": self.phone.capture.nonce, "sequence": self.phone.sequence + 1,
                 "captured_at_ms": self.phone.now_ms + 80, "jpeg": self.rng.choice(self.jpegs),
                 "previous": self.phone.previous}
        parts.update(changed)
        signature = sign(key or self.phone.key, link(**parts))
        return self.frame_type(sequence=parts["sequence"], captured_at_ms=parts["captured_at_ms"],
                               jpeg=parts["jpeg"], signature=signature)

    def flip(self, data):
        """One bit of some bytes changed."""
        changed = bytearray(data)
        changed[self.rng.randrange(len(changed))] ^= 1 << self.rng.randrange(8)
        return bytes(changed)


# ---- chain: something signed is not what it must be ----

@mutation()
def wrong_nonce(scene):
    return scene.next(nonce=scene.rng.randbytes(NONCE_BYTES))


@mutation()
def nonce_off_by_a_bit(scene):
    return scene.next(nonce=scene.flip(scene.phone.capture.nonce))


@mutation(CHAIN | EARLY)
def dropped_frames(scene):
    return scene.next(sequence=scene.phone.sequence + 1 + scene.rng.randrange(1, 50))


@mutation()
def sequence_zero(scene):
    return scene.next(sequence=0)


@mutation()
def sequence_huge(scene):
    return scene.next(sequence=(1 << 64) - 1 - scene.rng.randrange(1000))


@mutation(earlier=1)
def time_stands_still(scene):
    return scene.next(captured_at_ms=scene.phone.now_ms)


@mutation(earlier=1)
def time_runs_backwards(scene):
    return scene.next(captured_at_ms=scene.phone.now_ms - scene.rng.randrange(1, 100000))


@mutation()
def time_before_all_time(scene):
    return scene.next(captured_at_ms=-scene.rng.randrange(1 << 62))


@mutation()
def another_key(scene):
    return scene.next(key=ec.generate_private_key(ec.SECP256R1()))


@mutation()
def another_domain(scene):
    return scene.next(domain=scene.rng.choice([b"imi-frame-v2", b"imi-frame", b"", b"IMI-FRAME-V1"]))


@mutation()
def spliced_behind_another_chain(scene):
    return scene.next(previous=scene.rng.randbytes(SIGNATURE_BYTES))


@mutation(earlier=2)
def spliced_behind_an_earlier_frame(scene):
    return scene.next(previous=scene.sent[-2].signature)


@mutation(earlier=1)
def begun_anew_in_the_middle(scene):
    return scene.next(previous=bytes(SIGNATURE_BYTES))


@mutation(earlier=1)
def other_frame_of_a_taken_number(scene):
    """A fork of the chain: signed as it should be, but the number is taken."""
    before = scene.sent[-2].signature if len(scene.sent) > 1 else bytes(SIGNATURE_BYTES)
    return scene.next(sequence=scene.phone.sequence, previous=before)


@mutation(EARLY)
def reordered(scene):
    """The next but one comes before the next."""
    first = scene.next()
    return scene.next(sequence=first.sequence + 1, captured_at_ms=first.captured_at_ms + 80,
                      previous=first.signature)


# ---- chain: something was changed after it was signed ----

@mutation()
def sequence_changed(scene):
    frame = scene.next(sequence=scene.phone.sequence + 2)
    frame.sequence -= 1
    return frame


@mutation()
def time_changed(scene):
    frame = scene.next()
    frame.captured_at_ms += scene.rng.randrange(1, 5000)
    return frame


@mutation()
def image_swapped(scene):
    frame = scene.next()
    frame.jpeg = scene.rng.choice([jpeg for jpeg in scene.jpegs if jpeg != frame.jpeg])
    return frame


@mutation()
def image_off_by_a_bit(scene):
    frame = scene.next()
    frame.jpeg = scene.flip(frame.jpeg)
    return frame


@mutation()
def image_extended(scene):
    frame = scene.next()
    frame.jpeg += scene.rng.randbytes(scene.rng.randrange(1, 100))
    return frame


@mutation()
def signature_off_by_a_bit(scene):
    frame = scene.next()
    frame.signature = scene.flip(frame.signature)
    return frame


@mutation()
def signature_of_zeros(scene):
    frame = scene.next()
    frame.signature = bytes(SIGNATURE_BYTES)
    return frame


@mutation()
def signature_of_another_length(scene):
    frame = scene.next()
    cut = scene.rng.randrange(SIGNATURE_BYTES)
    frame.signature = scene.rng.choice([frame.signature[:cut], frame.signature + b"\0"])
    return frame


@mutation()
def signature_at_random(scene):
    frame = scene.next()
    frame.signature = scene.rng.randbytes(SIGNATURE_BYTES)
    return frame


@mutation(earlier=1)
def own_frame_again_as_the_next(scene):
    old = scene.rng.choice(scene.sent)
    return scene.frame_type(sequence=scene.phone.sequence + 1, captured_at_ms=old.captured_at_ms,
                            jpeg=old.jpeg, signature=old.signature)


# ---- the chain is right, the image is not one ----

@mutation(IMAGE)
def empty_image(scene):
    return scene.next(jpeg=b"")


@mutation(IMAGE | {"invalid_argument", "rpc_message", "http_413"})
def huge_image(scene):
    jpeg = scene.rng.choice(scene.jpegs)
    return scene.next(jpeg=jpeg + bytes(HUGE_BYTES - len(jpeg)))


@mutation(IMAGE)
def image_cut_off(scene):
    jpeg = scene.rng.choice(scene.jpegs)
    return scene.next(jpeg=jpeg[:scene.rng.randrange(1, len(jpeg) - 2)])


@mutation(IMAGE)
def no_image_at_all(scene):
    return scene.next(jpeg=scene.rng.randbytes(scene.rng.randrange(1, 20000)))


@mutation(IMAGE)
def image_of_vast_size(scene):
    """The header promises 65,500 x 65,500 pixels."""
    jpeg = bytearray(scene.rng.choice(scene.jpegs))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at:at + 4] = struct.pack(">HH", 65500, 65500)
    return scene.next(jpeg=bytes(jpeg))
