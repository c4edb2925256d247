"""What is still wrong, where, in the order in which the form shows it.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from app.model.draft import Answers
from app.model.finding import Finding, Severity
from app.model.form import Form, Section
from app.rules.signs import Remark
from app.rules.view import View


class State(StrEnum):
    """How far a section is."""

    EMPTY = "empty"
    ERRORS = "errors"
    WARNINGS = "warnings"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class SectionState:
    """State and counts of a section: open errors, unexplained warnings, answers, questions, remarks.

    ``changed``: since the report was opened; ``outdated``: since it was printed (or sealed) last.
    """

    state: State
    errors: int = 0
    warnings: int = 0
    answered: int = 0
    asked: int = 0
    changed: bool = False
    remarks: int = 0
    outdated: bool = False


@dataclass(frozen=True)
class Signs:
    """What is said of items beside findings: a reviewer's remarks by item, items unlike those on paper.

    ``printed``: the paper was printed, not only sealed.
    """

    remarks: Mapping[str, Sequence[Remark]] = field(default_factory=dict)
    outdated: frozenset[str] = frozenset()
    printed: bool = False


def is_open(finding: Finding, answers: Answers) -> bool:
    """Tell whether an error or warning still wants something: a change or a written reason."""
    if finding.severity is Severity.INFO:
        return False
    return finding.blocks or not answers.reasons.get(finding.key, "").strip()


def by_item(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Give the findings by field or table."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.path.partition("/")[0], []).append(finding)
    return found


def section_state(
    section: Section,
    view: View,
    found: Mapping[str, Sequence[Finding]],
    baseline: Answers,
    signs: Signs,
) -> SectionState:
    """Give the state of a section; ``baseline`` are the answers against which it counts as changed."""
    answers = view.answers
    asked = [item for item in section.fields if not item.calculated and item.id not in view.hidden]
    answered = sum(item.id in answers.values for item in asked)
    rows = sum(bool(answers.tables.get(table)) for table in section.tables)
    errors = warnings = 0
    keys = (*(item.id for item in section.fields), *section.tables)
    for key in keys:
        for finding in found.get(key, ()):
            if is_open(finding, answers):
                errors += finding.severity is Severity.ERROR
                warnings += finding.severity is Severity.WARNING
    if not answered and not rows and (asked or section.tables):
        state = State.EMPTY
    elif errors:
        state = State.ERRORS
    elif warnings:
        state = State.WARNINGS
    else:
        state = State.DONE
    return SectionState(
        state,
        errors,
        warnings,
        answered,
        len(asked),
        _is_changed(section, answers, baseline),
        sum(len(signs.remarks.get(key, ())) for key in keys),
        not signs.outdated.isdisjoint(keys),
    )


def _is_changed(section: Section, answers: Answers, baseline: Answers) -> bool:
    return any(
        answers.values.get(item.id) is not baseline.values.get(item.id) for item in section.fields
    ) or any(answers.tables.get(table) is not baseline.tables.get(table) for table in section.tables)


Place = tuple[int, int, int, int]
"""Order of a place in the form: section, item, row, column."""


class Places:
    """Puts written paths (``e03``, ``t1/r7/name``) into the order in which the form shows them."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._items = {
            key: (number, place)
            for number, section in enumerate(form.sections)
            for place, key in enumerate((*(item.id for item in section.fields), *section.tables))
        }
        self._columns = {
            table.id: {column.id: place for place, column in enumerate(table.columns, 1)}
            for table in form.tables.values()
        }

    def section(self, path: str) -> int | None:
        """Give the place of the section that shows a path, or None."""
        found = self._items.get(path.partition("/")[0])
        return found[0] if found else None

    def order(self, path: str, rows: Mapping[str, int]) -> Place | None:
        """Give the place of a path, or None where the form shows no such thing."""
        item, _, rest = path.partition("/")
        row, _, column = rest.partition("/")
        if item not in self._items:
            return None
        return (*self._items[item], rows.get(row, -1) + 1, self._columns.get(item, {}).get(column, 0))

    def walk(self, findings: Iterable[Finding], view: View) -> list[tuple[Place, str]]:
        """Give the places of all open problems in order, each once."""
        places: dict[str, Place] = {}
        rows: dict[str, dict[str, int]] = {}
        for finding in findings:
            path = finding.path
            if path in places or not is_open(finding, view.answers):
                continue
            item = path.partition("/")[0]
            if item in view.hidden:
                continue
            if item not in rows:
                rows[item] = {row.id: number for number, row in enumerate(view.rows(item))}
            place = self.order(path, rows[item])
            if place is not None:
                places[path] = place
        return sorted((place, path) for path, place in places.items())


def neighbour(places: Sequence[tuple[Place, str]], at: Place, step: int) -> str:
    """Give the path behind (step 1) or before (-1) a place, going round; empty where there is none."""
    if not places:
        return ""
    if step > 0:
        return next((path for place, path in places if place > at), places[0][1])
    return next((path for place, path in reversed(places) if place < at), places[-1][1])
