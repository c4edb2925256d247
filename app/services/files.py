"""Checking content that lies in files: an Answers document or a bundle."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from app.bundle import read_bundle_content
from app.errors import AppError
from app.model.draft import Attachment, Draft
from app.model.fingerprint import read_content
from app.model.programme import Programme
from app.paper.fonts import Fonts
from app.programmes.library import Library
from app.rules.checker import check, compile_checks
from app.services.drafting import Checked, load_answers
from app.services.evidence import inspect_file
from app.services.workplace import file_context

FILE_DRAFT = "file"
"""Draft id of content that is not stored."""


def check_answers_file(
    programme: Programme, answers_file: Path, previous: Path | None, fonts: Fonts, now: datetime
) -> Checked:
    """Check an Answers document; its evidence files lie beside it."""
    answers = load_answers(answers_file, programme, previous)
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
        return programme, read_content(content, programme.form, FILE_DRAFT)
    except (KeyError, ValueError, TypeError) as error:
        raise AppError("bundle_altered", name=bundle.name) from error
