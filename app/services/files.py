"""Checking content that lies in files: an Answers document or a bundle."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.bundle import read_bundle_content
from app.errors import AppError, UsageError
from app.exchange.docx import is_docx, read_docx
from app.exchange.plain_text import read_plain_text
from app.messages import Messages
from app.model.draft import Attachment, Draft
from app.model.finding import Finding
from app.model.fingerprint import read_content
from app.model.form_changes import programme_with
from app.model.programme import CheckSpec, Programme
from app.paper.fonts import Fonts
from app.programmes.library import Library
from app.rules.checker import check, compile_checks, counts
from app.rules.text_check import check_text, gather
from app.services.drafting import Checked, load_answers, read_file
from app.services.evidence import inspect_file
from app.services.workplace import file_context

MAX_REPORT_BYTES = 64 << 20
_OLD_WORD = b"\xd0\xcf\x11\xe0"
_NO_TEXT = (b"%PDF", b"{\\rtf")
FILE_DRAFT = "file"
"""Draft id of content that is not stored."""


def check_answers_file(
    programme: Programme, answers_file: Path, previous: Path | None, fonts: Fonts, now: datetime
) -> Checked:
    """Check an Answers document; its evidence files lie beside it."""
    answers = load_answers(answers_file, programme, previous)
    programme = programme_with(programme, answers.form_changes)
    broken: dict[str, str] = {}
    faults: dict[str, str] = {}
    files = []
    for one in answers.attachments:
        path = answers_file.parent / one.name
        measured = measure_attachment(path, one)
        files.append(measured)
        if not path.is_file():
            broken[measured.sha256] = "missing"
        elif fault := inspect_file(path, one.name):
            faults[measured.sha256] = fault
    answers = replace(answers, attachments=tuple(files))
    draft = Draft(FILE_DRAFT, programme.id, programme.form_version, answers)
    context = file_context(programme, fonts, now, broken, faults)
    return Checked(programme, draft, check(compile_checks(programme), answers, context))


@dataclass(frozen=True, slots=True)
class TextChecked:
    """The outcome of checking a written report."""

    name: str
    paragraphs: int
    findings: tuple[Finding, ...]

    def document(self, messages: Messages) -> dict[str, object]:
        """Give the JSON document of ``shenbao check --text``."""
        return {
            "text": self.name,
            "paragraphs": self.paragraphs,
            "findings": [
                {
                    "code": finding.code,
                    "severity": finding.severity.value,
                    "path": finding.path,
                    "line": int(finding.params["line"]),
                    "heading": finding.params["heading"],
                    "message": messages.finding(finding),
                    "params": dict(finding.params),
                }
                for finding in self.findings
            ],
            "counts": counts(self.findings),
        }


def check_text_file(path: Path, checks: Sequence[CheckSpec], programme: Programme | None) -> TextChecked:
    """Check a report in a .docx or a text file.

    The programme's own checks take the place of those of the same kind.  Raises ``UsageError``:
    ``document_unreadable``, ``document_old`` (a .doc), ``file_empty`` and those of ``read_file``.
    """
    content = read_file(path, MAX_REPORT_BYTES)
    if not content.strip():
        raise UsageError("file_empty", name=path.name)
    if content.startswith(_OLD_WORD):
        raise UsageError("document_old", name=path.name)
    if content.startswith(_NO_TEXT):
        raise UsageError("document_unreadable", name=path.name)
    read = read_docx if is_docx(content) else read_plain_text
    paragraphs = gather(read(content, path.name))
    own = programme.checks if programme is not None else ()
    kinds = {spec.kind for spec in own}
    chosen = [*own, *(spec for spec in checks if spec.kind not in kinds)]
    return TextChecked(path.name, len(paragraphs), check_text(paragraphs, chosen, programme))


def measure_attachment(path: Path, one: Attachment) -> Attachment:
    """Give an attachment with its bare file name, and with hash and size of the file beside the answers."""
    name = one.name.replace("\\", "/").rpartition("/")[2]
    if not path.is_file():
        return Attachment(name, f"gone:{one.name}", 0, one.items)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Attachment(name, sha256, path.stat().st_size, one.items)


def check_bundle(bundle: Path, library: Library, fonts: Fonts, now: datetime) -> Checked:
    """Verify a bundle and check what it holds; raises as ``read_bundle_content``."""
    programme, draft = open_bundle_draft(bundle, library)
    context = file_context(programme, fonts, now, {}, {})
    return Checked(programme, draft, check(compile_checks(programme), draft.answers, context))


def open_bundle_draft(bundle: Path, library: Library) -> tuple[Programme, Draft]:
    """Verify a bundle and give its programme and content."""
    info, content = read_bundle_content(bundle)
    programme = library.load(info.programme_id, info.form_version)
    try:
        draft = read_content(content, programme.form, FILE_DRAFT)
        return programme_with(programme, draft.answers.form_changes), draft
    except (KeyError, ValueError, TypeError) as error:
        raise AppError("bundle_altered", name=bundle.name) from error
