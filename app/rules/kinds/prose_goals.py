"""Indicator tables (绩效指标) of a written report: badly written, missed and copied targets, row by row.

The counterpart of ``indicators``, which reads the tables of a form: a form has no tables in its texts, so
these read whole reports only.  A table is known by its head: a cell that names the targets and, further
right, one that names the results.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.rules.goals import Fault, Sign, Written, attainment, read_written
from app.rules.identity import plain_name
from app.rules.kinds.indicators import alike, goal_fault
from app.rules.kinds.prose_reading import Paragraph, Reader, Remark
from app.rules.kinds.report import shorten, show_number
from app.rules.kinds.targets import Params

_GOAL = re.compile(r"(?:预期|年度|年初|绩效|计划)?(?:指标值|目标值|目标)(?:[(（].*)?|预期值.*|计划值.*")
_DONE = re.compile(r"(?:全年|年度|本年)?(?:实际)?(?:完成|实现)(?:指标)?(?:值|情况|数).*|实际(?:完成)?值.*")
_REASON = re.compile(r".*(?:原因|偏差|改进|说明|措施).*")
_EXPLAINS = re.compile(r"未|没有|不足|原因|延期|推迟|低于|偏差")
_FALLING = re.compile(r"成本|费用|支出|投诉|事故|差错|时限|时长|能耗|下降|死亡")
"""Such an indicator may be better the smaller it is; a target without a sign says nothing then."""

_FAULTS = ("sign_behind", "words_inside", "rate_full", "unit_mixed")
_ALL_FAULTS = (*_FAULTS, "inequality", "sign_missing")
_FULL = 100


@dataclass(frozen=True, slots=True)
class GoalRow:
    """One indicator: its line (from 1), name, target and result as written, and what is written of why."""

    number: int
    name: str
    target: str
    actual: str
    reason: str
    table: int

    @property
    def goal(self) -> Written:
        """Give the target as it is read."""
        return read_written(self.target)


@dataclass(frozen=True, slots=True)
class _Head:
    """The head of an indicator table: its line, its number of cells, the places of its columns (from 0)."""

    number: int
    count: int
    goal: int
    done: int
    reason: int | None


def goal_rows(paragraphs: Sequence[Paragraph]) -> Iterator[GoalRow]:
    """Give the rows of every indicator table; ``table`` is the line of its head.

    Converted files leave out empty cells at both ends of a row (merged ones, reasons not given): such a row
    is read where its target has a number, looked for from the end.
    """
    head: _Head | None = None
    for paragraph in paragraphs:
        if not paragraph.row:
            if paragraph.heading == paragraph.text:  # a heading ends a table, the foot of a page does not
                head = None
            continue
        cells = [cell.strip() for cell in paragraph.text.split("\t")]
        found = _head(paragraph.number, cells)
        if found is not None:
            head = found
        elif head is not None:
            yield from _row(head, paragraph.number, cells)


def _head(number: int, cells: Sequence[str]) -> _Head | None:
    """Give the head that a row is, or None."""
    plain = ["".join(cell.split()) for cell in cells]
    goal = next((place for place, cell in enumerate(plain) if place and _GOAL.fullmatch(cell)), None)
    if goal is None:
        return None
    done = next((place for place in range(goal + 1, len(plain)) if _DONE.fullmatch(plain[place])), None)
    if done is None:
        return None
    reason = next((place for place in range(done + 1, len(plain)) if _REASON.fullmatch(plain[place])), None)
    return _Head(number, len(plain), goal, done, reason)


def _row(head: _Head, number: int, cells: Sequence[str]) -> Iterator[GoalRow]:
    missing = max(head.count - len(cells), 0)
    for before in range(missing, -1, -1):
        goal, done = head.goal - before, head.done - before
        if goal < 1 or done >= len(cells) or not cells[goal] or not cells[done]:
            continue
        if missing and read_written(cells[goal]).lead is None:
            continue
        place = -1 if head.reason is None else head.reason - before
        reason = cells[place] if 0 <= place < len(cells) else ""
        yield GoalRow(number, cells[goal - 1], cells[goal], cells[done], reason, head.number)
        return


def make_goal_row_written(params: Params, _label: str) -> Reader:
    """Find targets and results that are badly written (checks.md LOG-25 to LOG-27; seed 003 四（一）).

    ``faults``: which of sign_behind, words_inside, rate_full (a rate of 100 % asked for with ≥), unit_mixed,
    inequality (a result that is a range) and sign_missing (told once for each table) are looked for (default
    all).
    """
    faults = params.texts("faults", _ALL_FAULTS)

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        unsigned: dict[int, list[GoalRow]] = {}
        for row in goal_rows(paragraphs):
            slots = {"name": shorten(row.name), "value": shorten(row.target)}
            goal = row.goal
            for fault in (one for one in _FAULTS if one in faults):
                found = goal_fault(fault, row.target, goal, row.name, (), ())
                if found is not None:
                    yield Remark(row.number, fault, {**slots, **found})
                    break
            done = read_written(row.actual)
            if "inequality" in faults and done.alone and done.sign in (Sign.LEAST, Sign.MOST, Sign.RANGE):
                yield Remark(row.number, "inequality", {**slots, "value": shorten(row.actual)})
            if "sign_missing" in faults and Fault.SIGN_MISSING in goal.faults:
                unsigned.setdefault(row.table, []).append(row)
        for rows in unsigned.values():
            slots = {
                "count": str(len(rows)),
                "first": shorten(rows[0].name),
                "value": shorten(rows[0].target),
            }
            yield Remark(rows[0].number, "sign_missing", slots)

    return read


def make_goal_row_missed(_params: Params, _label: str) -> Reader:
    """Find missed targets without a reason (checks.md LOG-30; seed 003 四（二）).

    A reason stands in a column of its own, or in a sentence outside the table that names the indicator and
    says why (未, 原因, 延期 …).  Numbers that do not decide it say nothing.
    """

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        said = [plain_name(one.text) for one in paragraphs if not one.row and _EXPLAINS.search(one.text)]
        for row in goal_rows(paragraphs):
            if row.goal.sign is Sign.NONE and _FALLING.search(row.name):
                continue
            rate = attainment(row.target, row.actual)
            if rate is None or rate >= _FULL or row.reason:
                continue
            name = plain_name(row.name)
            if name and any(name in text for text in said):
                continue
            yield Remark(
                row.number,
                "text",
                {
                    "name": shorten(row.name),
                    "target": shorten(row.target),
                    "actual": shorten(row.actual),
                    "rate": show_number(rate),
                },
            )

    return read


def make_goal_rows_copied(params: Params, _label: str) -> Reader:
    """Find tables whose targets were written after the results (checks.md LOG-29; seed 003).

    ``percent``: as many targets equal to their results make a pattern (default 30); ``least``: fewer rows
    make none (default 10).
    """
    percent, least = params.number("percent", 30), params.integer("least", 10)

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        tables: dict[int, list[str]] = {}
        for row in goal_rows(paragraphs):
            tables.setdefault(row.table, []).append(alike(row.target, row.actual))
        for head, found in tables.items():
            equal = sum(map(bool, found))
            if len(found) >= least and equal * 100 >= percent * len(found):
                slots = {
                    "count": str(equal),
                    "rows": str(len(found)),
                    "identical": str(found.count("text")),
                    "percent": show_number(percent),
                }
                yield Remark(head, "text", slots)

    return read


PROSE = {
    "goal_row_written": make_goal_row_written,
    "goal_row_missed": make_goal_row_missed,
    "goal_rows_copied": make_goal_rows_copied,
}
