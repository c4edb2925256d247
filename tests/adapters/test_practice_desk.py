"""The reviewers' web pages of the rehearsal platform, asked for without any browser."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from app.practice import load_words
from app.practice.site import Site
from app.services.reviewing import ReviewRow, ReviewTable
from tests.adapters.platform_fixture import (
    PASSWORD,
    ROOT,
    RunningPlatform,
    package,
    read_review,
    reviewer,
    running,
    send,
    site,
    transport,
)
from tests.adapters.test_practice_platform import ask, sign_in

FORM = "application/x-www-form-urlencoded"
ROWS = tuple(ReviewRow(f"t1/r{n}", n, (f"<b>{n}</b>", str(n)), frozenset(), False) for n in range(1, 251))
TABLE = ReviewTable("t1", "附表1 项目", (("name", "名称"), ("n", "人数（人）")), ROWS)


def site_with_table() -> Site:
    plain = site()
    return replace(
        plain, read_review=lambda path, old, now: replace(read_review(path, old, now), tables={"t1": TABLE})
    )


@dataclass
class Reader:
    """A browser of the poorest kind: one cookie, no script."""

    url: str
    cookie: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 0
    place: str = ""
    text: str = ""

    def ask(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> str:
        """Ask for a page and remember what came."""
        sent = {**(headers or {}), **({"Cookie": self.cookie} if self.cookie else {})}
        if body is not None:
            sent.setdefault("Content-Type", FORM)
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=20)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            self.status, raw = answer.status, answer.read()
            self.headers = {key.lower(): value for key, value in answer.getheaders()}
        finally:
            connection.close()
        self.place = self.headers.get("location", "")
        if "set-cookie" in self.headers:
            self.cookie = self.headers["set-cookie"].partition(";")[0]
        self.text = raw.decode("utf-8", "replace")
        return self.text

    def post(self, path: str, **fields: object) -> None:
        """Send a form with the token of the page seen last."""
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', self.text)
        pairs = [("csrf", token[1] if token else "")]
        for name, value in fields.items():
            pairs += [
                (name.replace("__", ":"), one) for one in (value if isinstance(value, list) else [value])
            ]
        self.ask("POST", path, urlencode(pairs))

    def sign_in(self, account: str, password: str = PASSWORD) -> None:
        """Sign in by the form."""
        self.ask("POST", "/desk/sign-in", urlencode({"account": account, "password": password}))


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running(tmp_path / "platform", of=site_with_table()) as found:
        with transport(found.url, found.key) as client:
            send(client, package(tmp_path, "<script>alert(1)</script>"))
        yield found


@pytest.fixture
def reader(platform: RunningPlatform) -> Reader:
    made = Reader(platform.url)
    made.sign_in("review-unit_review")
    assert (made.status, made.place) == (303, "/desk")
    return made


REPORT = "/desk/reports/YL2023-000001"


def test_nobody_comes_in_without_a_reviewers_account(platform: RunningPlatform) -> None:
    """Sessions: every page leads to the sign-in page; a filler has no desk; a wrong password is said."""
    reader = Reader(platform.url)
    for path in ("/desk", REPORT, f"{REPORT}/paper", f"{REPORT}/tables/t1"):
        reader.ask("GET", path)
        assert (reader.status, reader.place) == (303, "/desk/sign-in")
    reader.sign_in("filler")
    assert (reader.status, reader.cookie) == (403, "") and "没有审核权限" in reader.text
    reader.sign_in("review-unit_review", "wrong")
    assert (reader.status, reader.cookie) == (401, "") and "账号或密码不正确" in reader.text


def test_every_page_says_that_it_is_a_rehearsal(reader: Reader) -> None:
    """演练 on every page, nothing from elsewhere, and the rules that keep scripts and frames out."""
    for path in ("/desk", REPORT, f"{REPORT}/tables/t1", "/desk/sign-in", "/desk/reports/nothing"):
        text = reader.ask("GET", path)
        assert "这里的一切都不是正式申报" in text and "<title>演练" in text
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', text) and "<script" not in text
        policy = reader.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert reader.headers["x-content-type-options"] == "nosniff"
        assert "platform-time" in reader.headers
    style = reader.ask("GET", "/desk/style.css")
    assert "font" in style and "@import" not in style and "url(" not in style


def test_texts_are_escaped(reader: Reader) -> None:
    """What a unit or a reviewer typed is text, whatever it looks like."""
    text = reader.ask("GET", REPORT)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    reader.post(REPORT, act="save", mark__a01='"><img src=x>', whole="<i>", reason="</textarea><b>")
    text = reader.ask("GET", REPORT)
    assert "<img" not in text and "<i>" not in text and "<b>" not in text
    assert "&lt;img src=x&gt;" in text and "&lt;/textarea&gt;" in text
    assert "&lt;b&gt;7&lt;/b&gt;" in reader.ask("GET", f"{REPORT}/tables/t1")
    reader.ask("GET", "/desk?told=<b>&tone=%22%3E<b>")
    assert "<b>" not in reader.text


def test_the_cookie_is_no_scripts_and_no_other_sites(reader: Reader, platform: RunningPlatform) -> None:
    """Sessions: HttpOnly, SameSite=Strict, good for the pages alone; signing out ends it on the platform."""
    plain = Reader(platform.url)
    plain.sign_in("review-unit_review")
    flags = plain.headers["set-cookie"].lower()
    assert "httponly" in flags and "samesite=strict" in flags and "path=/desk" in flags
    assert ask(platform.url, "GET", "/submissions", headers={"Cookie": reader.cookie}).status == 401
    bearer = {"Authorization": f"Bearer {plain.cookie.partition('=')[2]}"}
    assert ask(platform.url, "GET", "/submissions", headers=bearer).status == 200
    old = reader.cookie
    reader.ask("GET", "/desk")
    reader.post("/desk/sign-out")
    assert reader.place.startswith("/desk/sign-in")
    reader.cookie = old
    reader.ask("GET", "/desk")
    assert reader.place == "/desk/sign-in"


@pytest.mark.parametrize("path", [REPORT, f"{REPORT}/tables/t1", "/desk/sign-out"])
def test_another_sites_form_does_nothing(reader: Reader, platform: RunningPlatform, path: str) -> None:
    """CSRF: no form without the session's token, none from another origin, none of another type."""
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', reader.ask("GET", REPORT))
    assert token is not None
    good = urlencode({"csrf": token[1], "act": "return", "stage": "unit_review", "reason": "假"})
    other = Reader(platform.url)
    other.sign_in("review-unit_review")
    for body, headers, cookie in (
        (urlencode({"act": "return", "stage": "unit_review", "reason": "假"}), {}, reader.cookie),
        (good, {}, other.cookie),
        (good, {"Origin": "http://evil.example"}, reader.cookie),
        (good, {"Origin": "null"}, reader.cookie),
        (good, {"Sec-Fetch-Site": "cross-site"}, reader.cookie),
        (good, {"Content-Type": "text/plain"}, reader.cookie),
    ):
        sender = Reader(platform.url, cookie=cookie)
        sender.ask("POST", path, body, headers)
        assert sender.status in (403, 415), (body, headers)
    assert ask(
        platform.url, "GET", "/submissions/YL2023-000001", headers=sign_in(platform.url, "filler")
    ).json["state"] == ("in_review")
    foreign = Reader(platform.url)
    foreign.ask("POST", "/desk/sign-in", "account=a&password=b", {"Origin": "http://evil.example"})
    assert foreign.status == 403


