"""Making drafts, filling them in, giving reasons, adding evidence, checking."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.errors import UsageError
from app.messages import Messages
from app.model.answers import read_answers, read_document
from app.model.draft import Answers, Attachment, Draft, Row, parse_path, with_reason, with_rows, with_value
from app.model.draft import Path as AnswerPath
from app.model.edit import diff
from app.model.finding import Finding
from app.model.fingerprint import draft_fingerprint
from app.model.form import Item
from app.model.programme import Programme
from app.model.value import Value, clean_text, format_value, parse_value
from app.rules.checker import check, compile_checks, counts
from app.services.evidence import MAX_EVIDENCE_BYTES
from app.services.workplace import Workplace
from app.store.drafts import new_draft_id

NEW_ROW = "new"
"""Row part of a path that adds a row."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check, ready to be shown."""

    programme: Programme
    draft: Draft
    findings: tuple[Finding, ...]

    def document(self, messages: Messages) -> dict[str, object]:
        """Give the JSON document of ``shenbao check``."""
        reasons = self.draft.answers.reasons
        return {
            "programme": self.programme.id,
            "fingerprint": draft_fingerprint(self.draft, self.programme.form),
            "findings": [
                {
                    "code": finding.code,
                    "severity": finding.severity.value,
                    "path": finding.path,
                    "message": messages.finding(finding),
                    "params": dict(finding.params),
                    "gates": sorted(gate.value for gate in finding.gates),
                    "blocks": finding.blocks,
                    "reason": reasons.get(finding.key, ""),
                }
                for finding in self.findings
            ],
            "counts": counts(self.findings),
        }


def read_file(path: Path, limit: int) -> bytes:
    """Read a whole file; a folder, an absent, unreadable or too large one is a ``UsageError``."""
    if path.is_dir():
        raise UsageError("file_is_folder", name=str(path))
    try:
        size = path.stat().st_size
        if size > limit:
            raise UsageError("file_too_large", name=str(path), limit=limit >> 20)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError("file_not_found", name=str(path)) from error
    except (OSError, ValueError) as error:
        raise UsageError(
            "file_unreadable", name=str(path), reason=getattr(error, "strerror", "") or ""
        ) from error


def load_answers(path: Path, programme: Programme, previous: Path | None = None) -> Answers:
    """Read an Answers file for a programme, and last year's values from another one.

    Last year's file gives its ``values`` as ``previous``, its ``previous_grade`` is not taken.  Raises
    ``UsageError`` naming the place; nothing is changed.
    """
    answers = _read(path, programme)
    if previous is not None:
        old = load_previous(previous, programme)
        answers = replace(answers, previous={**answers.previous, **old})
    return answers


def _read(path: Path, programme: Programme) -> Answers:
    document = read_document(read_file(path, 64 << 20), str(path))
    _same_programme(document, programme, path)
    return read_answers(document, programme.form, str(path))


def load_previous(path: Path, programme: Programme) -> Mapping[str, Value]:
    """Read last year's values from last year's Answers file; items unknown this year are left out."""
    document = read_document(read_file(path, 64 << 20), str(path))
    values = document.get("values")
    if not isinstance(values, dict):
        raise UsageError("wrong_shape", name=str(path), place="values")
    known = {key: value for key, value in values.items() if key in programme.form.fields}
    form_values = read_answers({"previous": known}, programme.form, str(path)).previous
    return dict(form_values)


def _same_programme(document: Mapping[str, object], programme: Programme, path: Path) -> None:
    found = document.get("programme")
    if found is not None and found != programme.id:
        raise UsageError("programme_mismatch", name=str(path), found=str(found)[:64], wanted=programme.id)


def new_draft(workplace: Workplace, programme: Programme, answers: Answers, base: Path | None = None) -> str:
    """Store a new draft and give its id; evidence files named in the answers are taken from ``base``."""
    files = tuple(_take_in(workplace, one, base) for one in answers.attachments)
    draft = Draft(new_draft_id(), programme.id, programme.form_version, replace(answers, attachments=files))
    workplace.store.drafts.create(draft, programme.form, programme.short_title)
    return draft.id


def _take_in(workplace: Workplace, one: Attachment, base: Path | None) -> Attachment:
    path = (base or Path()) / one.name
    sha256, size = add_file(workplace, path)
    return Attachment(one.name.replace("\\", "/").rpartition("/")[2], sha256, size, one.items)


