"""The vocabulary: what authors may write in Chinese, and what people read in a description."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

OPERATOR_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "且": "and",
        "并且": "and",
        "或": "or",
        "或者": "or",
        "非": "not",
        "不等于": "!=",
        "属于": "in",
        "不属于": "not in",
    }
)
"""Chinese words an author may write for an operator."""

FUNCTION_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "if": "如果",
        "sum": "合计",
        "count": "计数",
        "min": "最小",
        "max": "最大",
        "avg": "平均",
        "distinct": "不重复个数",
        "abs": "绝对值",
        "round": "四舍五入",
        "floor": "向下取整",
        "ceil": "向上取整",
        "empty": "未填",
        "filled": "已填",
        "zero": "未填按零计",
        "len": "字数",
        "date": "日期",
        "days": "相差天数",
        "months": "相差整月数",
        "year": "年份",
        "prev": "上年",
        "torch": "火炬统计",
        "attainment": "完成率",
        "measured": "所写数值",
    }
)
"""Functions and what a description calls them; authors may write either."""

CONSTANT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "true": "是",
        "false": "否",
        "today": "今天",
        "period_start": "报告期起",
        "period_end": "报告期止",
        "report_year": "报告年度",
    }
)
"""Constants and what a description calls them."""

SHOWN_OPERATORS: Mapping[str, str] = MappingProxyType(
    {
        "*": "×",
        "/": "÷",
        "!=": "≠",
        "<=": "≤",
        ">=": "≥",
        "and": "且",
        "or": "或",
        "not": "非",
        "in": "属于",
        "not in": "不属于",
        ",": "，",
        "(": "（",
        ")": "）",
    }
)
"""Operators and signs as a description writes them; others stand as they are."""

WRITTEN_WORDS: Mapping[str, tuple[bool, str]] = MappingProxyType(
    {
        **{word: (True, operator) for word, operator in OPERATOR_WORDS.items()},
        **{word: (False, name) for name, word in FUNCTION_WORDS.items()},
    }
)
"""Every Chinese word: (it is an operator, what it stands for)."""

LONGEST_WORD = max(len(word) for word in WRITTEN_WORDS)

RESERVED = frozenset({"and", "or", "not", "in", *CONSTANT_WORDS})
"""Ids that no field, table or column may have, because an expression could not name it."""
