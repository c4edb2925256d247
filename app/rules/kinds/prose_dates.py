"""Dates and years in written texts: impossible, the wrong way round, of another year than the report's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from app.rules.kinds.dates import show_day
from app.rules.kinds.prose_reading import Paragraph, Reader, Remark, prose_kind
from app.rules.kinds.report import shorten
from app.rules.kinds.targets import Params

_YEAR = r"(?P<year>(?:19|20)[0-9]{2}|[一二][九〇零○Ｏ][〇零○Ｏ一二三四五六七八九]{2})"
_MONTH = r"(?P<month>[0-9]{1,2}|十[一二]?|[一二三四五六七八九])"
_DAY = r"(?P<day>[0-9]{1,2}|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_DATE = re.compile(
    rf"(?<![0-9]){_YEAR}\s*年\s*{_MONTH}\s*月\s*{_DAY}\s*日"
    r"|(?<![0-9.-])(?P<year2>(?:19|20)[0-9]{2})(?P<mark>[-/.])(?P<month2>[0-9]{1,2})(?P=mark)(?P<day2>[0-9]{1,2})(?![0-9.])"
)
_UNTIL = re.compile(r"^[^0-9，。；、]{0,6}?(?:至|到|—{1,2}|－|～|~|-)[^0-9，。；、]{0,2}$")
_DIGITS = {digit: str(value) for value, digit in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}
_NAMED_YEAR = re.compile(r"(?P<year>(?:19|20)[0-9]{2})\s*年度?(?P<name>[\u4e00-\u9fff（）()、]{4,40})")
_ANY_YEAR = re.compile(r"((?:19|20)[0-9]{2})\s*年")
_PAPER = re.compile(r"年度|报告|总结|申报书|自评|评价|通知|工作")
_LEAST_NAME = 6
_STATE = re.compile(
    r"^[前，,、\s]*(?:我?(?:单位|中心|部门|局)?[^，。；]{0,8}?(?:共?有|现有|在职|在编|实有|拥有|为|共))"
)
_LATE_DAYS = 365
_LONGEST_FOOT = 30


@dataclass(frozen=True, slots=True)
class _Day:
    """A written date; ``day`` is None where there is no such day."""

    day: date | None
    start: int
    end: int
    text: str


def days_in(text: str) -> list[_Day]:
    """Give the full dates of a text, in digits or Chinese numerals, in order."""
    found = []
    for match in _DATE.finditer(text):
        parts = [match[name] or match[f"{name}2"] for name in ("year", "month", "day")]
        numbers = [_number(part) for part in parts]
        try:
            day: date | None = date(*numbers)
        except ValueError:
            day = None
        found.append(_Day(day, match.start(), match.end(), match[0]))
    return found


def _number(text: str) -> int:
    if text.isdigit() and text.isascii():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return int(_DIGITS.get(tens, "1")) * 10 + int(_DIGITS.get(ones, "0"))
    return int("".join(_DIGITS.get(one, "0") for one in text))


def make_prose_date(_params: Params, _label: str) -> Reader:
    """Find dates that do not exist, and spans that end before they begin (checks.md FMT-12, DAT-08)."""

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        for paragraph in paragraphs:
            days = days_in(paragraph.text)
            for one in days:
                if one.day is None:
                    yield Remark(paragraph.number, "text", {"text": one.text})
            for first, second in pairwise(days):
                between = paragraph.text[first.end : second.start]
                if first.day and second.day and second.day < first.day and _UNTIL.match(between):
                    slots = {"from": show_day(first.day), "to": show_day(second.day)}
                    yield Remark(paragraph.number, "order", slots)

    return read


def make_year_differs(params: Params, label: str) -> Reader:
    """Find one paper named with two years, or with another than the report's (DAT-02, seed 000 四-1).

    A paper is what follows 「2022年度」: names that begin alike and are called 报告, 总结, 评价 and the like.
    The report's year is the programme's, else the one its name bears most often.  ``title``: the text is the
    report's own title (of a whole report its title alone), in which every year must be the report's.
    """
    year, title = params.programme.report_year, params.flag("title")

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        if title:
            yield from _title_years(paragraphs if label else _titles(paragraphs), str(year))
            return
        named = [
            (paragraph, match["year"], match["name"])
            for paragraph in paragraphs
            for match in _NAMED_YEAR.finditer(paragraph.text)
            if _PAPER.search(match[0]) and len(match["name"]) >= _LEAST_NAME
        ]
        seen: set[tuple[str, str]] = set()
        for paragraph, own, name in named:
            start = name[:_LEAST_NAME]
            years = [other for _, other, full in named if full[:_LEAST_NAME] == start]
            usual = str(year) if year and str(year) in years else max(years, key=years.count)
            if own == usual or years.count(own) > years.count(usual) or (own, start) in seen:
                continue
            seen.add((own, start))
            slots = {"text": shorten(f"{own}年度{name}"), "year": own, "usual": usual}
            yield Remark(paragraph.number, "text", slots)

    return read


def _titles(paragraphs: Sequence[Paragraph]) -> Sequence[Paragraph]:
    """Give the title of a whole report: the first paragraph that is the name of a paper and no sentence."""
    named = (p for p in paragraphs if _PAPER.search(p.text) and _ANY_YEAR.search(p.text))
    return [p for p in named if not re.search("[。；，,;]", p.text)][:1]


def _title_years(paragraphs: Sequence[Paragraph], usual: str) -> Iterator[Remark]:
    for paragraph in paragraphs:
        for own in _ANY_YEAR.findall(paragraph.text):
            if own != usual:
                yield Remark(paragraph.number, "title", {"year": own, "usual": usual})


def make_as_of(params: Params, _label: str) -> Reader:
    """Find figures as of another day than the end of the period (checks.md DAT-13, seed 002).

    「2016年12月31日，有在职职工3人」 in a report on 2017.  Only the last days of a year are looked at:
    any other day may well be meant.
    """
    programme = params.programme

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        for paragraph in paragraphs:
            for one in days_in(paragraph.text):
                day = one.day
                if day is None or not programme.report_year or (day.month, day.day) != (12, 31):
                    continue
                if day == programme.period_end or not _STATE.match(paragraph.text[one.end :]):
                    continue
                slots = {"date": show_day(day), "end": show_day(programme.period_end)}
                yield Remark(paragraph.number, "text", slots)

    return read


def make_signed_late(params: Params, _label: str) -> Reader:
    """Find a date under a report that lies before the end of the period or a year after (DAT-14, seed 002).

    The date ends the last short paragraph that ends with one.
    """
    programme = params.programme

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        if not programme.report_year:
            return
        for paragraph in reversed(paragraphs):
            for one in days_in(paragraph.text)[-1:]:
                line = "".join(paragraph.text.split())
                if (
                    not line.endswith("".join(one.text.split()))
                    or len(line) > _LONGEST_FOOT
                    or one.day is None
                ):
                    continue
                days = (one.day - programme.period_end).days
                slots = {"date": show_day(one.day), "end": show_day(programme.period_end), "days": str(days)}
                if days > _LATE_DAYS:
                    yield Remark(paragraph.number, "late", slots)
                elif days < 0:
                    yield Remark(paragraph.number, "early", slots)
                return

    return read


PROSE = {
    "prose_date": make_prose_date,
    "year_differs": make_year_differs,
    "as_of": make_as_of,
    "signed_late": make_signed_late,
}
KINDS = tuple(
    prose_kind(name, make, "title" if name == "year_differs" else "") for name, make in PROSE.items()
)
