"""The Answers document: every bad input is a UsageError that names the place, nothing is lost on the way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.errors import UsageError
from app.messages import load_messages
from app.model.answers import read_answers, read_document, write_answers, write_value
from app.model.draft import Answers, Attachment, Row
from app.model.value import Invalid, ItemType, dump_value
from app.paths import resources
from tests.unit.answer_world import ANSWERS, FORM


def read(document: Mapping[str, object]) -> Answers:
    return read_answers(document, FORM, "a.json")


def refuse(document: Mapping[str, object]) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read(document)
    return caught.value


# ------------------------------------------------------------------------------------------ read_document
@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{}".encode("utf-16"), "file_not_utf8"),
        ('{"values": {"e": "中文"}}'.encode("gb18030"), "file_not_utf8"),
        (b"", "json_broken"),
        (b"{", "json_broken"),
        (b'{"values": {"yuan": NaN}}', "json_broken"),
        (b'{"values": {"yuan": -Infinity}}', "json_broken"),
        (b'{"values": {"yuan": 1e99999999999999999999}}', "json_broken"),
        (b'{"values": {"yuan": ' + b"9" * 5000 + b"}}", "json_broken"),
        (b"[" * 100_000, "json_broken"),
        (b'{"a":' * 50_000, "json_broken"),
        (b"[]", "json_not_an_object"),
        (b"null", "json_not_an_object"),
        (b'"text"', "json_not_an_object"),
        (b"{'a': 1}", "json_broken"),
        (b'{"a": 1,}', "json_broken"),
    ],
)
def test_broken_documents(content: bytes, code: str) -> None:
    """House: input that cannot be read is a UsageError with the file's name; nothing else escapes."""
    with pytest.raises(UsageError) as caught:
        read_document(content, "答案.json")
    assert caught.value.code == code
    assert caught.value.params["name"] == "答案.json"
    assert load_messages(resources() / "messages").error(caught.value)


def test_the_place_of_a_broken_document_is_named() -> None:
    """House: line and column of the break, as people count them."""
    with pytest.raises(UsageError) as caught:
        read_document(b'{\n  "values": {,}\n}', "a.json")
    assert (caught.value.params["line"], caught.value.params["column"]) == (2, 14)


def test_a_byte_order_mark_is_no_fault() -> None:
    """Windows: the editor's BOM is read over."""
    assert read_document(b'\xef\xbb\xbf{"values": {}}', "a.json") == {"values": {}}


def test_decimals_are_exact() -> None:
    """Domain: 0.1 万元 is 1,000 元, not a binary neighbour of it."""
    document = read_document(b'{"values": {"f_money": 0.1, "yuan": 123456789012345.67}}', "a.json")
    assert read(document).values == {"f_money": Decimal(1000), "yuan": Decimal("123456789012345.67")}


@given(st.binary(max_size=60))
@example(b"\xef\xbb\xbf\xef\xbb\xbf{}")
def test_any_bytes_give_an_object_or_a_usage_error(content: bytes) -> None:
    """House: nothing else ever escapes."""
    try:
        document = read_document(content, "a.json")
    except UsageError:
        return
    assert isinstance(document, dict)


