"""What the reviewers' pages say of a report, in words."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from app.clock import parse_moment
from app.practice.platform import Platform
from app.practice.reviews import Notes
from app.practice.submissions import find_submission
from app.rules.corrections import Kind, Subject
from app.services.reviewing import Group, Review
from app.services.timing import show_moment

Described = Mapping[str, object]


def describe_reports(platform: Platform, rows: Sequence[sqlite3.Row]) -> list[Described]:
    """Give one line for each report of a list."""
    return [describe_report(platform, row) for row in rows]


def describe_report(platform: Platform, row: sqlite3.Row) -> Described:
    """Give what stands at the head of a report."""
    words = platform.site.words
    programme = platform.site.programmes.get(row["programme_id"])
    labels = {stage.id: stage.label for stage in programme.stages} if programme else {}
    digits = str(row["fingerprint"]).partition(":")[2][:12].upper()
    state = words.page(f"state_{row['state']}", stage=labels.get(row["stage"], ""))
    return {
        "id": row["id"],
        "title": row["title"],
        "unit": row["unit"],
        "received": show_moment(parse_moment(row["received_at"])),
        "state": state,
        "stage": row["stage"],
        "code": row["verification_code"],
        "replaces": row["replaces"],
        "short": "-".join(digits[at : at + 4] for at in range(0, 12, 4)),
        "remark": words.page("corrected", number=row["replaces"]) if row["replaces"] else "",
    }


def groups_of(platform: Platform, review: Review) -> list[Described]:
    """Give the items in the order a reviewer looks at them (seed 000 三-2)."""
    words = platform.site.words
    return [
        {
            "title": words.page(f"group_{group.value}"),
            "about": words.page(f"about_{group.value}"),
            "lines": review.group(group),
        }
        for group in (Group.STANDS_OUT, Group.OWN, Group.TORCH)
    ]


def describe_tables(review: Review, notes: Notes) -> list[Described]:
    """Give one line for each table with its rows, corrections and notes counted."""
    inside = [str(mark["path"]).partition("/") for mark in notes.marks]
    subjects = (Subject.VALUE, Subject.ROW)
    changed = [line.correction.path for line in review.corrections if line.correction.subject in subjects]
    return [
        {
            "path": key,
            "name": table.name,
            "rows": len(table.rows),
            "corrected": sum(path == key or path.startswith(f"{key}/") for path in changed),
            "notes": sum(bool(slash) and item == key for item, slash, _ in inside),
        }
        for key, table in review.tables.items()
    ]


def describe_history(platform: Platform, row: sqlite3.Row, review: Review) -> list[Described]:
    """Give what was done with a report, oldest first."""
    words = platform.site.words
    steps = platform.database.execute(
        "select * from history where submission_id = ? order by number", (row["id"],)
    )
    return [
        {
            "at": show_moment(parse_moment(step["at"])),
            "who": step["who"],
            "word": words.page(f"step_{step['kind']}"),
            "reason": step["reason"],
            "marks": [
                {"place": _place(platform, review, mark), "text": mark["text"]}
                for mark in json.loads(step["marks"])
            ],
        }
        for step in steps
    ]


def describe_answers(platform: Platform, row: sqlite3.Row, review: Review) -> list[Described]:
    """Give the marks of the return that this report answers, and whether their places were changed.

    Places inside tables are those of the returned report: a row is named by its number there.
    """
    if not row["replaces"]:
        return []
    earlier = find_submission(platform, row["replaces"])
    step = platform.database.execute(
        "select marks from history where submission_id = ? and kind = 'returned' order by number desc",
        (earlier["id"],),
    ).fetchone()
    words = platform.site.words
    changed = {line.correction.path for line in review.corrections if line.correction.kind is not Kind.MOVED}
    changed |= {path.partition("/")[0] for path in changed}
    answers: list[Described] = []
    for mark in json.loads(step["marks"]) if step is not None else ():
        item = str(mark["path"]).partition("/")[0]
        key = "mark_unknown" if not item else "mark_changed" if item in changed else "mark_same"
        answers.append(
            {"place": _place(platform, review, mark), "text": mark["text"], "word": words.page(key)}
        )
    return answers


def _place(platform: Platform, review: Review, mark: Mapping[str, object]) -> str:
    """Give the name of a mark's place."""
    words = platform.site.words
    if mark["page"]:
        return words.page("place_page", page=mark["page"])
    item, _, rest = str(mark["path"]).partition("/")
    if not item:
        return words.page("place_whole")
    names = {line.path: line.name for line in review.lines}
    table = review.tables.get(item)
    if table is None:
        return names.get(item, item)
    row, _, column = rest.partition("/")
    labels = dict(table.columns)
    number = next((one.number for one in table.rows if one.path == f"{item}/{row}"), 0)
    parts = [table.name]
    if row:
        parts.append(words.page("place_row", row=number) if number else words.page("place_gone"))
    if column:
        parts.append(labels.get(column, column))
    return "，".join(parts)
