"""Sending by a folder that somebody carries: a USB stick goes to the platform and comes back with its answer.

The layout is part of the contract (``resources/platform/openapi.yaml``, «Folders»).  What comes back counts
by its signature only, exactly as over HTTP: a stick passes through many hands.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import AppError
from app.model.submission import Receipt
from app.transport.base import (
    ApprovedReport,
    Cancelled,
    Package,
    PlatformTime,
    Report,
    State,
    SubmissionStatus,
)
from app.transport.files import copy_whole, hash_of, write_whole
from app.transport.http import MAX_FILE, LineError
from app.transport.receipts import (
    CONTRACT,
    MAX_BYTES,
    MAX_STATUS,
    read_programme_id,
    verify_approval,
    verify_receipt,
    verify_signed,
)
from app.transport.sending import check_files, idempotency_key
from app.transport.session import refusal_error
from app.transport.status import read_status

REQUEST, ANSWER = "request.json", "answer"
RECEIPT, STATUS, APPROVAL, REPORT, REFUSAL = (
    "receipt.json",
    "status.json",
    "approval.json",
    "report.pdf",
    "refusal.json",
)


@dataclass(frozen=True, slots=True)
class FolderAnswer:
    """What a platform answered to one bundle; every part verified.  ``status`` may be missing."""

    bundle_sha256: str
    receipt: Receipt
    status: SubmissionStatus | None


class FolderTransport:
    """The ``Transport`` over a folder.  ``trusted_key`` as for ``PlatformTransport``."""

    def __init__(self, folder: Path, account: str, *, trusted_key: str | None) -> None:
        self.folder = folder
        self.account = account
        self.trusted_key = trusted_key

    def send(self, package: Package, *, report: Report, cancelled: Cancelled) -> Receipt:
        """Give the receipt where the platform has answered already; else write the package to be carried.

        Writing again what is there and whole changes nothing.  Raises ``AppError``: ``answer_awaited``
        (``folder``) once all of it is written, ``package_missing``, ``package_changed``, ``cannot_write``,
        ``cancelled``, ``receipt_forged``, ``platform_key_unconfirmed``.
        """
        sizes = check_files(package)
        place = self.place_of(package.fingerprint, package.sha256)
        if (place / ANSWER / RECEIPT).is_file():
            return self._receipt(place, package.fingerprint, package.sha256, package.programme_id)
        self._write(package, sizes, place, report, cancelled)
        raise AppError("answer_awaited", folder=str(place))

    def place_of(self, fingerprint: str, bundle_sha256: str) -> Path:
        """Give the folder of one bundle: 申报, the short 校验码, the beginning of the bundle's SHA-256."""
        short = fingerprint.partition(":")[2][:12].upper()
        return self.folder / f"申报-{short}-{bundle_sha256[:8]}"

    def answer(self, fingerprint: str, bundle_sha256: str, programme_id: str) -> FolderAnswer | None:
        """Give the platform's answer to a bundle, None where there is none yet.

        Raises what the platform refused it with (as ``PlatformTransport.send``), and ``AppError``:
        ``receipt_forged``, ``answer_forged``, ``platform_key_unconfirmed`` (``fingerprint``).
        """
        place = self.place_of(fingerprint, bundle_sha256)
        if not (place / ANSWER / RECEIPT).is_file():
            self._raise_refusal(place)
            return None
        receipt = self._receipt(place, fingerprint, bundle_sha256, programme_id)
        status = self._status(place, receipt) if (place / ANSWER / STATUS).is_file() else None
        return FolderAnswer(bundle_sha256, receipt, status)

    def status(self, submission_id: str) -> SubmissionStatus:
        """Give how a submission stood when the platform wrote its answer; see ``Transport.status``."""
        place, receipt = self._find(submission_id)
        return self._status(place, receipt)

    def fetch_approved(self, submission_id: str) -> ApprovedReport:
        """Give the watermarked report; its bytes are the ones the platform signed.

        Raises ``AppError``: ``not_approved_yet``, ``answer_forged``, and as ``answer``.
        """
        place, receipt = self._find(submission_id)
        if self._status(place, receipt).state is not State.APPROVED:
            raise AppError("not_approved_yet")
        document = _read(place / ANSWER / APPROVAL, MAX_BYTES)
        pdf = _read(place / ANSWER / REPORT, MAX_FILE)
        try:
            approval = verify_approval(document, self.trusted_key)
        except AppError as error:
            raise _forged(error) from None
        about = (approval.number, approval.fingerprint, approval.report_sha256)
        if about != (submission_id, receipt.fingerprint, hashlib.sha256(pdf).hexdigest()):
            raise AppError("answer_forged")
        return ApprovedReport(pdf, approval.verification_code, approval.approved_at, document)

    def platform_time(self) -> PlatformTime:
        """A carried folder tells no clock: raises ``AppError("answer_awaited")``."""
        raise AppError("answer_awaited", folder=str(self.folder))

    # ------------------------------------------------------------------------------------- writing
    def _write(
        self, package: Package, sizes: Mapping[str, int], place: Path, report: Report, cancelled: Cancelled
    ) -> None:
        """Write the files, then the request: a stick that was pulled out too early shows no request."""
        total, done = sum(sizes.values()), 0
        try:
            place.mkdir(parents=True, exist_ok=True)
            (place / ANSWER / REFUSAL).unlink(missing_ok=True)
        except OSError as error:
            raise AppError("cannot_write", name=str(place), reason=error.strerror or "") from error

        def progressed(count: int) -> None:
            nonlocal done
            if cancelled():
                raise AppError("cancelled")
            done += count
            report(done, total)

        for file in package.files:
            target = place / file.path.name
            if hash_of(target) == file.sha256:
                progressed(sizes[file.delivery_id])
            else:
                copy_whole(file.path, target, file.sha256, progressed)
        content = {
            "contract": CONTRACT,
            "account": self.account,
            "idempotency_key": idempotency_key(self.account, package),
            "programme_id": package.programme_id,
            "title": package.title,
            "fingerprint": package.fingerprint,
            "files": [
                {
                    "delivery_id": file.delivery_id,
                    "name": file.path.name,
                    "size": sizes[file.delivery_id],
                    "sha256": file.sha256,
                }
                for file in package.files
            ],
        }
        write_whole(place / REQUEST, json.dumps(content, ensure_ascii=False, sort_keys=True).encode())

    # ------------------------------------------------------------------------------------- reading
    def _find(self, submission_id: str) -> tuple[Path, Receipt]:
        try:
            places = sorted(self.folder.glob(f"*/{ANSWER}/{RECEIPT}"))
        except OSError as error:
            raise AppError("cannot_read", name=str(self.folder), reason=error.strerror or "") from error
        for path in places:
            receipt = verify_receipt(_read(path, MAX_BYTES), self.trusted_key)
            if receipt.number == submission_id:
                return path.parent.parent, receipt
        raise AppError("answer_awaited", folder=str(self.folder))

    def _receipt(self, place: Path, fingerprint: str, bundle_sha256: str, programme_id: str) -> Receipt:
        """Take the receipt only if it is signed and is about this very bundle."""
        receipt = verify_receipt(_read(place / ANSWER / RECEIPT, MAX_BYTES), self.trusted_key)
        about = (receipt.bundle_sha256, receipt.fingerprint, read_programme_id(receipt))
        if about != (bundle_sha256, fingerprint, programme_id):
            raise AppError("receipt_forged")
        return receipt

    def _status(self, place: Path, receipt: Receipt) -> SubmissionStatus:
        content = self._signed(place / ANSWER / STATUS, "status")
        try:
            status = read_status(content, str(self.folder))
        except LineError:
            raise AppError("answer_forged") from None
        if (status.id, status.fingerprint) != (receipt.number, receipt.fingerprint):
            raise AppError("answer_forged")
        return status

    def _raise_refusal(self, place: Path) -> None:
        if not (place / ANSWER / REFUSAL).is_file():
            return
        content = self._signed(place / ANSWER / REFUSAL, "refusal")
        if content.get("request_sha256") != hash_of(place / REQUEST):
            raise AppError("answer_forged")
        raise refusal_error(content, str(content.get("at", "")))

    def _signed(self, path: Path, kind: str) -> Mapping[str, object]:
        try:
            return verify_signed(_read(path, MAX_STATUS), kind, self.trusted_key, MAX_STATUS)
        except AppError as error:
            raise _forged(error) from None


def _forged(error: AppError) -> AppError:
    return AppError("answer_forged") if error.code == "receipt_forged" else error


def _read(path: Path, limit: int) -> bytes:
    """Read a file of the answer; one that is missing or too long was tampered with, or is not whole yet."""
    try:
        with path.open("rb") as content:
            found = content.read(limit + 1)
    except FileNotFoundError:
        raise AppError("answer_forged") from None
    except OSError as error:
        raise AppError("cannot_read", name=str(path), reason=error.strerror or "") from error
    if len(found) > limit:
        raise AppError("answer_forged")
    return found
