"""What the expression language refuses, where it says the mistake is, and in which words."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.messages import slots
from app.rules.expression import ExpressionError, compile_expression
from tests.unit.expression_world import SCOPE, rows_of, view_of

PLACED: tuple[tuple[str, str, int], ...] = (
    ("", "blank", 1),
    ("  \n ", "blank", 1),
    ("x9 = 1", "unknown_name", 1),
    ("staff = x9", "unknown_name", 9),
    ("staff ＝ x9", "unknown_name", 9),
    ("open且x9", "unknown_name", 6),
    ("open 且 （x9 > 1）", "unknown_name", 9),
    ("staff ≥ 1 且 name = “且且且” 且 x9", "unknown_name", 28),
    ("合计（t5.amount）= 专职", "unknown_name", 16),
    ("T5", "unknown_name", 1),
    ("staff = office", "unknown_name", 9),
    ("sum(t9.amount) = 1", "unknown_table", 5),
    ("count(staff) = 1", "unknown_table", 7),
    ("sum(t5.x) = 1", "unknown_column", 8),
    ("sum(t5.amount, x9 = 1) = 1", "unknown_name", 16),
    ("foo(1)", "unknown_function", 1),
    ("1 + staff(1)", "unknown_function", 5),
    ("nature = 'shop'", "unknown_choice", 10),
    ("nature in ('firm', 'shop')", "unknown_choice", 20),
    ("'shop' in served", "unknown_choice", 1),
    ("count(t5, kind = '团队')", "unknown_choice", 18),
    ("t5.amount > 1", "column_outside", 1),
    ("amount > 1", "unknown_name", 1),
    ("staff = t5.amount", "column_outside", 9),
    ("(staff", "paren_open", 1),
    ("staff)", "paren_close", 6),
    ("sum(t5.amount", "paren_open", 4),
    ("staff guests", "operator_missing", 7),
    ("2(3)", "operator_missing", 2),
    ("staff not open", "operator_missing", 7),
    ("staff + ", "operand_missing", 8),
    ("staff + * guests", "operand_missing", 9),
    ("= staff", "operand_missing", 1),
    ("(staff + )", "operand_missing", 10),
    ("sum(t5.amount,)", "operand_missing", 15),
    ("staff = 'a", "quote", 9),
    ("staff # 1", "sign", 7),
    ("staff % 2", "sign", 7),
    ("staff = 3a", "number", 9),
    ("staff = 1.2.3", "syntax", 12),
    ("staff = 1000000000000001", "number_large", 9),
    ("sum(t5.who)", "aggregate_kind", 5),
    ("avg(t5.moved_in)", "aggregate_kind", 5),
    ("sum(staff)", "aggregate_first", 5),
    ("sum()", "arguments", 1),
    ("1 + sum(t5.amount, own, own)", "arguments", 5),
    ("count(t5.amount)", "count_column", 7),
    ("if(open, 1)", "arguments", 1),
    ("if(staff, 1, 2)", "not_boolean", 4),
    ("if(open, 1, 'a')", "branches", 13),
    ("open and staff", "not_boolean", 10),
    ("not staff", "not_boolean", 5),
    ("name + 1", "text_arithmetic", 1),
    ("staff * 'a'", "text_arithmetic", 9),
    ("nature + 1", "text_arithmetic", 1),
    ("since + 1", "date_arithmetic", 1),
    ("open + 1", "not_number", 1),
    ("-name", "text_arithmetic", 2),
    ("staff = name", "compare_kinds", 9),
    ("staff = '3'", "compare_kinds", 9),
    ("since > 2022", "compare_kinds", 9),
    ("nature = name", "compare_kinds", 10),
    ("nature = 1", "compare_kinds", 10),
    ("nature = grade", "compare_choices", 10),
    ("name > '甲'", "compare_order", 8),
    ("open > false", "compare_order", 8),
    ("nature < 'firm'", "compare_order", 10),
    ("served = served", "compare_set", 1),
    ("1 < staff < 3", "chained", 13),
    ("staff = guests = 1", "chained", 18),
    ("nature in (name, 'firm')", "not_literal", 12),
    ("nature in ()", "not_literal", 11),
    ("nature in served", "not_literal", 1),
    ("staff in ('a')", "compare_kinds", 11),
    ("since in ('a')", "compare_kinds", 11),
    ("round(staff, guests)", "places", 14),
    ("round(staff, 99)", "places", 14),
    ("round(staff, -1)", "places", 14),
    ("date(2022, 2, 30) > since", "no_such_date", 1),
    ("year(staff)", "not_date", 6),
    ("len(staff)", "not_text", 5),
    ("empty(staff + 1)", "not_item", 7),
    ("zero(sum(t5.amount))", "not_item", 6),
    ("zero(name)", "not_number", 6),
    ("prev(t5)", "not_field", 6),
    ("torch(staff + 1)", "not_field", 7),
    ("sum(t5.amount, amount > avg(t5.amount))", "nested", 25),
    ("count(t5, count(t5) > 1)", "nested", 11),
    ("staff, guests", "unsupported", 1),
)


@pytest.mark.parametrize(("source", "code", "position"), PLACED)
def test_mistakes_are_found_where_they_are(source: str, code: str, position: int) -> None:
    """FORMAT, Expressions: refused when compiled, at the character of the text as it was written."""
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source, SCOPE)
    assert (caught.value.code, caught.value.position) == (code, position)


HOSTILE: tuple[str, ...] = (
    "'a' * 10 * 10",
    "name * 10",
    "9**9**9**9",
    "9 ** staff",
    "1 << 99999",
    "1 >> 2",
    "7 // 2",
    "1 | 2",
    "1 & 2",
    "1 ^ 2",
    "~1",
    "staff @ staff",
    "(1).__class__",
    "staff.__class__",
    "staff.real",
    "name.upper()",
    "sum.__globals__",
    "sum(t5.__class__)",
    "sum(t5.amount.real)",
    "t5.amount()",
    "[].append",
    "[1, 2]",
    "{}",
    "{1: 2}",
    "staff[0]",
    "lambda: 0",
    "lambda x: x",
    "[i for i in t5]",
    "sum(i for i in t5)",
    "(yield)",
    "yield staff",
    "await staff",
    "print(1)",
    "open('x')",
    "eval('1')",
    "exec('1')",
    "getattr(staff, 'real')",
    "__import__('os')",
    "sum(t5.amount, __import__('os'))",
    "__builtins__",
    "__name__",
    "_0",
    "_1 + 1",
    "v1",
    "k0",
    "view",
    "row",
    "rows",
    "get('staff')",
    "Decimal('1')",
    "total(staff)",
    "f'{staff}'",
    "f“staff”",
    "b'a'",
    "r'a'",
    "u'a' = name",
    "'a' 'b' = name",
    "'''a''' = name",
    "`staff`",
    "1; 2",
    "staff := 3",
    "(x := 3)",
    "staff = 3 if open else 4",
    "sum(*t5)",
    "sum(**t5)",
    "sum(*t5.amount)",
    "max(*staff, 1)",
    "0x10",
    "0b1",
    "0o7",
    "1e999999 > 1",
    "1E5",
    "1_000 = 1000",
    "1j",
    "9" * 400,
    "0." + "1" * 60,
    "...",
    ".5",
    "5.",
    "t5",
    "t5 = t5",
    "True",
    "None",
    "staff is staff",
    "staff = None",
    "not",
    "()",
    "( )",
    "-" * 300 + "1",
    "(" * 240 + "1" + ")" * 240,
    "not " * 120 + "open",
    "if(open," * 60 + "1" + ",1)" * 20,
    "abs(" * 60 + "1" + ")" * 60,
    "1" + "+1" * 260,
    "name = '" + "a" * 201 + "'",
    "a\\\nb",
    "staff # + guests",
    "staff\x00",
    "staff\u200b",
    "staff \ud800",
    "import os",
    "staff == 'a' == b'\\x00'",
    "𝐬𝐭𝐚𝐟𝐟",
    "staff = ١",
    "1 <> 2",
    "staff === 1",
    "staff =< 1",
    "!open",
    "open && open",
    "open || open",
    "sum(t5.amount)(1)",
    "(sum)(t5.amount)",
    "(t5).amount",
    "t5.(amount)",
    "t5..amount",
    "t5.1",
    "sum(t5.'amount')",
    "nature in ('firm', ('office'), ())",
    "nature in ('firm' 'office')",
)


@pytest.mark.parametrize("table", [None, "t5"])
@pytest.mark.parametrize("source", HOSTILE)
def test_hostile_text_is_refused(source: str, table: str | None) -> None:
    """FORMAT, Expressions: nothing but the language gets through, at a place within the text."""
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source, SCOPE, table=table)
    assert 1 <= caught.value.position <= len(source) + 1


SIGNS = "()+-*/<>=!.,'“” 1290tstaff5amountopen且或非if_[]{}:;\\#\n＝（）"


@given(st.text(st.sampled_from(SIGNS), max_size=60))
def test_any_text_compiles_or_is_refused(source: str) -> None:
    """FORMAT, Expressions: no text whatever makes the compiler fail in another way."""
    try:
        expression = compile_expression(source, SCOPE)
    except ExpressionError as error:
        assert 1 <= error.position <= len(source) + 1
    else:
        assert expression.source == source
        expression.evaluate(view_of({"staff": 1}))


WORDS = [
    *("staff", "guests", "name", "nature", "open", "since", "t5.amount", "t5", "own", "amount", "today"),
    *("(", ")", ",", "+", "-", "*", "/", "=", "!=", "<", "and", "or", "not", "in", "if(", "sum(", "count("),
    *("1", "2.5", "'firm'", "'a'", "true", "days(", "round(", "empty(", "len(", ".", "min("),
    *("prev(", "zero("),
]


@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join), st.sampled_from([None, "t5"]))
def test_any_words_compile_or_are_refused(source: str, table: str | None) -> None:
    """FORMAT, Expressions: whatever is accepted can be run, described and is typed."""
    try:
        expression = compile_expression(source, SCOPE, table=table)
    except ExpressionError:
        return
    rows = rows_of({"amount": 1, "own": True}, {})
    view = view_of({"staff": 0, "open": True, "name": "甲"}, [row.cells for row in rows])
    assert len(expression.evaluate_rows(view, rows)) == 2
    assert set(map(type, expression.rows_false(view, rows))) <= {type(rows[0])}
    assert expression.describe()


def test_unknown_table_of_a_row_rule() -> None:
    """FORMAT, Expressions: a row rule over a table that is not there is refused like any other name."""
    with pytest.raises(ExpressionError) as caught:
        compile_expression("1 = 1", SCOPE, table="t9")
    assert caught.value.code == "unknown_table"


def test_sums_of_rows_in_row_rules_are_not_nested() -> None:
    """FORMAT, Expressions: only a sum inside a row condition is refused."""
    expression = compile_expression("amount <= sum(t5.amount, own = true)", SCOPE, table="t5")
    assert expression.aggregates == {"t5"}


# ------------------------------------------------------------------------------------------ wording
def _raised(root: Path) -> dict[str, frozenset[str]]:
    """Every code the language raises, with its slots, read from its own code."""
    found: dict[str, frozenset[str]] = {}
    for path in sorted((root / "app" / "rules" / "expression").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in ("fail", "of_kind", "ExpressionError"):
                slot_names = frozenset(keyword.arg or "" for keyword in node.keywords)
                words = [part.value for part in node.args if isinstance(part, ast.Constant)]
                found.update({word: slot_names for word in words if isinstance(word, str)})
    return found


def test_every_code_has_its_wording(root: Path) -> None:
    """HOUSE: everything a user sees is worded in resources/messages, with the position."""
    path = root / "resources" / "messages" / "expressions.toml"
    wording = tomllib.loads(path.read_text(encoding="utf-8"))
    raised = _raised(root)
    indirect = {"text_arithmetic", "date_arithmetic", "not_number", "not_date"}
    assert raised.keys() | indirect == wording.keys()
    for code, template in wording.items():
        assert slots(template) <= raised.get(code, frozenset()) | {"position"}
        assert "{position}" in template


def test_the_wording_says_where_and_what(root: Path) -> None:
    """Brief: 「第8个字符：没有编号为“x9”的填报项」."""
    path = root / "resources" / "messages" / "expressions.toml"
    wording = tomllib.loads(path.read_text(encoding="utf-8"))
    with pytest.raises(ExpressionError) as caught:
        compile_expression("staff =x9", SCOPE)
    error = caught.value
    text = wording[error.code].format(position=error.position, **error.params)
    assert text == "第8个字符：没有编号为“x9”的填报项"
    assert str(error) == "unknown_name(8, name='x9')"
