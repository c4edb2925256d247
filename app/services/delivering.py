"""The files that a platform wants with a sealed report: which are ready, what is missing, and making them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path, PurePath

from app.bundle import BundleInfo, write_bundle
from app.errors import AppError
from app.messages import Messages
from app.model.draft import Draft
from app.model.fingerprint import read_content
from app.model.programme import Delivery, DeliverySource, Programme
from app.model.submission import Event, EventKind, Snapshot
from app.paper.wording import fill_text
from app.rules.view import View
from app.services.evidence import inspect_file
from app.services.laying_out import lay_out_upload
from app.services.printing import read_packet
from app.services.recording import find_snapshot, latest_snapshot
from app.services.word_report import render_word
from app.services.workplace import Workplace, view_of
from app.transport.base import PackageFile
from app.transport.files import copy_whole, write_whole
from app.transport.manual import clean_names

BUNDLE_MEDIA_TYPE = "application/vnd.shenbao.bundle+zip"
_ENDINGS = {
    BUNDLE_MEDIA_TYPE: ".shenbao",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}
FOLDER = "deliveries"
"""Folder of the data folder in which files for filing by hand are laid out."""


class Readiness(StrEnum):
    """How far a file is: it can be made or is there; or why not."""

    READY = "ready"
    UNSEALED = "unsealed"
    MISSING = "missing"
    OUTDATED = "outdated"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Deliverable:
    """A file that the platform wants, its name, and how far it is; ``scan``: SHA-256 of the scan it is."""

    delivery: Delivery
    name: str
    readiness: Readiness
    scan: str = ""

    @property
    def lacks(self) -> bool:
        """Tell whether the platform would refuse the report without it."""
        return self.delivery.at_once and self.readiness is not Readiness.READY


@dataclass(frozen=True, slots=True)
class Delivered:
    """What lies in a folder, ready to be uploaded by hand, and what could not be laid there."""

    folder: Path
    files: tuple[tuple[Deliverable, Path], ...]
    missing: tuple[Deliverable, ...]


def make_bundle(workplace: Workplace, draft_id: str, target: Path, wanted: str = "") -> BundleInfo:
    """Write the bundle of a sealed revision; raises ``UsageError("not_sealed")`` without one."""
    snapshot = find_snapshot(workplace, draft_id, wanted)
    programme = workplace.programme_of(workplace.draft(draft_id))
    attachments = json.loads(snapshot.content)["attachments"]
    files = {one["sha256"]: workplace.store.attachments.open(one["sha256"]) for one in attachments}
    return write_bundle(snapshot, programme.title, files, target)


def read_deliveries(workplace: Workplace, draft_id: str) -> tuple[Deliverable, ...]:
    """Give each file the programme names, in its order, for the revision sealed last.

    A scan counts if it was registered for that very revision and is a PDF that can be read: a page stamped
    in another version must not go along.
    """
    draft = workplace.draft(draft_id)
    programme = workplace.programme_of(draft)
    snapshot = latest_snapshot(workplace, draft_id)
    if not programme.upload.deliveries:
        return ()
    shown = draft if snapshot is None else _sealed(programme, snapshot)
    now = workplace.now() if snapshot is None else snapshot.sealed_at
    names = _names(view_of(programme, shown, workplace.fonts, now), workplace.messages)
    found = []
    for delivery, name in zip(programme.upload.deliveries, names, strict=True):
        readiness, scan = Readiness.READY, ""
        if snapshot is None:
            readiness = Readiness.UNSEALED
        elif delivery.source is DeliverySource.SCAN:
            readiness, scan = _find_scan(workplace, draft_id, snapshot)
        found.append(Deliverable(delivery, name, readiness, scan))
    return tuple(found)


def explain_delivery(one: Deliverable, messages: Messages) -> str:
    """Say what to do about a file that is not ready; empty for one that is."""
    if one.readiness is Readiness.READY:
        return ""
    return messages.text("deliveries", f"todo.{one.readiness.value}")


def require_all(workplace: Workplace, draft_id: str) -> None:
    """Make sure nothing that the platform requires is missing.

    Raises ``AppError("deliveries_missing")`` with ``files``: each by its label, and what to do about it.
    """
    missing = [one for one in read_deliveries(workplace, draft_id) if one.lacks]
    if missing:
        messages = workplace.messages
        lines = [
            messages.text(
                "deliveries", "lacks", label=one.delivery.label, todo=explain_delivery(one, messages)
            )
            for one in missing
        ]
        raise AppError("deliveries_missing", files="；".join(lines))


def lay_out_others(
    workplace: Workplace, draft_id: str, folder: Path, taken: Mapping[str, str] | None = None
) -> tuple[PackageFile, ...]:
    """Make every file but the bundle that is ready, under its name in ``folder``, for a sending.

    ``taken``: what the platform already took with this revision (delivery id: SHA-256); only that is laid
    out then, and a scan is the one that went along.  The same revision gives the same bytes.
    """
    known = read_deliveries(workplace, draft_id)
    others = [one for one in known if one.delivery.source is not DeliverySource.BUNDLE]
    if taken is None:
        wanted = [one for one in others if one.readiness is Readiness.READY]
    else:
        wanted = [replace(one, scan=taken[one.delivery.id]) for one in others if one.delivery.id in taken]
    if not wanted:
        return ()
    make_folder(folder)
    maker = _Maker(workplace, draft_id, "")
    return tuple(
        PackageFile(one.delivery.id, folder / one.name, maker.put(one, folder / one.name)) for one in wanted
    )


def scan_size(workplace: Workplace, draft_id: str) -> int:
    """Give the bytes of the scan that goes along with the revision sealed last, 0 where none does."""
    programme = workplace.programme_of(workplace.draft(draft_id))
    snapshot = latest_snapshot(workplace, draft_id)
    wanted = any(one.source is DeliverySource.SCAN for one in programme.upload.deliveries)
    scan = _last_scan(workplace, draft_id)
    if not wanted or snapshot is None or scan is None or scan.fingerprint != snapshot.fingerprint:
        return 0
    try:
        return workplace.store.attachments.open(scan.file).stat().st_size
    except AppError:
        return 0  # gone or altered: nothing goes along, and ``read_deliveries`` says so


def deliver(workplace: Workplace, draft_id: str, folder: Path, reason: str = "") -> Delivered:
    """Lay every file that is ready into a folder under the name the portal wants, for filing by hand.

    What is missing stops nothing: it is named in the answer.  ``reason`` as for ``PaperSource``.  Raises
    ``UsageError("not_sealed")``, ``AppError("cannot_write")`` and what making a file raises.
    """
    find_snapshot(workplace, draft_id)
    deliverables = read_deliveries(workplace, draft_id)
    ready = [one for one in deliverables if one.readiness is Readiness.READY]
    make_folder(folder)
    maker = _Maker(workplace, draft_id, reason)
    for one in ready:
        maker.put(one, folder / one.name)
    missing = tuple(one for one in deliverables if one.readiness is not Readiness.READY)
    return Delivered(folder, tuple((one, folder / one.name) for one in ready), missing)


def make_folder(folder: Path) -> None:
    """Make a folder where it is missing; raises ``AppError("cannot_create_folder")``."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AppError("cannot_create_folder", name=str(folder), reason=error.strerror or "") from error


