"""One file by tus 1.0.0: resumed where the platform says, every chunk proved, chunks that fit the line."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

from app.errors import AppError
from app.transport.base import PackageFile
from app.transport.courier import Courier
from app.transport.http import Answer, LineError
from app.transport.session import PlatformSession, refusal

TUS = "1.0.0"
FIRST_CHUNK = 64 << 10
SMALLEST_CHUNK = 8 << 10
LARGEST_CHUNK = 4 << 20
QUICK, SLOW = 1.0, 4.0
"""Seconds for one chunk: under the first it grows, over the second it shrinks.

A body must leave within the connect time-out, so a chunk has to stay small on a thin line.
"""

_RESUMABLE = {"Tus-Resumable": TUS}


class ChunkSize:
    """How many bytes to send at once, learnt from the line."""

    def __init__(self, largest: int) -> None:
        self.largest = min(LARGEST_CHUNK, largest)
        self.value = min(FIRST_CHUNK, self.largest)

    def took(self, seconds: float) -> None:
        """Learn from a chunk that arrived."""
        if seconds < QUICK:
            self.value = min(self.largest, self.value * 2)
        elif seconds > SLOW:
            self.shrink()

    def shrink(self) -> None:
        """Learn from a chunk that was lost."""
        self.value = min(self.largest, max(SMALLEST_CHUNK, self.value // 2))


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
        self._submission_id = submission_id
        self._file = file
        self._size = size
        self._arrived = arrived

    def run(self, chunk: ChunkSize) -> None:
        """Bring the whole file over.

        Raises ``AppError``: ``cancelled``, ``package_changed`` (the file was changed underneath), the
        platform's refusals, or the line's failure once patience is out.
        """
        place, offset = self._courier.carry(self._create)
        self._arrived(offset)
        while offset < self._size:
            self._courier.check()
            began = self._courier.timing.monotonic()
            content = self._read(self._file.path, offset, min(chunk.value, self._size - offset))
            failure = self._append(place, offset, content)
            if failure is None:
                offset += len(content)
                chunk.took(self._courier.timing.monotonic() - began)
                self._courier.progressed(len(content))
            else:
                chunk.shrink()
                self._courier.failed(failure)
                # asking for the upload again also finds it where the platform has lost it meanwhile
                place, offset = self._courier.carry(self._create)
            self._arrived(offset)

    def _append(self, place: str, offset: int, content: bytes) -> LineError | None:
        """Send one chunk; gives None when the platform has it, else the failure after which to ask again."""
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        headers = {
            **_RESUMABLE,
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(offset),
            "Upload-Checksum": f"sha256 {digest}",
        }
        try:
            answer = self._session.ask("PATCH", place, accept="", headers=headers, body=content)
        except LineError as error:
            return error
        if answer.status == 204 and answer.headers.get("Upload-Offset") == str(offset + len(content)):
            return None
        if answer.status in (204, 404, 409, 410, 413, 460) and answer.code != "wrong_state":
            return LineError("chunk_refused")
        refused = refusal(answer)
        if isinstance(refused, LineError):
            return refused
        raise refused

    def _create(self) -> tuple[str, int]:
        """Begin the upload or find it again; gives its address and how much is there."""
        metadata = {"delivery": self._file.delivery_id, "sha256": self._file.sha256}
        pairs = (f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items())
        answer = self._session.ask(
            "POST",
            f"/submissions/{self._submission_id}/uploads",
            accept="",
            headers={**_RESUMABLE, "Upload-Length": str(self._size), "Upload-Metadata": ",".join(pairs)},
        )
        if answer.status not in (200, 201):
            raise refusal(answer)
        place = answer.headers.get("Location", "")
        if not place:
            raise LineError("not_a_platform", host=self._session.http.host)
        place = self._session.http.locate(place)
        if answer.status == 201:
            return place, self._offset(answer)
        # an upload known from before: the contract's own question for the offset is HEAD
        known = self._session.ask("HEAD", place, headers=_RESUMABLE)
        if known.status != 200:
            raise refusal(known)
        return place, self._offset(known)

    def _offset(self, answer: Answer) -> int:
        text = answer.headers.get("Upload-Offset", "")
        length = answer.headers.get("Upload-Length", str(self._size))
        if not text.isascii() or not text.isdigit() or length != str(self._size) or int(text) > self._size:
            raise LineError("not_a_platform", host=self._session.http.host)
        return int(text)

    def _read(self, path: Path, offset: int, count: int) -> bytes:
        try:
            with path.open("rb") as file:
                file.seek(offset)
                content = file.read(count)
        except OSError:
            raise AppError("package_missing", name=path.name) from None
        if len(content) != count:
            raise AppError("package_changed", name=path.name)
        return content