# ------------------------------------------------------------------------------------------ read_answers
@pytest.mark.parametrize(
    ("document", "code", "place"),
    [
        ({"value": {}}, "unknown_part", "value"),
        ({"\ud800" + "很长" * 500: 1}, "unknown_part", ("很长" * 500)[:64]),
        ({"values": []}, "wrong_shape", "values"),
        ({"values": {"zzz": 1}}, "unknown_item", "values.zzz"),
        ({"previous": {"zzz": 1}}, "unknown_item", "previous.zzz"),
        ({"torch": {"zzz": 1}}, "unknown_item", "torch.zzz"),
        ({"values": {"yuan": {}}}, "wrong_shape", "values.yuan"),
        ({"values": {"yuan": [1]}}, "wrong_shape", "values.yuan"),
        ({"values": {"f_text": ["a"]}}, "wrong_shape", "values.f_text"),
        ({"values": {"f_multi_choice": ["soe", 1]}}, "wrong_shape", "values.f_multi_choice"),
        ({"values": {"f_multi_choice": [["soe"]]}}, "wrong_shape", "values.f_multi_choice"),
        ({"tables": []}, "wrong_shape", "tables"),
        ({"tables": {"t9": []}}, "unknown_table", "tables.t9"),
        ({"tables": {"t1": {}}}, "wrong_shape", "tables.t1"),
        ({"tables": {"t1": [{}, 5]}}, "wrong_shape", "tables.t1[2]"),
        ({"tables": {"t1": [{"zzz": 1}]}}, "unknown_column", "tables.t1[1].zzz"),
        ({"tables": {"t1": [{"c_money": {}}]}}, "wrong_shape", "tables.t1[1].c_money"),
        ({"tables": {"t1": [{"_id": "a"}, {"_id": "a"}]}}, "bad_row_id", "tables.t1[2]"),
        ({"tables": {"t1": [{"_id": ""}]}}, "bad_row_id", "tables.t1[1]"),
        ({"tables": {"t1": [{"_id": 5}]}}, "bad_row_id", "tables.t1[1]"),
        ({"tables": {"t1": [{"_id": None}]}}, "bad_row_id", "tables.t1[1]"),
        ({"tables": {"t1": [{"_id": "a/b"}]}}, "bad_row_id", "tables.t1[1]"),
        ({"tables": {"t1": [{"_id": "\ud800"}]}}, "bad_row_id", "tables.t1[1]"),
        ({"tables": {"t1": [{"_id": "a\nb"}]}}, "bad_row_id", "tables.t1[1]"),
        ({"tables": {"t1": [{"_id": "x" * 65}]}}, "bad_row_id", "tables.t1[1]"),
        ({"reasons": {"ARI-01@yuan": 5}}, "wrong_shape", "reasons.ARI-01@yuan"),
        ({"reasons": [1]}, "wrong_shape", "reasons"),
        ({"previous_grade": 5}, "wrong_shape", "previous_grade"),
        ({"attachments": {}}, "wrong_shape", "attachments"),
        ({"attachments": [5]}, "wrong_shape", "attachments[1]"),
        ({"attachments": [{}]}, "wrong_shape", "attachments[1].file"),
        ({"attachments": [{"file": "  "}]}, "wrong_shape", "attachments[1].file"),
        ({"attachments": [{"file": "\u0000"}]}, "wrong_shape", "attachments[1].file"),
        ({"attachments": [{"file": 5}]}, "wrong_shape", "attachments[1].file"),
        ({"attachments": [{"file": "a.pdf"}, {"file": "/etc/passwd"}]}, "wrong_shape", "attachments[2].file"),
        ({"attachments": [{"file": "../a.pdf"}]}, "wrong_shape", "attachments[1].file"),
        ({"attachments": [{"file": "..\\a.pdf"}]}, "wrong_shape", "attachments[1].file"),
        ({"attachments": [{"file": "C:\\a.pdf"}]}, "wrong_shape", "attachments[1].file"),
        ({"attachments": [{"file": "c:a.pdf"}]}, "wrong_shape", "attachments[1].file"),
        ({"attachments": [{"file": "a.pdf", "items": "05"}]}, "wrong_shape", "attachments[1].items"),
        ({"attachments": [{"file": "a.pdf", "items": [5]}]}, "wrong_shape", "attachments[1].items"),
        ({"attachments": [{"file": "a.pdf", "item": ["05"]}]}, "unknown_part", "attachments[1].item"),
    ],
)
def test_bad_answers_name_their_place(document: dict[str, object], code: str, place: str) -> None:
    """House: what cannot be read is named by file and place, and can be shown on every screen."""
    error = refuse(document)
    assert (error.code, error.params["place"], error.params["name"]) == (code, place, "a.json")
    load_messages(resources() / "messages").error(error).encode("utf-8")


KEYS = [
    "programme",
    "values",
    "tables",
    "reasons",
    "previous",
    "previous_grade",
    "torch",
    "attachments",
    "note",
]
NAMES = st.one_of(
    st.sampled_from(
        [*FORM.fields, *FORM.tables, "c_money", "c_text", "_id", "file", "items", "ARI-01@t1/r1"]
    ),
    st.text(max_size=5),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**60), 10**60),
    st.decimals(),
    st.sampled_from(
        [Decimal("1e999999999"), Decimal("1e-999999999"), Decimal("0e-999999"), Decimal("-0.00")]
    ),
    st.text(max_size=6),
    st.just("\ud800"),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=4)


def _finite(raw: Any) -> bool:
    if isinstance(raw, Decimal):
        return raw.is_finite()
    if isinstance(raw, dict):
        return all(map(_finite, raw.values()))
    return all(map(_finite, raw)) if isinstance(raw, list) else True