def _find_scan(workplace: Workplace, draft_id: str, snapshot: Snapshot) -> tuple[Readiness, str]:
    """Look at the scan that was registered last: how far it is, and its SHA-256."""
    last = _last_scan(workplace, draft_id)
    if last is None:
        return Readiness.MISSING, ""
    if last.fingerprint != snapshot.fingerprint:
        return Readiness.OUTDATED, last.file
    name = last.params.get("file_name", "")
    try:
        path = workplace.store.attachments.open(last.file)
    except AppError:
        return Readiness.UNREADABLE, last.file
    whole = PurePath(name).suffix.lower() == ".pdf" and not inspect_file(path, name)
    return Readiness.READY if whole else Readiness.UNREADABLE, last.file


def _last_scan(workplace: Workplace, draft_id: str) -> Event | None:
    events = reversed(workplace.store.events.list(draft_id))
    return next((one for one in events if one.kind is EventKind.SCANNED and one.file), None)


def _sealed(programme: Programme, snapshot: Snapshot) -> Draft:
    return read_content(snapshot.content, programme.form, snapshot.draft_id)


def _names(view: View, messages: Messages) -> Sequence[str]:
    wished = []
    for one in view.programme.upload.deliveries:
        name = fill_text(one.file_name, view, messages, "") if one.file_name else one.label
        wished.append(name + _ENDINGS.get(one.media_type, ""))
    return clean_names(wished)


class _Maker:
    """Makes files of the revision sealed last; ``put`` writes one whole and gives its SHA-256."""

    def __init__(self, workplace: Workplace, draft_id: str, reason: str) -> None:
        self._workplace, self._draft_id, self._reason = workplace, draft_id, reason

    def put(self, one: Deliverable, target: Path) -> str:
        """Write a file; raises ``AppError("cannot_write")`` and what making it raises."""
        source = one.delivery.source
        if source is DeliverySource.BUNDLE:
            return make_bundle(self._workplace, self._draft_id, target).sha256
        if source is DeliverySource.SCAN:
            copy_whole(self._workplace.store.attachments.open(one.scan), target, one.scan)
            return one.scan
        content = self._word() if source is DeliverySource.WORD else self._part(one.delivery.part)
        write_whole(target, content)
        return hashlib.sha256(content).hexdigest()

    def _word(self) -> bytes:
        snapshot = find_snapshot(self._workplace, self._draft_id)
        programme = self._workplace.programme_of(self._workplace.draft(self._draft_id))
        sealed = _sealed(programme, snapshot)
        view = view_of(programme, sealed, self._workplace.fonts, snapshot.sealed_at)
        return render_word(view, snapshot.short, self._workplace.messages)

    def _part(self, part_id: str) -> bytes:
        # the moment of sealing, so that another try makes the very same file
        sealed_at = find_snapshot(self._workplace, self._draft_id).sealed_at
        source = replace(read_packet(self._workplace, self._draft_id, sealed_at), reason=self._reason)
        return lay_out_upload(source, part_id)
