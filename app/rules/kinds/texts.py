"""What is wrong inside written texts: broken characters, brackets, headings, leftovers, missing glyphs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.model.draft import Row
from app.model.finding import Finding
from app.model.programme import CheckSpec, Programme
from app.model.value import Invalid, ItemType, Value
from app.rules.kinds.operands import reads_of
from app.rules.kinds.prose_reading import (
    Heading,
    Paragraph,
    Reader,
    Remark,
    around,
    each_paragraph,
    heading_of,
    is_long,
    read_lines,
)
from app.rules.kinds.report import (
    Hits,
    Judge,
    Verdict,
    cell_findings,
    field_finding,
    form_finding,
    listed,
    value_rule,
)
from app.rules.kinds.targets import Params, define, is_text, is_written
from app.rules.rule import Reads, Rule, Target
from app.rules.view import View

_BROKEN = re.compile(
    "[?？]{2,}|\ufffd+|锟斤拷|烫烫烫|屯屯屯|ï»¿|(?:[ÃÂâ][\u0080-\u00bf]){2,}|[\ue000-\uf8ff]+"
)
_BROKEN_SHORT = re.compile(r"(?<=[\u4e00-\u9fff0-9])\? ?(?=[\u4e00-\u9fff0-9])")

_PAIRS = {
    "（": "）",
    "(": "）",
    "“": "”",
    "‘": "’",
    "《": "》",
    "【": "】",
    "「": "」",
    "『": "』",
    "〔": "〕",
    "[": "］",
    "［": "］",
}
_CLOSERS = {")": "）", "]": "］", **{mark: mark for mark in "）”’》】」』〕］"}}
_NUMBERED = re.compile(
    r"(?:(?<=^)|(?<=[\s。；;：:，,、]))[0-9a-zA-Z一二三四五六七八九十]{1,3}[)）]", re.MULTILINE
)

_OLD_NUMBER = re.compile(
    r"(?:(?P<square>\[)|［|【|（|\(|\{)(?P<year>(?:19|20)[0-9]{2})[\]］】）)}](?P<rest>第?[0-9]{1,5}号)"
)

_LEFTOVERS = (
    re.compile(r"(?<![A-Za-z0-9])[xXＸ×]{2,}(?![A-Za-z0-9])"),
    re.compile(r"[_＿]{3,}"),
    re.compile(
        r"[（(【\[〔][^（）()【】\[\]〔〕\n]{0,20}(?:填写|填报|填入|说明字数|不超过[0-9]+字)[^（）()【】\[\]〔〕\n]{0,20}[）)】\]〕]"
    ),
    re.compile(r"(?:请在此|在此处?|此处)(?:填写|输入|说明|描述)"),
    re.compile(
        r"(?:(?<=^)|(?<=[。；;]))[ \t\u3000]*是否[^。；;？?\n]{2,20}(?![^。；;\n]*[？?])", re.MULTILINE
    ),
    re.compile(r"某某|示例文字|单击此处|点击此处"),
)
_QUESTIONS = (
    re.compile(r"(?<=[，,])是否[^，,。；;？?\n]{2,14}(?=[，,。；;])"),
    re.compile(r"(?<=[，,。；;])[^，,。；;？?\n是否]{2,8}是否[^，,。；;？?\n]{2,6}(?=[。；;])"),
)
_GOVERNED = re.compile(
    r"审核|审查|检查|核查|核实|核对|判断|评价|评估|了解|确定|确认|考察|说明|明确|不论|无论|取决|查看|询问|关注"
)
"""Words after which 是否 asks on purpose."""

_HOLLOW = re.compile(
    r"〔[ \u3000]*〕|《[ \u3000]*》|“[ \u3000]*”|「[ \u3000]*」|（[ \u3000]*）|\([ \u3000]*\)"
)
_SHORT_LINE = 40
_MARK = re.compile(f"[{re.escape(''.join((*_PAIRS, *_CLOSERS)))}]")


def compile_mojibake(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find what a wrong encoding leaves: 「????」, replacement characters (checks.md FMT-09, seed 001).

    ``items``: default all written texts.  In short texts (names, addresses) one question mark between two
    characters counts too.
    """
    targets = Params(programme, spec).targets(wanted=is_text, default=is_written)
    return [value_rule(spec, target, _mojibake(target)) for target in targets]


def _mojibake(target: Target) -> Judge:
    short = target.item.type is not ItemType.LONG_TEXT

    def judge(value: Value) -> Verdict | None:
        match = _broken(value, short) if isinstance(value, str) else None
        return ("text", {"text": around(match.string, *match.span())}) if match is not None else None

    return judge


def _broken(text: str, short: bool) -> re.Match[str] | None:
    return _BROKEN.search(text) or (_BROKEN_SHORT.search(text) if short else None)