def test_notes_stay_until_a_decision(reader: Reader, platform: RunningPlatform, tmp_path: Path) -> None:
    """Marks on items, rows, cells, pages and the whole; kept without deciding, told with the return."""
    reader.ask("GET", f"{REPORT}/tables/t1?page=3")
    assert "第 3 页</strong>" in reader.text and "t1/r201" in reader.text and "t1/r200" not in reader.text
    reader.post(
        f"{REPORT}/tables/t1?page=3",
        row=["t1/r201", "t1/r202"],
        column=["n", ""],
        text=["人数不对", "哪一家"],
    )
    assert reader.place.endswith("?page=3&told=saved&tone=good")
    reader.ask("GET", REPORT)
    assert "另有 2 条行内批注" in reader.text
    reader.post(REPORT, act="return", mark__a01="标题写全", page=["2", ""], page_text=["章盖歪了", ""])
    assert "reason_missing" in reader.place
    reader.ask("GET", REPORT)
    reader.post(REPORT, act="save", mark__a01="标题写全", page="x", page_text="没有页码")
    assert reader.status == 422 and "请写明页码" in reader.text
    reader.ask("GET", REPORT)
    assert "标题写全" in reader.text and "章盖歪了" in reader.text
    fields = {"mark__a01": "标题写全", "page": ["2"], "page_text": ["章盖歪了"], "whole": "再核对"}
    reader.post(REPORT, act="approve", checked="yes", stage="unit_review", **fields)
    assert "notes_left" in reader.place
    reader.ask("GET", REPORT)
    reader.post(REPORT, act="return", stage="unit_review", reason="请改正\r\n并重报", **fields)
    assert reader.place == "/desk?told=returned&tone=good"
    user = sign_in(platform.url, "filler")
    shown = ask(platform.url, "GET", "/submissions/YL2023-000001", headers=user).json
    assert (shown["state"], shown["reason"]) == ("returned", "请改正\n并重报")
    assert shown["marks"] == [
        {"text": "标题写全", "path": "a01", "page": 0},
        {"text": "人数不对", "path": "t1/r201/n", "page": 0},
        {"text": "哪一家", "path": "t1/r202", "page": 0},
        {"text": "章盖歪了", "path": "", "page": 2},
        {"text": "再核对", "path": "", "page": 0},
    ]
    reader.ask("GET", REPORT)
    assert 'name="act"' not in reader.text and "标题写全" in reader.text
    reader.post(REPORT, act="return", stage="unit_review", reason="再退")
    assert reader.status in (403, 409)


