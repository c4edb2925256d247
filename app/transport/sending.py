"""One sending from announcement to verified receipt."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import partial

from app.errors import AppError
from app.model.submission import Receipt
from app.transport.base import Package, PackageFile, Report, State, SubmissionStatus
from app.transport.courier import Courier
from app.transport.http import Answer, LineError, read_object
from app.transport.lanes import OPENING, Pace
from app.transport.receipts import read_programme_id, verify_receipt
from app.transport.session import PlatformSession, fetch, refusal, segment
from app.transport.status import read_status
from app.transport.tus import RESUMABLE, Places, Upload, join_headers
from app.transport.wire import Wire

HAND_IN_PATIENCE, LONGEST_HAND_IN = 4.0, 120.0
"""Seconds, and six round trips, for the answers to handing in, doubled with every failure up to the second:
the platform proves the whole report before it answers, and repeating does no harm."""

_RECEIPT = "application/vnd.shenbao.receipt+json"
_HANDED_IN = frozenset({State.RECEIVED, State.IN_REVIEW, State.RETURNED, State.APPROVED, State.REPLACED})
_DAMAGED = frozenset({"whole_file_mismatch", "delivery_missing"})


class Sending:
    """Carries a package over; ``sizes`` are bytes by delivery id, as ``check_files`` gave them."""

    def __init__(
        self,
        session: PlatformSession,
        package: Package,
        courier: Courier,
        sizes: Mapping[str, int],
        report: Report,
        pace: Pace,
    ) -> None:
        self._session = session
        self._package = package
        self._courier = courier
        self._sizes = sizes
        self._total = sum(sizes.values())
        self._report = report
        self._pace = pace
        self._patience = HAND_IN_PATIENCE
        self._wire: Wire | None = None

    def run(self) -> Receipt:
        """Do all of it; every step may be repeated without harm.  Raises as ``Transport.send``."""
        facts = self._courier.reach(self._session.contact)
        upload = Upload(self._session, self._courier, facts.max_chunk, self._pace, self._arrived)
        upload.prepare()
        try:
            document, number = self._carry(upload)
        finally:
            upload.close()
        receipt = self._verify(document, number)
        self._report(self._total, self._total)
        return receipt

    def _carry(self, upload: Upload) -> tuple[bytes, str]:
        """Give the receipt as it came, and the submission's number."""
        status, missing = self._courier.carry(self._announce)
        if status.state in (State.RETURNED, State.REPLACED):
            raise AppError("returned_unchanged", number=status.id)
        if status.state is State.UPLOADING:
            try:
                return self._bring(upload, status.id, missing), status.id
            except AppError as error:
                self._check_handed_in(status.id, error)
        upload.close()
        ask = partial(fetch, self._session, self._receipt(status.id), _RECEIPT)
        return self._courier.carry(ask), status.id

    def _check_handed_in(self, number: str, error: AppError) -> None:
        """Go on to the receipt where somebody else has handed in these very bytes meanwhile."""
        if error.params.get("problem") != "wrong_state":
            raise error
        body = self._courier.carry(partial(self._session.ask_json, "GET", f"/submissions/{segment(number)}"))
        if read_status(body, self._session.http.host).state not in _HANDED_IN:
            raise error

    def _bring(self, upload: Upload, number: str, missing: frozenset[str]) -> bytes:
        """Upload all files and hand in; a file the platform found damaged is sent once more."""
        for is_last in (False, True):
            files = {
                file: self._sizes[file.delivery_id]
                for file in self._package.files
                if file.delivery_id in missing
            }
            joins = upload.run(number, files, self._total - sum(files.values()))
            self._wire = upload.take_wire()
            self._patience = HAND_IN_PATIENCE + 6 * (self._session.http.round_trip or 0.0)
            document = self._courier.carry(partial(self._hand_in, number, joins, is_last=is_last))
            if document is not None:
                return document
            missing = self._courier.carry(self._announce)[1]
        raise AppError("package_changed", name=self._package.path.name)

    def _arrived(self, done: int) -> None:
        self._report(done, self._total)

    def _announce(self) -> tuple[SubmissionStatus, frozenset[str]]:
        """Announce the package; gives its submission and the files the platform does not have in whole."""
        package = self._package
        content = {
            "programme_id": package.programme_id,
            "title": package.title,
            "fingerprint": package.fingerprint,
            "files": [
                {
                    "delivery_id": file.delivery_id,
                    "name": file.path.name,
                    "size": self._sizes[file.delivery_id],
                    "sha256": file.sha256,
                }
                for file in package.files
            ],
        }
        headers = {"Idempotency-Key": idempotency_key(self._session.account, package)}
        answer = self._session.ask("POST", "/submissions", headers=headers, content=content)
        if answer.status not in (200, 201):
            raise refusal(answer)
        body = read_object(answer.body, self._session.http.host)
        listed = body.get("files")
        there = {
            file.get("delivery_id")
            for file in (listed if isinstance(listed, list) else [])
            if isinstance(file, dict) and file.get("received") is True
        }
        missing = frozenset(file.delivery_id for file in package.files) - there
        return read_status(body, self._session.http.host), frozenset(missing)

    def _hand_in(self, number: str, joins: Mapping[PackageFile, Places], *, is_last: bool) -> bytes | None:
        """Join the parts, hand in and fetch the receipt, asked in one go: a long way is gone once.

        Gives None where a file has to be sent once more.  Each request changes nothing when repeated, and
        none does harm where the one before was refused.
        """
        wire, self._wire = self._wire or Wire(self._session.http, OPENING), None
        place = f"/submissions/{segment(number)}"
        try:
            wire.patience = self._patience
            self._patience = min(LONGEST_HAND_IN, 2 * self._patience)
            parted = [file for file, places in joins.items() if places]
            for file in parted:
                wire.ask("POST", f"{place}/uploads", join_headers(file, joins[file]))
            wire.ask("POST", f"{place}/complete", {}, accept="application/json")
            wire.ask("GET", self._receipt(number), {}, accept=_RECEIPT)
            joined = [(file, wire.answer()) for file in parted]
            completed = wire.answer()
            if completed.code == "token_refused":
                self._session.renew()
                raise LineError("platform_busy", status=completed.status)
            if completed.status != 200:
                self._clear_way(joined)
                if completed.code in _DAMAGED and not is_last:
                    return None
                raise refusal(completed)
            self._check_completed(completed, number)
            receipt = wire.answer()
            if receipt.status != 200:
                raise refusal(receipt)
            return receipt.body
        finally:
            wire.close()

    def _clear_way(self, joined: list[tuple[PackageFile, Answer]]) -> None:
        """End an upload in one piece that was begun once, never finished, and stands for the joined file."""
        for file, answer in joined:
            offset = answer.headers.get("Upload-Offset", "")
            if answer.status == 200 and offset != str(self._sizes[file.delivery_id]):
                place = self._session.http.locate(answer.headers.get("Location", ""))
                self._session.ask("DELETE", place, accept="", headers=RESUMABLE)

    def _check_completed(self, answer: Answer, number: str) -> None:
        status = read_status(read_object(answer.body, answer.host), answer.host)
        if status.id != number or status.state not in _HANDED_IN:
            raise LineError("not_a_platform", status=answer.status, host=answer.host)

    def _receipt(self, number: str) -> str:
        return f"/submissions/{segment(number)}/receipt"

    def _verify(self, document: bytes, submission_id: str) -> Receipt:
        """Take the receipt only if it is signed and is about this very package."""
        receipt = verify_receipt(document, self._session.trusted_key)
        package = self._package
        about = (receipt.number, receipt.bundle_sha256, receipt.fingerprint, read_programme_id(receipt))
        if about != (submission_id, package.sha256, package.fingerprint, package.programme_id):
            raise AppError("receipt_forged")
        return receipt


def idempotency_key(account: str, package: Package) -> str:
    """Give the key by which a platform knows this sending again: SHA-256 over who, what and which bytes."""
    parts = [account, package.programme_id]
    for file in package.files:
        parts += [file.delivery_id, file.sha256]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def check_files(package: Package) -> dict[str, int]:
    """Make sure the files are the sealed ones; gives the size in bytes of each by delivery id.

    Raises ``AppError`` with ``package_missing`` or ``package_changed``.
    """
    sizes: dict[str, int] = {}
    for file in package.files:
        try:
            with file.path.open("rb") as content:
                found = hashlib.file_digest(content, "sha256").hexdigest()
                sizes[file.delivery_id] = content.tell()
        except OSError:
            raise AppError("package_missing", name=file.path.name) from None
        if found != file.sha256:
            raise AppError("package_changed", name=file.path.name)
    return sizes
