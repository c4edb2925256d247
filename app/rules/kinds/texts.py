"""What is wrong inside written texts: broken characters, brackets, headings, leftovers, missing glyphs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.model.draft import Row
from app.model.finding import Finding
from app.model.programme import CheckSpec, Programme
from app.model.value import Invalid, ItemType, Value
from app.rules.kinds.operands import reads_of
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
from app.rules.kinds.targets import Params, define, is_text, is_written, of_types
from app.rules.rule import Reads, Rule, Target
from app.rules.view import View

is_long = of_types({ItemType.LONG_TEXT})

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

_HEADINGS = (
    re.compile(r"[一二三四五六七八九十]{1,3}、(?P<text>.+)"),
    re.compile(r"[（(][一二三四五六七八九十]{1,3}[）)](?P<text>.+)"),
    re.compile(r"[0-9]{1,2}[.．、](?![0-9])(?P<text>.+)"),
)
_SENTENCE = re.compile(r"[。；;，,：:！!？?]")

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
        if not isinstance(value, str):
            return None
        match = _BROKEN.search(value) or (_BROKEN_SHORT.search(value) if short else None)
        if match is None:
            return None
        start = max(match.start() - 6, 0)
        return "text", {"text": value[start : match.end() + 6].replace("\n", " ")}

    return judge


def compile_brackets(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find the first bracket or quotation mark without its partner (checks.md FMT-10, seeds 002 and 003).

    ``items``: default all written texts.  Enumerations such as 1） need no opening bracket.
    """
    targets = Params(programme, spec).targets(wanted=is_text, default=is_written)

    def judge(value: Value) -> Verdict | None:
        lonely = _lonely_mark(value) if isinstance(value, str) and _MARK.search(value) else None
        if lonely is None or not isinstance(value, str):
            return None
        line = value.count("\n", 0, lonely) + 1
        around = value[max(lonely - 6, 0) : lonely + 7].replace("\n", " ")
        return "text", {"line": str(line), "mark": value[lonely], "text": around}

    return [value_rule(spec, target, judge) for target in targets]


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
        match = _OLD_NUMBER.search(value) if isinstance(value, str) else None
        if match is None:
            return None
        return "text", {"text": match[0], "right": f"〔{match['year']}〕{match['rest']}"}

    return [value_rule(spec, target, judge) for target in targets]


def compile_heading_empty(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find headings with nothing under them (checks.md CMP-11, seed 002 四（二）（三）).

    ``items``: default all long texts.  A heading is a short line with 一、 （一） or 1. and no
    sentence; it is empty when the text ends or a heading of its level or above follows at once.  Lines
    with 1. are a list, not headings, unless most of them have text under them; so are lines from （一） on
    that all have none.
    """
    targets = Params(programme, spec).targets(wanted=is_text, default=is_long)

    def judge(value: Value) -> Verdict | None:
        empty = list(dict.fromkeys(_empty_headings(value))) if isinstance(value, str) else []
        return ("text", {"headings": listed(empty)}) if empty else None

    return [value_rule(spec, target, judge) for target in targets]


def _heading_level(line: str) -> int | None:
    for level, shape in enumerate(_HEADINGS):
        match = shape.fullmatch(line)
        if match is not None:
            return level if len(line) <= 40 and not _SENTENCE.search(match["text"]) else None
    return None


def _empty_headings(text: str) -> Iterator[str]:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    levels = [_heading_level(line) for line in lines]
    followed = [*levels[1:], 0][: len(lines)]
    empty = [
        level is not None and after is not None and after <= level
        for level, after in zip(levels, followed, strict=True)
    ]
    lists = {level for level in (1, 2) if _is_list(level, levels, empty, lines)}
    for line, level, bare in zip(lines, levels, empty, strict=True):
        if bare and level not in lists:
            yield line


def _is_list(level: int, levels: Sequence[int | None], empty: Sequence[bool], lines: Sequence[str]) -> bool:
    bare = [alone for found, alone in zip(levels, empty, strict=True) if found == level]
    if level == 2:
        return sum(bare) * 2 >= len(bare)
    first = lines[levels.index(level)] if bare else ""
    return len(bare) > 1 and all(bare) and first[1:2] == "一"


def compile_template_wording(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find wording left over from a template: XX, ___, （此处填写）, 是否… (checks.md CMP-12, seed 002).

    ``items``: default all written texts.  ``words``: more texts to look for.
    """
    params = Params(programme, spec)
    words = params.texts("words", ())
    targets = params.targets(wanted=is_text, default=is_written)

    def judge(value: Value) -> Verdict | None:
        if not isinstance(value, str):
            return None
        found = [match[0].strip() for shape in _LEFTOVERS for match in shape.finditer(value)]
        found += [word for word in words if word in value]
        return ("text", {"text": listed(list(dict.fromkeys(found))[:3])}) if found else None

    return [value_rule(spec, target, judge) for target in targets]


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


KINDS = (
    define("mojibake", compile_mojibake, "", "items"),
    define("brackets", compile_brackets, "", "items"),
    define("document_number", compile_document_number, "", "items"),
    define("heading_empty", compile_heading_empty, "", "items"),
    define("template_wording", compile_template_wording, "", "items words"),
    define("glyphs", compile_glyphs, "", "items"),
)
