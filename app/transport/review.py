"""What a reviewer does, for the rehearsal's scripted reviewers and for units that review in the program.

Every function speaks for the account of the session and raises as ``PlatformSession.ask_json``.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.transport.base import Mark, SubmissionStatus
from app.transport.http import LineError
from app.transport.session import PlatformSession, segment
from app.transport.status import read_status


def list_waiting(session: PlatformSession) -> tuple[SubmissionStatus, ...]:
    """Give the submissions that wait for this reviewer now, newest first."""
    return _list(session, "/submissions?waiting=true")


def list_submissions(session: PlatformSession) -> tuple[SubmissionStatus, ...]:
    """Give all submissions the account may see, newest first."""
    return _list(session, "/submissions")


def save_notes(session: PlatformSession, submission_id: str, reason: str, marks: tuple[Mark, ...]) -> None:
    """Keep notes on the platform without deciding; ``reason`` may be empty."""
    session.ask_json(
        "PUT", f"/submissions/{segment(submission_id)}/review", {"reason": reason, "marks": _marks(marks)}
    )


def approve(session: PlatformSession, submission_id: str, stage: str) -> SubmissionStatus:
    """Approve at the stage whose turn it is."""
    return _decide(session, submission_id, {"stage": stage, "decision": "approve"})


def return_report(
    session: PlatformSession, submission_id: str, stage: str, reason: str, marks: tuple[Mark, ...] = ()
) -> SubmissionStatus:
    """Return the report; the platform refuses an empty reason (``rejected``)."""
    content = {"stage": stage, "decision": "return", "reason": reason, "marks": _marks(marks)}
    return _decide(session, submission_id, content)


def _decide(session: PlatformSession, submission_id: str, content: Mapping[str, object]) -> SubmissionStatus:
    body = session.ask_json("POST", f"/submissions/{segment(submission_id)}/reviews", content)
    return read_status(body, session.http.host)


def _list(session: PlatformSession, path: str) -> tuple[SubmissionStatus, ...]:
    listed = session.ask_json("GET", path).get("submissions")
    if not isinstance(listed, list):
        raise LineError("not_a_platform", host=session.http.host)
    return tuple(read_status(entry, session.http.host) for entry in listed if isinstance(entry, dict))


def _marks(marks: tuple[Mark, ...]) -> list[dict[str, object]]:
    return [{"text": mark.text, "path": mark.path, "page": mark.page} for mark in marks]
