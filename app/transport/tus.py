"""One file by tus 1.0.0: parts side by side, resumed where the platform says, every piece proved."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from app.errors import AppError
from app.transport.base import PackageFile
from app.transport.board import Board, Job, Question, plan
from app.transport.courier import Courier
from app.transport.http import Answer, LineError
from app.transport.lanes import Lane, Lanes, Pace, Request
from app.transport.session import PlatformSession, TokenRefusedError, refusal
from app.transport.wire import Wire

TUS = "1.0.0"
RESUMABLE = {"Tus-Resumable": TUS}
NEAR, FAR = 0.05, 0.15
"""Seconds of the quickest answer: below the first one lane is begun with, above the second four are."""

FIRST_CHUNK, FIRST_CHUNK_FAR = 64 << 10, 8 << 10


class FileUpload:
    """Sends one file of one submission.  ``arrived(offset)`` is told what the platform has safely."""

    def __init__(
        self,
        session: PlatformSession,
        courier: Courier,
        submission_id: str,
        file: PackageFile,
        size: int,
        arrived: Callable[[int], None],
    ) -> None:
        self._session = session
        self._courier = courier
        self._place = f"/submissions/{submission_id}/uploads"
        self._file = file
        self._size = size
        self._arrived = arrived
        self._done = 0

    def run(self, largest: int, pace: Pace) -> tuple[tuple[str, ...], Wire | None]:
        """Bring the whole file over; gives the addresses of its parts in order, and a connection left over.

        No address: the file is there in one piece.  ``largest`` is the most bytes in one request.  Raises
        ``AppError``: ``cancelled``, ``package_changed`` (the file was changed underneath), the platform's
        refusals, or the line's failure once patience is out.
        """
        parts = plan(self._size)
        is_far = (self._session.http.round_trip or 0.0) > NEAR
        first = FIRST_CHUNK_FAR if is_far else FIRST_CHUNK
        board = Board(parts, first, largest, self._courier.timing.monotonic, pace.limit)
        while True:
            self._courier.check()
            try:
                wire = self._carry(board, pace)
                break
            except TokenRefusedError:
                self._courier.carry(self._session.renew)
            except LineError as error:
                failure = error
                self._courier.failed(failure)
            board.reopen()
        numbered = all(part.number is not None for part in parts)
        return tuple(part.place for part in parts) if numbered else (), wire

    def _carry(self, board: Board, pace: Pace) -> Wire | None:
        monotonic = self._courier.timing.monotonic
        count = 4 if (self._session.http.round_trip or 0.0) > FAR else 1
        with Lanes(self._lane(board), board, count, pace.lanes) as lanes:
            try:
                while not board.done:
                    self._tell(board, 0.1)
                    self._courier.check()
                    lanes.check()
                    lanes.adapt(monotonic())
            finally:
                self._tell(board, 0.0)
                self._courier.cut(lanes.cuts)
        return lanes.take_wire()

    def _lane(self, board: Board) -> Callable[[], Lane]:
        return lambda: Lane(self._session.http, board, self._write, self._read)

    def _tell(self, board: Board, seconds: float) -> None:
        for count, is_sent in board.news(seconds):
            self._done += count
            self._courier.progressed(count if is_sent else 0)
            self._arrived(self._done)

    def _write(self, job: Job) -> Request:
        """Give the request of a job: begin or ask for a part, or append a piece to it."""
        part = job.part
        if isinstance(job, Question):
            metadata = {"delivery": self._file.delivery_id, "sha256": self._file.sha256}
            headers = {**RESUMABLE, "Upload-Length": str(part.length)}
            if part.number is not None:
                metadata["part"] = str(part.number)
                headers["Upload-Concat"] = "partial"
            headers["Upload-Metadata"] = encode_metadata(metadata)
            return "POST", self._place, headers, b""
        content = self._read_file(self._file.path, part.start + job.offset, job.count)
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        headers = {
            **RESUMABLE,
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(job.offset),
            "Upload-Checksum": f"sha256 {digest}",
        }
        return "PATCH", part.place, headers, content

    def _read(self, question: Question, answer: Answer) -> tuple[str, int]:
        """Give the address of a part and how much of it is there."""
        part, host = question.part, self._session.http.host
        if answer.status not in (200, 201):
            raise refusal(answer)
        place, offset = answer.headers.get("Location", ""), answer.headers.get("Upload-Offset", "")
        length = answer.headers.get("Upload-Length", str(part.length))
        if not place or not offset.isascii() or not offset.isdigit() or length != str(part.length):
            raise LineError("not_a_platform", status=answer.status, host=host)
        if int(offset) > part.length:
            raise LineError("not_a_platform", status=answer.status, host=host)
        return self._session.http.locate(place), int(offset)

    def _read_file(self, path: Path, offset: int, count: int) -> bytes:
        try:
            with path.open("rb") as file:
                file.seek(offset, os.SEEK_SET)
                content = file.read(count)
        except OSError:
            raise AppError("package_missing", name=path.name) from None
        if len(content) != count:
            raise AppError("package_changed", name=path.name)
        return content


def encode_metadata(metadata: dict[str, str]) -> str:
    """Give ``Upload-Metadata``: names and base64 values (tus 1.0.0, creation)."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items())


def join_headers(file: PackageFile, places: tuple[str, ...]) -> dict[str, str]:
    """Give the headers that join complete parts in this order (tus 1.0.0, concatenation)."""
    paths = " ".join(urlsplit(place).path for place in places)
    metadata = {"delivery": file.delivery_id, "sha256": file.sha256}
    return {**RESUMABLE, "Upload-Concat": f"final;{paths}", "Upload-Metadata": encode_metadata(metadata)}
