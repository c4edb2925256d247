"""校验码: the same content has the same fingerprint on every PC, other content has another one."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.model.answers import read_answers
from app.model.draft import Answers, Attachment, Draft, Path, Row, with_reason, with_rows, with_value
from app.model.fingerprint import (
    canonical_content,
    canonical_json,
    draft_fingerprint,
    fingerprint,
    read_content,
)
from app.model.value import Invalid
from tests.unit.answer_world import ANSWERS, FORM

SHA = "ab" * 32


def draft_of(answers: Answers, **more: Any) -> Draft:
    return Draft(**{"id": "d", "programme_id": "p", "form_version": 1, "answers": answers, **more})


def mark(answers: Answers) -> str:
    return draft_fingerprint(draft_of(answers), FORM)


BASE = Answers(
    values={
        "f_text": "café 众创",
        "yuan": Decimal("1.00"),
        "f_multi_choice": ("soe", "private"),
        "f_integer": 0,
    },
    tables={
        "t1": (Row("a1", {"c_text": "甲", "c_money": Decimal(10000)}), Row("b2", {"c_text": "乙"})),
        "t2": (Row("staff", {"target": Decimal(5)}),),
    },
    reasons={"ARI-01@t1/b2/c_text": "说明", "YOY-01@yuan": "增长", "YOY-02@t2/income/target": "目标"},
    previous={"yuan": Decimal(5)},
    previous_grade="良好",
    torch={"yuan": Decimal(6)},
    attachments=(
        Attachment("执照.pdf", SHA, 10, ("05", "t1/a1", "yuan")),
        Attachment("合同.pdf", "cd" * 32, 11, ("t2/staff",)),
    ),
)


# ------------------------------------------------------------------------------------------ properties
@given(ANSWERS)
def test_content_read_back_gives_the_same_bytes(answers: Answers) -> None:
    """Seal: paper, bundle and platform all take the sealed bytes; reading them changes nothing."""
    content = canonical_content(draft_of(answers), FORM)
    back = read_content(content, FORM, "other")
    assert canonical_content(back, FORM) == content
    assert back.answers.values == answers.values
    assert [row.cells for row in back.answers.tables.get("t1", ())] == [
        row.cells for row in answers.tables.get("t1", ())
    ]


@given(ANSWERS)
def test_content_is_canonical_json(answers: Answers) -> None:
    """RFC 8785 in spirit: sorted keys, no spaces, UTF-8, NFC; parsing and writing again is the identity."""
    content = canonical_content(draft_of(answers), FORM)
    assert canonical_json(json.loads(content)) == content
    assert unicodedata.is_normalized("NFC", content.decode("utf-8"))


@given(ANSWERS, st.randoms(use_true_random=False))
def test_row_ids_and_key_order_say_nothing(answers: Answers, chance: Any) -> None:
    """Architecture: row ids are this PC's business; two PCs with the same content have one fingerprint."""

    def shuffled(mapping: Any) -> Any:
        pairs = list(mapping.items())
        chance.shuffle(pairs)
        return dict(pairs)

    names = {row.id: f"neu{number}" for number, row in enumerate(answers.tables.get("t1", ()))}

    def renamed(path: str) -> str:
        head, _, rest = path.rpartition("t1/")
        row_id, slash, column = rest.partition("/")
        return (
            f"{head}t1/{names[row_id]}{slash}{column}"
            if head + "t1/" + rest == path and row_id in names
            else path
        )

    other = replace(
        answers,
        values=shuffled(answers.values),
        tables=shuffled(
            {
                key: tuple(
                    Row(names.get(row.id, row.id) if key == "t1" else row.id, shuffled(row.cells))
                    for row in rows
                )
                for key, rows in answers.tables.items()
            }
        ),
        reasons={renamed(key): text for key, text in shuffled(answers.reasons).items()},
        previous=shuffled(answers.previous),
        torch=shuffled(answers.torch),
        attachments=tuple(
            replace(one, items=tuple(renamed(item) for item in one.items))
            for one in reversed(answers.attachments)
        ),
    )
    assert mark(other) == mark(answers)


