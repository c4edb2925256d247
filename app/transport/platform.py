"""Sending to a platform that offers the contract of ``resources/platform/openapi.yaml``."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import TracebackType

from app.errors import AppError
from app.model.submission import Attempt, Receipt
from app.transport.base import (
    ApprovedReport,
    Cancelled,
    Package,
    PlatformTime,
    Report,
    State,
    SubmissionStatus,
)
from app.transport.courier import Courier, Timing
from app.transport.http import MAX_FILE, LineError
from app.transport.lanes import Pace
from app.transport.receipts import verify_approval
from app.transport.sending import Sending, check_files
from app.transport.session import PlatformFacts, PlatformSession, fetch, segment
from app.transport.status import read_status

ASKING_TRIES = 6
"""Failures in a row after which a question is given up."""

LEAVING = 2.0
"""Seconds to sign out; a session that was not ended runs out on the platform by itself."""

_APPROVAL = "application/vnd.shenbao.approval+json"


class PlatformTransport:
    """The ``Transport`` over HTTP; one conversation, used by one thread at a time.

    ``trusted_key`` is the fingerprint (``sha256:<hex>``) of the platform's key as the user confirmed it.
    ``attempted`` is told every attempt as it ends; the platform's clock stands in it beside the PC's.
    ``pace`` may be set and bounds connections and bandwidth; ``hurried`` may be set and ends a pause early.
    Raises ``UsageError("address_unreadable")`` and ``AppError("address_not_secure")`` at once.
    """

    def __init__(
        self,
        address: str,
        account: str,
        *,
        trusted_key: str | None,
        password: str | None = None,
        token: str | None = None,
        extra_root: Path | None = None,
        attempted: Callable[[Attempt], None] = lambda _: None,
        timing: Timing | None = None,
    ) -> None:
        self.pace = Pace()
        self.hurried: Callable[[], bool] = lambda: False
        self._timing = timing or Timing()
        self._attempted = attempted
        self.session = PlatformSession(
            address,
            account,
            trusted_key=trusted_key,
            password=password,
            token=token,
            extra_root=extra_root,
            now=self._timing.now,
            monotonic=self._timing.monotonic,
        )

    def __enter__(self) -> PlatformTransport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Sign out, unless the line makes that long, and close all connections."""

        def leave() -> None:
            self.session.sign_out()
            self.session.http.close()

        leaving = threading.Thread(target=leave, daemon=True)
        leaving.start()
        leaving.join(LEAVING)

    def send(self, package: Package, *, report: Report, cancelled: Cancelled) -> Receipt:
        """Send a package and give the verified receipt; see ``Transport.send``.

        ``report(done, total)`` counts bytes the platform has safely.  A cut is waited out and resumed; the
        same package sent again gives the same receipt.  Raises ``AppError``: ``package_missing``,
        ``package_changed``, ``offline``, ``platform_unreachable``, ``platform_busy``,
        ``certificate_refused``, ``not_a_platform``, ``redirect_refused``, ``platform_key_unconfirmed``,
        ``platform_key_changed``, ``sign_in_refused``, ``window_closed``, ``window_not_open``,
        ``already_submitted``, ``returned_unchanged``, ``rejected``, ``receipt_forged``, ``cancelled``.
        """
        sizes = check_files(package)
        http = self.session.http
        courier = Courier(
            http.address,
            self._timing,
            cancelled,
            self._attempted,
            lambda: http.platform_time,
            http.is_back,
            self.hurried,
        )
        try:
            receipt = Sending(self.session, package, courier, sizes, report, self.pace).run()
        except AppError as error:
            status = f"HTTP {error.status}" if isinstance(error, LineError) and error.status else ""
            courier.end(error.code, str(error.params.get("problem", "")) or status)
            raise
        courier.end("received", receipt.number)
        return receipt

    def status(self, submission_id: str, cancelled: Cancelled = lambda: False) -> SubmissionStatus:
        """Ask how a submission stands; see ``Transport.status``.  A bad line is borne for a while."""
        courier = self._asking(cancelled)
        courier.reach(self.session.contact)
        return courier.carry(partial(self._status, submission_id))

    def fetch_approved(self, submission_id: str, cancelled: Cancelled = lambda: False) -> ApprovedReport:
        """Fetch the watermarked report; its bytes are the ones the platform signed.

        A bad line is borne for a while.  Raises ``AppError``: ``not_approved_yet``, ``receipt_forged``, and
        as ``send``.
        """
        courier = self._asking(cancelled)
        courier.reach(self.session.contact)
        status = courier.carry(partial(self._status, submission_id))
        if status.state is not State.APPROVED:
            raise AppError("not_approved_yet")
        place = f"/submissions/{segment(submission_id)}"
        document = courier.carry(partial(fetch, self.session, f"{place}/approval", _APPROVAL))
        approval = verify_approval(document, self.session.trusted_key)
        pdf = courier.carry(partial(fetch, self.session, f"{place}/report", "application/pdf", MAX_FILE))
        if approval.number != submission_id or approval.report_sha256 != hashlib.sha256(pdf).hexdigest():
            raise AppError("receipt_forged")
        return ApprovedReport(pdf, approval.verification_code, approval.approved_at, document)

    def _status(self, submission_id: str) -> SubmissionStatus:
        body = self.session.ask_json("GET", f"/submissions/{segment(submission_id)}")
        return read_status(body, self.session.http.host)

    def _asking(self, cancelled: Cancelled) -> Courier:
        """Give the patience for a question: less than for a sending, and nothing is written down."""
        http = self.session.http
        timing = replace(self._timing, tries=min(ASKING_TRIES, self._timing.tries))
        return Courier(
            http.address, timing, cancelled, lambda _attempt: None, lambda: http.platform_time, http.is_back
        )

    def platform_time(self) -> PlatformTime:
        """Ask the platform's clock; see ``Transport.platform_time``."""
        return self.facts().time

    @property
    def ahead(self) -> timedelta | None:
        """Give how far the platform's clock was ahead of the PC's at its latest answer, None without one."""
        return self.session.ahead

    def facts(self) -> PlatformFacts:
        """Ask who answers: name, key fingerprint to confirm, clock.  No account is needed."""
        return self.session.facts()
