"""Names and codes that must agree, must be there, or must not be there twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from app.model.draft import Row
from app.model.finding import Finding
from app.model.form import Table
from app.model.programme import CheckSpec, Programme
from app.model.value import Value
from app.rules.expression import Expression
from app.rules.expression import Kind as Type
from app.rules.identity import normalise_name, plain_name
from app.rules.keys import keys_of
from app.rules.kinds.operands import Operand, name_of, operand_of, reads_of
from app.rules.kinds.report import Hits, Verdict, cell_findings, rows_of, show, union, values_rule
from app.rules.kinds.targets import Params, define, is_answer, is_text, number_of
from app.rules.rule import Reads, Rule, SpecError, Target
from app.rules.view import View

_LEAST_NAME = 6
_LONG_NAME = 12


def compile_same_name(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find texts that spell the unit's own name a little differently (checks.md FMT-13, seed 002).

    ``item``: the field with the name.  ``others``: texts to look through, in full.  A spelling counts as the
    same name when it begins and ends like it and differs in one character (two from twelve characters
    on); names under six characters are not judged.
    """
    params = Params(programme, spec)
    own = params.field("item", is_text)
    others = params.targets("others", is_text)

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        name, text = values
        if not isinstance(name, str) or not isinstance(text, str):
            return None
        spelling = _other_spelling(plain_name(name), plain_name(text))
        return ("text", {"spelling": spelling, "name": name}) if spelling else None

    return [values_rule(spec, other, (operand_of(own), operand_of(other)), judge) for other in others]


def _other_spelling(name: str, text: str) -> str:
    size = len(name)
    if size < _LEAST_NAME:
        return ""
    half = size // 2
    for piece, offset in ((name[half:], half), (name[:half], 0)):
        position = text.find(piece)
        while position >= 0:
            start = position - offset
            if start < 0 or text[start : start + size] != name:
                spelling = _likest(name, text, position, len(piece), offset)
                if spelling:
                    return spelling
            position = text.find(piece, position + 1)
    return ""


def _likest(name: str, text: str, position: int, piece: int, offset: int) -> str:
    """Give the stretch around a found piece that has one or two characters more, fewer or other.

    What only leaves out the beginning or the end is a short form, not another spelling.
    """
    size, best, fewest = len(name), "", 2 if len(name) < _LONG_NAME else 3
    for length in (size - 1, size, size + 1, size - 2, size + 2):
        start = position + piece - length if offset else position
        stretch = text[max(start, 0) : max(start, 0) + length]
        blocks = SequenceMatcher(None, name, stretch, autojunk=False).get_matching_blocks()[:-1]
        if len(blocks) < 2:
            continue
        edits = max(size, len(stretch)) - sum(block.size for block in blocks)
        whole = blocks[0].a == blocks[0].b == 0 and blocks[-1].b + blocks[-1].size == len(stretch)
        if whole and blocks[-1].a + blocks[-1].size == size and edits < fewest:
            best, fewest = stretch, edits
    return best


