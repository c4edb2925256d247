"""Taking a bundle (.shenbao) in as a new report, evidence files included."""

from __future__ import annotations

import tempfile
from pathlib import Path

from app.bundle import open_bundle
from app.errors import AppError, UsageError
from app.model.draft import Draft
from app.services.evidence import MAX_EVIDENCE_BYTES
from app.services.files import open_bundle_draft
from app.services.workplace import Workplace
from app.store.drafts import new_draft_id


def import_bundle(workplace: Workplace, bundle: Path) -> str:
    """Verify a bundle, store its content and files as a new report, and give the report's id.

    Raises ``UsageError("file_not_found")`` and what ``open_bundle_draft`` and the store raise; nothing is
    stored then but evidence files that nothing names.
    """
    if not bundle.is_file():
        raise UsageError("file_not_found", name=str(bundle))
    programme, read = open_bundle_draft(bundle, workplace.library)
    _take_files(workplace, bundle, read)
    draft = Draft(new_draft_id(), programme.id, programme.form_version, read.answers)
    workplace.store.drafts.create(draft, programme.form, programme.short_title)
    return draft.id


def _take_files(workplace: Workplace, bundle: Path, read: Draft) -> None:
    wanted = {one.sha256: one.name for one in read.answers.attachments}
    missing = workplace.store.attachments.check(wanted)
    if not missing:
        return
    with (
        tempfile.TemporaryDirectory(prefix=".import-", dir=workplace.folder) as folder,
        open_bundle(bundle) as (_, chunks_of),
    ):
        for sha256 in missing:
            place = Path(folder) / sha256
            try:
                with place.open("wb") as file:
                    file.writelines(chunks_of(sha256))
            except OSError as error:
                raise AppError("cannot_write", name=str(place), reason=error.strerror or "") from error
            workplace.store.attachments.add_file(place, MAX_EVIDENCE_BYTES)
