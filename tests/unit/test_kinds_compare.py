"""Kinds that look at last year and the Torch report (checks.md YOY, LOG-04, LOG-06; seed 000 §四.2)."""

from __future__ import annotations

from decimal import Decimal

from tests.unit.forms import Case

W = Decimal(10000)


CASES = [
    # last year
    Case(
        "change_explained",
        {},
        {"n1": "change_explained.more", "m1": "change_explained.less"},
        values={"n1": 20, "m1": 50 * W, "n2": 10},
        previous={"n1": 10, "m1": 100 * W, "n2": 10},
    ),
    Case(
        "change_explained",
        {},
        {},
        values={"n1": 14, "n2": 129, "n3": 5},
        previous={"n1": 10, "n2": 100, "n3": 0},
    ),
    Case(
        "change_explained",
        {"items": ["n1"], "threshold": 0.1, "least": 1},
        {"n1": "change_explained.more"},
        values={"n1": 14},
        previous={"n1": 10},
    ),
    Case("change_explained", {}, {}, values={"n1": 14}),
    Case(
        "change_explained",
        {},
        {},
        values={"n1": 20},
        previous={"n1": 10},
        context={"change_threshold": Decimal("1.5")},
    ),
    Case(
        "unchanged_many",
        {"most": 2},
        {"": "unchanged_many.text"},
        values={"n1": 5, "m1": W, "n2": 0},
        previous={"n1": 5, "m1": W, "n2": 0},
    ),
    Case(
        "unchanged_many",
        {"most": 3},
        {},
        values={"n1": 5, "m1": W, "n2": 0},
        previous={"n1": 5, "m1": W, "n2": 0},
    ),
    Case(
        "unit_slip",
        {},
        {"m1": "unit_slip.times", "n1": "unit_slip.part"},
        values={"m1": Decimal("2715000"), "n1": 11, "n2": 20},
        previous={"m1": Decimal("270"), "n1": 10000, "n2": 2},
    ),
    Case(
        "unit_slip",
        {},
        {},
        values={"m1": Decimal("2715000"), "n1": 0, "n3": -100},
        previous={"m1": Decimal("900000"), "n1": 10, "n3": 10},
    ),
    Case("unit_slip", {}, {}, values={"m1": Decimal("2715000")}),
    Case(
        "zero_change",
        {},
        {"n1": "zero_change.appeared", "n2": "zero_change.vanished"},
        values={"n1": 3, "n2": 0, "n3": 0},
        previous={"n1": 0, "n2": 4, "n3": 0},
    ),
    Case("zero_change", {}, {}, values={"n1": 3}),
    Case(
        "decreased",
        {"items": ["n1", "n2"]},
        {"n1": "decreased.text"},
        values={"n1": 3, "n2": 4},
        previous={"n1": 4, "n2": 4},
    ),
    Case("decreased", {"items": ["n1"]}, {}, values={"n1": 3}),
    Case(
        "rollover",
        {"item": "n1", "add": ["n2"], "less": ["n3"]},
        {"n1": "rollover.text"},
        values={"n1": 10, "n2": 3, "n3": 1},
        previous={"n1": 9},
    ),
    Case(
        "rollover",
        {"item": "n1", "add": ["n2"], "less": ["n3"]},
        {},
        values={"n1": 11, "n2": 3, "n3": 1},
        previous={"n1": 9},
    ),
    Case("rollover", {"item": "n1", "add": ["n2"], "less": ["n3"]}, {}, values={"n1": 10, "n2": 3, "n3": 1}),
    Case(
        "cumulative", {"item": "n1", "during": ["n2"]}, {"n1": "cumulative.during"}, values={"n1": 2, "n2": 3}
    ),
    Case(
        "cumulative",
        {"item": "n1", "during": ["n2"]},
        {"n1": "cumulative.previous"},
        values={"n1": 5},
        previous={"n1": 7},
    ),
    Case(
        "cumulative",
        {"item": "n1", "during": ["n2"]},
        {"n1": "cumulative.previous"},
        values={"n1": 5, "n2": 1},
        previous={"n1": 7},
    ),
    Case("cumulative", {"item": "n1", "during": ["n2"]}, {}, values={"n1": 8, "n2": 2}, previous={"n1": 7}),
    Case(
        "cumulative",
        {"item": "n1", "during": ["n2"], "exact": True},
        {"n1": "cumulative.exact"},
        values={"n1": 8, "n2": 2},
        previous={"n1": 7},
    ),
    Case("cumulative", {"item": "n1", "during": ["n2"]}, {}, values={"n1": 12, "n2": 2}, previous={"n1": 7}),
    Case(
        "cumulative",
        {"item": "n1", "during": ["n2"], "exact": True},
        {"n1": "cumulative.exact"},
        values={"n1": 12, "n2": 2},
        previous={"n1": 7},
    ),
    Case(
        "cumulative",
        {"item": "n1", "during": ["n2"], "exact": True},
        {},
        values={"n1": 9, "n2": 2},
        previous={"n1": 7},
    ),
    Case(
        "cumulative",
        {"item": "n1", "during": ["n2"], "exact": True},
        {},
        values={"n1": 12},
        previous={"n1": 7},
    ),
    Case(
        "torch_equal",
        {},
        {"n1": "torch_equal.same", "m1": "torch_equal.same"},
        values={"n1": 3, "m1": Decimal("2715600")},
        torch={"n1": 4, "m1": Decimal("2715000")},
    ),
    Case(
        "torch_equal",
        {"same_period": False},
        {"n1": "torch_equal.other"},
        values={"n1": 3, "m1": Decimal("2715400")},
        torch={"n1": 4, "m1": Decimal("2715000")},
    ),
    Case("torch_equal", {}, {}, values={"n1": 3}),
    Case(
        "edited_after_torch",
        {},
        {"n2": "edited_after_torch.text"},
        values={"n1": 1, "n2": 2},
        context={"edited_after_torch": frozenset({"n1", "n2", "n3"})},
    ),
    Case("previous_grade", {"bad": "不合格"}, {"": "previous_grade.text"}, previous_grade="不合格"),
    Case("previous_grade", {"bad": "不合格"}, {}, previous_grade="合格"),
    Case(
        "previous_grade",
        {"bad": "不合格", "score": "n1 + n2", "below": 60},
        {"": "previous_grade.score"},
        previous_grade="不合格",
        values={"n1": 20, "n2": 39},
    ),
    Case(
        "previous_grade",
        {"bad": "不合格", "score": "n1", "below": 60},
        {},
        previous_grade="不合格",
        values={"n1": 60},
    ),
    Case("previous_grade", {"bad": "不合格", "score": "n1", "below": 60}, {}, previous_grade="不合格"),
]

REFUSED: list[tuple[str, dict[str, object], str]] = [
    ("change_explained", {"items": ["t1.n"]}, "item_type"),
    ("change_explained", {"threshold": "0.3"}, "parameter_type"),
    ("unchanged_many", {"most": 0}, "parameter_type"),
    ("unit_slip", {"items": ["name"]}, "item_type"),
    ("zero_change", {"items": ["name"]}, "item_type"),
    ("decreased", {}, "parameter_missing"),
    ("rollover", {"item": "n1", "add": ["n2"]}, "parameter_missing"),
    ("cumulative", {"item": "n1", "during": ["n2"], "exact": 1}, "parameter_type"),
    ("torch_equal", {"items": ["t1.n"]}, "item_type"),
    ("edited_after_torch", {"items": ["n1"]}, "parameter_unknown"),
    ("previous_grade", {"bad": "很差"}, "unknown_grade"),
    ("previous_grade", {"bad": "不合格", "score": "n1"}, "parameter_missing"),
]
