"""From the author's text to tokens, each with its place in the text as it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.rules.expression.words import LONGEST_WORD, WRITTEN_WORDS

MAX_LENGTH = 500
MAX_TEXT = 200
MAX_DEPTH = 30
MAX_NUMBER = 10**15
MAX_DIGITS = 28


class ExpressionError(Exception):
    """An expression cannot be understood; worded in ``resources/messages/expressions.toml``.

    ``position`` is the 1-based character of the text as the author wrote it.
    """

    def __init__(self, code: str, position: int, **params: object) -> None:
        super().__init__(code, position, params)
        self.code = code
        self.position = position
        self.params = params

    def __str__(self) -> str:
        """Give code, position and parameters for logs; people see the worded message."""
        inner = "".join(f", {key}={value!r}" for key, value in self.params.items())
        return f"{self.code}({self.position}{inner})"


@dataclass(frozen=True, slots=True)
class Token:
    """One word of an expression.  ``kind`` is name, number, text or operator."""

    kind: str
    text: str
    position: int

    @property
    def ends_operand(self) -> bool:
        """Tell whether a value is complete after this token."""
        return self.kind != "operator" or self.text == ")"


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_HAN = re.compile(r"[\u3007\u3400-\u9fff]+")
_OPERATOR = re.compile(r"[<>=!]=|[-+*/()<>=,.]")
_SIGNS = {ord(a): b for a, b in zip("×÷−–—、　\u00a0\t\n\r", "*/---,     ", strict=True)}
_SIGNS.update({code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)})
_TWO_SIGNS = {"≤": "<=", "≥": ">=", "≠": "!="}
_QUOTES = {**dict.fromkeys('"“”＂', '"“”＂'), **dict.fromkeys("'‘’＇", "'‘’＇")}
_WORD_OPERATORS = frozenset({"and", "or", "not", "in"})


def read_tokens(source: str) -> tuple[Token, ...]:
    """Give the tokens of a text, with full-width signs and Chinese words replaced outside quotes.

    Raises ``ExpressionError`` for signs the language does not have, and for tokens in an order that
    cannot be an expression.
    """
    if len(source) > MAX_LENGTH:
        raise ExpressionError("too_long", MAX_LENGTH + 1, limit=MAX_LENGTH)
    tokens = tuple(_join_not_in(_tokens(source)))
    if not tokens:
        raise ExpressionError("blank", 1)
    _check_order(tokens, len(source.rstrip()) + 1)
    return tokens


def _tokens(source: str) -> Iterator[Token]:
    text = source.translate(_SIGNS)
    at = 0
    while at < len(text):
        sign = source[at]
        if text[at] == " ":
            at += 1
        elif sign in _QUOTES:
            token, at = _quoted(source, at)
            yield token
        elif sign in _TWO_SIGNS:
            yield Token("operator", _TWO_SIGNS[sign], at + 1)
            at += 1
        elif match := _NUMBER.match(text, at):
            yield _number(text, match)
            at = match.end()
        elif match := _NAME.match(text, at):
            word = match[0]
            yield Token("operator" if word in _WORD_OPERATORS else "name", word, at + 1)
            at = match.end()
        elif match := _HAN.match(text, at):
            token, length = _chinese(match[0], at + 1)
            yield token
            at += length
        elif match := _OPERATOR.match(text, at):
            yield Token("operator", "=" if match[0] == "==" else match[0], at + 1)
            at = match.end()
        else:
            raise ExpressionError("sign", at + 1, sign=sign)


def _quoted(source: str, at: int) -> tuple[Token, int]:
    closing = _QUOTES[source[at]]
    end = next((i for i in range(at + 1, len(source)) if source[i] in closing), 0)
    if not end:
        raise ExpressionError("quote", at + 1)
    if end - at - 1 > MAX_TEXT:
        raise ExpressionError("text_long", at + 1, limit=MAX_TEXT)
    return Token("text", source[at + 1 : end], at + 1), end + 1


def _number(text: str, match: re.Match[str]) -> Token:
    position = match.start() + 1
    rest = _NAME.match(text, match.end())
    if rest:
        raise ExpressionError("number", position, number=match[0] + rest[0])
    if len(match[0]) > MAX_DIGITS or Decimal(match[0]) > MAX_NUMBER:
        raise ExpressionError("number_large", position)
    return Token("number", match[0], position)


def _chinese(run: str, position: int) -> tuple[Token, int]:
    for length in range(min(LONGEST_WORD, len(run)), 0, -1):
        if known := WRITTEN_WORDS.get(run[:length]):
            return Token("operator" if known[0] else "name", known[1], position), length
    raise ExpressionError("unknown_name", position, name=run)


def _join_not_in(tokens: Iterator[Token]) -> Iterator[Token]:
    held: Token | None = None
    for token in tokens:
        if held and token.kind == "operator" and token.text == "in":
            yield Token("operator", "not in", held.position)
            held = None
            continue
        if held:
            yield held
        held = token if token.kind == "operator" and token.text == "not" else None
        if held is None:
            yield token
    if held:
        yield held


def _check_order(tokens: tuple[Token, ...], end: int) -> None:
    """Find the mistakes that people make, where they made them; Python's parser finds the rest."""
    opened: list[int] = []
    last: Token | None = None
    for token in tokens:
        _check_pair(last, token)
        if token.kind == "operator" and token.text == "(":
            opened.append(token.position)
        elif token.kind == "operator" and token.text == ")":
            if not opened:
                raise ExpressionError("paren_close", token.position)
            opened.pop()
        if len(opened) > MAX_DEPTH:
            raise ExpressionError("deep", token.position)
        last = token
    if last and not last.ends_operand:
        raise ExpressionError("operand_missing", end)
    if opened:
        raise ExpressionError("paren_open", opened[-1])


def _check_pair(last: Token | None, token: Token) -> None:
    begins = token.kind != "operator" or token.text in ("(", "not", "+", "-")
    if last and last.ends_operand:
        if token.kind != "operator" or token.text == "not":
            raise ExpressionError("operator_missing", token.position)
        if token.text == "(" and last.kind != "name":
            raise ExpressionError("operator_missing", token.position)
        if token.text == "." and last.kind != "name":
            raise ExpressionError("syntax", token.position)
    elif not begins:
        no_arguments = token.text == ")" and last is not None and last.text == "("
        if not no_arguments:
            raise ExpressionError("operand_missing", token.position)
