"""Words in written texts: commonly confused ones, two spellings of one thing, names of two forms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from app.rules.kinds.prose_reading import Paragraph, Reader, Remark, around, prose_kind
from app.rules.kinds.targets import Params
from app.rules.rule import SpecError

_QUOTED = re.compile(r"[“「《](?P<name>[\u4e00-\u9fff]{6,30})[”」》]")
_UNIT = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{4,30}(?:中心|公司|委员会|协会|研究院|研究所|大学|学院|局|厅|处|园))"
)
_SAME_END = 2
_MOST_EXTRA = 3


def make_wrong_words(params: Params, _label: str) -> Reader:
    """Find words that stand for another one, and two spellings of one thing in one text.

    ``words``: wrong -> right (seed 002: 现以 for 现已).  ``spellings``: lists of spellings of which only one
    should be used (seed 000: 一式二份, 一式两份).
    """
    words = _pairs(params)
    groups = _groups(params)

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        for paragraph in paragraphs:
            for wrong, right in words.items():
                place = paragraph.text.find(wrong)
                if place >= 0:
                    shown = around(paragraph.text, place, place + len(wrong))
                    yield Remark(paragraph.number, "text", {"text": shown, "wrong": wrong, "right": right})
        for group in groups:
            used = [
                (paragraph.number, word)
                for paragraph in paragraphs
                for word in _in_order(paragraph.text, group)
            ]
            other = next((one for one in used if one[1] != used[0][1]), None) if used else None
            if other is not None:
                yield Remark(other[0], "both", {"first": used[0][1], "second": other[1]})

    return read


def _in_order(text: str, words: Sequence[str]) -> list[str]:
    return sorted((word for word in words if word in text), key=text.find)


def _pairs(params: Params) -> Mapping[str, str]:
    raw = params.spec.params.get("words", {})
    if not isinstance(raw, Mapping) or not all(isinstance(v, str) and v and k for k, v in raw.items()):
        raise SpecError("parameter_type", parameter="words", wanted="word_pairs", value=raw)
    return raw


def _groups(params: Params) -> Sequence[Sequence[str]]:
    raw = params.spec.params.get("spellings", [])
    good = isinstance(raw, (list, tuple)) and all(
        isinstance(group, (list, tuple))
        and len(group) > 1
        and all(isinstance(one, str) and one for one in group)
        for group in raw
    )
    if not good:
        raise SpecError("parameter_type", parameter="spellings", wanted="word_lists", value=raw)
    return raw  # type: ignore[return-value]


def make_name_differs(_params: Params, _label: str) -> Reader:
    """Find one name written in two ways: a character left out or words in another order (FMT-13).

    Names are what stands in quotation marks, and paragraphs that are nothing but the name of a unit.  Two are
    the same when they end alike and one has all characters of the other and at most three more, without being
    simply a longer form of it (seed 002: 泸州科技…, 泸州市科技…; seed 000: two names of one platform).
    """

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        names: dict[str, int] = {}
        for paragraph in paragraphs:
            if paragraph.row:
                continue
            for name in _names_in(paragraph.text):
                names.setdefault(name, paragraph.number)
        ordered = list(names)
        for place, name in enumerate(ordered):
            for earlier in ordered[:place]:
                if _same(earlier, name):
                    yield Remark(names[name], "text", {"first": earlier, "second": name})
                    break

    return read


def _names_in(text: str) -> list[str]:
    whole = _UNIT.fullmatch(text.strip())
    return [match["name"] for match in _QUOTED.finditer(text)] + ([whole["name"]] if whole else [])


def _same(first: str, second: str) -> bool:
    short, long = sorted((first, second), key=len)
    if short in long or short[-_SAME_END:] != long[-_SAME_END:] or len(long) - len(short) > _MOST_EXTRA:
        return False
    return not Counter(short) - Counter(long)


PROSE = {"wrong_words": make_wrong_words, "name_differs": make_name_differs}
KINDS = (
    prose_kind("wrong_words", make_wrong_words, "words spellings"),
    prose_kind("name_differs", make_name_differs),
)
