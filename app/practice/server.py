"""The rehearsal platform as a program: application, loopback socket, life."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.clock import Clock, format_moment, system_clock
from app.errors import AppError
from app.practice import accounts, desk, handing_in, rehearsal, reviews, submissions, uploads
from app.practice.database import open_database
from app.practice.desk_session import make_pages
from app.practice.expiry import sweep
from app.practice.folders import take_for_ever
from app.practice.key import open_key
from app.practice.platform import Platform
from app.practice.problems import ProblemError, answer_problem
from app.practice.scripted import review_for_ever
from app.practice.seed import seed
from app.practice.site import Site

HOST = "127.0.0.1"
_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})

ROUTES = (
    Route("/platform", rehearsal.read_platform, methods=["GET"]),
    Route("/sessions", accounts.sign_in, methods=["POST"]),
    Route("/sessions/current", accounts.sign_out, methods=["DELETE"]),
    Route("/accounts", accounts.list_accounts, methods=["GET"]),
    Route("/accounts", accounts.open_account, methods=["POST"]),
    Route("/programmes", rehearsal.list_programmes, methods=["GET"]),
    Route("/programmes/{programme_id}", rehearsal.read_programme, methods=["GET"]),
    Route("/submissions", submissions.list_submissions, methods=["GET"]),
    Route("/submissions", submissions.create_submission, methods=["POST"]),
    Route("/submissions/{submission_id}", submissions.read_submission, methods=["GET"]),
    Route("/submissions/{submission_id}/uploads", uploads.describe_uploads, methods=["OPTIONS"]),
    Route("/submissions/{submission_id}/uploads", uploads.create_upload, methods=["POST"]),
    Route("/uploads/{upload_id}", uploads.read_upload, methods=["HEAD"]),
    Route("/uploads/{upload_id}", uploads.append_upload, methods=["PATCH"]),
    Route("/uploads/{upload_id}", uploads.end_upload, methods=["DELETE"]),
    Route("/submissions/{submission_id}/complete", handing_in.complete_submission, methods=["POST"]),
    Route("/submissions/{submission_id}/receipt", submissions.read_receipt, methods=["GET"]),
    Route("/submissions/{submission_id}/files/{delivery_id}", submissions.read_file, methods=["GET"]),
    Route("/submissions/{submission_id}/review", reviews.read_review_draft, methods=["GET"]),
    Route("/submissions/{submission_id}/review", reviews.save_review_draft, methods=["PUT"]),
    Route("/submissions/{submission_id}/reviews", reviews.decide_review, methods=["POST"]),
    Route("/submissions/{submission_id}/changes", reviews.read_changes, methods=["GET"]),
    Route("/submissions/{submission_id}/approval", reviews.read_approval, methods=["GET"]),
    Route("/submissions/{submission_id}/report", reviews.read_report, methods=["GET"]),
    Route("/rehearsal/clock", rehearsal.read_clock, methods=["GET"]),
    Route("/rehearsal/clock", rehearsal.set_clock, methods=["POST"]),
    Route("/rehearsal/windows", rehearsal.set_window, methods=["PUT"]),
    Route("/rehearsal/rules", rehearsal.set_rules, methods=["PUT"]),
)


def _methods_of(path: str) -> list[str]:
    """Give what may be asked of a path; several routes may share one (RFC 9110 §15.5.6 wants it told)."""
    found: set[str] = set()
    for route in (*ROUTES, *desk.PAGES):
        if route.path_regex.match(path):
            found |= route.methods or set()
    return sorted(found)


class PlatformTime:
    """Puts the platform's clock on every answer and turns away requests made for another host's name.

    The latter keeps a web page whose name was pointed at this machine from speaking to the rehearsal.
    """

    def __init__(self, app: ASGIApp, platform: Platform) -> None:
        self.app = app
        self.platform = platform

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_time(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Platform-Time"] = format_moment(self.platform.now())
            await send(message)

        host = Request(scope).headers.get("host", "")
        name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
        if name not in _LOCAL_NAMES:
            refusal = answer_problem(self.platform.site.words, ProblemError("host_refused"))
            await refusal(scope, receive, send_with_time)
            return
        await self.app(scope, receive, send_with_time)


def create_app(
    site: Site, data: Path, clock: Clock, *, scripted: bool = False, folder: Path | None = None
) -> Starlette:
    """Give the platform as an application over its data folder, which is made if need be.

    ``clock`` is the PC's; the platform's own runs beside it.  ``scripted`` lets a reviewer decide that needs
    nobody; reports in ``folder`` (a stick) are taken in and answered there.  Raises ``AppError`` with
    ``practice_in_use``, ``practice_damaged`` or ``practice_folder``.  The folder is held until the
    application's lifespan ends.
    """
    try:
        for own in (data, data / "uploads", data / "reports"):
            own.mkdir(parents=True, exist_ok=True)
        database = open_database(data / "platform.sqlite")
    except OSError as error:
        raise AppError("practice_folder", folder=str(data)) from error
    try:
        platform = Platform(site, data, database, clock, open_key(data / "key.ed25519"))
        accounts.seed_accounts(database, site.accounts)
        sweep(platform)
    except BaseException:
        database.close()
        raise

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        beside = [asyncio.create_task(review_for_ever(platform))] if scripted else []
        if folder is not None:
            beside.append(asyncio.create_task(take_for_ever(platform, folder)))
        yield
        for task in beside:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        database.close()

    def answer(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            if error.status_code == 405:
                allowed = {"Allow": ", ".join(_methods_of(request.url.path))}
                return answer_problem(site.words, ProblemError("method_not_allowed", headers=allowed))
            return answer_problem(site.words, ProblemError("not_found"))
        if not isinstance(error, ProblemError):
            raise error
        return answer_problem(site.words, error)

    app = Starlette(
        routes=[*ROUTES, *desk.PAGES],
        middleware=[Middleware(PlatformTime, platform=platform)],
        exception_handlers={ProblemError: answer, HTTPException: answer},
        lifespan=life,
    )
    app.state.platform = platform
    app.state.pages = make_pages(platform)
    return app


class PlatformServer(uvicorn.Server):
    """A uvicorn server that tells when it listens."""

    def __init__(self, app: Starlette, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=HOST,
                loop="asyncio",
                http="h11",
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=5,
            )
        )
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then tell."""
        await super().startup(sockets)
        if self.started:
            self.ready()


