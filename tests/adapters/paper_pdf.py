"""What tests of paper share."""

from __future__ import annotations


def in_memory(pdf: object) -> bytes:
    """Give a PDF that was made without a folder for files."""
    assert isinstance(pdf, bytes)
    return pdf