def test_a_corrected_report_shows_what_was_changed(
    reader: Reader, platform: RunningPlatform, tmp_path: Path
) -> None:
    """Return: the platform itself compares the bundles, for the reviewer's page and for the contract."""
    with reviewer(platform, "review-unit_review") as session:
        mark = {"text": "标题", "path": "a01"}
        decision = {"stage": "unit_review", "decision": "return", "reason": "改", "marks": [mark]}
        session.ask_json("POST", "/submissions/YL2023-000001/reviews", decision)
    with transport(platform.url, platform.key) as client:
        send(client, package(tmp_path, "改正稿"))
    text = reader.ask("GET", "/desk/reports/YL2023-000002")
    assert "与退回的那一份相比（1 处不同）" in text and "已改，退回时为「&lt;script&gt;" in text
    assert "已改动" in text and "改正自" in text
    user = sign_in(platform.url, "filler")
    told = ask(platform.url, "GET", "/submissions/YL2023-000002/changes", headers=user).json
    assert told["since"] == "YL2023-000001"
    assert told["changes"] == [
        {
            "subject": "value",
            "kind": "changed",
            "path": "a01",
            "place": "A01 标题",
            "before": "<script>alert(1)</script>",
            "after": "改正稿",
        }
    ]
    first = ask(platform.url, "GET", "/submissions/YL2023-000001/changes", headers=user).json
    assert (first["since"], first["changes"]) == ("", [])


def test_approval_wants_a_clear_word(reader: Reader, platform: RunningPlatform) -> None:
    """Approve: only after the box was ticked, each stage by its own reviewer; then the watermarked PDF."""
    reader.ask("GET", REPORT)
    reader.post(REPORT, act="approve", stage="unit_review")
    assert "not_checked" in reader.place
    reader.ask("GET", REPORT)
    reader.post(REPORT, act="approve", stage="unit_review", checked="yes")
    assert reader.place == "/desk?told=approved&tone=good"
    bureau = Reader(platform.url)
    bureau.sign_in("review-bureau_review")
    assert REPORT in bureau.ask("GET", "/desk")
    assert bureau.ask("GET", f"{REPORT}/paper").startswith("%PDF")
    bureau.ask("GET", REPORT)
    bureau.post(REPORT, act="approve", stage="unit_review", checked="yes")
    assert bureau.status == 409
    bureau.ask("GET", REPORT)
    bureau.post(REPORT, act="approve", stage="bureau_review", checked="yes")
    user = sign_in(platform.url, "filler")
    shown = ask(platform.url, "GET", "/submissions/YL2023-000001", headers=user).json
    assert shown["state"] == "approved"
    assert str(shown["verification_code"]) in bureau.ask("GET", REPORT)
    report = ask(platform.url, "GET", "/submissions/YL2023-000001/report", headers=user).body
    assert bureau.ask("GET", f"{REPORT}/paper").encode("utf-8", "replace")[:5] == report[:5] == b"%PDF-"


