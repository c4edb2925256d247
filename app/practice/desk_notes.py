"""A reviewer's notes as the forms of the web pages show and send them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.practice.desk_session import Form, texts_of, value_of
from app.practice.problems import ProblemError
from app.practice.reviews import MAX_PAGE, MAX_REASON, Mark, Notes, read_marks

SPARE_PAGES = 3
"""Empty lines for pages beside those already filled."""


def item_texts(notes: Notes, paths: Sequence[str]) -> dict[str, str]:
    """Give the text of the note at each of these places; empty where there is none."""
    texts = dict.fromkeys(paths, "")
    for mark in notes.marks:
        path = str(mark["path"])
        if texts.get(path) == "":
            texts[path] = str(mark["text"])
    return texts


def page_texts(notes: Notes) -> list[dict[str, object]]:
    """Give the notes at pages, and lines for more."""
    pages: list[dict[str, object]] = [
        {"page": mark["page"], "text": mark["text"]} for mark in notes.marks if mark["page"]
    ]
    return pages + [{"page": "", "text": ""} for _ in range(SPARE_PAGES)]


def whole_text(notes: Notes) -> str:
    """Give the note at the report as a whole."""
    return next((str(mark["text"]) for mark in notes.marks if not mark["path"] and not mark["page"]), "")


def row_notes(notes: Notes, paths: Sequence[str]) -> dict[str, dict[str, str]]:
    """Give the first note at each row: at the row itself or at one of its cells."""
    found = {path: {"column": "", "text": ""} for path in paths}
    for mark in notes.marks:
        row, column = _row_of(mark)
        if row in found and not found[row]["text"]:
            found[row] = {"column": column, "text": str(mark["text"])}
    return found


def read_report_form(form: Form, notes: Notes, paths: Sequence[str]) -> Notes:
    """Give the notes that the report's form says; notes inside tables stay as they were.

    ``paths`` are the places that the form shows.  Refuses with ``request_unreadable``.
    """
    given = texts_of(form, "mark:")
    marks: list[Mapping[str, object]] = [
        {"text": text, "path": path, "page": 0} for path, text in given.items() if path in paths
    ]
    marks += [mark for mark in notes.marks if str(mark["path"]) not in {"", *paths}]
    numbers = [value.strip() for key, value in form if key == "page"]
    texts = [value.strip() for key, value in form if key == "page_text"]
    for number, text in zip(numbers, texts, strict=False):
        if text:
            marks.append({"text": text, "path": "", "page": _page(number)})
    whole = value_of(form, "whole").strip()
    if whole:
        marks.append({"text": whole, "path": "", "page": 0})
    reason = value_of(form, "reason").replace("\r\n", "\n").strip()
    if len(reason) > MAX_REASON:
        raise ProblemError("request_unreadable", detail="reason")
    return Notes(reason, read_marks(marks))


def read_table_form(form: Form, notes: Notes, paths: Sequence[str], columns: Sequence[str]) -> Notes:
    """Give the notes with those at the rows that the table's form shows put anew.

    A row that has several keeps the ones the form does not show.
    """
    rows = [value for key, value in form if key == "row"]
    chosen = [value for key, value in form if key == "column"]
    texts = [value.strip() for key, value in form if key == "text"]
    if len(rows) != len(chosen) or len(rows) != len(texts):
        raise ProblemError("request_unreadable", detail="row")
    marks: list[Mark] = list(notes.marks)
    for row, column, text in zip(rows, chosen, texts, strict=True):
        if row not in paths or (column and column not in columns):
            raise ProblemError("request_unreadable", detail="row")
        place = next((at for at, mark in enumerate(marks) if _row_of(mark)[0] == row), None)
        fresh: list[Mark] = [{"text": text, "path": f"{row}/{column}" if column else row, "page": 0}]
        at = len(marks) if place is None else place
        marks[at : at + 1] = fresh if text else []
    return Notes(notes.reason, read_marks(marks))


def _row_of(mark: Mapping[str, object]) -> tuple[str, str]:
    table, _, rest = str(mark["path"]).partition("/")
    row, _, column = rest.partition("/")
    return (f"{table}/{row}" if row else "", column)


def _page(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= MAX_PAGE:
        raise ProblemError("page_missing")
    return int(text)
