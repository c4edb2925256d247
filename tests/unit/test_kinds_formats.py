"""Kinds of form and of written texts (checks.md FMT, PKT-08; seeds 001, 002, 003)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.model.value import Invalid, Value
from tests.unit.forms import Case, find
from tests.unit.kind_world import WORLD
from tests.unit.test_kinds_completeness import file

GOOD = "91110000802100433B"
BAD_DIGIT = "91110000802100433A"
BAD_BODY = "91110000802100432C"
SOLO = "92110000802100433" + "0"
PERSON = "11010519491231002X"


def text(
    kind: str, wrong: Value, right: Value, item: str, variant: str = "text", /, **params: object
) -> list[Case]:
    """Give the cases that a field with a wrong text is found and one with a right text is not."""
    return [
        Case(kind, params, {item: f"{kind}.{variant}"}, values={item: wrong}),
        Case(kind, params, {}, values={item: right}),
        Case(kind, params, {}),
    ]


def cell(
    kind: str, wrong: Value, right: Value, column: str, variant: str = "text", /, **params: object
) -> list[Case]:
    """Give the case that only the wrong one of three rows is found."""
    rows: list[dict[str, Value]] = [{column: right}, {column: wrong}, {}]
    return [Case(kind, params, {f"t1/r2/{column}": f"{kind}.{variant}_row"}, tables={"t1": rows})]


def missing(text: str) -> str:
    return "".join(dict.fromkeys(character for character in text if character in "𠮷鿿"))


CASES = [
    *text("value_valid", Invalid("约3"), 3, "n2", "integer"),
    *text("value_valid", Invalid("约3"), Decimal("3.5"), "q1", "number"),
    *text("value_valid", Invalid("大概"), True, "yes", "yes_no"),
    *text("value_valid", Invalid("合伙"), "firm", "nature", "choice"),
    *text("value_valid", "gone", "firm", "nature", "choice"),
    *text("value_valid", ("net", "pool"), ("net", "hall"), "several", "choice"),
    *text("value_valid", Decimal("2715550.55"), Decimal("2715500"), "m1", "decimals"),
    *text("value_valid", Decimal("12.34"), Decimal("12.3"), "p1", "decimals"),
    *text("value_valid", Invalid("2021"), "2021-2023", "years", "years"),
    *text("value_valid", "2023-2021", "2021-2021", "years", "years_order"),
    *cell("value_valid", Invalid("去年"), "2021-2023", "term", "years"),
    *cell("value_valid", "2023-2021", "2021-2023", "term", "years_order"),
    *cell("value_valid", Invalid("三"), 3, "n", "integer"),
    *cell("value_valid", Invalid("三"), Decimal(3), "p", "number"),
    *cell("value_valid", Invalid("?"), True, "own", "yes_no"),
    *cell("value_valid", "shop", "firm", "kind", "choice"),
    *cell("value_valid", Invalid("x"), "firm", "kind", "choice"),
    *cell("value_valid", ("x",), ("net",), "several", "choice"),
    *cell("value_valid", Decimal("0.5"), Decimal(100), "m", "decimals"),
    *cell("value_valid", Invalid("多"), Decimal(100), "m", "number"),
    *text("credit_code_shape", "9111000080210043", GOOD, "code"),
    *text("credit_code_shape", "9111000080210O433B", GOOD, "code"),
    *cell("credit_code_shape", "1", GOOD, "code"),
    *text("credit_code_digit", BAD_DIGIT, GOOD, "code"),
    *text("credit_code_digit", BAD_DIGIT, "123", "code"),
    *cell("credit_code_digit", BAD_DIGIT, GOOD, "code"),
    *text("organisation_digit", BAD_BODY, GOOD, "code"),
    *cell("organisation_digit", BAD_BODY, GOOD, "code"),
    *text("credit_code_region", "91990000802100433B", GOOD, "code", "unknown", item="code", prefixes=["11"]),
    *text(
        "credit_code_region",
        GOOD,
        "91650100802100433B",
        "code",
        "elsewhere",
        item="code",
        prefixes=["65", "66"],
    ),
    *cell("credit_code_region", "91990000802100433B", GOOD, "code", "unknown", item="t1.code", prefixes="11"),
    *cell(
        "credit_code_region", GOOD, "91650100802100433B", "code", "elsewhere", item="t1.code", prefixes=["65"]
    ),
    Case(
        "credit_code_nature",
        {"item": "code", "nature": "nature", "prefixes": {"shop": ["92"], "firm": ["91"]}},
        {"code": "credit_code_nature.text"},
        values={"code": GOOD, "nature": "shop"},
    ),
    Case(
        "credit_code_nature",
        {"item": "code", "nature": "nature", "prefixes": {"shop": ["92"], "firm": ["91"]}},
        {},
        values={"code": GOOD, "nature": "firm"},
    ),
    Case(
        "credit_code_nature",
        {"item": "code", "nature": "nature", "prefixes": {"shop": ["92"]}},
        {},
        values={"code": GOOD, "nature": "firm"},
    ),
    Case(
        "credit_code_nature",
        {"item": "code", "nature": "nature", "prefixes": {"shop": ["92"]}},
        {},
        values={"code": GOOD},
    ),
    Case(
        "credit_code_nature",
        {"item": "t1.code", "nature": "t1.kind", "prefixes": {"firm": ["91"]}},
        {"t1/r2/code": "credit_code_nature.text_row"},
        tables={
            "t1": [
                {"code": GOOD, "kind": "firm"},
                {"code": SOLO, "kind": "firm"},
                {"code": SOLO, "kind": "team"},
            ]
        },
    ),
    *text("id_number", "1101", PERSON, "person", "shape"),
    *text("id_number", "110105194913310020", PERSON, "person", "date"),
    *text("id_number", "110105194912310021", PERSON, "person", "digit"),
    *cell("id_number", "1101", PERSON, "person", "shape"),
    *cell("id_number", "110105194913310020", PERSON, "person", "date"),
    *cell("id_number", "110105194912310021", PERSON, "person", "digit"),
    *text("phone", "12345", "13899990000", "phone"),
    *text("phone", "13899990000、123", "0991-1234567、13899990000", "phone"),
    *cell("phone", "0991", "0991-1234567-801", "phone"),
    *text("contact_format", "a@b", "a.b@example.com", "mail", "email"),
    *text("contact_format", "天山", "https://example.com/a?b=1", "web", "web_address"),
    *text("contact_format", "83001", "830011", "post", "postcode"),
    *cell("contact_format", "a@b", "a@b.cn", "mail", "email"),
    *cell("contact_format", "a b", "www.example.cn", "web", "web_address"),
    *cell("contact_format", "83001X", "830011", "post", "postcode"),
    *text("full_width", Invalid("１２人"), 12, "n1"),
    *text("full_width", "ａ@b.cn", "a@b.cn", "mail"),
    *cell("full_width", "www．example．cn", "www.example.cn", "web"),
    *cell("full_width", Invalid("１２人"), Invalid("12人"), "n"),
    *text("file_name", "天山/众创", "天山众创（一期）", "name", items=["name"]),
    *cell("file_name", "甲:乙", "甲", "name", items=["t1.name"]),
    *text("file_name", "天山\n众创", "天山众创", "name", "invisible", items=["name"]),
    *cell("file_name", "甲\t", "甲", "name", "invisible", items=["t1.name"]),
    *text("pattern", "甲", "A-12", "name", items=["name"], pattern="[A-Z]-[0-9]+"),
    *cell("pattern", "A-12x", "A-12", "name", items=["t1.name"], pattern="[A-Z]-[0-9]+"),
    # written texts
    *text("mojibake", "建设????情况", "建设情况如何?已完成", "story"),
    *text("mojibake", "联系人：王\ufffd新", "联系人：王新", "story"),
    *text("mojibake", "王? 新", "王 新?", "name"),
    *cell("mojibake", "锟斤拷", "正常", "note"),
    *text("brackets", "（根据通知要求，已完成", "1）甲；2）乙（完成）", "story"),
    *text("brackets", "推进双创”工作", "推进“双创”工作", "story"),
    *text("brackets", "第一段\n《名称》与【备注", "(a)与（b)", "story"),
    *cell("brackets", "（甲", "（甲）", "note"),
    *text("document_number", "泸编发[2015]71号", "川府发〔2015〕33号", "story"),
    *cell("document_number", "（2022）5号", "2022年5号", "note"),
    *text(
        "heading_empty",
        "（一）成效\n很好。\n（二）存在问题\n（三）改进建议",
        "一、成效\n（一）服务\n内容。\n二、问题\n内容。",
        "story",
    ),
    *text("heading_empty", "一、成效", "1. 场地不足\n2. 资金短缺", "story"),
    *text(
        "heading_empty",
        "1. 场地\n很大。\n2. 资金\n很多。\n3. 人才",
        "（一）场地不足\n（二）资金短缺",
        "story",
    ),
    *text("heading_empty", "一、成效\n二、问题\n有问题，正在改。", "一、成效很好，问题不多。", "story"),
    *cell("heading_empty", "一、成效", "成效", "note", items=["t1.note"]),
    *text("template_wording", "单位名称为XX公司", "型号XXL和A×B", "story"),
    *text("template_wording", "金额____万元", "金额5万元", "story"),
    *text("template_wording", "（此处填写做法）", "（填空）", "story"),
    *text("template_wording", "是否符合客观实际", "企业是否满意，是我们的标准。", "story"),
    *text("template_wording", "待补", "已补", "story", words=["待补"]),
    *cell("template_wording", "某某企业", "企业", "note"),
    Case("glyphs", {}, {"name": "glyphs.text"}, values={"name": "𠮷祥"}, context={"missing_glyphs": missing}),
    Case("glyphs", {}, {}, values={"name": "吉祥"}, context={"missing_glyphs": missing}),
    Case(
        "glyphs",
        {},
        {"t1/r2/name": "glyphs.text_row"},
        tables={"t1": [{"name": "吉"}, {"name": "𠮷"}, {}]},
        context={"missing_glyphs": missing},
    ),
    Case(
        "glyphs",
        {},
        {"attachment:𠮷.pdf": "glyphs.file"},
        attachments=[file("𠮷.pdf", "01")],
        context={"missing_glyphs": missing},
    ),
    Case(
        "glyphs",
        {"items": ["name"]},
        {},
        attachments=[file("𠮷.pdf", "01")],
        context={"missing_glyphs": missing},
    ),
]

REFUSED = [
    ("value_valid", {"items": ["day"]}, "item_type"),
    ("credit_code_shape", {"items": ["name"]}, "item_type"),
    ("credit_code_digit", {"items": ["name"]}, "item_type"),
    ("organisation_digit", {"items": ["name"]}, "item_type"),
    ("credit_code_region", {"item": "code", "prefixes": ["新疆"]}, "parameter_type"),
    ("credit_code_region", {"item": "name", "prefixes": ["65"]}, "item_type"),
    (
        "credit_code_nature",
        {"item": "code", "nature": "nature", "prefixes": {"club": ["51"]}},
        "unknown_choice",
    ),
    ("credit_code_nature", {"item": "code", "nature": "nature", "prefixes": {}}, "parameter_type"),
    (
        "credit_code_nature",
        {"item": "code", "nature": "nature", "prefixes": {"firm": "91"}},
        "parameter_type",
    ),
    (
        "credit_code_nature",
        {"item": "code", "nature": "t1.kind", "prefixes": {"firm": ["91"]}},
        "other_table",
    ),
    ("id_number", {"items": ["phone"]}, "item_type"),
    ("phone", {"items": ["name"]}, "item_type"),
    ("contact_format", {"items": ["name"]}, "item_type"),
    ("full_width", {"items": ["nowhere"]}, "unknown_item"),
    ("file_name", {"items": ["n1"]}, "item_type"),
    ("pattern", {"items": ["name"], "pattern": "(["}, "pattern_wrong"),
    ("pattern", {"items": ["name"], "pattern": ""}, "parameter_type"),
    ("mojibake", {"items": ["n1"]}, "item_type"),
    ("brackets", {"items": ["n1"]}, "item_type"),
    ("document_number", {"items": ["n1"]}, "item_type"),
    ("heading_empty", {"items": ["n1"]}, "item_type"),
    ("template_wording", {"items": ["n1"]}, "item_type"),
    ("template_wording", {"words": [1]}, "parameter_type"),
    ("glyphs", {"items": ["n1"]}, "item_type"),
]


def params_of(kind: str, item: str, value: Value, **params: object) -> dict[str, str]:
    return dict(find(Case(kind, params, values={item: value}), WORLD)[0].params)


def test_expected_digits_are_told() -> None:
    """GB 32100: the finding says which check character would be right."""
    assert params_of("credit_code_digit", "code", BAD_DIGIT)["expected"] == "B"
    assert params_of("organisation_digit", "code", BAD_BODY)["found"] == "2"
    assert params_of("organisation_digit", "code", BAD_BODY)["expected"] == "3"


def test_an_id_number_is_never_shown() -> None:
    """个人信息: the number is not repeated in a finding."""
    found = params_of("id_number", "person", "110105194912310021")
    assert "110105" not in "".join(found.values())


@pytest.mark.parametrize(
    ("value", "line", "mark"),
    [("第一段\n（甲", "2", "（"), ("甲》", "1", "》"), ("（甲》", "1", "（"), ("“甲（乙”", "1", "（")],
)
def test_the_lonely_mark_is_pointed_at(value: str, line: str, mark: str) -> None:
    """FMT-10: the line and the mark are named."""
    found = params_of("brackets", "story", value)
    assert (found["line"], found["mark"]) == (line, mark)


def test_long_texts_are_cut_in_messages() -> None:
    """A finding is one short line, however long the text it is about."""
    shown = params_of("phone", "phone", "一行\n" + "长" * 100)["value"]
    assert shown == "一行 " + "长" * 36 + "…"


def test_right_forms_are_offered() -> None:
    """FMT-08, FMT-11: the finding says what to write."""
    assert params_of("document_number", "story", "泸编发[2015]71号")["right"] == "〔2015〕71号"
    assert params_of("full_width", "mail", "ａ＠b.cn")["plain"] == "a@b.cn"
    assert params_of("value_valid", "m1", Decimal("2715550.55"))["value"] == "271.555055"
