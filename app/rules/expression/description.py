"""An expression as people read it: labels for ids, Chinese for functions and signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.rules.expression.source import Token
from app.rules.expression.words import CONSTANT_WORDS, FUNCTION_WORDS, SHOWN_OPERATORS

_TIGHT = frozenset({"(", ")", ",", "."})


def describe_tokens(tokens: Sequence[Token], shown: Mapping[int, str]) -> str:
    """Give one line of text; ``shown`` holds the labels found for tokens, by index."""
    return "".join(_show(tokens, shown, index) for index in range(len(tokens))).strip()


def _show(tokens: Sequence[Token], shown: Mapping[int, str], index: int) -> str:
    token = tokens[index]
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    if index in shown:
        return shown[index]
    if token.kind == "name":
        called = following is not None and following.kind == "operator" and following.text == "("
        words = FUNCTION_WORDS if called else CONSTANT_WORDS
        return words.get(token.text, token.text)
    if token.kind == "text":
        return f"“{token.text}”"
    if token.kind == "number":
        return token.text
    sign = SHOWN_OPERATORS.get(token.text, token.text)
    if token.text == ".":
        return "·" if shown.get(index - 1) else ""
    if token.text in _TIGHT:
        return sign
    unary = index == 0 or not tokens[index - 1].ends_operand
    return sign if unary else f" {sign} "