def compile_equal(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find two items that must say the same and do not (checks.md FMT-16, LOG-18, LOG-19).

    ``item`` and ``other``: two fields or two columns of one table, both texts, numbers, dates or choices.
    ``tolerance``: for numbers, in 元 or units (default 0).  Names are compared without width and brackets.
    """
    params = Params(programme, spec)
    item = params.target("item")
    other = params.target("other", table=item.table)
    first, second = operand_of(item), operand_of(other)
    if first.type is not second.type:
        raise SpecError("item_type", parameter="other", value=other.address, wanted="same_type")
    if other.table is not None and other.table is not item.table:
        raise SpecError("other_table", parameter="other", value=other.address, wanted=item.address)
    tolerance = params.number("tolerance", 0)

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        a, b = values
        x, y = number_of(a), number_of(b)
        slots = {
            "other": name_of(other.item),
            "other_value": show(other.item, b),
            "other_unit": other.item.unit,
        }
        if x is not None and y is not None:
            slots["difference"] = show(item.item, abs(x - y))
            return ("number", slots) if abs(x - y) > tolerance else None
        if a is None or b is None or type(a) is not type(b) or first.type is Type.NUMBER:
            return None
        same = plain_name(a) == plain_name(b) if isinstance(a, str) and isinstance(b, str) else a == b
        return None if same else ("text", slots)

    return (values_rule(spec, item, (first, second), judge),)


def compile_unique(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find rows with the same name, code or certificate (checks.md LOG-07).

    ``columns``: columns of one table that make the key together; rows without one of them are passed over.
    ``condition`` over the row says which rows are compared.  Texts are compared by ``normalise_name``.
    Path: the later row's cell in the first column.
    """
    params = Params(programme, spec)
    targets = params.targets("columns")
    table = targets[0].table
    for target in targets:
        if target.table is None or target.table is not table:
            raise SpecError(
                "other_table", parameter="columns", value=target.address, wanted=targets[0].address
            )
    assert table is not None
    condition = params.condition("condition", table)
    columns = [target.item.id for target in targets]

    def run(view: View) -> Sequence[Finding]:
        keys = _keys(view, table, columns, condition)
        different = set(keys)
        different.discard(None)
        if len(different) + keys.count(None) == len(keys):
            return ()
        first: dict[object, int] = {}
        hits: Hits = []
        for place, key in enumerate(keys):
            earlier = first.setdefault(key, place)
            if earlier != place and key is not None:
                row = view.rows(table.id)[place]
                shown = "、".join(show(t.item, row.cells.get(t.item.id)) for t in targets)
                hits.append((row, ("text", {"first": str(earlier + 1), "value": shown})))
        return [finding for _, finding in cell_findings(spec, view, targets[0], hits)]

    reads = union([*(reads_of(target) for target in targets), rows_of(table.id), *_reads(condition)])
    return (Rule(spec.code, reads, run=run),)


def _reads(*conditions: Expression | None) -> list[Reads]:
    return [condition.reads for condition in conditions if condition is not None]


def _keys(view: View, table: Table, columns: Sequence[str], condition: Expression | None) -> Sequence[object]:
    """Give the key of each row, None for rows that do not count or lack a part."""
    keys = view.column_keys(table.id, *columns)
    if condition is None:
        return keys
    chosen = condition.evaluate_rows(view, view.rows(table.id))
    return [key if counts is True else None for key, counts in zip(keys, chosen, strict=True)]


def _key(value: Value | None) -> object:
    return (normalise_name(value) or None) if isinstance(value, str) else value


def compile_unique_across(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find names that another report of the same unit already uses (checks.md LOG-09).

    ``addresses``: texts (fields or columns).  Compared with ``Context.other_reports`` by ``normalise_name``.
    """
    params = Params(programme, spec)
    targets = params.targets("addresses", is_text)

    @lru_cache(maxsize=16)
    def normalised(texts: frozenset[str]) -> frozenset[str]:
        return frozenset(map(normalise_name, texts)) - {""}

    def user_of(view: View) -> Callable[[Value | None], str]:
        others = [(title, normalised(texts)) for title, texts in sorted(view.context.other_reports.items())]

        def user(value: Value | None) -> str:
            if not others or not isinstance(value, str):
                return ""
            name = normalise_name(value)
            return next((title for title, names in others if name in names), "")

        return user

    context = Reads(parts=frozenset({"context"}))
    return [_lookup_rule(spec, target, context, user_of, "other") for target in targets]


def _lookup_rule(
    spec: CheckSpec,
    target: Target,
    reads: Reads,
    bind: Callable[[View], Callable[[Value | None], str]],
    slot: str,
) -> Rule:
    """Give the rule that looks each value up in what ``bind`` gathers once for a run."""
    lookup = Operand(
        "", Type.TEXT, reads, lambda view, rows: [bind(view)(view.values.get(target.item.id))] * len(rows)
    )
    if target.table is not None:

        def found_in_rows(view: View, rows: Sequence[Row]) -> list[Value | None]:
            find = bind(view)
            return [find(row.cells.get(target.item.id)) for row in rows]

        lookup = Operand("", Type.TEXT, reads, found_in_rows)
    return values_rule(
        spec, target, (lookup,), lambda values: ("text", {slot: str(values[0])}) if values[0] else None
    )


def compile_subset(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find names of one list that are missing in another (checks.md LOG-15).

    ``column``: texts to look for.  ``of``: the column where they must be.  ``except``: fields whose texts
    are allowed too.  ``condition`` over the rows of ``column`` says which rows are looked at.
    """
    params = Params(programme, spec)
    target, of = params.column("column", None, is_text), params.column("of", None, is_text)
    allowed = params.fields("except", is_text) if params.has("except") else ()
    condition = params.condition("condition", target.table)
    assert target.table is not None and of.table is not None
    list_id, column_id, list_name = of.table.id, of.item.id, name_of(of.table)

    def missing_from(view: View) -> Callable[[str], str]:
        names = set(view.column_keys(list_id, column_id))
        names.update(_key(view.values.get(field.item.id)) for field in allowed)
        return lambda name: list_name if name not in names else ""

    reads = union([reads_of(of), rows_of(list_id), *(reads_of(field) for field in allowed)])
    return (_listed_rule(spec, target, reads, missing_from, condition, list_id),)


def compile_disjoint(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find names that stand in two lists of which they may be in one only (checks.md LOG-08).

    ``column`` and ``other``: columns with names; ``condition`` and ``other_condition`` over their rows say
    which rows count.  Path: the cell in ``column``.
    """
    params = Params(programme, spec)
    return (_common_rule(params, params.column("column", None, is_text)),)


def _common_rule(params: Params, target: Target) -> Rule:
    other = params.column("other", None, is_text)
    assert target.table is not None and other.table is not None
    table, column_id, other_name = other.table, other.item.id, name_of(other.table)
    condition = params.condition("condition", target.table)
    other_condition = params.condition("other_condition", table) if params.has("other_condition") else None

    def present_in(view: View) -> Callable[[str], str]:
        names = set(_keys(view, table, [column_id], other_condition))
        return lambda name: other_name if name in names else ""

    reads = union([reads_of(other), rows_of(table.id), *_reads(other_condition)])
    return _listed_rule(params.spec, target, reads, present_in, condition, table.id)


def _listed_rule(
    spec: CheckSpec,
    target: Target,
    reads: Reads,
    bind: Callable[[View], Callable[[str], str]],
    condition: Expression | None,
    list_id: str,
) -> Rule:
    assert target.table is not None
    table, column_id = target.table, target.item.id

    def found_in(view: View, rows: Sequence[Row]) -> Sequence[tuple[str, Finding]]:
        find = bind(view)
        hits: Hits = []
        chosen = condition.evaluate_rows(view, rows) if condition is not None else [True] * len(rows)
        whole = rows is view.rows(table.id)
        keys = view.column_keys(table.id, column_id) if whole else keys_of(rows, column_id)
        for row, key, counts in zip(rows, keys, chosen, strict=True):
            if counts is not True or not isinstance(row.cells.get(column_id), str):
                continue
            name = find(key if isinstance(key, str) else "")
            if name:
                hits.append((row, ("text", {"other": name})))
        return cell_findings(spec, view, target, hits)

    every = union([reads_of(target), reads, *_reads(condition)])
    if list_id == table.id or (condition is not None and table.id in condition.aggregates):
        return Rule(
            spec.code,
            every | rows_of(table.id),
            run=lambda view: [finding for _, finding in found_in(view, view.rows(table.id))],
        )
    return Rule(spec.code, every, run_rows=found_in, table=table.id)


def compile_staff_mentor(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find mentors who are also listed as staff (checks.md LOG-13).

    ``table`` and ``name``: the mentors' table and its name column.  ``other``: the staff's name column.
    ``condition`` over the mentors' and ``other_condition`` over the staff's rows say which rows count.
    """
    params = Params(programme, spec)
    return (_common_rule(params, params.column("name", params.table("table"), is_text)),)


def compile_own_investor(programme: Programme, spec: CheckSpec) -> Sequence[Rule]:
    """Find investments by the unit itself that are not marked as its own money (checks.md LOG-14).

    ``table``; ``name``: the investor's column; ``own``: the yes/no column 自有资金; ``unit_item``: the field
    with the unit's name.  Path: the cell of ``own``.
    """
    params = Params(programme, spec)
    table = params.table("table")
    name, own = params.column("name", table, is_text), params.column("own", table, is_answer)
    unit = params.field("unit_item", is_text)

    def judge(values: Sequence[Value | None]) -> Verdict | None:
        investor, marked, operator = values
        if not isinstance(investor, str) or not isinstance(operator, str) or marked is True:
            return None
        same = normalise_name(investor) == normalise_name(operator)
        return ("text", {"investor": investor}) if same else None

    return (values_rule(spec, own, (operand_of(name), operand_of(own), operand_of(unit)), judge),)


KINDS = (
    define("same_name", compile_same_name, "item others"),
    define("equal", compile_equal, "item other", "tolerance"),
    define("unique", compile_unique, "columns", "condition"),
    define("unique_across", compile_unique_across, "addresses"),
    define("subset", compile_subset, "column of", "except condition"),
    define("disjoint", compile_disjoint, "column other", "condition other_condition"),
    define("staff_mentor", compile_staff_mentor, "table name other", "condition other_condition"),
    define("own_investor", compile_own_investor, "table name own unit_item"),
)