def make_mojibake(_params: Params, _label: str) -> Reader:
    """Read a whole report for broken characters: one remark for all of its paragraphs that have them."""

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        found = []
        for paragraph in paragraphs:
            match = _broken(paragraph.text, len(paragraph.text) <= _SHORT_LINE)
            if match is not None:
                found.append((paragraph.number, around(match.string, *match.span())))
        if found:
            shown = "”、“".join(text for _, text in found[:2])
            more = {"label": f"全文 {len(found)} 行"} if len(found) > 1 else {}
            yield Remark(found[0][0], "text", {"text": shown, **more})

    return read


def compile_brackets(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find the first bracket or quotation mark without its partner, or with nothing in it.

    checks.md FMT-10, seeds 002 and 003; seed 004 has an empty 〔〕.  ``items``: default all written texts.
    Enumerations such as 1） need no opening bracket.
    """
    targets = Params(programme, spec).targets(wanted=is_text, default=is_written)

    def judge(value: Value) -> Verdict | None:
        if not isinstance(value, str) or not _MARK.search(value):
            return None
        return next(_bracket_verdicts(value), None)

    return [value_rule(spec, target, judge) for target in targets]


def _bracket_verdicts(text: str, line: int = 1) -> Iterator[Verdict]:
    lonely = _lonely_mark(text)
    if lonely is not None:
        line += text.count("\n", 0, lonely)
        shown = {"line": str(line), "mark": text[lonely], "text": around(text, lonely, lonely + 1)}
        yield "text", shown
    hollow = _HOLLOW.search(text)
    if hollow is not None:
        line += text.count("\n", 0, hollow.start())
        yield "empty", {"line": str(line), "text": around(text, *hollow.span())}


def make_brackets(_params: Params, _label: str) -> Reader:
    """Read each paragraph for brackets and quotation marks without a partner or without content."""

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        for paragraph in paragraphs:
            for text in paragraph.texts:
                for variant, params in _bracket_verdicts(text, paragraph.number):
                    yield Remark(paragraph.number, variant, params)

    return read


def _lonely_mark(text: str) -> int | None:
    numbered = {match.end() - 1 for match in _NUMBERED.finditer(text)}
    waiting: list[tuple[str, int]] = []
    for position, mark in enumerate(text):
        if mark in _PAIRS:
            waiting.append((_PAIRS[mark], position))
        elif mark in _CLOSERS:
            if waiting and waiting[-1][0] == _CLOSERS[mark]:
                waiting.pop()
            elif position not in numbered:
                return waiting[-1][1] if waiting else position
    return waiting[0][1] if waiting else None


def compile_document_number(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find document numbers with other brackets than 〔〕 (GB/T 9704-2012 §7.2.5; FMT-11, seed 002).

    ``items``: default all written texts.
    """
    targets = Params(programme, spec).targets(wanted=is_text, default=is_written)

    def judge(value: Value) -> Verdict | None:
        return next(_old_numbers(value), None) if isinstance(value, str) else None

    return [value_rule(spec, target, judge) for target in targets]


def _old_numbers(text: str) -> Iterator[Verdict]:
    for match in _OLD_NUMBER.finditer(text):
        yield "text", {"text": match[0], "right": f"〔{match['year']}〕{match['rest']}"}


def make_document_number(_params: Params, _label: str) -> Reader:
    """Read each paragraph for document numbers with other brackets than 〔〕."""
    return each_paragraph(_old_numbers)


def compile_heading_empty(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find headings with nothing under them (checks.md CMP-11, seed 002 四（二）（三）).

    ``items``: default all long texts.  A heading is a short line with 一、 （一） or 1. and no
    sentence; it is empty when the text ends or a heading of its level or above follows at once.  Lines
    with 1. are a list, not headings, unless most of them have text under them; so are lines from （一） on
    that all have none.
    """
    targets = Params(programme, spec).targets(wanted=is_text, default=is_long)

    def judge(value: Value) -> Verdict | None:
        empty = _empty_headings(read_lines(value)) if isinstance(value, str) else ()
        names = list(dict.fromkeys(paragraph.text for paragraph in empty))
        return ("text", {"headings": listed(names)}) if names else None

    return [value_rule(spec, target, judge) for target in targets]


def make_heading_empty(_params: Params, _label: str) -> Reader:
    """Read a whole report for headings with nothing under them, one remark for each."""

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        for paragraph in _empty_headings(paragraphs):
            yield Remark(paragraph.number, "text", {"headings": listed([paragraph.text])})

    return read


def _empty_headings(paragraphs: Sequence[Paragraph]) -> Iterator[Paragraph]:
    found = [None if paragraph.row else heading_of(paragraph.text) for paragraph in paragraphs]
    levels = [heading.level if heading is not None else None for heading in found]
    followed = [*levels[1:], 0][: len(levels)]
    empty = [
        level is not None and after is not None and after <= level
        for level, after in zip(levels, followed, strict=True)
    ]
    lists = {level for level in (1, 2) if _is_list(level, found, empty)}
    for paragraph, level, bare in zip(paragraphs, levels, empty, strict=True):
        if bare and level not in lists:
            yield paragraph


def _is_list(level: int, found: Sequence[Heading | None], empty: Sequence[bool]) -> bool:
    own = [
        (one, bare) for one, bare in zip(found, empty, strict=True) if one is not None and one.level == level
    ]
    bare = [alone for _, alone in own]
    if level == 2:
        return sum(bare) * 2 >= len(bare)
    return len(bare) > 1 and all(bare) and own[0][0].mark == "一"


def compile_template_wording(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find wording left over from a template: XX, ___, （此处填写）, 是否… (checks.md CMP-12, seed 002).

    ``items``: default all written texts.  ``words``: more texts to look for.
    """
    params = Params(programme, spec)
    words = params.texts("words", ())
    targets = params.targets(wanted=is_text, default=is_written)

    def judge(value: Value) -> Verdict | None:
        found = _leftovers(value, words) if isinstance(value, str) else []
        return ("text", {"text": listed(found[:3])}) if found else None

    return [value_rule(spec, target, judge) for target in targets]


def make_template_wording(params: Params, _label: str) -> Reader:
    """Read a whole report for leftovers; a line without any sentence in it may be a label of a form."""
    words = params.texts("words", ())

    def judge(text: str) -> Iterator[Verdict]:
        found = _leftovers(text, words) if re.search("[。；，,;]", text) or "是否" not in text else []
        if found:
            yield "text", {"text": listed(found[:3])}

    return each_paragraph(judge)


def _leftovers(text: str, words: Sequence[str]) -> list[str]:
    found = [match[0].strip() for shape in _LEFTOVERS for match in shape.finditer(text)]
    if "是否" in text:
        found += [
            match[0].strip()
            for shape in _QUESTIONS
            for match in shape.finditer(text)
            if not _GOVERNED.search(_clause_before(text, match.start()) + match[0])
        ]
    return list(dict.fromkeys([*found, *(word for word in words if word in text)]))


def _clause_before(text: str, place: int) -> str:
    """Give the last few characters before a place, where a verb would stand that asks for 是否."""
    return text[max(place - 3, 0) : place]


def compile_glyphs(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find characters that no shipped font prints (checks.md PKT-08).

    ``items``: default all texts, and the names of attachments (path ``attachment:<name>``).  What prints is
    asked of ``Context.missing_glyphs``.
    """
    params = Params(programme, spec)
    rules = [_glyph_rule(spec, target) for target in params.targets(wanted=is_text, default=is_text)]
    if params.has("items"):
        return rules

    def run(view: View) -> Sequence[Finding]:
        missing_glyphs = view.context.missing_glyphs
        return [
            form_finding(
                spec, f"attachment:{file.name}", "file", label=file.name, characters=_spaced(missing)
            )
            for file in view.attachments
            if (missing := missing_glyphs(file.name))
        ]

    return [*rules, Rule(spec.code, Reads(parts=frozenset({"attachments", "context"})), run=run)]


def _spaced(characters: str) -> str:
    return " ".join(characters)


def _glyph_rule(spec: CheckSpec, target: Target) -> Rule:
    item_id, table = target.item.id, target.table
    reads = reads_of(target) | Reads(parts=frozenset({"context"}))
    if table is None:

        def run(view: View) -> Sequence[Finding]:
            value = view.values.get(item_id)
            missing = view.context.missing_glyphs(_written(value))
            if not missing:
                return ()
            return (field_finding(spec, target, value, ("text", {"characters": _spaced(missing)})),)

        return Rule(spec.code, reads, run=run)

    def run_rows(view: View, rows: Sequence[Row]) -> Sequence[tuple[str, Finding]]:
        missing_glyphs = view.context.missing_glyphs
        texts = [_written(row.cells.get(item_id)) for row in rows]
        # One question for the whole column: almost always the answer is that nothing is missing
        if not missing_glyphs("".join(texts)):
            return ()
        judged = [(row, missing_glyphs(text)) for row, text in zip(rows, texts, strict=True)]
        hits: Hits = [(row, ("text", {"characters": _spaced(missing)})) for row, missing in judged if missing]
        return cell_findings(spec, view, target, hits)

    return Rule(spec.code, reads, run_rows=run_rows, table=table.id)


def _written(value: Value | None) -> str:
    return value if isinstance(value, str) else value.text if isinstance(value, Invalid) else ""


PROSE = {
    "mojibake": make_mojibake,
    "brackets": make_brackets,
    "document_number": make_document_number,
    "heading_empty": make_heading_empty,
    "template_wording": make_template_wording,
}
KINDS = (
    define("mojibake", compile_mojibake, "", "items"),
    define("brackets", compile_brackets, "", "items"),
    define("document_number", compile_document_number, "", "items"),
    define("heading_empty", compile_heading_empty, "", "items"),
    define("template_wording", compile_template_wording, "", "items words"),
    define("glyphs", compile_glyphs, "", "items"),
)
