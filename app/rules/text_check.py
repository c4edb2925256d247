"""Checking a whole written report that is no draft: every remark of every prose check, at its line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from app.model.finding import Finding
from app.model.form import Form
from app.model.packet import PacketSpec
from app.model.programme import CheckSpec, Programme, UploadTarget
from app.rules.kinds import (
    evidence,
    prose,
    prose_dates,
    prose_figures,
    prose_goals,
    prose_headings,
    prose_words,
    texts,
)
from app.rules.kinds.prose_reading import Make, Paragraph, heading_of
from app.rules.kinds.report import shorten
from app.rules.kinds.targets import Params
from app.rules.rule import Maker

READERS: Mapping[str, Make] = MappingProxyType(
    {
        **texts.PROSE,
        **evidence.PROSE,
        **prose.PROSE,
        **prose_headings.PROSE,
        **prose_figures.PROSE,
        **prose_dates.PROSE,
        **prose_words.PROSE,
        **prose_goals.PROSE,
    }
)
"""The kinds that can read a whole report, by name."""

_TITLE = re.compile(r"(?P<year>(?:19|20)[0-9]{2})\s*年度?[^，。；]{0,40}(?:报告|总结|自评|申报书|说明)")
_NOTICE = re.compile(r"关于|通知")
_TITLE_PARAGRAPHS = 20
_BEGINNING = "开头"
_UNFINISHED = 30
"""Characters; a shorter line that ends without a mark is a line of its own."""
_ENDS = "。；;：:！!？?）)”』」》】…."
_ITEM = re.compile(r"[（(]?[0-9一二三四五六七八九十]{1,3}[)）.．、]|[-·●■◆]")


def check_text(
    paragraphs: Sequence[Paragraph], checks: Sequence[CheckSpec], programme: Programme | None = None
) -> tuple[Finding, ...]:
    """Check a report; findings stand at ``line:<number>`` (a second one of a code there ends with ``:2``).

    ``checks`` of kinds that read no text are passed over.  Without a programme the report's year is taken
    from its title (「2017年…报告」); where there is none, nothing is said about years and periods.  Each
    finding has the slots ``line``, ``heading`` (which it stands under, may be empty) and ``label``.
    """
    about = programme if programme is not None else _assumed(paragraphs)
    placed = _under_headings(paragraphs)
    headings = {paragraph.number: paragraph.heading for paragraph in placed}
    found: list[tuple[int, Finding]] = []
    seen: dict[tuple[str, int], int] = {}
    for spec in checks:
        make = READERS.get(spec.kind)
        if make is None:
            continue
        for remark in make(Params(about, spec), "")(placed):
            times = seen[spec.code, remark.number] = seen.get((spec.code, remark.number), 0) + 1
            path = f"line:{remark.number}" + (f":{times}" if times > 1 else "")
            heading = headings.get(remark.number, "")
            slots = {"label": heading or _BEGINNING, **remark.params, "line": str(remark.number)}
            message = f"{spec.kind}.{remark.variant}"
            found.append((remark.number, Maker(spec)(path, message, **slots, heading=heading)))
    return tuple(finding for _, finding in sorted(found, key=lambda one: one[0]))


def gather(lines: Sequence[str]) -> list[Paragraph]:
    """Give the paragraphs of a file's lines, numbered by their first line (from 1).

    Lines that break off in mid-sentence (page ends of converted files) are joined with the next one.  A line
    of several cells that begins with a tab is a table row; so is a run of lines that each begin with a tab.
    """
    found: list[Paragraph] = []
    open_row = open_line = False
    for number, line in enumerate(lines, 1):
        text = line.strip()
        row = line.startswith("\t") and bool(text)
        if not text:
            open_row = False
            continue
        last = found[-1] if found else None
        if row and open_row and last is not None and "\t" not in text:
            found[-1] = Paragraph(last.number, f"{last.text}\t{text}", True)
            continue
        joins = open_line and not row and heading_of(text) is None and not _ITEM.match(text)
        if joins and last is not None:
            found[-1] = Paragraph(last.number, last.text + text)
        else:
            found.append(Paragraph(number, text, row))
        open_row = row and "\t" not in text
        open_line = not row and len(text) >= _UNFINISHED and text[-1] not in _ENDS
    return found


def _under_headings(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    current, placed = "", []
    for paragraph in paragraphs:
        heading = None if paragraph.row else heading_of(paragraph.text)
        current = shorten(paragraph.text) if heading is not None else current
        placed.append(replace(paragraph, heading=current))
    return placed


def _assumed(paragraphs: Sequence[Paragraph]) -> Programme:
    """Give a programme that asks for nothing, of the year the report's title names, else of year 0."""
    titles = (
        match
        for paragraph in paragraphs[:_TITLE_PARAGRAPHS]
        if not _NOTICE.search(paragraph.text) and (match := _TITLE.match(paragraph.text))
    )
    title = next(titles, None)
    year = int(title["year"]) if title is not None else 0
    return Programme(
        id="",
        form_version=1,
        notice_revision=1,
        title=title[0] if title is not None else "",
        short_title="",
        issuer="",
        report_year=year,
        period_start=date(year, 1, 1) if year else date.min,
        period_end=date(year, 12, 31) if year else date.max,
        unit_kind="",
        form=Form((), {}),
        checks=(),
        stages=(),
        packet=PacketSpec((), 1, ""),
        upload=UploadTarget("", "", ""),
    )
