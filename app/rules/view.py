"""What rules see of a draft: effective answers, read-only.

Effective means: calculated items worked out, answers of items that are not relevant left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from app.clock import BEIJING
from app.model.draft import Answers, Attachment, Row
from app.model.programme import Programme
from app.model.submission import Event
from app.model.value import Value
from app.rules.keys import ColumnKeys


def no_missing_glyphs(_text: str) -> str:
    """Stand for a caller that prints nothing: every character counts as printable."""
    return ""


@dataclass(frozen=True, slots=True)
class Context:
    """What rules must know from outside, handed in because rules do no I/O.

    ``now``: Beijing time, from the platform when it is known.  ``missing_glyphs(text)``: the distinct
    characters no shipped font prints.  ``broken_files``: SHA-256 of attachments that are gone or were
    altered -> reason; ``file_faults``: SHA-256 of attachments that cannot be used (type, size,
    encrypted, empty) -> reason.  ``events``: the draft's record so far.  ``other_reports``: report
    title -> identifying texts used there.  ``change_threshold``: year-on-year change that wants a
    reason, as a share (0.3 is 30 %), and ``change_least`` the least change in units.  ``last_saved``:
    newest time the store has written.
    """

    now: datetime
    missing_glyphs: Callable[[str], str] = no_missing_glyphs
    broken_files: Mapping[str, str] = field(default_factory=dict)
    other_reports: Mapping[str, frozenset[str]] = field(default_factory=dict)
    change_threshold: Decimal = Decimal("0.3")
    change_least: Decimal = Decimal(5)
    last_saved: datetime | None = None
    events: tuple[Event, ...] = ()
    file_faults: Mapping[str, str] = field(default_factory=dict)
    edited_after_torch: frozenset[str] = frozenset()

    @property
    def today(self) -> date:
        """Give the Beijing calendar day of ``now``."""
        return self.now.astimezone(BEIJING).date()


@dataclass(frozen=True, slots=True)
class View:
    """Effective answers of one draft.

    ``values``, ``previous`` and ``torch`` map field ids to present values (``Invalid`` included);
    ``tables`` map table ids to rows; a table that is not relevant is empty.  ``hidden`` holds the ids of
    fields that are not relevant.  ``keys`` only spares work: later views of the same draft share it.
    """

    programme: Programme
    answers: Answers
    context: Context
    values: Mapping[str, Value]
    tables: Mapping[str, tuple[Row, ...]]
    hidden: frozenset[str] = frozenset()
    keys: ColumnKeys = field(default_factory=ColumnKeys, repr=False, compare=False)

    @property
    def previous(self) -> Mapping[str, Value]:
        """Give last year's values."""
        return self.answers.previous

    @property
    def torch(self) -> Mapping[str, Value]:
        """Give the Torch annual report's values."""
        return self.answers.torch

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """Give the evidence files."""
        return self.answers.attachments

    def rows(self, table_id: str) -> tuple[Row, ...]:
        """Give the rows of a table; none for a table without rows."""
        return self.tables.get(table_id, ())

    def column_keys(self, table_id: str, *columns: str) -> Sequence[object]:
        """Give under which keys the rows of a table are compared, in table order (see ``keys_of``)."""
        return self.keys.of(self.rows(table_id), table_id, *columns)
