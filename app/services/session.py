"""One open draft: edits, undo, findings.  Pure but for what it remembers; no I/O, no thread.

The caller takes what is unsaved and writes it to the journal in its own time; ``group`` names make undo
survive a restart, because the stacks are folded from the journal again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from app.model.draft import Answers, Draft, Path, Row, with_rows, with_value
from app.model.edit import Edit, apply_edits, diff, invert
from app.model.finding import Finding
from app.model.form_changes import programme_with, with_changes
from app.model.programme import Programme
from app.model.value import Value, parse_value
from app.rules.checker import Checker, CheckSet
from app.rules.view import Context, View

_UNDO, _REDO = "undo", "redo"


@dataclass(frozen=True, slots=True)
class Changes:
    """What an edit changed, as shown: field ids, table ids, ids that appeared or vanished, findings.

    ``fields`` and ``tables`` name effective values, so calculated items are among them.
    """

    fields: frozenset[str]
    tables: frozenset[str]
    relevance: frozenset[str]
    findings: tuple[Finding, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Edits that are undone together.  ``burst`` joins the steps of one stretch of typing."""

    group: str
    burst: str
    edits: tuple[Edit, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Unsaved:
    """One step on its way to the journal: for ``Drafts.apply(edits, group=…, expected_revision=…)``."""

    group: str
    edits: tuple[Edit, ...]
    revision: int


class DraftSession:
    """An open draft.  Used from one thread; ``context`` is asked for at each edit."""

    def __init__(
        self, programme: Programme, draft: Draft, checks: CheckSet, context: Callable[[Answers], Context]
    ) -> None:
        self.programme = programme
        self.draft = draft
        self._context = context
        self._checker = Checker(checks)
        self._undo: list[Step] = []
        self._redo: list[Step] = []
        self._unsaved: list[Unsaved] = []
        self._revision = draft.revision
        self.findings = self._checker.check(draft.answers, context(draft.answers))

    @property
    def answers(self) -> Answers:
        """Give the answers as they stand now."""
        return self.draft.answers

    @property
    def view(self) -> View:
        """Give the effective values as they stand now."""
        assert self._checker.view is not None
        return self._checker.view

    @property
    def undo_label(self) -> str | None:
        """Give what an undo would take back, or None where there is nothing."""
        return self._undo[-1].label if self._undo else None

    @property
    def redo_label(self) -> str | None:
        """Give what a redo would bring back, or None where there is nothing."""
        return self._redo[-1].label if self._redo else None

    def set_value(self, path: Path, value: Value | None, label: str, burst: str = "") -> Changes:
        """Set or clear one field or cell; a row that a derived table names is made when it is typed into.

        Steps with the same ``burst`` are undone together.  Raises ``KeyError`` for a row that is gone.
        """
        answers = self.answers
        if path.row and path.row not in {row.id for row in answers.tables.get(path.item, ())}:
            answers = with_rows(answers, path.item, (*answers.tables.get(path.item, ()), Row(path.row, {})))
        return self.change(with_value(answers, path, value), label, burst)

    def set_text(self, path: Path, text: str, label: str, burst: str = "") -> Changes:
        """Set one field or cell from a typed text, as its type reads it."""
        form = self.programme.form
        item = form.tables[path.item].column(path.column) if path.row else form.fields[path.item]
        return self.set_value(path, parse_value(item.type, text, item.unit, item.choices), label, burst)

    def change(self, answers: Answers, label: str, burst: str = "") -> Changes:
        """Replace the answers by others made from them; what differs becomes one step.

        A field that waited to be confirmed is confirmed by being edited, a table by losing all its rows.
        """
        edits = diff(self.answers, _confirmed(self.answers, answers))
        if not edits:
            return self.recheck()
        group = secrets.token_hex(6)
        step = Step(group, burst or group, edits, label)
        self._undo.append(step)
        self._redo.clear()
        self._queue(f"{step.burst}/{group}/{label}", edits)
        return self._moved(apply_edits(self.answers, edits), label)

    def undo(self) -> Changes | None:
        """Take back the last step (all of its burst), or give None where there is nothing."""
        return self._travel(self._undo, self._redo, _UNDO)

    def redo(self) -> Changes | None:
        """Bring back the last step taken back, or give None where there is nothing."""
        return self._travel(self._redo, self._undo, _REDO)

    def _travel(self, source: list[Step], target: list[Step], word: str) -> Changes | None:
        if not source:
            return None
        burst = source[-1].burst
        answers = self.answers
        label = source[-1].label
        while source and source[-1].burst == burst:
            step = source.pop()
            edits = tuple(invert(edit) for edit in reversed(step.edits)) if word == _UNDO else step.edits
            answers = apply_edits(answers, edits)
            target.append(step)
            self._queue(f"{word}/{secrets.token_hex(4)}/{step.group}", edits)
        return self._moved(answers, label)

    def _queue(self, group: str, edits: Sequence[Edit]) -> None:
        self._unsaved.append(Unsaved(group, tuple(edits), self._revision))
        self._revision += 1

    def _moved(self, answers: Answers, label: str) -> Changes:
        self.draft = replace(self.draft, answers=answers)
        return self.recheck(label)

    def recheck(self, label: str = "") -> Changes:
        """Check again with the context of now, and say what is shown differently."""
        before = self.view
        self.findings = self._checker.check(self.answers, self._context(self.answers))
        after = self.view
        keys = before.values.keys() | after.values.keys()
        return Changes(
            frozenset(key for key in keys if before.values.get(key) is not after.values.get(key)),
            frozenset(
                key
                for key in before.tables.keys() | after.tables.keys()
                if before.rows(key) is not after.rows(key)
            ),
            before.hidden ^ after.hidden,
            self.findings,
            label,
        )

    @property
    def form_is_outdated(self) -> bool:
        """Tell whether the form was changed and the checks are still those of the form before."""
        return self.programme.form is not with_changes(self.programme.form, self.answers.form_changes)

    def next_programme(self) -> Programme:
        """Give the programme with the form as the answers have it now, for ``reform``."""
        return programme_with(self.programme, self.answers.form_changes)

    def reform(self, checks: CheckSet) -> Changes:
        """Go on with another form of the same report, compiled beside the window; all is checked anew.

        Answers and undo stay as they are.
        """
        self.programme = checks.programme
        self._checker = Checker(checks)
        self.findings = self._checker.check(self.answers, self._context(self.answers))
        form = self.programme.form
        return Changes(frozenset(form.fields), frozenset(form.tables), frozenset(), self.findings)

    def take_unsaved(self) -> tuple[Unsaved, ...]:
        """Give the steps not yet handed out for saving, oldest first; they count as handed out."""
        taken = tuple(self._unsaved)
        self._unsaved.clear()
        return taken

    def remember(self, groups: Iterable[tuple[str, tuple[Edit, ...]]]) -> None:
        """Fold the undo stacks from the journal: (group, edits) in the order they were written."""
        for group, edits in groups:
            head, _, rest = group.partition("/")
            middle, _, tail = rest.partition("/")
            if head == _UNDO and self._undo and self._undo[-1].group == tail:
                self._redo.append(self._undo.pop())
            elif head == _REDO and self._redo and self._redo[-1].group == tail:
                self._undo.append(self._redo.pop())
            elif middle and tail:
                self._undo.append(Step(middle, head, edits, tail))
                self._redo.clear()
            else:
                # A step of the command line or of a carry: it can be taken back too.
                self._undo.append(Step(group, group, edits, ""))
                self._redo.clear()


def _confirmed(old: Answers, new: Answers) -> Answers:
    """Take what was edited out of what waits to be confirmed: fields, and tables whose rows all went."""
    if not new.unconfirmed or (new.values is old.values and new.tables is old.tables):
        return new
    edited = {
        key
        for key in new.unconfirmed
        if (_is_new_table(old, new, key.partition(".")[0]) if "." in key else _is_edited(old, new, key))
    }
    return replace(new, unconfirmed=new.unconfirmed - edited) if edited else new


def _is_edited(old: Answers, new: Answers, key: str) -> bool:
    return new.values.get(key) is not old.values.get(key)


def _is_new_table(old: Answers, new: Answers, key: str) -> bool:
    before, after = old.tables.get(key, ()), new.tables.get(key, ())
    return before is not after and {row.id for row in before}.isdisjoint(row.id for row in after)
