"""Whether each value by itself is of the right form: numbers, choices, codes, phones, patterns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal

from app.model.draft import Row
from app.model.form import Item
from app.model.programme import CheckSpec, Programme
from app.model.value import MONEY_UNITS, NUMBER_TYPES, Invalid, ItemType, Value, split_years
from app.rules.identity import (
    credit_code_digit,
    id_number_fault,
    is_credit_code,
    is_email,
    is_phone,
    is_postcode,
    is_region_code,
    is_right_credit_code,
    is_web_address,
    organisation_digit,
)
from app.rules.kinds.operands import operand_of
from app.rules.kinds.report import Judge, Suspects, Verdict, value_rule, values_rule
from app.rules.kinds.targets import Params, Wanted, define, is_choice, is_code, is_text, number_of, of_types
from app.rules.rule import Rule, SpecError, Target

_CODE_TYPES = frozenset({ItemType.CREDIT_CODE, ItemType.ID_NUMBER, ItemType.PHONE, ItemType.POSTCODE})
_NARROW_TYPES = NUMBER_TYPES | _CODE_TYPES | {ItemType.EMAIL, ItemType.WEB_ADDRESS}
_CONTACTS: dict[ItemType, tuple[str, Callable[[str], bool]]] = {
    ItemType.EMAIL: ("email", is_email),
    ItemType.WEB_ADDRESS: ("web_address", is_web_address),
    ItemType.POSTCODE: ("postcode", is_postcode),
}
_FULL_WIDTH = re.compile("[\uff01-\uff5e\u3000]")
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f]|[. ]$')


def compile_value_valid(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find what is no value of its type: number, choice, yes/no, years; or has too many decimals (FMT-12).

    ``items``: default all but dates (see ``date_valid``) and calculated items.  ``decimals`` of an item
    counts in its own unit: 271.555 万元 has three.
    """
    judged = NUMBER_TYPES | {ItemType.YES_NO, ItemType.CHOICE, ItemType.MULTI_CHOICE, ItemType.YEAR_RANGE}
    targets = Params(programme, spec).targets(
        wanted=of_types(judged),
        what="number_or_choice",
        default=lambda item: item.type in judged and not item.calculated,
    )
    return [value_rule(spec, target, _validity(target.item), _strangers(target.item)) for target in targets]


def _quantum(item: Item) -> Decimal | None:
    if item.decimals is None or item.type not in NUMBER_TYPES:
        return None
    unit = MONEY_UNITS.get(item.unit, Decimal(1)) if item.type is ItemType.MONEY else Decimal(1)
    return unit.scaleb(-item.decimals)


def _judge_years(value: Value) -> Verdict | None:
    years = split_years(value)
    if years is None:
        return "years", {}
    return ("years_order", {}) if years[0] > years[1] else None


def _validity(item: Item) -> Judge:
    if item.type is ItemType.YEAR_RANGE:
        return _judge_years
    quantum, choices = _quantum(item), item.choices
    kind = {ItemType.YES_NO: "yes_no", ItemType.CHOICE: "choice", ItemType.MULTI_CHOICE: "choice"}.get(
        item.type, "number"
    )
    if item.type is ItemType.INTEGER:
        kind = "integer"

    def judge(value: Value) -> Verdict | None:
        if isinstance(value, Invalid):
            return kind, {}
        if isinstance(value, str):
            return ("choice", {}) if value not in choices else None
        if isinstance(value, tuple):
            return ("choice", {}) if any(part not in choices for part in value) else None
        number = number_of(value)
        if quantum is not None and number is not None and number % quantum:
            return "decimals", {"most": str(item.decimals)}
        return None

    return judge


def _strangers(item: Item) -> Suspects:
    item_id, quantum, choices = item.id, _quantum(item), item.choices
    if quantum is not None and item.type is not ItemType.INTEGER:
        return lambda rows: [
            row
            for row in rows
            if (v := row.cells.get(item_id)) is not None and (v.__class__ is not Decimal or v % quantum)
        ]
    if item.type is ItemType.CHOICE:
        return lambda rows: [
            row
            for row in rows
            if (v := row.cells.get(item_id)) is not None and (v.__class__ is Invalid or v not in choices)
        ]
    if item.type in (ItemType.MULTI_CHOICE, ItemType.YEAR_RANGE):
        return lambda rows: [row for row in rows if row.cells.get(item_id) is not None]
    return lambda rows: [row for row in rows if row.cells.get(item_id).__class__ is Invalid]


