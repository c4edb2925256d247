"""Headings that stand twice, and counts that announce more or fewer things than are listed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.rules.kinds.prose_reading import (
    Heading,
    Paragraph,
    Reader,
    Remark,
    around,
    count_of,
    heading_of,
    prose_kind,
)
from app.rules.kinds.report import Verdict, shorten
from app.rules.kinds.targets import Params

_COUNT = r"(?P<count>[0-9]{1,2}|[二两三四五六七八九十]{1,3})"
_OF = (
    r"(?P<what>大?个?(?:方面|问题|指标|环节|步骤|部分|阶段|要点|要求|任务|措施|原则|维度|层面|领域|类别|项|类|点|条|种)"
    r"[^，。；：、,;:]{0,6})"
)
_SIDES = "(?:方面|角度|维度|层面)"
_FROM = re.compile(
    rf"从(?P<list>[^。；;：:，,]{{3,120}}?)(?:等)?{_SIDES}"
    rf"[^。；;：:0-9、]{{0,12}}?(?:设置|设定|制定|设立|确定|选取|提出)了?{_COUNT}{_OF}"
)
_CLOSED = re.compile(
    r"(?:包括|分为|分别为|分别是|涵盖|即|为)"
    r"(?P<list>[^。；;：:，,和及与（）()]{2,80}、[^。；;：:，,（）()]{2,40}?)"
    rf"{_COUNT}个?(?:部分|环节|阶段|类别|{_SIDES})(?![^，。；：]{{0,3}}(?:等|之一|以上))"
)
_ANNOUNCED = re.compile(
    rf"(?:以下|下列|如下|下面)(?:的)?{_COUNT}{_OF}"
    r"|(?:主要|具体)?(?:有|存在|抓好|做好|包括|分为|采取)(?:以下|下列)?(?P<count2>[二两三四五六七八九十]{1,3})"
    r"(?:个?(?:方面|问题|步骤|环节|阶段|要点)|点|条)"
)
_FIRST = re.compile(r"(?P<mark>[一二三四五六七八九十])(?:是|、)")
_ORDINALS = "一二三四五六七八九十"
_NUMBERED = re.compile(r"^[（(]?(?P<mark>[0-9]{1,2}|[一二三四五六七八九十]{1,2})(?:[)）]|[.．、](?![0-9]))")


def make_heading_repeated(_params: Params, label: str) -> Reader:
    """Find headings that stand twice under the same heading (seed 002 三（一）), or repeat the item's own."""

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        seen: dict[tuple[str, ...], int] = {}
        above: list[Heading] = []
        for paragraph in paragraphs:
            heading = None if paragraph.row else heading_of(paragraph.text)
            if heading is None:
                continue
            above = [one for one in above if one.level < heading.level] + [heading]
            path = tuple(one.words for one in above)
            shown = {"title": shorten(paragraph.text), "line": str(paragraph.number)}
            if label and heading.words == label:
                yield Remark(paragraph.number, "own", shown)
            elif path in seen:
                yield Remark(paragraph.number, "text", {**shown, "first": str(seen[path])})
            else:
                seen[path] = paragraph.number

    return read


def make_list_count(_params: Params, _label: str) -> Reader:
    """Find counts that do not agree with the things listed beside them (seed 002: 5 指标, 7 listed).

    Read are 「从 a、b、c 等方面设置 N 个指标」, 「包括 a、b、c N 个方面」 and 「以下 N 个方面」 with the
    numbered list that follows.  A 和 inside a name leaves a list's length open by one: then nothing is said.
    """

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        for place, paragraph in enumerate(paragraphs):
            if paragraph.row:
                continue
            for verdict in _listed_inside(paragraph.text):
                yield Remark(paragraph.number, *verdict)
            yield from _announced(paragraphs, place)

    return read


def _listed_inside(text: str) -> Iterator[Verdict]:
    for shape in (_FROM, _CLOSED):
        for match in shape.finditer(text):
            count = count_of(match["count"])
            least, most = _lengths(match["list"])
            if count is None or count < 2 or least < 2 or least <= count <= most:
                continue
            yield _verdict(text, match.start(), match.end(), count, most if count > most else least)


def _lengths(listed: str) -> tuple[int, int]:
    """Give how many things a list names at least and at most: the last 和 may belong to a name."""
    parts = [part for part in re.split("、", listed.removesuffix("等")) if part.strip()]
    joined = sum(1 for part in parts if re.search("[和及与]|以及", part.strip()[1:-1]))
    last = 1 if parts and re.search("[和及与]", parts[-1].strip()[1:-1]) else 0
    return len(parts) + last, len(parts) + joined


def _verdict(text: str, start: int, end: int, count: int, found: int) -> Verdict:
    shown = shorten(around(text, max(start, end - 24), end, 0)).lstrip("、，")
    return "text", {"text": shown, "count": str(count), "found": str(found)}


def _announced(paragraphs: Sequence[Paragraph], place: int) -> Iterator[Remark]:
    text = paragraphs[place].text
    for match in _ANNOUNCED.finditer(text):
        count = count_of(match["count"] or match["count2"])
        rest = text[match.end() :]
        found = _ordinals(rest) or (0 if rest.strip("：:。；; ") else _numbered(paragraphs[place + 1 :]))
        if count is not None and count > 1 and found > 1 and found != count:
            verdict = _verdict(text, match.start(), match.end(), count, found)
            yield Remark(paragraphs[place].number, *verdict)


def _ordinals(text: str) -> int:
    """Count 一是…二是… (or 一、…二、…) as far as they go on in order."""
    found = 0
    for match in _FIRST.finditer(text):
        if found < len(_ORDINALS) and match["mark"] == _ORDINALS[found]:
            found += 1
    return found if found > 1 else 0


def _numbered(paragraphs: Sequence[Paragraph]) -> int:
    """Count the numbered paragraphs that follow, from 1 on and of one way of numbering."""
    found, shape = 0, ""
    for paragraph in paragraphs:
        match = _NUMBERED.match(paragraph.text)
        if match is None:
            if found == 0:
                return 0
            continue
        own = match[0].replace(match["mark"], "")
        if not shape:
            shape = own
        if own == shape and count_of(match["mark"]) == found + 1:
            found += 1
        elif own == shape or found == 0:
            break
    return found


PROSE = {"heading_repeated": make_heading_repeated, "list_count": make_list_count}
KINDS = tuple(prose_kind(name, make) for name, make in PROSE.items())