# ------------------------------------------------------------------------------------------ independent
def _nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _with_other_row_ids(answers: Answers) -> Answers:
    return replace(
        answers,
        tables={**answers.tables, "t1": tuple(replace(r, id=f"x{r.id}") for r in answers.tables["t1"])},
        reasons={key.replace("t1/b2", "t1/xb2"): text for key, text in answers.reasons.items()},
        attachments=(Attachment("执照.pdf", SHA, 10, ("yuan", "t1/xa1", "05")), answers.attachments[1]),
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda a: with_value(a, Path("f_text"), _nfd("café 众创")),
        lambda a: with_value(a, Path("yuan"), Decimal("1")),
        lambda a: with_value(a, Path("yuan"), Decimal("0.1E+1")),
        lambda a: with_value(a, Path("f_integer"), Decimal("-0.0")),
        _with_other_row_ids,
        lambda a: replace(a, attachments=tuple(reversed(a.attachments))),
        lambda a: with_rows(a, "t2", (*a.tables["t2"], Row("income", {}))),
        lambda a: with_reason(a, "ARI-01@t1/gone/c_text", "那一行已删除"),
        lambda a: with_reason(a, "ARI-01@t1/r1/c_text", "别的电脑上的行"),
    ],
)
def test_what_says_the_same_has_the_same_mark(change: Callable[[Answers], Answers]) -> None:
    """Architecture: Unicode composition, spelling of numbers, row ids, order of files are not content."""
    assert mark(change(BASE)) == mark(BASE)


def test_an_empty_table_is_a_missing_table() -> None:
    """Fingerprint: an empty part is left out by being empty."""
    assert mark(Answers(tables={"t1": (), "t2": (Row("staff", {}),)})) == mark(Answers())


def test_json_numbers_and_texts_are_the_same_content() -> None:
    """Format: numbers as JSON numbers or decimal strings."""
    documents = [
        {"values": {"f_money": raw}} for raw in (Decimal("271.50"), "271.5", "２７１．５", "0,271.5"[2:])
    ]
    assert len({mark(read_answers(document, FORM, "a")) for document in documents}) == 1


def test_this_draft_and_its_revision_are_not_content() -> None:
    """Architecture: no times, no device, no draft id, no revision."""
    one, two = draft_of(BASE, id="A", revision=1), draft_of(BASE, id="B", revision=2)
    assert canonical_content(one, FORM) == canonical_content(two, FORM)


# ------------------------------------------------------------------------------------------ dependent
CHANGES: list[Callable[[Answers], Answers]] = [
    lambda a: with_value(a, Path("f_text"), "别的"),
    lambda a: with_value(a, Path("f_text"), None),
    lambda a: with_value(a, Path("f_text"), Invalid("café 众创")),
    lambda a: with_value(a, Path("yuan"), Decimal("1.01")),
    lambda a: with_value(a, Path("f_integer"), None),
    lambda a: with_value(a, Path("f_yes_no"), False),
    lambda a: with_value(a, Path("f_date"), date(2022, 1, 1)),
    lambda a: with_value(a, Path("f_multi_choice"), ("soe",)),
    lambda a: with_value(a, Path("t1", "a1", "c_money"), Decimal(1)),
    lambda a: with_rows(a, "t1", tuple(reversed(a.tables["t1"]))),
    lambda a: with_rows(a, "t1", a.tables["t1"][:1]),
    lambda a: with_rows(a, "t1", (*a.tables["t1"], Row("z", {}))),
    lambda a: with_rows(a, "t2", (Row("income", {"target": Decimal(5)}),)),
    lambda a: with_reason(a, "ARI-01@t1/b2/c_text", "别的说明"),
    lambda a: with_reason(a, "ARI-01@t1/b2/c_text", ""),
    lambda a: with_reason(with_reason(a, "ARI-01@t1/b2/c_text", ""), "ARI-01@t1/a1/c_text", "说明"),
    lambda a: with_reason(a, "YOY-02@t2/income/target", ""),
    lambda a: replace(a, previous={"yuan": Decimal(7)}),
    lambda a: replace(a, previous_grade="优秀"),
    lambda a: replace(a, torch={"yuan": Decimal(7)}),
    lambda a: replace(a, attachments=a.attachments[:1]),
    lambda a: replace(a, attachments=(replace(a.attachments[0], sha256="ef" * 32), a.attachments[1])),
    lambda a: replace(a, attachments=(replace(a.attachments[0], name="b.pdf"), a.attachments[1])),
    lambda a: replace(a, attachments=(replace(a.attachments[0], size=11), a.attachments[1])),
    lambda a: replace(a, attachments=(replace(a.attachments[0], items=("05",)), a.attachments[1])),
]


