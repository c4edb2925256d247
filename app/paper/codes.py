"""The QR code of a page: what it says, how it is drawn, and how it is read back from paper.

A code names fingerprint, part, page and copy, so that a page of an older revision in the second copy is
found.  It is kept to capitals, digits and a few marks, which QR codes store densely (ISO/IEC 18004 §7.3.4):
level Q with 25 × 25 modules up to 29 characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image, ImageChops, ImageFilter

from app.errors import AppError
from app.paper.assemble import Source
from app.paper.raster import Raster, page_pixels, page_sizes, picture_rasters

PREFIX = "SB1"
"""Marks a code of ours, first layout; barcodes of others on the same page are passed over."""

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FINGERPRINT = 8
"""How many hex digits of the fingerprint a code carries."""

SCAN_DPI = 200.0
_CORNER = 0.3
_REACHES = (10, 16)
"""How far, in doubled dots, a dot's surroundings reach."""
_INKED = bytes(0 if level < 185 else 255 for level in range(256))
"""Black under thick red ink is darker than this in the red channel, paper under it lighter."""
_KIND = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_BODY = re.compile(
    rf"([0-9A-F]{{{FINGERPRINT}}})-([1-9]\d{{0,2}})-([1-9]\d{{0,4}})-([1-9]\d{{0,4}})-(\d{{1,2}})"
)
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－ー一"), "-")
_MISREAD = str.maketrans("OQIL", "0011")


@dataclass(frozen=True, slots=True)
class PageCode:
    """What the code of a page says.

    ``fingerprint``: the first eight hex digits in capitals; ``part``: the number of the part (see
    ``Marks``); ``page`` of ``pages`` as printed; ``copy`` is 0 on paper that is the same for every copy.
    """

    fingerprint: str
    part: int
    page: int
    pages: int
    copy: int = 0

    @property
    def typed(self) -> str:
        """Give the short form printed beside the code, to be typed where no scanner is at hand."""
        body = f"{self.fingerprint}-{self.part}-{self.page}-{self.pages}-{self.copy}"
        return f"{body}-{check_characters(body)}"

    @property
    def payload(self) -> str:
        """Give what the QR code holds."""
        return f"{PREFIX}-{self.typed}"


def check_characters(text: str) -> str:
    """Give the two check characters of a text (ISO/IEC 7064 MOD 1271-36); dashes do not count.

    Every single wrong character and nearly every swap of two is noticed.
    """
    sum_ = 0
    for character in text.replace("-", ""):
        sum_ = (sum_ + DIGITS.index(character)) * 36 % 1271
    first, second = divmod((1 - sum_ * 36) % 1271, 36)
    return DIGITS[first] + DIGITS[second]


def parse_code(text: str) -> PageCode | None:
    """Read a scanned or typed code; None where it is none of ours or a character is wrong.

    Small letters, full-width characters, spaces, a missing prefix and O or I for 0 or 1 are understood.
    """
    plain = "".join(unicodedata.normalize("NFKC", text.translate(_DASHES)).upper().split())
    plain = plain.removeprefix(f"{PREFIX}-")
    body, _, check = plain.rpartition("-")
    body = body.translate(_MISREAD)
    match = _BODY.fullmatch(body)
    if match is None or check not in (sum_ := check_characters(body), sum_.translate(_MISREAD)):
        return None
    code = PageCode(match[1], *(int(match[number]) for number in range(2, 6)))
    return code if code.page <= code.pages else None


_BITS = bytes.maketrans(b"\x00\xff", b"10")


def modules(payload: str) -> tuple[str, ...]:
    """Give the modules of a QR code, level Q, row by row from the top: 1 is dark."""
    barcode = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level="Q")
    image: Any = barcode.to_image(scale=1, add_quiet_zones=False)
    pixels = bytes(memoryview(image)).translate(_BITS).decode("ascii")
    side = isqrt(len(pixels))
    return tuple(pixels[first : first + side] for first in range(0, len(pixels), side))