def test_a_unit_sees_its_own_reports_only(platform: RunningPlatform) -> None:
    """A reviewer of another unit does not see this one's reports; one above the units sees all."""
    row = platform.platform.database
    row.execute("update accounts set unit = '别的单位' where name = 'review-unit_review'")
    reader = Reader(platform.url)
    reader.sign_in("review-unit_review")
    reader.ask("GET", REPORT)
    assert reader.status == 404
    bureau = Reader(platform.url)
    bureau.sign_in("review-bureau_review")
    bureau.ask("GET", REPORT)
    assert bureau.status == 200 and 'name="act"' not in bureau.text


def test_pages_that_are_not_there(reader: Reader) -> None:
    """A wrong address is said in words, with the way back."""
    for path in (f"{REPORT}/tables/nothing", "/desk/reports/nothing"):
        assert "回到审核列表" in reader.ask("GET", path) and reader.status == 404
    reader.ask("GET", f"{REPORT}/tables/t1?page=99999999")
    assert reader.status == 200
    reader.ask("GET", REPORT)
    reader.post(f"{REPORT}/tables/t1", row="t1/r9999", column="", text="x")
    assert reader.status == 400


def test_the_administrator_opens_fillers_accounts(platform: RunningPlatform) -> None:
    """Accounts (seed 000 §三.1): the unit's administrator opens fillers; nobody else, and no other name."""
    unit, filler = sign_in(platform.url, "unit"), sign_in(platform.url, "filler")
    fresh = {"account": "zhang.san", "password": "long enough", "label": "张三"}
    assert ask(platform.url, "POST", "/accounts", fresh, filler).json["code"] == "forbidden"
    made = ask(platform.url, "POST", "/accounts", fresh, unit)
    assert (made.status, made.json["role"], made.json["stages"]) == (201, "filler", [])
    listed = ask(platform.url, "GET", "/accounts", headers=unit).json["accounts"]
    assert isinstance(listed, list)
    assert [one["account"] for one in listed][-1] == "zhang.san" and "password" not in str(listed)
    own = {"account": "zhang.san", "password": "long enough"}
    token = {"Authorization": f"Bearer {ask(platform.url, 'POST', '/sessions', own).json['token']}"}
    assert ask(platform.url, "POST", "/accounts", {**fresh, "password": "another one"}, unit).status == 201
    assert ask(platform.url, "GET", "/submissions", headers=token).json["code"] == "token_refused"
    for change, code in (
        ({"account": "unit"}, "account_taken"),
        ({"account": "review-bureau_review"}, "account_taken"),
        ({"password": "short"}, "request_unreadable"),
        ({"account": "a b"}, "request_unreadable"),
    ):
        assert ask(platform.url, "POST", "/accounts", {**fresh, **change}, unit).json["code"] == code


def test_the_platforms_words_are_plain_chinese() -> None:
    """How we build, wording: no English words, no exclamation marks, full-width marks; refusals say 演练."""
    words = load_words(ROOT / "resources")
    texts = [*words.texts.values(), *words.problems.values(), *words.pages.values()]
    for page in (ROOT / "resources" / "platform" / "pages").glob("*.html"):
        plain = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", " ", page.read_text("utf-8"), flags=re.DOTALL)
        texts += [line.strip() for line in plain.splitlines() if line.strip()]
    for text in texts:
        plain = re.sub(r"\{[a-z_]+\}|PDF", "", text)
        assert not re.search(r"[A-Za-z]{2,}|[!！]", plain), text
        assert not re.search(r"[\u4e00-\u9fff][,;:?]|[,;?][\u4e00-\u9fff]", plain), text
    assert all(text.startswith("（演练）") for text in words.problems.values())
