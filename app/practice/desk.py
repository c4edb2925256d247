"""The reviewers' web pages: list, report, tables, decision; plain HTML, 演练 on every page."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.errors import AppError
from app.practice.accounts import User, end_session, open_session
from app.practice.desk_notes import (
    item_texts,
    page_texts,
    read_report_form,
    read_table_form,
    row_notes,
    whole_text,
)
from app.practice.desk_session import (
    HOME,
    SIGN_IN,
    Form,
    check_csrf,
    give_file,
    go_to,
    read_form,
    reader_of,
    session_of,
    set_session,
    show_page,
    value_of,
)
from app.practice.desk_views import (
    describe_answers,
    describe_history,
    describe_report,
    describe_reports,
    describe_tables,
    groups_of,
)
from app.practice.platform import Platform, platform_of
from app.practice.problems import STATUS, ProblemError
from app.practice.reviews import bundle_path, check_turn, decide, keep_notes, read_notes, review_of
from app.practice.submissions import find_submission, seen_submission, seen_submissions, waits_for
from app.services.reviewing import Review

ROWS = 100
"""Rows of a table on one page."""

Page = Callable[[Request], Awaitable[Response]]
ReaderPage = Callable[[Request, User], Awaitable[Response]]


def _guarded(page: Page) -> Page:
    """Show refusals as a page."""

    async def guarded(request: Request) -> Response:
        try:
            return await page(request)
        except ProblemError as problem:
            words = platform_of(request).site.words
            reason = words.problem(problem.code, problem.params)
            return show_page(
                request, "refused.html", STATUS[problem.code], reader_of(request), reason=reason, told=""
            )

    return guarded


def _for_readers(page: ReaderPage) -> Page:
    """Let only reviewers in; whoever is not signed in is led to the sign-in page."""

    async def guarded(request: Request) -> Response:
        user = reader_of(request)
        return go_to(SIGN_IN) if user is None else await page(request, user)

    return _guarded(guarded)


async def show_sign_in(request: Request) -> Response:
    """Show the sign-in page."""
    return show_page(request, "sign_in.html", account="")


async def sign_in(request: Request) -> Response:
    """Begin a session of the pages."""
    form, platform = await read_form(request), platform_of(request)
    name = value_of(form, "account").strip()[:200]
    words = platform.site.words
    try:
        session = open_session(platform, name, value_of(form, "password")[:1000])
    except ProblemError as problem:
        told = words.problem(problem.code, {})
        return show_page(request, "sign_in.html", 401, account=name, told=told, tone="warning")
    if not session.user.stages:
        end_session(platform, session.token)
        told = words.page("no_reviewer")
        return show_page(request, "sign_in.html", 403, account=name, told=told, tone="warning")
    response = go_to(HOME)
    set_session(response, session.token)
    return response


async def sign_out(request: Request) -> Response:
    """End a session of the pages."""
    form = await read_form(request)
    check_csrf(request, form)
    end_session(platform_of(request), session_of(request))
    response = go_to(SIGN_IN, "signed_out")
    set_session(response, "")
    return response


async def show_list(request: Request, user: User) -> Response:
    """Show what waits for this reviewer, then what else he may see."""
    platform = platform_of(request)
    rows = seen_submissions(platform, user)
    waiting = [row for row in rows if waits_for(user, row)]
    others = [row for row in rows if not waits_for(user, row) and row["received_at"] is not None]
    return show_page(
        request,
        "list.html",
        user=user,
        waiting=describe_reports(platform, waiting),
        others=describe_reports(platform, others),
    )


async def show_report(request: Request, user: User) -> Response:
    """Show a report: what was corrected, what stands out, what only this report says, the rest."""
    platform, row = _received(request, user)
    review = await review_of(platform, row)
    notes = read_notes(platform, user, row["id"])
    return show_page(
        request,
        "report.html",
        user=user,
        report=describe_report(platform, row),
        review=review,
        groups=groups_of(platform, review),
        tables=describe_tables(review, notes),
        history=describe_history(platform, row, review),
        answers=describe_answers(platform, row, review),
        can_act=_can_act(platform, user, row),
        notes=item_texts(notes, _paths(review)),
        pages=page_texts(notes),
        whole=whole_text(notes),
        reason=notes.reason,
    )


async def act_on_report(request: Request, user: User) -> Response:
    """Keep notes, return or approve."""
    form = await read_form(request)
    check_csrf(request, form)
    platform, row = _received(request, user)
    review = await review_of(platform, row)
    # reading took time: somebody else may have decided
    row = find_submission(platform, row["id"])
    notes = read_report_form(form, read_notes(platform, user, row["id"]), _paths(review))
    place = f"{HOME}/reports/{row['id']}"
    keep_notes(platform, user, row, notes)
    act, stage = value_of(form, "act"), value_of(form, "stage")
    if act == "return":
        if not notes.reason:
            return go_to(place, "reason_missing", "warning")
        decide(platform, user, row, stage, notes, approved=False)
        return go_to(HOME, "returned", "good")
    if act == "approve":
        return _approve(platform, user, row, form, place)
    return go_to(place, "saved", "good")


def _approve(platform: Platform, user: User, row: sqlite3.Row, form: Form, place: str) -> Response:
    notes = read_notes(platform, user, row["id"])
    if value_of(form, "checked") != "yes":
        return go_to(place, "not_checked", "warning")
    if notes.marks or notes.reason:
        return go_to(place, "notes_left", "warning")
    decide(platform, user, row, value_of(form, "stage"), notes, approved=True)
    return go_to(HOME, "approved", "good")


async def show_table(request: Request, user: User) -> Response:
    """Show rows of a table."""
    platform, row = _received(request, user)
    review = await review_of(platform, row)
    table = review.tables.get(request.path_params["table_id"])
    if table is None:
        raise ProblemError("not_found")
    page, last = _page_of(request, len(table.rows))
    rows = table.rows[(page - 1) * ROWS : page * ROWS]
    notes = read_notes(platform, user, row["id"])
    return show_page(
        request,
        "table.html",
        user=user,
        report=describe_report(platform, row),
        table=table,
        rows=rows,
        count=len(table.rows),
        page=page,
        last=last,
        can_act=_can_act(platform, user, row),
        notes=row_notes(notes, [one.path for one in rows]),
    )


async def note_table(request: Request, user: User) -> Response:
    """Keep notes at rows of a table."""
    form = await read_form(request)
    check_csrf(request, form)
    platform, row = _received(request, user)
    review = await review_of(platform, row)
    row = find_submission(platform, row["id"])
    table = review.tables.get(request.path_params["table_id"])
    if table is None:
        raise ProblemError("not_found")
    paths, columns = [one.path for one in table.rows], [column for column, _ in table.columns]
    notes = read_table_form(form, read_notes(platform, user, row["id"]), paths, columns)
    keep_notes(platform, user, row, notes)
    page, _ = _page_of(request, len(table.rows))
    return go_to(f"{HOME}/reports/{row['id']}/tables/{table.path}?page={page}", "saved", "good")


async def show_paper(request: Request, user: User) -> Response:
    """Give the report as paper: the approved one as it was signed, else laid out for the review."""
    platform, row = _received(request, user)
    if row["report"]:
        pdf = (platform.folder / "reports" / row["report"]).read_bytes()
        return give_file(pdf, "application/pdf")
    path, now = bundle_path(platform, row), platform.now()
    try:
        pdf = await run_in_threadpool(platform.site.render_report, path, "", now)
    except AppError as error:
        raise ProblemError("bundle_refused", reason=error.code) from error
    return give_file(pdf, "application/pdf")


async def show_style(request: Request) -> Response:
    """Give the pages' style sheet."""
    return give_file((platform_of(request).site.pages / "style.css").read_bytes(), "text/css; charset=utf-8")


