"""Figures in written texts that cannot be, or that differ from each other or from the form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from app.model.finding import Finding
from app.model.programme import CheckSpec, Programme
from app.model.value import MONEY_UNITS, ItemType, Value, in_unit
from app.rules.kinds.operands import name_of, operand_of
from app.rules.kinds.prose import Amount, amounts_in
from app.rules.kinds.prose_reading import Paragraph, Reader, Remark, is_long, prose_kind
from app.rules.kinds.report import ONE_FORM, field_finding, shorten, show, show_number
from app.rules.kinds.targets import Params, define, is_numeric, is_text, number_of
from app.rules.rule import Reads, Rule, SpecError, Target
from app.rules.view import View

_SHARE = re.compile(
    r"(?P<what>占比|比重|比例|占[^，。；：、0-9]{0,12}的?|[^，。；：、0-9\s]{0,8}率|[^，。；：、0-9\s]{0,6}(?:覆盖|满意)度?)"
    r"(?:均|已|约|为|达|到|是|至|有|高达|超过|[:：])*\s*(?P<number>[0-9]+(?:\.[0-9]+)?)\s*[%％]"
)
_NO_SHARE = re.compile(
    r"(?:增长|增幅|增速|周转|负债|回报|收益|利润|完成|达成|超额|提高|提升|同比|环比|投入产出|频|速|汇|倍|效)率?[^率]*$"
)
_LABEL = re.compile(r"[\u4e00-\u9fff“”（）()《》]{4,40}$")
_LEADING = re.compile(
    r"^(?:[^年]{0,6}年(?:度|底|末|全区|全市|全省)?|截至|截止|其中|共|累计|全年|当年|本年|已|新|目前)+"
)
_TRAILING = re.compile(r"(?:为|达到|达|共计|合计|总计|共|约|有|超过|完成|是|到|了|的|：|:)+$")
_LONGEST_LABEL = 44
_LEAST_LABEL = 7
_LEAST_ANYWHERE = 10
_GAP = r"[^0-9，。；;、,\n]{0,8}?"


def make_prose_percent(_params: Params, _label: str) -> Reader:
    """Find shares above 100 %: 占比, 通过率, 执行率 and the like (checks.md ARI-12, seed 002).

    Rates that may well exceed 100 (增长, 完成, 周转 …) are passed over.
    """

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        for paragraph in paragraphs:
            for match in _SHARE.finditer(paragraph.text):
                if Decimal(match["number"]) > 100 and not _NO_SHARE.search(match["what"]):
                    found = {"text": shorten(match[0].strip())}
                    yield Remark(paragraph.number, "text", found)

    return read


def make_figure_twice(_params: Params, _label: str) -> Reader:
    """Find the same thing with two different figures in one text (checks.md LOG-19, seed 003).

    The same thing is the same run of characters right before a number with the same unit: at least seven
    under one heading, ten under different ones, where short names mean different things.
    """

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        known: dict[tuple[str, str, str], tuple[Amount, int]] = {}
        for paragraph in paragraphs:
            if paragraph.row:
                continue
            for amount in amounts_in(paragraph.text):
                name = label_before(paragraph.text, amount)
                if len(name) < _LEAST_LABEL:
                    continue
                under = paragraph.heading if len(name) < _LEAST_ANYWHERE else ""
                first, line = known.setdefault((name, amount.unit, under), (amount, paragraph.number))
                if first.value != amount.value:
                    slots = {"name": name, "first": first.text, "place": str(line), "second": amount.text}
                    yield Remark(paragraph.number, "text", slots)

    return read


def label_before(text: str, amount: Amount) -> str:
    """Give the name that stands right before a number, without its year and verbs."""
    before = text[max(amount.start - _LONGEST_LABEL, 0) : amount.start]
    match = _LABEL.search(before) or _LABEL.search(before.rstrip("：: "))
    name = _TRAILING.sub("", match[0]) if match else ""
    return _LEADING.sub("", name)


def amount_after(text: str, words: Sequence[str], units: Sequence[str] = ()) -> Amount | None:
    """Give the first amount that follows one of the words within a few characters."""
    for word in words:
        for match in re.finditer(re.escape(word) + _GAP + r"(?=[0-9])", text):
            found = next((one for one in amounts_in(text[match.end() :]) if one.start == 0), None)
            if found is not None and (not units or found.unit in units):
                return found
    return None


def make_prose_within(params: Params, _label: str) -> Reader:
    """Find parts named in a text that together exceed a whole named in it (checks.md ARI-12, seed 002).

    ``parts``: for each part the word before its amount; ``wholes``: words of which the first found counts;
    ``unless``: words whose presence in the text explains it (结转).  Money only; the first amount counts.
    """
    parts, wholes, unless = params.texts("parts"), params.texts("wholes"), params.texts("unless", ())

    def read(paragraphs: Sequence[Paragraph]) -> Iterator[Remark]:
        text = "\n".join(paragraph.text for paragraph in paragraphs)
        units = tuple(MONEY_UNITS)
        whole = amount_after(text, wholes, units)
        found = [amount_after(text, [part], units) for part in parts]
        if whole is None or None in found or any(word in text for word in unless):
            return
        summed = sum((_yuan(one) for one in found if one is not None), Decimal(0))
        over = summed - _yuan(whole)
        if over <= 0 or not whole.value:
            return
        factor = MONEY_UNITS[whole.unit]
        line = next(p.number for p in paragraphs if found[-1] is not None and found[-1].text in p.text)
        slots = {
            "parts": "＋".join(f"{name} {one.text}" for name, one in zip(parts, found, strict=True) if one),
            "sum": f"{show_number(summed / factor, 6)}{whole.unit}",
            "whole": whole.text,
            "difference": f"{show_number(over / factor, 6)}{whole.unit}",
            "percent": show_number(summed / _yuan(whole) * 100),
        }
        yield Remark(line, "text", slots)

    return read


def _yuan(amount: Amount) -> Decimal:
    return amount.value * MONEY_UNITS[amount.unit]


def compile_prose_figure(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find a figure that a text gives otherwise than the form (checks.md LOG-19, seed 003: 25 against 30).

    ``item``: a number field.  ``words``: what stands before the figure in the text.  ``texts``: where to
    look; default all long texts.  ``units``: other units the text may use than the item's own.  Money is
    compared in 元, to half of the last digit that the text shows.  Path: the text.
    """
    params = Params(programme, spec)
    place = params.field("item", is_numeric)
    words = params.texts("words")
    units = (*params.texts("units", ()), *([place.item.unit] if place.item.unit else ()))
    if place.item.type is ItemType.MONEY:
        units = tuple(MONEY_UNITS)
    if not units:
        raise SpecError("parameter_missing", parameter="units")
    return [
        _figure_rule(params, place, target, words, units)
        for target in params.fields("texts", is_text, default=is_long)
    ]


