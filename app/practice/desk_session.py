"""The reviewers' web pages: who is signed in, what a page may do, how pages are made.

A page's session is a cookie that no script reads (HttpOnly) and no other site can send (SameSite=Strict),
good below ``/desk`` alone.  Whatever changes something is a POST with the session's own token in the form,
from a page of this very origin.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.practice.accounts import User, user_of
from app.practice.platform import Platform, platform_of, read_body
from app.practice.problems import ProblemError
from app.services.timing import show_moment

COOKIE = "desk"
HOME = "/desk"
SIGN_IN = f"{HOME}/sign-in"
MAX_FORM = 8 << 20
MOST_FIELDS = 20_000
_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_PLAIN = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Form = list[tuple[str, str]]
"""Names and values of a form's fields in their order; a name may stand more than once."""


def make_pages(platform: Platform) -> Environment:
    """Give the pages' templates; everything put into them is escaped."""
    return Environment(
        loader=FileSystemLoader(platform.site.pages),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )


def show_page(
    request: Request, name: str, status: int = 200, user: User | None = None, **values: object
) -> Response:
    """Give a page; what a redirect left to be told stands above it."""
    platform = platform_of(request)
    words = platform.site.words
    told = request.query_params.get("told", "")
    html = request.app.state.pages.get_template(name).render(
        {
            "told": words.page(told) if told in words.pages else "",
            "tone": request.query_params.get("tone", ""),
            "user": user,
            "now": show_moment(platform.now()),
            "csrf": csrf_of(session_of(request)),
            **values,
        }
    )
    return Response(html, status, _PLAIN, media_type="text/html; charset=utf-8")


def give_file(content: bytes, media_type: str) -> Response:
    """Give a file under the pages' own rules."""
    return Response(content, 200, _PLAIN, media_type=media_type)


def go_to(path: str, told: str = "", tone: str = "") -> Response:
    """Lead on after a POST; ``told`` is a key of ``[pages]`` of the words."""
    query = f"{'&' if '?' in path else '?'}told={told}&tone={tone}" if told else ""
    return RedirectResponse(path + query, 303, _PLAIN)


def session_of(request: Request) -> str:
    """Give the session's token from the cookie, or nothing."""
    return request.cookies.get(COOKIE, "")


def set_session(response: Response, token: str) -> None:
    """Put the cookie, or take it away for an empty token; it ends with the browser."""
    if token:
        response.set_cookie(COOKIE, token, path=HOME, httponly=True, samesite="strict")
    else:
        response.delete_cookie(COOKIE, path=HOME, httponly=True, samesite="strict")


def reader_of(request: Request) -> User | None:
    """Give the reviewer who is signed in, or None; an account that reviews nothing has no desk."""
    try:
        user = user_of(platform_of(request), session_of(request))
    except ProblemError:
        return None
    return user if user.stages else None


def csrf_of(token: str) -> str:
    """Give what every form of a session carries; it cannot be made without the cookie."""
    return hmac.new(token.encode(), b"desk-form", hashlib.sha256).hexdigest() if token else ""


async def read_form(request: Request) -> Form:
    """Read a form of a page of this origin; refuses with ``forbidden`` and ``request_unreadable``."""
    check_origin(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/x-www-form-urlencoded":
        raise ProblemError("wrong_type")
    raw = await read_body(request, MAX_FORM, ProblemError("request_unreadable", detail="length"))
    try:
        return parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
        )
    except ValueError:
        raise ProblemError("request_unreadable", detail="form") from None


def check_origin(request: Request) -> None:
    """Refuse what another site's page sends (``forbidden``)."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "same-origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or site not in ("same-origin", "none"):
        raise ProblemError("forbidden")


def check_csrf(request: Request, form: Form) -> None:
    """Refuse a form that was not made for this session (``forbidden``)."""
    given, own = value_of(form, "csrf"), csrf_of(session_of(request))
    if not own or not hmac.compare_digest(given.encode(), own.encode()):
        raise ProblemError("forbidden")


def value_of(form: Form, name: str) -> str:
    """Give a field's value, empty where it is not there."""
    return next((value for key, value in form if key == name), "")


def texts_of(form: Form, prefix: str) -> Mapping[str, str]:
    """Give the filled fields whose names begin with a prefix, by the rest of their names."""
    return {
        key.removeprefix(prefix): value.strip()
        for key, value in form
        if key.startswith(prefix) and value.strip()
    }
