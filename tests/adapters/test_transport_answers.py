"""Answers that are not the platform's: login pages, redirects, forged receipts, refused certificates."""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import AppError
from app.model.submission import Attempt
from app.practice.key import key_fingerprint, public_key, sign_document
from app.transport.base import Package
from app.transport.http import PlatformHttp, check_address, retry_after
from app.transport.receipts import clean_fingerprint, verify_approval, verify_receipt
from tests.adapters.certificates import make_certificates
from tests.adapters.platform_fixture import RunningPlatform, Waiting, package, running, send, transport

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TRUSTED = key_fingerprint(KEY)
TIME = "2023-01-04T10:00:00+08:00"
Reply = tuple[int, dict[str, str], bytes]
CONTENT: dict[str, object] = {
    "contract": "shenbao-platform/1",
    "number": "Y1",
    "received_at": TIME,
    "bundle_sha256": "ab" * 32,
    "fingerprint": "sha256:" + "cd" * 32,
    "rehearsal": True,
    "programme_id": "small",
}


@contextmanager
def answering(reply: Callable[[str, str], Reply], context: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve whatever a test says from a real socket; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, headers, body = reply(self.command, self.path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_POST = do_HEAD = do_PATCH = do_DELETE = answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            del request, client_address

    server = Quiet(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sound(method: str, path: str) -> Reply:
    """Answer like a platform that has received everything long ago, with a receipt that does not fit."""
    del method
    headers = {"Platform-Time": TIME, "Content-Type": "application/json"}
    if path == "/platform":
        key = {"algorithm": "ed25519", "public_key": public_key(KEY), "fingerprint": TRUSTED}
        facts = {
            "contract": "shenbao-platform/1",
            "name": "演练",
            "rehearsal": True,
            "key": key,
            "max_chunk": 9,
        }
        return 200, headers, json.dumps(facts).encode()
    if path == "/sessions":
        return 201, headers, b'{"token": "t"}'
    if path.endswith("/receipt"):
        kind = "application/vnd.shenbao.receipt+json"
        return 200, {**headers, "Content-Type": kind}, sign_document(KEY, "receipt", CONTENT)
    texts = ("programme_id", "title", "fingerprint", "stage", "stage_label", "reason", "replaces")
    status: dict[str, object] = dict.fromkeys(texts, "")
    status |= {"id": "Y1", "state": "in_review", "marks": [], "history": [], "verification_code": ""}
    status |= {"received_at": TIME, "approved_at": None, "rehearsal": True}
    return 200, headers, json.dumps(status).encode()


LOGIN = (200, {"Content-Type": "text/html", "Platform-Time": TIME}, b"<html>login</html>")


@pytest.fixture
def parcel(tmp_path: Path) -> Package:
    return package(tmp_path)


@pytest.mark.parametrize(
    "reply",
    [
        LOGIN,
        (200, {"Content-Type": "text/html"}, b"<html>login</html>"),
        (200, {"Content-Type": "application/json"}, b"{}"),
        (200, {"Content-Type": "application/json", "Platform-Time": TIME}, b"{}"),
        (200, {"Content-Type": "application/json", "Platform-Time": TIME}, b"[" * 9000),
        (204, {"Platform-Time": TIME}, b""),
        (404, {"Content-Type": "text/html"}, b"<html>404</html>"),
        (401, {"Content-Type": "text/html", "Platform-Time": TIME}, b"<html>401</html>"),
    ],
)
def test_a_login_page_is_never_the_platform(reply: Reply, parcel: Package) -> None:
    """Reliability §4.6: 平台已收 only with a receipt; a captive portal is told at once."""
    waiting = Waiting()
    with (
        answering(lambda _m, _p: reply) as url,
        transport(url, TRUSTED, timing=waiting.timing()) as filler,
        pytest.raises(AppError, match="not_a_platform"),
    ):
        send(filler, parcel)
    assert waiting.slept == 0


@pytest.mark.parametrize("place", ["/sessions", "/submissions", "/receipt"])
def test_a_login_page_in_the_middle_is_never_success(place: str, parcel: Package) -> None:
    """The line turns into a login page at each step; in the end that is said."""
    attempts: list[Attempt] = []

    def reply(method: str, path: str) -> Reply:
        return LOGIN if path.endswith(place) else sound(method, path)

    with (
        answering(reply) as url,
        transport(url, TRUSTED, attempts=attempts, timing=Waiting().timing(tries=4)) as filler,
        pytest.raises(AppError, match="not_a_platform"),
    ):
        send(filler, parcel)
    assert [attempt.outcome for attempt in attempts] == ["not_a_platform"] * 4


def test_a_sound_receipt_for_something_else_is_refused(parcel: Package) -> None:
    """A receipt must be about this very bundle, programme and number."""
    with (
        answering(sound) as url,
        transport(url, TRUSTED) as filler,
        pytest.raises(AppError, match="receipt_forged"),
    ):
        send(filler, parcel)


def test_a_redirect_to_another_host_is_not_followed(platform: RunningPlatform, parcel: Package) -> None:
    """No redirect carries password or report elsewhere."""

    def reply(_method: str, path: str) -> Reply:
        return 307, {"Location": platform.url.replace("127.0.0.1", "localhost") + path}, b""

    with answering(reply) as url, transport(url, platform.key) as filler, pytest.raises(AppError) as refused:
        send(filler, parcel)
    assert (refused.value.code, refused.value.params) == ("redirect_refused", {"host": "localhost"})
    rows = platform.platform.database.execute("select count(*) from sessions").fetchone()
    assert rows[0] == 0


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running(tmp_path / "platform") as found:
        yield found


def test_an_upload_address_on_another_host_is_refused() -> None:
    """The Location of an upload stays on the platform's own host."""
    http = PlatformHttp("http://127.0.0.1:8000/api")
    assert http.locate("/api/uploads/1") == "http://127.0.0.1:8000/api/uploads/1"
    assert http.locate("uploads/1") == "http://127.0.0.1:8000/api/uploads/1"
    assert http.locate("http://127.0.0.1:8000/files/1") == "http://127.0.0.1:8000/files/1"
    for elsewhere in ("http://127.0.0.1:8001/x", "https://127.0.0.1:8000/x", "//example.org/x"):
        with pytest.raises(AppError, match="redirect_refused"):
            http.locate(elsewhere)
    http.close()


def test_a_busy_platform_says_how_long_to_wait(parcel: Package) -> None:
    """Retry-After is kept to, also from a gateway in front of the platform."""
    waiting = Waiting()

    def reply(method: str, path: str) -> Reply:
        if path == "/submissions":
            return 503, {"Retry-After": "90", "Content-Type": "text/html"}, b"busy"
        return sound(method, path)

    with (
        answering(reply) as url,
        transport(url, TRUSTED, timing=waiting.timing(tries=2)) as filler,
        pytest.raises(AppError, match="platform_busy"),
    ):
        send(filler, parcel)
    assert waiting.slept == pytest.approx(90)
    assert retry_after({"Retry-After": "99999999"}) == 600
    assert retry_after({"Retry-After": "-1"}) == retry_after({"Retry-After": "soon"}) == retry_after({}) == 0


def test_a_dead_platform_is_tried_three_times(parcel: Package) -> None:
    """Nobody listening: told soon, with every attempt recorded."""
    attempts: list[Attempt] = []
    waiting = Waiting()
    with answering(sound) as url:
        pass
    with (
        transport(url, TRUSTED, attempts=attempts, timing=waiting.timing()) as filler,
        pytest.raises(AppError, match="platform_unreachable"),
    ):
        send(filler, parcel)
    assert [attempt.outcome for attempt in attempts] == ["platform_unreachable"] * 3
    assert 0 < waiting.slept < 3


def test_a_host_without_name_is_offline(parcel: Package) -> None:
    """RFC 6761: names under .invalid never resolve."""
    with transport("https://shenbao.invalid", TRUSTED) as filler, pytest.raises(AppError) as refused:
        send(filler, parcel)
    assert (refused.value.code, refused.value.params) == ("offline", {"host": "shenbao.invalid"})


@pytest.mark.parametrize(
    "address", ["http://example.org", "http://10.0.0.1:80/api", "http://127.0.0.1.example.org"]
)
def test_plain_http_is_for_this_machine_only(address: str) -> None:
    """A password never leaves the machine unencrypted."""
    with pytest.raises(AppError, match="address_not_secure"):
        transport(address, TRUSTED)


@pytest.mark.parametrize(
    "address",
    ["", "ftp://a", "https://", "https://u:p@a", "https://a?x=1", "https://a:99999", "https://[::1"],
)
def test_addresses_that_are_none(address: str) -> None:
    """An address is a plain https address, nothing cleverer."""
    with pytest.raises(AppError, match="address_unreadable"):
        check_address(address)


def test_addresses_that_are_some() -> None:
    """Written forms people use."""
    assert check_address(" https://example.org/api/ ") == "https://example.org/api"
    assert check_address("http://localhost:8000") == "http://localhost:8000"
    assert check_address("http://[::1]:8000/") == "http://[::1]:8000"


def test_a_certificate_of_an_unknown_root_is_refused_until_imported(parcel: Package, tmp_path: Path) -> None:
    """A government root the system does not know can be imported as a file; no check is switched off."""
    chain, root = make_certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    with answering(sound, context) as url:
        with transport(url, TRUSTED) as filler, pytest.raises(AppError, match="certificate_refused"):
            send(filler, parcel)
        http = PlatformHttp(url, extra_root=root)
        assert http.ask("GET", "/platform").status == 200
        http.close()
        wrong_name = url.replace("127.0.0.1", "localhost")
        http = PlatformHttp(wrong_name, extra_root=root)
        with pytest.raises(AppError, match="certificate_refused"):
            http.ask("GET", "/platform")
        http.close()
    with pytest.raises(AppError, match="root_certificate_unreadable"):
        PlatformHttp("https://127.0.0.1", extra_root=parcel.path)


def test_a_receipt_with_any_byte_changed_is_refused() -> None:
    """Every single byte of a short receipt, every bit of it: none is accepted."""
    document = sign_document(KEY, "receipt", CONTENT)
    assert verify_receipt(document, TRUSTED).number == "Y1"
    for place in range(len(document)):
        for bit in range(8):
            altered = bytearray(document)
            altered[place] ^= 1 << bit
            with pytest.raises(AppError, match="receipt_forged"):
                verify_receipt(bytes(altered), TRUSTED)


def test_an_approval_with_any_byte_changed_is_refused() -> None:
    """Issue 5: a signed answer altered in any one byte is refused, and so is the report it vouches for."""
    pdf = b"%PDF-1.7 watermarked"
    content: dict[str, object] = {
        **{key: CONTENT[key] for key in ("contract", "number", "fingerprint", "rehearsal", "programme_id")},
        "verification_code": "YL-1",
        "approved_at": TIME,
        "report_sha256": hashlib.sha256(pdf).hexdigest(),
        "platform": "演练",
    }
    document = sign_document(KEY, "approval", content)
    assert verify_approval(document, TRUSTED).verification_code == "YL-1"
    for place in range(len(document)):
        altered = bytearray(document)
        altered[place] ^= 1
        with pytest.raises(AppError, match="receipt_forged"):
            verify_approval(bytes(altered), TRUSTED)
    sent = [pdf]

    def reply(method: str, path: str) -> Reply:
        headers = {"Platform-Time": TIME}
        if path.endswith("/approval"):
            return 200, {**headers, "Content-Type": "application/vnd.shenbao.approval+json"}, document
        if path.endswith("/report"):
            return 200, {**headers, "Content-Type": "application/pdf"}, sent[0]
        status, headers, body = sound(method, path)
        return status, headers, body.replace(b'"in_review"', b'"approved"')

    with answering(reply) as url, transport(url, TRUSTED) as filler:
        assert filler.fetch_approved("Y1").pdf == pdf
        for place in range(len(pdf)):
            sent[0] = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]
            with pytest.raises(AppError, match="receipt_forged"):
                filler.fetch_approved("Y1")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_receipts_cut_or_lengthened_are_refused(data: st.DataObject) -> None:
    """Any splice of the document with other bytes is refused."""
    document = sign_document(KEY, "receipt", CONTENT)
    begin = data.draw(st.integers(0, len(document)))
    end = data.draw(st.integers(begin, len(document)))
    middle = data.draw(st.binary(max_size=8))
    altered = document[:begin] + middle + document[end:]
    if altered == document:
        assert verify_receipt(altered, TRUSTED).number == "Y1"
    else:
        with pytest.raises(AppError, match="receipt_forged"):
            verify_receipt(altered, TRUSTED)


def test_receipts_of_others_are_refused() -> None:
    """Another key, another kind of document, a reformatted document, a missing member."""
    document = sign_document(KEY, "receipt", CONTENT)
    other = Ed25519PrivateKey.generate()
    without = {key: value for key, value in CONTENT.items() if key != "number"}
    for forged in (
        sign_document(other, "receipt", CONTENT),
        sign_document(KEY, "approval", CONTENT),
        sign_document(KEY, "receipt", without),
        sign_document(KEY, "receipt", {**CONTENT, "received_at": "2023-01-04T10:00:00"}),
        sign_document(KEY, "receipt", {**CONTENT, "contract": "other/1"}),
        document + b"\n",
        json.dumps(json.loads(document)).encode(),
        document.replace(b'"ed25519"', b'"none"'),
        b"",
        b"[" * 5000,
    ):
        with pytest.raises(AppError, match="receipt_forged"):
            verify_receipt(forged, TRUSTED)
    with pytest.raises(AppError, match="receipt_forged"):
        verify_approval(document, TRUSTED)


def test_a_sound_receipt_without_confirmed_key_asks_for_it() -> None:
    """First contact: the fingerprint is shown for confirmation, nothing is believed yet."""
    document = sign_document(KEY, "receipt", CONTENT)
    with pytest.raises(AppError) as refused:
        verify_receipt(document, None)
    assert (refused.value.code, refused.value.params["fingerprint"]) == ("platform_key_unconfirmed", TRUSTED)
    pasted = TRUSTED.removeprefix("sha256:").upper()
    spaced = " ".join(pasted[i : i + 4] for i in range(0, 64, 4))
    assert clean_fingerprint(spaced) == TRUSTED
    assert verify_receipt(document, spaced).fingerprint == CONTENT["fingerprint"]
    assert base64.b64decode(public_key(KEY)) == KEY.public_key().public_bytes_raw()
