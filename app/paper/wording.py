"""Texts of a programme made ready for paper: slots filled, values shown, numbers of people masked.

The texts (``texts/*.txt``) know three things: ``{slots}``, a line ``[title]`` that begins a block, and a
line ``label：{slot}`` that is a row of a form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.messages import Messages, fill, slots
from app.model.draft import Path, parse_path
from app.model.form import Item
from app.model.programme import Programme
from app.model.value import Invalid, Value, format_value
from app.rules.view import View

_HEAD, _TAIL, _LEAST_MASKED = 3, 4, 6
_TITLE = re.compile(r"\[(.+)\]")
_ROW = re.compile(r"([^：{}]+)：([^：]*\{[a-z_][a-z0-9_]*\}[^：。]*)")


@dataclass(frozen=True, slots=True)
class Passage:
    """A block of a text: its title (none before the first ``[title]``) and its lines, slots not filled."""

    title: str
    lines: tuple[str, ...]

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """Give (label, template) of each line if every line is a row of a form, else nothing."""
        found = [_ROW.fullmatch(line) for line in self.lines]
        return tuple((match[1].strip(), match[2]) for match in found if match) if all(found) else ()


def read_passages(text: str) -> tuple[Passage, ...]:
    """Divide a text at its ``[title]`` lines; blank lines and spaces around lines count for nothing."""
    passages: list[tuple[str, list[str]]] = [("", [])]
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _TITLE.fullmatch(line)
        if match:
            passages.append((match[1], []))
        else:
            passages[-1][1].append(line)
    return tuple(Passage(title, tuple(lines)) for title, lines in passages if title or lines)


def masked(text: str) -> str:
    """Give a number of a person with its middle replaced by stars.

    The first three and the last four characters stay (seed 000 names no rule; this is common usage); a
    number too short for that keeps its first character only.
    """
    if len(text) < _HEAD + _LEAST_MASKED + _TAIL:
        return text[:1] + "*" * max(1, len(text) - 1) if text else ""
    return text[:_HEAD] + "*" * (len(text) - _HEAD - _TAIL) + text[-_TAIL:]


def shown(item: Item, value: Value | None) -> str:
    """Give a value as it is printed: in the item's own unit, ``Invalid`` as typed, missing as nothing."""
    text = (
        value.text
        if isinstance(value, Invalid)
        else format_value(value, item.type, item.unit, item.choices, item.decimals)
    )
    return masked(text) if item.masked else text


def fill_text(template: str, view: View, messages: Messages, blank: str | None = None) -> str:
    """Fill the slots of a text of the programme.

    Slots are ids of fields and the programme's own title, short_title, issuer, report_year, period,
    period_start, period_end and label.  A missing answer becomes ``blank`` (none given: a line to write on).
    """
    blank = messages.text("paper", "blank") if blank is None else blank
    values = dict(standard_slots(view.programme, messages))
    for name in slots(template) - values.keys():
        item = view.programme.form.fields.get(name)
        text = " ".join(shown(item, view.values.get(name)).split()) if item else ""
        values[name] = text or blank
    return fill(template, values)


def standard_slots(programme: Programme, messages: Messages) -> Mapping[str, str]:
    """Give the slots that every text of a programme may use beside ids of fields."""
    start, end = (
        f"{day.year}年{day.month}月{day.day}日" for day in (programme.period_start, programme.period_end)
    )
    return {
        "title": programme.title,
        "short_title": programme.short_title,
        "issuer": programme.issuer,
        "report_year": str(programme.report_year),
        "period": messages.text("paper", "period", start=start, end=end),
        "period_start": start,
        "period_end": end,
        "label": programme.label,
    }


def named(number: str, label: str, messages: Messages) -> str:
    """Give number and label as one name."""
    return messages.text("paper", "named", number=number, label=label) if number else label


def place_name(view: View, written: str, messages: Messages) -> str:
    """Give the name of the place that a finding or a proof document is about; never an id."""
    kind, colon, rest = written.partition(":")
    if colon:
        return _outer_place(view.programme, kind, rest, messages)
    for proof in view.programme.evidence:
        if proof.id == written:
            return named(proof.number, proof.label, messages)
    try:
        path = parse_path(written.replace(".", "/") if "/" not in written else written)
    except ValueError:
        return messages.text("paper", "place.report")
    item, table = view.programme.form.fields.get(path.item), view.programme.form.tables.get(path.item)
    if item is not None:
        return named(item.number, item.label, messages)
    if table is None:
        return messages.text("paper", "place.report")
    columns = {column.id: column.label for column in table.columns}
    parts = [named(table.number, table.label, messages)]
    if path.row in columns and not path.column:
        parts.append(columns[path.row])
    elif path.row:
        parts.append(_row_name(view, path, messages))
        parts.append(columns.get(path.column, ""))
    return "，".join(filter(None, parts))


def _row_name(view: View, path: Path, messages: Messages) -> str:
    # a table that is not relevant, or was left out, has no rows to be seen, but its rows are not gone
    rows = view.rows(path.item) or view.answers.tables.get(path.item, ())
    for position, row in enumerate(rows, 1):
        if row.id == path.row:
            return messages.text("paper", "place.row", row=position)
    return messages.text("paper", "place.gone")


def _outer_place(programme: Programme, kind: str, name: str, messages: Messages) -> str:
    """Name a place that is no answer: ``stage:``, ``evidence:``, ``attachment:`` and ``event:`` paths."""
    if not messages.has("paper", f"place.{kind}"):
        return messages.text("paper", "place.report")
    labels = {
        "stage": {stage.id: stage.label for stage in programme.stages},
        "evidence": {one.id: named(one.number, one.label, messages) for one in programme.evidence},
        "event": {name: messages.text("words", f"event.{name}")}
        if messages.has("words", f"event.{name}")
        else {},
    }
    return messages.text("paper", f"place.{kind}", label=labels.get(kind, {}).get(name, name))
