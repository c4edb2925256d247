"""One sending from announcement to verified receipt."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import partial

from app.errors import AppError
from app.model.submission import Receipt
from app.transport.base import Package, Report, State, SubmissionStatus
from app.transport.courier import Courier
from app.transport.http import LineError, read_object
from app.transport.receipts import read_programme_id, verify_receipt
from app.transport.session import PlatformSession, fetch, refusal, segment
from app.transport.status import read_status
from app.transport.tus import ChunkSize, FileUpload

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
    ) -> None:
        self._session = session
        self._package = package
        self._courier = courier
        self._sizes = sizes
        self._total = sum(sizes.values())
        self._report = report

    def run(self) -> Receipt:
        """Do all of it; every step may be repeated without harm.  Raises as ``Transport.send``."""
        facts = self._courier.reach(self._session.contact)
        status = self._courier.carry(self._create)
        if status.state in (State.RETURNED, State.REPLACED):
            raise AppError("returned_unchanged", number=status.id)
        if status.state is State.UPLOADING:
            self._bring(status.id, ChunkSize(facts.max_chunk))
        place = f"/submissions/{segment(status.id)}/receipt"
        document = self._courier.carry(partial(fetch, self._session, place, _RECEIPT))
        receipt = self._verify(document, status.id)
        self._report(self._total, self._total)
        return receipt

    def _bring(self, number: str, chunk: ChunkSize) -> None:
        """Upload all files and hand in; a file the platform found damaged is sent once more."""
        for is_last in (False, True):
            begun = 0
            for file in self._package.files:
                size = self._sizes[file.delivery_id]
                arrived = partial(self._arrived, begun)
                FileUpload(self._session, self._courier, number, file, size, arrived).run(chunk)
                begun += size
            if self._courier.carry(partial(self._complete, number, is_last)):
                return

    def _arrived(self, begun: int, offset: int) -> None:
        self._report(begun + offset, self._total)

    def _create(self) -> SubmissionStatus:
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
        return read_status(read_object(answer.body, self._session.http.host), self._session.http.host)

    def _complete(self, submission_id: str, is_last: bool) -> bool:
        """Hand in; False where a file has to be sent once more."""
        answer = self._session.ask("POST", f"/submissions/{segment(submission_id)}/complete")
        if answer.code in _DAMAGED and not is_last:
            return False
        if answer.status != 200:
            raise refusal(answer)
        status = read_status(read_object(answer.body, self._session.http.host), self._session.http.host)
        if status.id != submission_id or status.state not in _HANDED_IN:
            raise LineError("not_a_platform", host=self._session.http.host)
        return True

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
