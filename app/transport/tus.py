"""One file by tus 1.0.0: parts side by side, resumed where the platform says, every piece proved."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from functools import partial
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
FAR, FAR_LANES = 0.3, 8
"""Seconds of the first answer above which so many lanes are begun with at once, else one.  It has taken three
round trips, as it opened a connection."""

FIRST_CHUNK, FIRST_CHUNK_FAR = 64 << 10, 4 << 10

Places = tuple[str, ...]


class Upload:
    """Brings the files of one submission over.  ``arrived(bytes)`` is told what the platform has safely."""

    def __init__(
        self,
        session: PlatformSession,
        courier: Courier,
        largest: int,
        pace: Pace,
        arrived: Callable[[int], None],
    ) -> None:
        self._session = session
        self._courier = courier
        self._most = pace.lanes
        self._arrived = arrived
        self._place = ""
        self._done = 0
        self._is_far = (session.http.round_trip or 0.0) > FAR
        self._count = min(self._most, FAR_LANES if self._is_far else 1)
        first = FIRST_CHUNK_FAR if self._is_far else FIRST_CHUNK
        self._board = Board(first, largest, courier.timing.monotonic, pace.limit)
        self._lanes: Lanes | None = None

    def prepare(self) -> None:
        """Open connections while there is still something to say, where that takes long."""
        if self._is_far:
            self._lanes = self._open()

    def run(self, number: str, files: Mapping[PackageFile, int], done: int) -> dict[PackageFile, Places]:
        """Bring whole files over; gives the addresses of the parts of each in order.

        ``files`` are those still missing, with their bytes; ``done`` counts those already there.  No
        address: the file is there in one piece.  Raises ``AppError``: ``cancelled``, ``package_changed`` (a
        file was changed underneath), the platform's refusals, or the line's failure once patience is out.
        """
        self._place, self._done = f"/submissions/{number}/uploads", done
        parts = {file: plan(file, size) for file, size in files.items()}
        self._board.put([part for listed in parts.values() for part in listed])
        while files:
            self._courier.check()
            try:
                self._carry()
                break
            except TokenRefusedError:
                self._courier.carry(self._session.renew)
            except LineError as error:
                failure = error
                self._courier.failed(failure)
        return {
            file: tuple(part.place for part in listed if part.number is not None)
            for file, listed in parts.items()
        }

    def take_wire(self) -> Wire | None:
        """Give a sound connection that is left over, once."""
        lanes, self._lanes = self._lanes, None
        return lanes.close() if lanes is not None else None

    def close(self) -> None:
        """Close all connections."""
        wire = self.take_wire()
        if wire is not None:
            wire.close()

    def _open(self) -> Lanes:
        self._board.reopen()
        timing = self._courier.timing
        make = partial(Lane, self._session.http, self._board, self._write, self._read, timing)
        return Lanes(make, self._board, self._count, self._most, self._round_trip, timing.stalled)

    def _round_trip(self) -> float:
        return self._session.http.round_trip or 0.0

    def _carry(self) -> None:
        lanes = self._lanes = self._lanes or self._open()
        monotonic = self._courier.timing.monotonic
        try:
            while not self._board.done:
                self._tell(0.1)
                self._courier.check()
                lanes.check(monotonic())
                lanes.adapt(monotonic())
        except BaseException:
            self.close()
            raise
        finally:
            self._tell(0.0)
            self._courier.cut(lanes.cuts)
            # a line on which nothing gets through may be too thin for so many
            self._count = lanes.count if self._board.speed() else max(1, lanes.count // 2)

    def _tell(self, seconds: float) -> None:
        for count, is_sent in self._board.news(seconds):
            self._done += count
            self._courier.progressed(count if is_sent else 0)
            self._arrived(self._done)

    def _write(self, job: Job) -> Request:
        """Give the request of a job: begin or ask for a part, or append a piece to it."""
        part = job.part
        if isinstance(job, Question):
            metadata = {"delivery": part.file.delivery_id, "sha256": part.file.sha256}
            headers = {**RESUMABLE, "Upload-Length": str(part.length)}
            if part.number is not None:
                metadata["part"] = str(part.number)
                headers["Upload-Concat"] = "partial"
            headers["Upload-Metadata"] = encode_metadata(metadata)
            return "POST", self._place, headers, b""
        content = _read_file(part.file.path, part.start + job.offset, job.count)
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


def _read_file(path: Path, offset: int, count: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            content = file.read(count)
    except OSError:
        raise AppError("package_missing", name=path.name) from None
    if len(content) != count:
        raise AppError("package_changed", name=path.name)
    return content


def encode_metadata(metadata: dict[str, str]) -> str:
    """Give ``Upload-Metadata``: names and base64 values (tus 1.0.0, creation)."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items())


def join_headers(file: PackageFile, places: Places) -> dict[str, str]:
    """Give the headers that join complete parts in this order (tus 1.0.0, concatenation)."""
    paths = " ".join(urlsplit(place).path for place in places)
    metadata = {"delivery": file.delivery_id, "sha256": file.sha256}
    return {**RESUMABLE, "Upload-Concat": f"final;{paths}", "Upload-Metadata": encode_metadata(metadata)}
