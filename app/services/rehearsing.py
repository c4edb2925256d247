"""What the rehearsal platform needs from the program: reports as PDFs marked 演练, bundles of samples."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from app.bundle import write_bundle
from app.clock import to_beijing
from app.errors import AppError
from app.messages import Messages
from app.model.draft import Draft
from app.model.fingerprint import canonical_content, fingerprint
from app.model.packet import Part, PartKind
from app.model.programme import Programme
from app.model.submission import Snapshot
from app.paper.fonts import Fonts
from app.paper.marks import AcrossWord, Marks, stamp
from app.programmes.library import Library
from app.services.drafting import load_answers
from app.services.files import measure_attachment, open_bundle_draft
from app.services.printing import render_part
from app.services.workplace import view_of

_SAMPLE = "complete.json"


def render_rehearsal_report(
    bundle: Path, line: str, approved_at: datetime, library: Library, fonts: Fonts, messages: Messages
) -> bytes:
    """Lay out an uploaded report as a rehearsal platform would give it back.

    ``line`` (the platform's own words with its verification code) stands at the foot of each page and 演练
    across it: nobody can take it for the real one.  Raises as ``open_bundle_draft``.
    """
    programme, draft = open_bundle_draft(bundle, library)
    view = view_of(programme, draft, fonts, approved_at)
    report = next(
        (part for part in programme.packet.parts if part.kind is PartKind.REPORT),
        Part("report", PartKind.REPORT, programme.title),
    )
    body = render_part(report, programme, view, fonts, messages)
    marks = Marks(revision=line, across=AcrossWord.REHEARSAL)
    return stamp(body, marks, fonts, report.title)


def write_sample_bundle(programme: Programme, folder: Path, now: datetime) -> Path | None:
    """Write the bundle of a programme's complete sample into a folder; None where it has no sample.

    Raises what ``load_answers`` and ``write_bundle`` raise and ``AppError("cannot_write")``.
    """
    if _SAMPLE not in programme.samples:
        return None
    beside = folder / programme.id
    try:
        for name, content in programme.samples.items():
            place = beside / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    except OSError as error:
        raise AppError("cannot_write", name=str(folder), reason=error.strerror or "") from error
    answers = load_answers(beside / _SAMPLE, programme)
    found = [(beside / one.name, one) for one in answers.attachments if (beside / one.name).is_file()]
    files = {measured.sha256: path for path, one in found for measured in (measure_attachment(path, one),)}
    answers = replace(answers, attachments=tuple(measure_attachment(path, one) for path, one in found))
    content = canonical_content(Draft("", programme.id, programme.form_version, answers), programme.form)
    snapshot = Snapshot("", fingerprint(content), content, 0, to_beijing(now))
    target = folder / f"{programme.id}.shenbao"
    write_bundle(snapshot, programme.title, files, target)
    return target
