"""Whether an evidence file can be used at all."""

from __future__ import annotations

from pathlib import Path

from app.errors import AppError
from app.paper.assemble import page_count

MAX_EVIDENCE_BYTES = 200 << 20
"""Largest evidence file taken in, in bytes."""

_MAGIC = {
    ".pdf": (b"%PDF-",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".bmp": (b"BM",),
    ".tif": (b"II*\0", b"MM\0*"),
    ".tiff": (b"II*\0", b"MM\0*"),
    ".docx": (b"PK\3\4",),
    ".xlsx": (b"PK\3\4",),
    ".ofd": (b"PK\3\4",),
    ".doc": (b"\xd0\xcf\x11\xe0",),
    ".xls": (b"\xd0\xcf\x11\xe0",),
}


def inspect_file(path: Path, name: str) -> str:
    """Give what is wrong with a file as evidence, or an empty text.

    Answers: ``type`` (a kind that offices do not take), ``empty``, ``size``, ``damaged`` (its content is
    not what its name says), ``encrypted`` or ``no_pages`` (PDF).
    """
    suffix = Path(name).suffix.lower()
    if suffix not in _MAGIC:
        return "type"
    size = path.stat().st_size
    if size == 0:
        return "empty"
    if size > MAX_EVIDENCE_BYTES:
        return "size"
    with path.open("rb") as file:
        head = file.read(1024)
    starts = _MAGIC[suffix]
    # Some scanners write a few bytes before the PDF header; readers accept that within 1024 bytes.
    found = starts[0] in head if suffix == ".pdf" else head.startswith(starts)
    if not found:
        return "damaged"
    return _inspect_pdf(path, name) if suffix == ".pdf" else ""


def _inspect_pdf(path: Path, name: str) -> str:
    try:
        page_count(path, name)
    except AppError as error:
        reasons = {"encrypted": "encrypted", "empty": "no_pages"}
        return reasons.get(str(error.params.get("reason")), "damaged")
    return ""