def add_file(workplace: Workplace, path: Path) -> tuple[str, int]:
    """Copy a file into the store and give (SHA-256, size in bytes); raises ``UsageError`` for a bad path."""
    if path.is_dir():
        raise UsageError("file_is_folder", name=str(path))
    if not path.exists():
        raise UsageError("file_not_found", name=str(path))
    return workplace.store.attachments.add_file(path, MAX_EVIDENCE_BYTES)


def set_value(workplace: Workplace, draft_id: str, path_text: str, text: str) -> None:
    """Set one field or cell from a typed text; an empty text clears it.

    ``t1/new/name`` adds a row; a field may also be named by the number printed beside it.  Raises
    ``UsageError`` with ``path_unknown`` or ``path_readonly``; a text that is no value of the item's type is
    kept and becomes a finding.
    """
    draft = workplace.draft(draft_id)
    programme = workplace.programme_of(draft)
    answers, path, item = _locate(draft.answers, programme, path_text)
    if item.calculated or item.readonly:
        raise UsageError("path_readonly", path=path_text)
    value = parse_value(item.type, text, item.unit, item.choices)
    save(workplace, draft, with_value(answers, path, value))


def _locate(answers: Answers, programme: Programme, text: str) -> tuple[Answers, AnswerPath, Item]:
    try:
        path = parse_path(text)
    except ValueError as error:
        raise UsageError("path_unknown", path=text) from error
    form = programme.form
    if not path.row and path.item in form.fields:
        return answers, path, form.fields[path.item]
    numbered = [one for one in form.fields.values() if one.number.lower() == text.strip().lower()]
    if len(numbered) == 1:
        return answers, AnswerPath(numbered[0].id), numbered[0]
    table = form.tables.get(path.item)
    if table is None or not path.column:
        raise UsageError("path_unknown", path=text)
    try:
        item = table.column(path.column)
    except KeyError as error:
        raise UsageError("path_unknown", path=text) from error
    rows = answers.tables.get(table.id, ())
    if path.row == NEW_ROW:
        path = AnswerPath(table.id, secrets.token_hex(5), path.column)
        answers = with_rows(answers, table.id, (*rows, Row(path.row, {})))
    elif path.row in {row.id for row in table.derived} and path.row not in {row.id for row in rows}:
        answers = with_rows(answers, table.id, (*rows, Row(path.row, {})))
    elif path.row not in {row.id for row in rows}:
        raise UsageError("path_unknown", path=text)
    return answers, path, item


def save(workplace: Workplace, draft: Draft, answers: Answers) -> int:
    """Write what changed to the journal, durably, and give the new revision."""
    edits = diff(draft.answers, answers)
    return workplace.store.drafts.apply(
        draft.id, edits, group=secrets.token_hex(8), expected_revision=draft.revision
    )


def give_reason(workplace: Workplace, draft_id: str, key: str, text: str, now: datetime) -> None:
    """Answer a finding in writing; raises ``UsageError("finding_unknown")`` where there is none."""
    checked = check_draft(workplace, draft_id, now)
    if key not in {finding.key for finding in checked.findings}:
        raise UsageError("finding_unknown", finding=key)
    save(workplace, checked.draft, with_reason(checked.draft.answers, key, clean_text(text)))


def attach(workplace: Workplace, draft_id: str, file: Path, items: Sequence[str]) -> None:
    """Take a file in as evidence for items, rows or evidence kinds; raises ``UsageError("path_unknown")``."""
    draft = workplace.draft(draft_id)
    programme = workplace.programme_of(draft)
    known = {kind.id for kind in programme.evidence} | programme.form.fields.keys()
    for item in items:
        if item not in known and item.partition("/")[0] not in programme.form.tables:
            raise UsageError("path_unknown", path=item)
    sha256, size = add_file(workplace, file)
    files = (*draft.answers.attachments, Attachment(file.name, sha256, size, tuple(items)))
    save(workplace, draft, replace(draft.answers, attachments=files))


def check_draft(workplace: Workplace, draft_id: str, now: datetime) -> Checked:
    """Check a stored draft at a moment."""
    draft = workplace.draft(draft_id)
    programme = workplace.programme_of(draft)
    events = workplace.store.events.list(draft_id)
    context = workplace.context(programme, draft.answers, now, events)
    return Checked(programme, draft, check(compile_checks(programme), draft.answers, context))


def show_value(item: Item, value: Value | None) -> str:
    """Give a value as people read it, with its unit."""
    text = format_value(value, item.type, item.unit, item.choices, item.decimals)
    return f"{text} {item.unit}" if text and item.unit else text
