"""The fonts that printable documents are set in, and which characters they have.

A character that a font lacks would leave an empty place on paper. The fonts come from a wheel, so that every machine
prints the same; whatever they lack is printed as its code point, `[U+20BB7]`, and stands in the tables as it is.
"""

import struct
from functools import cache
from pathlib import Path
from typing import Final

import pylopdf_fonts_zh_cn

SANS: Final = "Noto Sans SC"
_SEGMENTS: Final = 4
_COVERAGE: Final = 12


def font_directory() -> Path:
    """Where the font files are."""
    return Path(pylopdf_fonts_zh_cn.sans_path()).parent


def printable(text: str) -> str:
    """The text with the code point in the place of each character that the font lacks, or that no paper shows."""
    characters = _characters()
    return "".join(one if ord(one) in characters else f"[U+{ord(one):04X}]" for one in text)


@cache
def _characters() -> frozenset[int]:
    """The code points of the sans font, from the `cmap` table of the file (OpenType)."""
    data = Path(pylopdf_fonts_zh_cn.sans_path()).read_bytes()
    tables = struct.unpack_from(">H", data, 4)[0]
    for index in range(tables):
        tag, _, offset, _ = struct.unpack_from(">4sLLL", data, 12 + 16 * index)
        if tag == b"cmap":
            return frozenset(_mapped(data, offset))
    raise ValueError("the font has no cmap table")


def _mapped(data: bytes, cmap: int) -> set[int]:
    """All code points of the Unicode subtables: formats 4 (segments of the first plane) and 12 (groups of all)."""
    found: set[int] = set()
    for index in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        platform, _, offset = struct.unpack_from(">HHL", data, cmap + 4 + 8 * index)
        at = cmap + offset
        kind = struct.unpack_from(">H", data, at)[0]
        if platform not in (0, 3):
            continue
        if kind == _COVERAGE:
            groups = struct.unpack_from(">L", data, at + 12)[0]
            for group in range(groups):
                first, last, _ = struct.unpack_from(">LLL", data, at + 16 + 12 * group)
                found.update(range(first, last + 1))
        elif kind == _SEGMENTS:
            found.update(_of_segments(data, at))
    return found


def _of_segments(data: bytes, at: int) -> set[int]:
    count = struct.unpack_from(">H", data, at + 6)[0] // 2
    ends, starts = at + 14, at + 16 + 2 * count
    deltas, ranges = starts + 2 * count, starts + 4 * count
    found: set[int] = set()
    for segment in range(count):
        first, last, delta, skip = (
            struct.unpack_from(">H", data, place + 2 * segment)[0] for place in (starts, ends, deltas, ranges)
        )
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if skip:
                glyph = struct.unpack_from(">H", data, ranges + 2 * segment + skip + 2 * (code - first))[0]
            if (skip and glyph) or (not skip and (code + delta) & 0xFFFF):
                found.add(code)
    return found