def _received(request: Request, user: User) -> tuple[Platform, sqlite3.Row]:
    platform = platform_of(request)
    row = seen_submission(platform, user, request.path_params["submission_id"])
    if row["received_at"] is None:
        raise ProblemError("not_found")
    return platform, row


def _can_act(platform: Platform, user: User, row: sqlite3.Row) -> bool:
    try:
        check_turn(platform, user, row, row["stage"])
    except ProblemError:
        return False
    return True


def _paths(review: Review) -> list[str]:
    return [*(line.path for line in review.lines), *review.tables]


def _page_of(request: Request, rows: int) -> tuple[int, int]:
    last = max(1, -(-rows // ROWS))
    text = request.query_params.get("page", "1")
    return (min(max(1, int(text)), last) if text.isdecimal() and len(text) < 6 else 1), last


_REPORT = f"{HOME}/reports/{{submission_id}}"
_TABLE = f"{_REPORT}/tables/{{table_id}}"

PAGES = (
    Route(HOME, _for_readers(show_list), methods=["GET"]),
    Route(SIGN_IN, _guarded(show_sign_in), methods=["GET"]),
    Route(SIGN_IN, _guarded(sign_in), methods=["POST"]),
    Route(f"{HOME}/sign-out", _guarded(sign_out), methods=["POST"]),
    Route(f"{HOME}/style.css", show_style, methods=["GET"]),
    Route(_REPORT, _for_readers(show_report), methods=["GET"]),
    Route(_REPORT, _for_readers(act_on_report), methods=["POST"]),
    Route(f"{_REPORT}/paper", _for_readers(show_paper), methods=["GET"]),
    Route(_TABLE, _for_readers(show_table), methods=["GET"]),
    Route(_TABLE, _for_readers(note_table), methods=["POST"]),
)
