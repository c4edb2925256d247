"""Which column of a table each column of a pasted block is meant for.

Headings are recognised by the labels of the table's columns; without headings the types tell whether
the block stands a few columns off, or on its side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from app.exchange.clipboard import Block
from app.model.form import Item, Table
from app.model.value import MONEY_UNITS, ItemType, parse_date, parse_number
from app.rules.identity import plain_name
from app.services.pasting_cells import fits

_HEADING_ROWS = 5
_SAMPLE = 60
_UNIT_IN_LABEL = re.compile(
    r"[（(【\[]\s*(?:单位[:：]?\s*)?([^（()）【】\[\]]{1,6})\s*[)）】\]]|[/／,，]\s*(亿元|万元|千元|元)$"
)
_COUNTING = frozenset({"序号", "序", "编号序", "行号", "no", "no.", "#"})


# ------------------------------------------------------------------------------------------ columns
def _keys(text: str) -> list[str]:
    """Give the forms under which a heading may be meant: with and without the unit in brackets."""
    text = text.replace("*", "").replace("＊", "").replace("\n", "")
    return [key for key in (plain_name(text), plain_name(_UNIT_IN_LABEL.sub("", text))) if key]


def _columns_by_label(table: Table) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in table.columns:
        for text in (column.label, f"{column.number}{column.label}", column.number):
            for key in _keys(text):
                found.setdefault(key, column.id)
    return found


def _match(text: str, known: Mapping[str, str]) -> str:
    return next((known[key] for key in _keys(text) if key in known), "")


def find_heading(block: Block, table: Table) -> tuple[int, tuple[str, ...]]:
    """Give how many rows at the top are headings, and the columns they name (empty: none)."""
    known = _columns_by_label(table)
    for number, texts in enumerate(block.rows[:_HEADING_ROWS]):
        present = [text for text in texts if text.strip() and not is_counting(text)]
        named = [_match(text, known) for text in texts]
        if any(named):
            found = tuple(_nearly(texts, named, table))
            hits = len(set(filter(None, found)))
            if hits * 2 >= len(present) and (hits > 1 or len(present) == 1 == block.width):
                return number + 1, found
    return 0, ()


def _nearly(texts: Sequence[str], named: Sequence[str], table: Table) -> Iterator[str]:
    """Give each heading's column once; 企业名称 means 名称 where only one column is like it."""
    taken = set(filter(None, named))
    seen: set[str] = set()
    for text, exact in zip(texts, named, strict=True):
        target = exact
        if not target and (wanted := next(iter(_keys(text)[::-1]), "")) not in ("", *_COUNTING):
            near = [
                column.id
                for column in table.columns
                if column.id not in taken
                and len(label := plain_name(column.label)) > 1
                and len(wanted) > 1
                and (label in wanted or wanted in label)
            ]
            target = near[0] if len(near) == 1 else ""
            taken.add(target)
        yield "" if target in seen else target
        seen.add(target)


def columns_by_place(table: Table, start: int, width: int) -> list[str]:
    """Give the column each block column falls on from a starting column; empty beyond the table."""
    ids = [column.id for column in table.columns]
    return [ids[start + at] if 0 <= start + at < len(ids) else "" for at in range(width)]


def heading_units(block: Block, heading: int, table: Table, targets: Sequence[str]) -> list[str]:
    """Give the money unit each heading names, where its column is money and it is another unit."""
    units = [""] * block.width
    if not heading:
        return units
    for at, (text, target) in enumerate(zip(block.rows[heading - 1], targets, strict=True)):
        match = _UNIT_IN_LABEL.search(text)
        unit = (match[1] or match[2] or "").strip() if match else ""
        if target and unit in MONEY_UNITS and table.column(target).type is ItemType.MONEY:
            units[at] = unit
    return units


# ------------------------------------------------------------------------------------------ misplaced
def _misfit(block: Block, column: Item, at: int, rows: Sequence[int]) -> float:
    """Give the share of a block column's texts that do not look like what a column holds (0 to 1)."""
    texts = [(block.rows[number][at], block.exact.get((number, at), "")) for number in rows]
    texts = [(text, exact) for text, exact in texts if text.strip()]
    if not texts:
        return 0.0
    if column.type in (ItemType.TEXT, ItemType.LONG_TEXT):
        bare = sum(parse_number(text) is not None or parse_date(text) is not None for text, _ in texts)
        return 0.25 * bare / len(texts)
    return sum(not fits(column, text, exact) for text, exact in texts) / len(texts)


def find_shift(
    block: Block, table: Table, used: Sequence[int], targets: Sequence[str], start: int
) -> tuple[int, list[tuple[int, str, str]]]:
    """Give by how many columns the block seems to stand too far left (+) or right (-), and what does not fit.

    What does not fit: (block column, label of its column, label of a neighbour that fits or nothing),
    only where there is a way out: another place for the whole block, or a neighbour for the column.
    """
    rows = used[:: max(len(used) // _SAMPLE, 1)]
    columns, count = table.columns, len(table.columns)
    memory: dict[tuple[int, int], float] = {}

    def misfit(at: int, place: int) -> float:
        if (at, place) not in memory:
            memory[at, place] = _misfit(block, columns[place], at, rows)
        return memory[at, place]

    def score(shift: int) -> float:
        places = [(at, start + at + shift) for at in range(block.width)]
        inside = [misfit(at, place) for at, place in places if 0 <= place < count]
        return sum(inside) + 0.6 * (block.width - len(inside)) if inside else float(block.width)

    wrong = [at for at, target in enumerate(targets) if target and misfit(at, start + at) > 0.5]
    if not wrong:
        return 0, []
    best = min((-1, 1, -2, 2, -3, 3), key=score)
    if score(best) <= score(0) / 2:
        return best, [(at, columns[start + at].label, "") for at in wrong]
    told = []
    for at in wrong:
        for place in (start + at - 1, start + at + 1):
            if 0 <= place < count and columns[place].type is not ItemType.TEXT and misfit(at, place) <= 0.1:
                told.append((at, columns[start + at].label, columns[place].label))
                break
    return 0, told


def is_transposed(block: Block, table: Table) -> bool:
    """Tell whether the labels of the columns run down the first column of the block."""
    known = _columns_by_label(table)
    heads = [row[0] for row in block.rows if row[0].strip()]
    hits = len({target for text in heads if (target := _match(text, known))})
    return hits > 1 and hits * 2 >= len(heads) and block.width > 1


def is_counting(text: str) -> bool:
    """Tell whether a heading stands over mere row numbers (序号)."""
    return text.strip().lower() in _COUNTING
