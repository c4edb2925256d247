"""Measures the store on a draft of about 5 MB and prints the figures.

Run from the project folder: ``python -m tests.benchmarks.bench_store``.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

from app.clock import system_clock
from app.model.draft import Answers, Draft, Row
from app.model.edit import Edit, Operation, apply_edits, diff
from app.model.form import Form, Item, Section, Table
from app.model.value import ItemType, Value
from app.store import open_store
from app.store.document import document_of, write
from app.store.drafts import new_draft_id

ROWS = 6200
TABLE_ROWS = 620
COLUMNS = (
    Item("name", "名称", ItemType.TEXT),
    Item("code", "代码", ItemType.CREDIT_CODE),
    Item("money", "金额", ItemType.MONEY, unit="万元"),
    Item("day", "日期", ItemType.DATE),
    Item("people", "人数", ItemType.INTEGER),
    Item("kind", "类别", ItemType.CHOICE),
    Item("share", "占比", ItemType.PERCENT),
    Item("yes", "是否", ItemType.YES_NO),
    Item("note", "说明", ItemType.LONG_TEXT),
)


def make_form() -> Form:
    """Give a form with ten tables of nine columns and twenty long texts."""
    texts = tuple(Item(f"f{n}", f"文本{n}", ItemType.LONG_TEXT) for n in range(20))
    tables = {f"t{n}": Table(f"t{n}", str(n), f"表{n}", COLUMNS) for n in range(10)}
    return Form((Section("s", "一", "全部", texts, tuple(tables)),), tables)


def make_draft(seed: int = 1) -> Draft:
    """Give a draft of about 5 MB."""
    chance = random.Random(seed)

    def cells() -> dict[str, Value]:
        return {
            "name": "新疆某某孵化器有限公司" + str(chance.randrange(10**6)),
            "code": f"91650100MA7{chance.randrange(10**7):07d}",
            "money": Decimal(chance.randrange(10**9)) / 100,
            "day": date(2022, chance.randrange(1, 13), chance.randrange(1, 29)),
            "people": chance.randrange(500),
            "kind": chance.choice(("a", "b", "c")),
            "share": Decimal(chance.randrange(10000)) / 100,
            "yes": chance.random() < 0.5,
            "note": "创业孵化服务说明文字" * chance.randrange(10, 26),
        }

    tables = {
        f"t{n}": tuple(Row(f"r{n}_{k}", cells()) for k in range(TABLE_ROWS))
        for n in range(ROWS // TABLE_ROWS)
    }
    values: dict[str, Value] = {f"f{n}": "本单位全年工作总结。" * 500 for n in range(20)}
    return Draft(new_draft_id(), "bench", 1, Answers(values=values, tables=tables))


def timed(action: Callable[[], object]) -> float:
    """Give milliseconds of one call."""
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Measure and print."""
    form, draft = make_form(), make_draft()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "store"
        with open_store(place, clock=system_clock) as store:
            print(f"document            {len(write(document_of(draft))) / 1e6:8.2f} MB")
            print(f"create              {timed(lambda: store.drafts.create(draft, form, '基准')):8.1f} ms")
            opened = sorted(timed(lambda: store.drafts.get(draft.id, lambda *_: form)) for _ in range(9))
            print(f"open                {statistics.median(opened):8.1f} ms  (best {opened[0]:.1f})")
            saves = []
            for n in range(400):
                edit = Edit(Operation.SET, f"t3/r3_{n}/people", 1, n)
                saves.append(timed(partial(store.drafts.apply, draft.id, [edit], group=f"g{n}")))
            saves.sort()
            print(f"save one edit p50   {saves[200]:8.2f} ms  p95 {saves[380]:.2f}  max {saves[-1]:.2f}")
            opened = sorted(timed(lambda: store.drafts.get(draft.id, lambda *_: form)) for _ in range(5))
            print(f"open, 400 edits     {statistics.median(opened):8.1f} ms")
            edits = [
                Edit(Operation.SET, f"t{n % 10}/r{n % 10}_{n % 600}/people", 1, n) for n in range(10_000)
            ]
            print(
                f"save 10,000 edits   {timed(lambda: store.drafts.apply(draft.id, edits, group='x')):8.1f} ms"
            )
            print(f"fold 10,000 (model) {timed(lambda: apply_edits(draft.answers, edits)):8.1f} ms")
            print(f"open, 10,000 edits  {timed(lambda: store.drafts.get(draft.id, lambda *_: form)):8.1f} ms")
            new = apply_edits(draft.answers, edits[:300])
            print(f"diff of 300 edits   {timed(lambda: diff(draft.answers, new)):8.1f} ms")
            print(f"audit               {timed(store.audit):8.1f} ms")
            print(f"backup              {timed(store.back_up):8.1f} ms")
            size = (place / "shenbao.db").stat().st_size
        print(f"open the store      {timed(lambda: open_store(place, clock=system_clock).close()):8.1f} ms")
        print(f"database            {size / 1e6:8.1f} MB")


if __name__ == "__main__":
    main()
