"""Reading a written text paragraph by paragraph: what every check of prose stands on.

The same readers judge a long text of a form (its first remark is the finding there) and a whole report that
was read from a file (every remark is a finding at its line).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from app.model.programme import CheckSpec, Programme
from app.model.value import ItemType, Value
from app.rules.kinds.report import Verdict, value_rule
from app.rules.kinds.targets import Params, Wanted, define, is_text, is_written, of_types
from app.rules.rule import Kind, Rule

is_long = of_types({ItemType.LONG_TEXT})

_HEADINGS = (
    re.compile(r"(?P<mark>[一二三四五六七八九十]{1,3})、(?P<text>.+)"),
    re.compile(r"[（(](?P<mark>[一二三四五六七八九十]{1,3})[）)](?P<text>.+)"),
    re.compile(r"(?P<mark>[0-9]{1,2})[.．、](?![0-9])(?P<text>.+)"),
)
_SENTENCE = re.compile(r"[。；;，,：:！!？?]")
_LONGEST_HEADING = 40
_CLOSED_HEADING = 14
"""Characters; only so short a heading may end with a full stop."""

_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: its line (from 1) in the text, and whether it is a table row of cells set apart by tabs.

    ``heading`` is the heading it stands under, empty where none was looked for.
    """

    number: int
    text: str
    row: bool = False
    heading: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """Give the text, or of a table row the different cells: no sentence goes on in the next cell."""
        return tuple(dict.fromkeys(self.text.split("\t"))) if self.row else (self.text,)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something found in a paragraph: the variant of the wording and its slots."""

    number: int
    variant: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading line: its level (0 一、, 1 （一）, 2 1.), its number as written and its words."""

    level: int
    mark: str
    words: str


Reader: TypeAlias = Callable[[Sequence[Paragraph]], Iterable[Remark]]
Make: TypeAlias = Callable[[Params, str], Reader]
"""Makes a reader of a check's parameters and the label of what is read (empty for a whole report)."""


def read_lines(text: str) -> list[Paragraph]:
    """Give the lines of a text as paragraphs, blank ones left out."""
    lines = enumerate(text.split("\n"), 1)
    return [Paragraph(number, line.strip()) for number, line in lines if line.strip()]


def heading_of(line: str) -> Heading | None:
    """Give the heading a line is, or None: short, numbered, no sentence in it."""
    line = line.strip()
    for level, shape in enumerate(_HEADINGS):
        match = shape.fullmatch(line)
        if match is None:
            continue
        words = match["text"].strip()
        if words[-1:] in "。：:" and len(words) <= _CLOSED_HEADING:
            words = words[:-1].strip()
        if len(line) > _LONGEST_HEADING or not words or _SENTENCE.search(words):
            return None
        return Heading(level, match["mark"], words)
    return None


def count_of(text: str) -> int | None:
    """Read a count up to 99 in digits or as 三, 十二, 二十一; None for anything else."""
    if text.isascii() and text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if any(part not in _DIGITS for part in (tens, ones) if part):
        return None
    if not ten:
        return _DIGITS.get(ones)
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def around(text: str, start: int, end: int, beside: int = 6) -> str:
    """Give a place of a text with a few characters at both sides, as one line."""
    return " ".join(text[max(start - beside, 0) : end + beside].split())


def text_rules(programme: Programme, spec: CheckSpec, make: Make, wanted: Wanted = is_long) -> Sequence[Rule]:
    """Give for each text the rule that reports the first remark of a reader.

    ``items``: default all texts that ``wanted`` accepts.
    """
    params = Params(programme, spec)
    targets = params.targets(wanted=is_text, default=wanted)
    return [value_rule(spec, target, _judge_by(make(params, target.item.label))) for target in targets]


def _judge_by(reader: Reader) -> Callable[[Value], Verdict | None]:
    def judge(value: Value) -> Verdict | None:
        remarks = iter(reader(read_lines(value))) if isinstance(value, str) else iter(())
        remark = next(remarks, None)
        return (remark.variant, remark.params) if remark is not None else None

    return judge


def prose_kind(name: str, make: Make, optional: str = "", required: str = "", short: bool = False) -> Kind:
    """Give the kind that reads all long texts (with ``short`` all written texts) by a reader."""
    wanted = is_written if short else is_long
    doc = f"items {optional}"
    return define(name, lambda programme, spec: text_rules(programme, spec, make, wanted), required, doc)


def each_paragraph(judge: Callable[[str], Iterable[Verdict]]) -> Reader:
    """Give the reader that judges each paragraph by itself."""

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        for paragraph in paragraphs:
            for text in paragraph.texts:
                for variant, params in judge(text):
                    yield Remark(paragraph.number, variant, params)

    return read