def bind(port: int) -> socket.socket:
    """Give a loopback socket; port 0 takes a free one.  Raises ``AppError("port_taken")``."""
    # named as TCP, or asyncio would not set TCP_NODELAY and every answer would wait 40 ms for its second half
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # elsewhere this option would let another program share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise AppError("port_taken", port=port) from error
    return listener


def serve(
    site: Site,
    data: Path,
    port: int,
    now: datetime | None,
    ready: Callable[[int], None],
    *,
    bundles: Mapping[str, Path] | None = None,
    scripted: bool = False,
    folder: Path | None = None,
) -> None:
    """Run the platform on 127.0.0.1 until the process is told to end (SIGINT, SIGTERM).

    ``now`` sets the platform's clock at start; None lets it run on as it was.  ``ready`` is called once
    with the port when requests are answered.  ``bundles`` (by programme) fill an empty platform, see
    ``seed``; ``scripted`` and ``folder`` as in ``create_app``.  Raises ``AppError`` as ``create_app`` and
    ``port_taken``.
    """
    with bind(port) as listener:
        app = create_app(site, data, system_clock, scripted=scripted, folder=folder)
        if now is not None:
            app.state.platform.set_now(now)
        if bundles:
            seed(app.state.platform, bundles)
        taken = int(listener.getsockname()[1])
        PlatformServer(app, lambda: ready(taken)).run(sockets=[listener])
