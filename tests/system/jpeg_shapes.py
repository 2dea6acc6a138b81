"""JPEG files made by hand, for shapes that encoders do not write.

Every block is flat: one code for "same DC as before", one for "end of block". So a file of any
size, number of components or scans is a header and a run of equal bits (ITU-T T.81).
"""
import struct

GREY = 1
COLOUR = 3
CMYK = 4
SOI, EOI = b"\xff\xd8", b"\xff\xd9"


def segment(marker, body):
    return bytes([0xff, marker]) + struct.pack(">H", len(body) + 2) + body


def tables():
    """All-ones quantisation; Huffman tables with the single one-bit code 0 for symbol 0."""
    code = bytes([1]) + bytes(15) + bytes([0])
    return (segment(0xdb, bytes([0]) + bytes([1] * 64))
            + segment(0xc4, bytes([0x00]) + code) + segment(0xc4, bytes([0x10]) + code))


def frame_header(width, height, components, marker=0xc0):
    parts = b"".join(bytes([i + 1, 0x11, 0]) for i in range(components))
    return segment(marker, bytes([8]) + struct.pack(">HHB", height, width, components) + parts)


def scan_header(components, spectral=(0, 63)):
    parts = b"".join(bytes([i, 0]) for i in components)
    return segment(0xda, bytes([len(components)]) + parts + bytes([*spectral, 0]))


def bits(count):
    """That many zero bits, padded with ones."""
    return bytes(count // 8) + (bytes([0xff >> count % 8]) if count % 8 else b"")


def blocks(width, height):
    return ((width + 7) // 8) * ((height + 7) // 8)


def flat(width, height, components=GREY):
    """A grey baseline image: two bits a block."""
    count = blocks(width, height) * components
    return (SOI + tables() + frame_header(width, height, components)
            + scan_header(range(1, components + 1)) + bits(2 * count) + EOI)


def declared(width, height):
    """A header that promises more pixels than the file could hold."""
    return (SOI + tables() + frame_header(width, height, COLOUR)
            + scan_header(range(1, COLOUR + 1)) + bits(1000) + EOI)


def progressive(width, height, scans):
    """Progressive, with the same AC band sent again and again: work without content."""
    file = SOI + tables() + frame_header(width, height, GREY, marker=0xc2)
    file += scan_header([1], (0, 0)) + bits(blocks(width, height))
    one = scan_header([1], (1, 63)) + bits(blocks(width, height))
    return file + one * (scans - 1) + EOI