def _figure_rule(
    params: Params, place: Target, target: Target, words: Sequence[str], units: Sequence[str]
) -> Rule:
    text_of, value_of = operand_of(target), operand_of(place)
    slots = {"other": name_of(place.item), "other_unit": place.item.unit}

    def run(view: View) -> Sequence[Finding]:
        text, value = text_of.values(view, ONE_FORM)[0], value_of.values(view, ONE_FORM)[0]
        amount = _differing(text, value, words, units, place.item.type)
        if amount is None:
            return ()
        shown = {**slots, "text": amount.text, "other_value": show(place.item, value)}
        return (field_finding(params.spec, target, text, ("text", shown)),)

    reads = Reads(fields=frozenset({target.item.id, place.item.id}))
    return Rule(params.spec.code, reads, run=run)


def _differing(
    text: Value | None, value: Value | None, words: Sequence[str], units: Sequence[str], kind: ItemType
) -> Amount | None:
    number = number_of(value)
    if not isinstance(text, str) or number is None:
        return None
    amount = amount_after(text, words, units)
    if amount is None:
        return None
    unit = amount.unit if kind is ItemType.MONEY else ""
    expected = Decimal(in_unit(number, kind, unit)) if unit else number
    exponent = amount.value.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    return amount if abs(amount.value - expected) > Decimal("0.5").scaleb(-places) else None


PROSE = {
    "prose_percent": make_prose_percent,
    "figure_twice": make_figure_twice,
    "prose_within": make_prose_within,
}
KINDS = (
    prose_kind("prose_percent", make_prose_percent),
    prose_kind("figure_twice", make_figure_twice),
    prose_kind("prose_within", make_prose_within, "unless", "parts wholes"),
    define("prose_figure", compile_prose_figure, "item words", "texts units"),
)