def test_every_change_of_content_changes_the_mark() -> None:
    """Seal: a report altered after sealing cannot carry the sealed 校验码."""
    marks = [mark(BASE), *(mark(change(BASE)) for change in CHANGES)]
    assert len(set(marks)) == len(marks)
    assert draft_fingerprint(draft_of(BASE, programme_id="q"), FORM) not in marks
    assert draft_fingerprint(draft_of(BASE, form_version=2), FORM) not in marks


def test_the_form_of_a_mark() -> None:
    """Bundle: sha256: and 64 hex digits over the bytes."""
    assert fingerprint(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_bytes_stay_what_they_are() -> None:
    """Seal: a sealed report must keep its mark in later versions of the program."""
    assert mark(BASE) == "sha256:d5df4c17bc9f6c8afb8ffa94abb0ecc809209bf653cc44a912310426d3d8ad7d"


# ------------------------------------------------------------------------------------------ reading
def test_reasons_and_links_follow_their_rows() -> None:
    """Seal: a reason given for a row stays with that row on paper and on the other PC."""
    back = read_content(canonical_content(draft_of(BASE), FORM), FORM, "x").answers
    assert back.reasons == {
        "ARI-01@t1/r2/c_text": "说明",
        "YOY-01@yuan": "增长",
        "YOY-02@t2/income/target": "目标",
    }
    assert {one.name: set(one.items) for one in back.attachments} == {
        "执照.pdf": {"05", "t1/r1", "yuan"},
        "合同.pdf": {"t2/staff"},
    }


def test_typed_cells_of_derived_rows_stay_in_their_rows() -> None:
    """Format: a derived row's typed cells stand under its id; sealing must not move or lose them."""
    back = read_content(canonical_content(draft_of(BASE), FORM), FORM, "x").answers
    assert back.tables["t2"] == (Row("staff", {"target": Decimal(5)}),)


def test_a_reason_for_a_row_that_is_gone_answers_no_other_row() -> None:
    """Seal: a stale reason must not become the reason of the row that gets its number."""
    answers = with_reason(BASE, "ARI-09@t1/r1/c_text", "旧")
    back = read_content(canonical_content(draft_of(answers), FORM), FORM, "x").answers
    assert not any(key.startswith("ARI-09") for key in back.reasons)


def _content(**changes: Any) -> bytes:
    raw = json.loads(canonical_content(draft_of(BASE), FORM))
    return canonical_json({**raw, **changes})


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"\xff",
        b"[" * 100_000,
        _content(content_version=2),
        _content(values=5),
        _content(values={"zzz": "1"}),
        _content(values={"yuan": 1}),
        _content(values={"yuan": "1.0"}),
        _content(values={"yuan": "1e5"}),
        _content(values={"f_integer": "007"}),
        _content(values={"f_date": "20220105"}),
        _content(values={"f_text": _nfd("café")}),
        _content(values={"f_text": None}),
        _content(tables={"t9": []}),
        _content(tables={"t1": []}),
        _content(tables={"t1": {"a": {}}}),
        _content(tables={"t1": [{"zzz": "1"}]}),
        _content(tables={"t2": [{"target": "5"}]}),
        _content(tables={"t2": {"gone": {"target": "5"}}}),
        _content(tables={"t1": ["x"]}),
        _content(reasons=[]),
        _content(reasons={"A@t1/#99": "x"}),
        _content(reasons={"A@yuan": 5}),
        _content(attachments=[{"name": "a"}]),
        _content(attachments=5),
        _content(more=1),
        b" " + _content(),
    ],
)
def test_content_that_is_not_canonical_is_refused(content: bytes) -> None:
    """Bundle: content from elsewhere raises ValueError or KeyError, nothing else, never half a draft."""
    with pytest.raises((ValueError, KeyError)):
        read_content(content, FORM, "x")


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["yuan", "t1", "t2", "name", "items", "sha256", "size", "c_text"]), inner
        )
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*json.loads(_content())]), JSON, max_size=3))
@example({"values": {"yuan": {"invalid": 5}}})
@example({"attachments": [{"name": None, "sha256": "", "size": 0, "items": []}]})
def test_altered_content_never_escapes_as_another_exception(changes: dict[str, Any]) -> None:
    """Bundle: whoever writes bundles by hand gets a refusal or a draft with exactly these bytes."""
    content = _content(**changes)
    try:
        back = read_content(content, FORM, "x")
    except (ValueError, KeyError):
        return
    assert canonical_content(back, FORM) == content
