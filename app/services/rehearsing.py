"""What the rehearsal platform needs from the program: the report as a PDF marked 演练."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from app.messages import Messages
from app.model.packet import Part, PartKind
from app.paper.fonts import Fonts
from app.paper.marks import AcrossWord, Marks, stamp
from app.programmes.library import Library
from app.services.files import open_bundle_draft
from app.services.printing import render_part
from app.services.workplace import view_of


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