def compile_credit_code_shape(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find credit codes that are not 18 characters of the alphabet (GB 32100-2015; checks.md FMT-01).

    ``items``: default all credit codes.
    """
    return _text_rules(programme, spec, is_code, lambda text: None if is_credit_code(text) else ("text", {}))


def compile_credit_code_digit(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find credit codes of the right shape with a wrong check character (GB 32100-2015; checks.md FMT-02).

    ``items``: default all credit codes.
    """

    def judge(text: str) -> Verdict | None:
        if is_right_credit_code(text) or not is_credit_code(text):
            return None
        return "text", {"expected": credit_code_digit(text), "found": text[17]}

    return _text_rules(programme, spec, is_code, judge, is_right_credit_code)


def compile_organisation_digit(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find credit codes whose organisation part fails its own check character (GB 11714; checks.md FMT-03).

    ``items``: default all credit codes.
    """

    def judge(text: str) -> Verdict | None:
        if not is_credit_code(text) or (expected := organisation_digit(text[8:16])) == text[16]:
            return None
        return "text", {"expected": expected, "found": text[16], "part": text[8:17]}

    return _text_rules(programme, spec, is_code, judge)


def compile_credit_code_region(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find credit codes registered in no region or elsewhere (checks.md FMT-04).

    ``item``: a credit code.  ``prefixes``: beginnings of the region codes that are expected.
    """
    params = Params(programme, spec)
    target = params.target("item", is_code)
    prefixes = params.texts("prefixes")
    for prefix in prefixes:
        if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= 6):
            raise SpecError("parameter_type", parameter="prefixes", wanted="region", value=prefix)

    def judge(value: Value) -> Verdict | None:
        if not isinstance(value, str) or not is_credit_code(value):
            return None
        region = value[2:8]
        if not is_region_code(region):
            return "unknown", {"region": region}
        return None if region.startswith(prefixes) else ("elsewhere", {"region": region})

    return (value_rule(spec, target, judge),)


def compile_credit_code_nature(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find credit codes whose beginning does not fit the declared nature (GB 32100-2015; FMT-17).

    ``item``: a credit code.  ``nature``: a choice.  ``prefixes``: choice id -> list of beginnings; choices
    that are not named fit every code.
    """
    params = Params(programme, spec)
    target = params.target("item", is_code)
    nature = params.target("nature", is_choice, table=target.table)
    if nature.table is not None and nature.table is not target.table:
        raise SpecError("other_table", parameter="nature", value=nature.address, wanted=target.address)
    prefixes = _nature_prefixes(spec, nature)
    choices = nature.item.choices

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        code, choice = values
        if not isinstance(code, str) or not is_credit_code(code) or not isinstance(choice, str):
            return None
        allowed = prefixes.get(choice)
        if allowed is None or code.startswith(allowed):
            return None
        return "text", {
            "start": code[:2],
            "nature": choices.get(choice, choice),
            "expected": "、".join(allowed),
        }

    return (values_rule(spec, target, (operand_of(target), operand_of(nature)), judge),)


def _nature_prefixes(spec: CheckSpec, nature: Target) -> dict[str, tuple[str, ...]]:
    raw = spec.params.get("prefixes")
    if not isinstance(raw, dict) or not raw:
        raise SpecError("parameter_type", parameter="prefixes", wanted="lists_by_choice", value=raw)
    prefixes: dict[str, tuple[str, ...]] = {}
    for choice, starts in raw.items():
        if choice not in nature.item.choices:
            raise SpecError("unknown_choice", parameter="prefixes", value=choice)
        if not isinstance(starts, list) or not starts or not all(isinstance(s, str) and s for s in starts):
            raise SpecError("parameter_type", parameter="prefixes", wanted="texts", value=starts)
        prefixes[choice] = tuple(starts)
    return prefixes


def compile_id_number(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find id numbers of a wrong shape, birthday or check character (GB 11643; checks.md FMT-05).

    ``items``: default all id numbers.  The number itself is never part of the finding.
    """

    def judge(text: str) -> Verdict | None:
        fault = id_number_fault(text)
        return (fault, {"value": ""}) if fault else None

    return _text_rules(programme, spec, of_types({ItemType.ID_NUMBER}), judge)


def compile_phone(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find texts that are no phone number (checks.md FMT-06).

    ``items``: default all phones.  Several numbers may stand in one item, divided by 、/，；or a space.
    """

    def judge(text: str) -> Verdict | None:
        if is_phone(text):
            return None
        parts = [part for part in re.split(r"[、/,，;；\s]+", text) if part]
        return None if parts and all(map(is_phone, parts)) else ("text", {})

    return _text_rules(programme, spec, of_types({ItemType.PHONE}), judge)


def compile_contact_format(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find e-mail addresses, web addresses and postcodes of the wrong form (checks.md FMT-07).

    ``items``: default all items of these types.
    """
    targets = Params(programme, spec).targets(
        wanted=of_types(_CONTACTS), what="contact", default=of_types(_CONTACTS)
    )
    return [_contact_rule(spec, target) for target in targets]


def _contact_rule(spec: CheckSpec, target: Target) -> Rule:
    variant, fits = _CONTACTS[target.item.type]
    return value_rule(spec, target, lambda v: (variant, {}) if isinstance(v, str) and not fits(v) else None)


def compile_full_width(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find full-width characters where half-width ones belong (checks.md FMT-08).

    ``items``: default numbers, codes, phones, addresses.  Numbers that could be read are already half-width.
    """
    targets = Params(programme, spec).targets(default=of_types(_NARROW_TYPES))

    def judge(value: Value) -> Verdict | None:
        text = value.text if isinstance(value, Invalid) else value
        if not isinstance(text, str) or not _FULL_WIDTH.search(text):
            return None
        return "text", {"plain": unicodedata.normalize("NFKC", text).strip()}

    return [value_rule(spec, target, judge, _texts_in(target)) for target in targets]


def _texts_in(target: Target) -> Suspects:
    item_id = target.item.id
    if target.item.type in NUMBER_TYPES:
        return lambda rows: [row for row in rows if row.cells.get(item_id).__class__ is Invalid]
    # All ASCII is the common case and costs almost nothing to see
    return lambda rows: [
        row
        for row in rows
        if (v := row.cells.get(item_id)) is not None and not (v.__class__ is str and v.isascii())
    ]


def compile_file_name(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find names with characters that no file name may have (checks.md FMT-15).

    ``items``: texts that become part of file names.
    """

    def judge(text: str) -> Verdict | None:
        found = dict.fromkeys(_UNSAFE.findall(text))
        seen = [character for character in found if character.isprintable() and character != " "]
        if not found:
            return None
        return ("text", {"characters": " ".join(seen)}) if seen else ("invisible", {})

    return _text_rules(programme, spec, is_text, judge)


def compile_pattern(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find texts that do not match a pattern as a whole (form data; checks.md FMT).

    ``items``: texts.  ``pattern``: a regular expression; it should come with the check's own ``message``.
    """
    params = Params(programme, spec)
    source = params.text("pattern")
    try:
        fullmatch = re.compile(source).fullmatch
    except re.error as error:
        raise SpecError(
            "pattern_wrong", parameter="pattern", value=source, position=error.pos or 0
        ) from error
    targets = params.targets(wanted=is_text)

    def judge(value: Value) -> Verdict | None:
        return ("text", {}) if isinstance(value, str) and not fullmatch(value) else None

    return [value_rule(spec, target, judge, _texts_but(target.item.id, fullmatch)) for target in targets]


def _texts_but(item_id: str, is_right: Callable[[str], object]) -> Suspects:
    def suspects(rows: Sequence[Row]) -> list[Row]:
        return [row for row in rows if isinstance(v := row.cells.get(item_id), str) and not is_right(v)]

    return suspects


def _text_rules(
    programme: Programme,
    spec: CheckSpec,
    wanted: Wanted,
    judge: Callable[[str], Verdict | None],
    is_right: Callable[[str], bool] | None = None,
) -> Sequence[Rule]:
    targets = Params(programme, spec).targets(wanted=wanted, what="of_kind", default=wanted)

    def judge_value(value: Value) -> Verdict | None:
        return judge(value) if isinstance(value, str) else None

    return [
        value_rule(spec, target, judge_value, _texts_but(target.item.id, is_right) if is_right else None)
        for target in targets
    ]


KINDS = (
    define("value_valid", compile_value_valid, "", "items"),
    define("credit_code_shape", compile_credit_code_shape, "", "items"),
    define("credit_code_digit", compile_credit_code_digit, "", "items"),
    define("organisation_digit", compile_organisation_digit, "", "items"),
    define("credit_code_region", compile_credit_code_region, "item prefixes"),
    define("credit_code_nature", compile_credit_code_nature, "item nature prefixes"),
    define("id_number", compile_id_number, "", "items"),
    define("phone", compile_phone, "", "items"),
    define("contact_format", compile_contact_format, "", "items"),
    define("full_width", compile_full_width, "", "items"),
    define("file_name", compile_file_name, "items"),
    define("pattern", compile_pattern, "items pattern"),
)