@given(DOCUMENTS.filter(_finite))
@example({"tables": {"t1": [{"c_money": "1", "_id": "r2"}, {}]}})
def test_arbitrary_json_gives_answers_or_a_usage_error(document: dict[str, Any]) -> None:
    """House: nothing but UsageError escapes, and what was read can be written, hashed and read again."""
    try:
        answers = read(document)
    except UsageError as error:
        str(error.params.get("place", "")).encode("utf-8")
        return
    assert read(write_answers("p", answers, FORM)) == answers


@given(ANSWERS)
def test_written_answers_are_read_the_same(answers: Answers) -> None:
    """Exchange: write_answers is the inverse of read_answers, through real JSON bytes."""
    document = write_answers("p", answers, FORM)
    content = json.dumps(document, ensure_ascii=False).encode("utf-8")
    assert read(read_document(content, "a.json")) == answers


def test_null_is_missing() -> None:
    """Format: null says nothing; zero, false and empty text are told apart."""
    document = {"values": {"yuan": None, "f_integer": 0, "f_yes_no": False, "f_text": ""}, "tables": None}
    assert read(document).values == {"f_integer": 0, "f_yes_no": False}


def test_numbers_stand_in_the_items_unit() -> None:
    """Format: 271.5 in a 万元 item is 2,715,000 元, as a JSON number and as a text."""
    for raw in (Decimal("271.5"), "271.5", "２７１．５0"):
        assert read({"values": {"f_money": raw}}).values["f_money"] == Decimal(2715000)
    assert write_value(FORM.fields["f_money"], Decimal(2715000)) == "271.5"


def test_choices_by_id_or_label_also_in_lists() -> None:
    """Format: choices by id or label, several as a list; a label may hold 、."""
    values = {"f_choice": "民营", "f_multi_choice": ["专利、软件著作权", "soe"]}
    assert read({"values": values}).values == {"f_choice": "private", "f_multi_choice": ("soe", "mixed")}


def test_what_is_no_value_is_kept() -> None:
    """Architecture: never a refusal to keep what was typed."""
    values = {
        "f_integer": Decimal("1.5"),
        "f_date": "去年",
        "f_yes_no": "也许",
        "f_choice": True,
        "f_decimal": True,
        "f_money": Decimal("1e500"),
        "yuan": 10**40,
    }
    assert read({"values": values}).values == {
        "f_integer": Invalid("1.5"),
        "f_date": Invalid("去年"),
        "f_yes_no": Invalid("也许"),
        "f_choice": "yes",
        "f_decimal": Invalid("是"),
        "f_money": Invalid("1E+500"),
        "yuan": Invalid("1" + "0" * 40),
    }


def test_calculated_items_are_not_taken_from_files() -> None:
    """XForms calculate: what the program works out never comes in, in fields nor in rows."""
    answers = read(
        {"values": {"worked_out": 99}, "tables": {"t1": [{"c_sum": 99}]}, "previous": {"worked_out": 7}}
    )
    assert answers == Answers(tables={"t1": (Row("r1", {}),)}, previous={"worked_out": 7})


def test_rows_keep_their_ids_or_get_some() -> None:
    """Format: rows without _id get r1, r2 …; cells are read like fields."""
    rows = [{"_id": "x7", "c_date": "2022-01-05"}, {"c_text": " 甲 "}]
    assert read({"tables": {"t1": rows}}).tables["t1"] == (
        Row("x7", {"c_date": date(2022, 1, 5)}),
        Row("r2", {"c_text": "甲"}),
    )


def test_attachments_and_reasons() -> None:
    """Format: files by name below the document's folder with what they prove; texts are cleaned."""
    answers = read(
        {
            "attachments": [
                {"file": "佐证/执照.pdf", "items": ["05", "t1/r1"]},
                {"file": "b.pdf", "items": None},
            ],
            "reasons": {"YOY-01@yuan": " 原因\r\n说明 ", "FMT-01@attachment:cafe\u0301": "无"},
            "note": "不是内容",
        }
    )
    assert answers.attachments == (
        Attachment("佐证/执照.pdf", "", 0, ("05", "t1/r1")),
        Attachment("b.pdf", "", 0),
    )
    assert answers.reasons == {"YOY-01@yuan": "原因\n说明", "FMT-01@attachment:café": "无"}


def test_written_values_are_dumpable() -> None:
    """Every value of every type has a JSON form in files and in content."""
    for kind in ItemType:
        item = FORM.fields[f"f_{kind}"]
        assert json.dumps(write_value(item, Invalid("？")))
        assert json.dumps(dump_value(Invalid("？")))
