"""A table of a report in a real store, with its editor, for tests of the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from PySide6.QtCore import QModelIndex
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app import paths
from app.messages import load_messages
from app.model.draft import Answers, Draft, Row
from app.model.finding import Severity
from app.model.form import DerivedRow, Item, Table
from app.model.programme import Programme
from app.model.value import ItemType, Value, parse_value
from app.rules.checker import compile_checks
from app.rules.view import Context
from app.services.session import DraftSession
from app.services.workplace import Workplace, open_workplace
from app.store.drafts import new_draft_id
from tests.ui.draft_world import NOW, Remembered, SlowClock
from tests.ui.events import compose
from tests.unit.forms import make_check, make_programme
from ui.context import PageContext
from ui.draft_model import DraftModel
from ui.form.table_view import TableEditor
from ui.style import make_look, palette_of
from ui.tasks import Tasks

KINDS = {"firm": "企业", "team": "团队"}
COLUMNS = (
    Item("name", "名称", ItemType.TEXT, required="true", width=2),
    Item("kind", "类型", ItemType.CHOICE, choices=KINDS),
    Item("code", "统一社会信用代码", ItemType.CREDIT_CODE, relevant='kind = "firm"'),
    Item("person", "证件号", ItemType.ID_NUMBER),
    Item("phone", "联系电话", ItemType.PHONE),
    Item("day", "入驻日期", ItemType.DATE),
    Item("staff", "人数", ItemType.INTEGER, unit="人"),
    Item("amount", "投资额", ItemType.MONEY, unit="万元", total=True),
    Item("listed", "是否上市", ItemType.YES_NO),
    Item("note", "备注", ItemType.LONG_TEXT),
    Item("share", "人均投资", ItemType.MONEY, unit="万元", calculate="amount / staff", decimals=2),
)
TABLE = Table("t1", "T1", "入驻企业清单", COLUMNS, key=("name",), rule="每家一行。")
FIXED = Table(
    "t2",
    "T2",
    "收支明细",
    (
        Item("subject", "科目", ItemType.TEXT, readonly=True),
        Item("target", "目标", ItemType.DECIMAL),
    ),
    derived=(DerivedRow("income", {"subject": "收入"}, {}), DerivedRow("cost", {"subject": "支出"}, {})),
)
CHECKS = (
    make_check("required", {"items": ["t1.name"]}, code="CMP-01"),
    make_check("range", {"items": ["t1.staff"], "most": 1000}, code="RNG-01", severity=Severity.WARNING),
)


def make_table_programme(tables: Sequence[Table] = (TABLE, FIXED)) -> Programme:
    return make_programme((), tables, CHECKS)


def make_cells(texts: Mapping[str, str], table: Table = TABLE) -> dict[str, Value]:
    cells = {}
    for column_id, text in texts.items():
        column = table.column(column_id)
        value = parse_value(column.type, text, column.unit, column.choices)
        if value is not None:
            cells[column_id] = value
    return cells


def firm_rows(count: int) -> tuple[Row, ...]:
    return tuple(
        Row(
            f"r{n}",
            make_cells(
                {
                    "name": f"天山企业{n:04}",
                    "kind": "企业" if n % 3 else "团队",
                    "phone": f"1399{n:07}",
                    "day": f"2022-{n % 12 + 1:02}-01",
                    "staff": str(n % 90 + 1),
                    "amount": f"{n}.5",
                }
            ),
        )
        for n in range(1, count + 1)
    )


class TableWorld:
    """A store worker, words, looks, and one draft with rows of a table."""

    def __init__(
        self,
        folder: Path,
        rows: Sequence[Row] = (),
        programme: Programme | None = None,
        answers: Answers | None = None,
        dark: bool = False,
        scale: float = 1.0,
        table_id: str = "t1",
    ) -> None:
        self.folder = folder
        self.told: list[str] = []
        self.stack = ExitStack()
        self.clock = SlowClock()
        self.messages = load_messages(paths.resources() / "messages")
        self.tasks = Tasks(self._open, self.stack.close)
        self.crashes: list[object] = []
        self.tasks.crashed.connect(self.crashes.append)
        self.look = make_look(dark=dark, scale=scale)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        if application.style().objectName() != "fusion":
            application.setStyle("Fusion")
        application.setPalette(palette_of(self.look))
        application.setFont(self.look.font())
        self.context = PageContext(
            tasks=self.tasks,
            messages=self.messages,
            missing_glyphs=lambda _text: "",
            clock=self.clock,
            look=self.look,
            settings=Remembered(),
            go=lambda _page, _place: None,
            tell=lambda text, _tone: self.told.append(text),
            open_draft=lambda _draft: None,
            refresh=lambda: None,
        )
        programme = programme or make_table_programme()
        answers = answers or Answers(tables={"t1": tuple(rows)})
        draft = Draft(new_draft_id(), programme.id, 1, answers)
        self._store(lambda workplace: workplace.store.drafts.create(draft, programme.form, "测试"))
        context = Context(NOW)
        self.session = DraftSession(programme, draft, compile_checks(programme), lambda _answers: context)
        self.draft = DraftModel(self.session, self.tasks, self.clock)
        self.editor = TableEditor(self.context, self.draft, table_id)
        self.grid, self.model = self.editor.grid, self.editor.model
        self.editor.resize(1100, 640)

    def _open(self) -> Workplace:
        folder = paths.resources()
        return self.stack.enter_context(open_workplace(self.folder, folder, self.messages, self.clock))

    def _store(self, verb: Callable[[Workplace], object]) -> None:
        done: list[object] = []
        self.tasks.store(self.tasks, verb, done.append, done.append)
        while not done:
            QApplication.processEvents()
        assert not isinstance(done[0], Exception)

    # ---------------------------------------------------------------------------- looking
    @property
    def rows(self) -> tuple[Row, ...]:
        return self.draft.answers.tables.get("t1", ())

    def cell(self, row: int, column: str) -> Value | None:
        return self.rows[row].cells.get(column)

    def column(self, column_id: str) -> int:
        return [column.id for column in self.model.columns].index(column_id)

    def index(self, row: int, column_id: str) -> QModelIndex:
        return self.model.index(row, self.column(column_id))

    def shown(self, column_id: str) -> list[str]:
        return [self.model.rows.text(row, self.column(column_id)) for row in range(self.model.rowCount())]

    # ---------------------------------------------------------------------------- acting
    def show(self) -> None:
        self.editor.show()
        self.editor.activateWindow()
        QTest.qWaitForWindowActive(self.editor)
        self.grid.setFocus()

    def go(self, row: int, column_id: str) -> None:
        self.grid.go_to(row, self.column(column_id))

    def act(self, name: str) -> None:
        self.editor.actions_by_name[name].trigger()

    def open_editor(self) -> QWidget:
        """Give the cell editor that is open."""
        assert self.editor.delegate.editing
        found = self.editor.delegate._open
        assert found is not None and found.isVisible()
        return found

    def commit(self, text: str, target: QWidget | None = None, preedit: str = "") -> None:
        """Send what an input method sends: composed text, after a preedit where there was one."""
        compose(target or self.grid, preedit, text)

    def close(self) -> None:
        self.editor.shut()
        self.editor.close()
        while not self.tasks.idle:
            QApplication.processEvents()
        self.tasks.close()
        self.editor.deleteLater()
        QApplication.processEvents()
        assert self.crashes == []
