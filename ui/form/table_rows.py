"""The rows of one table as they are shown: cells as typed and as they count, findings by place, order.

No Qt in here but the collator that sorts by pinyin.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import QCollator, QLocale

from app.model.draft import Row
from app.model.finding import Finding, Severity
from app.model.form import Table
from app.model.value import ItemType, Value, format_value
from app.rules.identity import plain_name
from app.services.session import DraftSession
from ui.form.table_edits import sorted_rows

GRAVEST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)
_NUMBERS = frozenset({int, Decimal})
_BETWEEN_ROWS, _BETWEEN_CELLS = "\0", "\1"
_SUMMED = frozenset({ItemType.INTEGER, ItemType.DECIMAL, ItemType.MONEY})


class TableRows:
    """A table of an open draft.  ``shown`` lists the positions shown, None for all in their own order."""

    def __init__(self, session: DraftSession, table: Table) -> None:
        self._session = session
        self.table = table
        self.shown: list[int] | None = None
        self._fresh: set[str] = set()
        self._searched: tuple[Row, ...] = ()
        self._texts: list[str] = []
        self.load()

    def load(self) -> None:
        """Take rows and findings from the session as they stand now."""
        session, table_id = self._session, self.table.id
        self.rows: tuple[Row, ...] = session.view.rows(table_id)
        raw = session.answers.tables.get(table_id, ())
        self._raw: Sequence[Row | None] = raw
        if len(raw) != len(self.rows) or self.table.derived:
            by_id = {row.id: row for row in raw}
            self._raw = [by_id.get(row.id) for row in self.rows]
        prefix = f"{table_id}/"
        self.by_cell: dict[tuple[str, str], list[Finding]] = {}
        self.by_row: dict[str, list[Finding]] = {}
        self.whole: list[Finding] = []
        for finding in session.findings:
            if finding.path.startswith(prefix):
                row_id, _, column = finding.path[len(prefix) :].partition("/")
                self.by_row.setdefault(row_id, []).append(finding)
                self.by_cell.setdefault((row_id, column), []).append(finding)
            elif finding.path == table_id:
                self.whole.append(finding)
        self._worst: dict[tuple[str, str], Severity | None] = {}

    # -------------------------------------------------------------------------------- rows
    def __len__(self) -> int:
        return len(self.rows) if self.shown is None else len(self.shown)

    def shown_rows(self) -> Sequence[Row]:
        """Give the shown rows with the cells that count."""
        return self.rows if self.shown is None else [self.rows[place] for place in self.shown]

    def typed_rows(self) -> list[Row]:
        """Give the shown rows with the cells as typed."""
        places = range(len(self.rows)) if self.shown is None else self.shown
        return [self._raw[place] or Row(self.rows[place].id, {}) for place in places]

    def position(self, row: int) -> int:
        """Give the position in the table (from 0) of a shown row."""
        return row if self.shown is None else self.shown[row]

    def row_id(self, row: int) -> str:
        """Give the permanent id of a shown row."""
        return self.rows[self.position(row)].id

    def find(self, row_id: str) -> int:
        """Give where a row is shown, or -1."""
        return next((at for at, row in enumerate(self.shown_rows()) if row.id == row_id), -1)

    # -------------------------------------------------------------------------------- cells
    def value(self, row: int, column: int) -> Value | None:
        """Give what stands in a shown cell: what counts, or what is typed where it does not apply."""
        return self._value_at(self.position(row), column)

    def text(self, row: int, column: int) -> str:
        """Give the text of a shown cell."""
        return self._text_at(self.position(row), column)

    def rests(self, row: int, column: int) -> bool:
        """Tell whether something is typed here that does not apply to this row."""
        place, key = self.position(row), self.table.columns[column].id
        raw = self._raw[place]
        return raw is not None and key in raw.cells and key not in self.rows[place].cells

    def _value_at(self, place: int, column: int) -> Value | None:
        key = self.table.columns[column].id
        value = self.rows[place].cells.get(key)
        if value is None and (raw := self._raw[place]) is not None:
            return raw.cells.get(key)
        return value

    def _text_at(self, place: int, column: int) -> str:
        item = self.table.columns[column]
        return format_value(self._value_at(place, column), item.type, item.unit, item.choices, item.decimals)

    # -------------------------------------------------------------------------------- order
    def arranged(self, needle: str, column: int, descending: bool) -> list[int]:
        """Give the positions of the rows that hold a text, by a column (-1: in their own order)."""
        order = list(range(len(self.rows)))
        wanted = plain_name(needle)
        if wanted:
            texts = self._searchable()
            order = [at for at in order if wanted in texts[at]]
        return self._sorted(order, column, descending) if column >= 0 else order

    def holding(self, wanted: str) -> list[int]:
        """Give the shown rows that hold a text, which is in the form names are compared in."""
        texts = self._searchable()
        return [row for row in range(len(self)) if wanted in texts[self.position(row)]]

    def _searchable(self) -> list[str]:
        """Give each row's whole text in the form names are compared in; only changed rows are worked out."""
        if self._searched is not self.rows:
            known = {id(row): text for row, text in zip(self._searched, self._texts, strict=True)}
            missing = [at for at, row in enumerate(self.rows) if id(row) not in known]
            columns = range(len(self.table.columns))
            whole = (_BETWEEN_CELLS.join(self._text_at(at, one) for one in columns) for at in missing)
            plain = plain_name(_BETWEEN_ROWS.join(whole)).split(_BETWEEN_ROWS)
            fresh = dict(zip(missing, plain, strict=False))
            self._texts = [known.get(id(row), "") or fresh.get(at, "") for at, row in enumerate(self.rows)]
            self._searched = self.rows
        return self._texts

    def _sorted(self, order: Sequence[int], column: int, descending: bool) -> list[int]:
        item = self.table.columns[column]
        collator = QCollator(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
        collator.setNumericMode(True)
        places = {self.rows[at].id: at for at in order}
        filled = [self.rows[at] for at in order if self._value_at(at, column) is not None]
        empty = [at for at in order if self._value_at(at, column) is None]
        rows = sorted_rows(filled, item, lambda row: self._text_at(places[row.id], column), collator.sortKey)
        if descending:
            rows.reverse()
        return [*(places[row.id] for row in rows), *empty]

    # -------------------------------------------------------------------------------- findings
    def mark_fresh(self, row_id: str) -> None:
        """Keep quiet about what is still missing in a row just added, until it is left."""
        self._fresh.add(row_id)
        self._worst.clear()

    def leave_fresh(self, row_id: str) -> bool:
        """Speak about a row again once it was left; tell whether it was kept quiet."""
        if row_id not in self._fresh:
            return False
        self._fresh.discard(row_id)
        self._worst.clear()
        return True

    def findings(self, row: int) -> list[Finding]:
        """Give what was found in a shown row, gravest first."""
        row_id = self.row_id(row)
        found = self.by_row.get(row_id, [])
        if row_id in self._fresh:
            cells = self.rows[self.position(row)].cells
            found = [one for one in found if one.path.rpartition("/")[2] in cells]
        return sorted(found, key=lambda one: GRAVEST_FIRST.index(one.severity))

    def cell_findings(self, row: int, column: int) -> list[Finding]:
        """Give what was found in a shown cell."""
        row_id, key = self.row_id(row), self.table.columns[column].id
        if row_id in self._fresh and key not in self.rows[self.position(row)].cells:
            return []
        return self.by_cell.get((row_id, key), [])

    def worst(self, row: int, column: int) -> Severity | None:
        """Give the gravest severity in a cell; a finding with a written reason counts as a note."""
        key = (self.row_id(row), self.table.columns[column].id)
        if key not in self._worst:
            self._worst[key] = self._gravest(self.cell_findings(row, column))
        return self._worst[key]

    def row_worst(self, row: int) -> Severity | None:
        """Give the gravest severity in a whole shown row."""
        return self._gravest(self.findings(row)) if self.by_row else None

    def _gravest(self, findings: Sequence[Finding]) -> Severity | None:
        reasons = self._session.answers.reasons
        found = {
            Severity.INFO if reasons.get(one.key) and not one.blocks else one.severity for one in findings
        }
        return next((one for one in GRAVEST_FIRST if one in found), None)

    # -------------------------------------------------------------------------------- totals
    def totals(self) -> dict[int, str]:
        """Give the sums of the shown rows by column, in the columns' units.

        Only of columns the form wants added up, as on paper: the sum of prices or of years says nothing.
        """
        found: dict[int, str] = {}
        rows = self.shown_rows()
        for at, item in enumerate(self.table.columns):
            if not item.total or item.type not in _SUMMED or self.table.derived:
                continue
            key = item.id
            total, counted = Decimal(), False
            for row in rows:
                value = row.cells.get(key)
                if value.__class__ in _NUMBERS:
                    total += value  # type: ignore[operator]
                    counted = True
            if counted:
                found[at] = format_value(total, item.type, item.unit, None, item.decimals)
        return found