def read_code(raster: Raster) -> PageCode | None:
    """Read our code on a scanned or rendered page; None where there is none or it cannot be read.

    The red channel is looked at first, because a red seal vanishes in it; then grey; then what is black under
    thick ink; then each corner and the middle of the upper and lower edge at twice its size, as it is and
    held against its surroundings.
    """
    for view in _views(raster):
        # the whole page's histogram tells strong ink from black, each spot's own one reads a faded print
        for binarizer in (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram):
            for found in zxingcpp.read_barcodes(view, _KIND, binarizer=binarizer):
                code = parse_code(found.text)
                if code is not None:
                    return code
    return None


def _views(raster: Raster) -> Iterator[zxingcpp.ImageView]:
    # the reader does not hold the bytes it looks at: each must have a name as long as its view is used
    red = raster.data[2::4]
    step = raster.stride // 4
    luminance = zxingcpp.ImageFormat.Lum
    yield zxingcpp.ImageView(red, raster.width, raster.height, luminance, step)
    # blue, green, red and one unused byte: the reader weighs them itself
    bgra = zxingcpp.ImageFormat.BGRA
    yield zxingcpp.ImageView(raster.data, raster.width, raster.height, bgra, raster.stride)
    inked = red.translate(_INKED)
    yield zxingcpp.ImageView(inked, raster.width, raster.height, luminance, step)
    side = int(_CORNER * min(raster.width, raster.height))
    for top in (0, raster.height - side):
        for left in (raster.width - side, 0, (raster.width - side) // 2):
            spot = _doubled(red, step, left, top, side)
            yield zxingcpp.ImageView(spot, 2 * side, 2 * side, luminance)
    plane = Image.frombuffer("L", (step, raster.height), red, "raw", "L", 0, 1)
    for top in (0, raster.height - side):
        for left in (raster.width - side, 0, (raster.width - side) // 2):
            for reach in _REACHES:
                clear = _levelled(plane.crop((left, top, left + side, top + side)), reach)
                yield zxingcpp.ImageView(clear, 2 * side, 2 * side, luminance)


def _levelled(spot: Image.Image, reach: float) -> bytes:
    """Return a square, doubled, in which every dot is held against the mean of its surroundings.

    Under ink that covers nearly all, black and paper differ by a tenth of what they differ elsewhere.
    """
    spot = spot.resize((2 * spot.width, 2 * spot.height), Image.Resampling.BICUBIC)
    spot = spot.filter(ImageFilter.GaussianBlur(1.5))
    mean = spot.filter(ImageFilter.BoxBlur(reach))
    return ImageChops.subtract(spot, mean, 0.12, 128).tobytes()


def _doubled(plane: bytes, step: int, left: int, top: int, side: int) -> bytes:
    """Return a square of the plane with every pixel twice in both directions."""
    out = bytearray()
    for row in range(top, top + side):
        line = plane[row * step + left : row * step + left + side]
        wide = bytearray(2 * side)
        wide[0::2], wide[1::2] = line, line
        out += wide + wide
    return bytes(out)


def read_file(path: Path) -> tuple[PageCode | None, ...]:
    """Read the code of every page of a scan or of a photograph.

    Raises:
        AppError: ``pdf_unreadable`` (``name``, ``reason``), ``picture_unreadable`` (``name``).
    """
    if path.suffix.lower() == ".pdf":
        try:
            return read_pages(path)
        except AppError as error:
            raise AppError(error.code, **{**error.params, "name": path.name}) from error
    return tuple(read_code(raster) for raster in picture_rasters(path))


def read_pages(pdf: Source, dpi: float = SCAN_DPI) -> tuple[PageCode | None, ...]:
    """Read the code of every page of a PDF (a scan, or paper not printed yet).

    Raises:
        AppError: ``pdf_unreadable``.
    """
    return tuple(read_code(page_pixels(pdf, number, dpi)) for number in range(len(page_sizes(pdf))))
