"""Plain text files of any office: UTF-8 (with or without a mark), UTF-16 with a mark, GB 18030."""

from __future__ import annotations

from app.errors import UsageError

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def read_plain_text(content: bytes, name: str) -> list[str]:
    """Give the lines of a text file.

    A file without a mark is UTF-8 if all of it can be read so, else GB 18030, in which every text written
    by an older Windows program can be read.  Raises ``UsageError("document_unreadable")`` (``name``) for
    anything else.
    """
    encodings = [encoding for mark, encoding in _MARKS if content.startswith(mark)] or ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    raise UsageError("document_unreadable", name=name)
