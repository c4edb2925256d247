"""The fields of the invented makerspace that are counts and sums of its tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeAlias

from app.model.value import plain_decimal
from installers.samples_rows import Row, Tables

Rows: TypeAlias = Sequence[Row]
Test: TypeAlias = Callable[[Row], object]


def count(rows: Rows, test: Test) -> int:
    """Give how many rows pass."""
    return sum(1 for row in rows if test(row))


def total(rows: Rows, column: str, test: Test = bool) -> Decimal:
    """Give the sum of a column over the rows that pass; empty cells count as nothing."""
    return sum((Decimal(row[column]) for row in rows if row.get(column) and test(row)), Decimal(0))


def is_kind(kind: str, column: str = "kind") -> Test:
    """Give the test for one choice."""
    return lambda row: row.get(column) == kind


def in_period(column: str) -> Test:
    """Give the test for a date of the evaluation period."""
    return lambda row: "2022-01-01" <= row.get(column, "") <= "2022-12-20"


def both(*tests: Test) -> Test:
    """Give the test that all tests pass."""
    return lambda row: all(test(row) for test in tests)


def count_all(tables: Tables) -> Row:
    """Give all fields that follow from the tables, as they stand in an Answers document."""
    return {
        **_people(tables["t2"], tables["t3"]),
        **_tenants(tables["t1"]),
        **_events(tables["t4"]),
        **_money(tables["t5"], tables["t10"]),
        **_rights(tables["t6"]),
        **_jobs(tables["t7"]),
        "j01": count(tables["t9"], lambda row: "graduated" in row),
    }


def _people(staff: Rows, mentors: Rows) -> Row:
    return {
        "c01": len(staff),
        "c02": count(staff, is_kind("full", "employment")),
        "c03": count(staff, lambda row: row["education"] != "other"),
        "c04": count(staff, lambda row: row["trained"]),
        "d01": len(mentors),
        "d02": count(mentors, is_kind("full", "employment")),
        "d03": count(mentors, is_kind("part", "employment")),
        "d04": count(mentors, in_period("term_from")),
        "d05_1": int(total(mentors, "times")),
    }


def _tenants(rows: Rows) -> Row:
    team, company, resident = is_kind("team"), is_kind("company"), is_kind("resident", "status")
    founders = ("student", "returnee", "scientist", "executive", "foreigner")
    sums = ("revenue", "profit", "tax", "research")
    return {
        "e01": count(rows, team),
        "e02": count(rows, company),
        "e03": count(rows, both(team, resident)),
        "e04": count(rows, both(company, resident)),
        "e06_1": count(rows, both(team, in_period("joined"))),
        "e06_2": count(rows, both(company, in_period("joined"))),
        "e07": count(rows, lambda row: row.get("from_team")),
        "e08": count(rows, lambda row: row["status"] != "resident"),
        **{f"e{9 + n:02d}": count(rows, is_kind(one, "founder")) for n, one in enumerate(founders)},
        "e17_1": count(rows, both(resident, lambda row: row.get("tech_small"))),
        "e17_2": count(rows, both(resident, lambda row: row.get("high_tech"))),
        "e18_1": count(rows, lambda row: row["minority"]),
        **{f"e19_{n}": str(total(rows, column)) for n, column in enumerate(sums, 1)},
    }


def _events(rows: Rows) -> Row:
    kinds = ("salon", "roadshow", "contest", "training", "other")
    roles = ("host", "organise", "assist")
    return {
        "f01": len(rows),
        **{f"f{n:02d}": count(rows, is_kind(one)) for n, one in enumerate(kinds, 2)},
        "f07": int(total(rows, "people")),
        **{f"f09_{n}": count(rows, is_kind(one, "role")) for n, one in enumerate(roles, 1)},
    }


def _money(investments: Rows, funds: Rows) -> Row:
    levels = ("national", "region", "prefecture", "county")

    def invested(test: Test) -> str:
        return plain_decimal(total(investments, "amount", test) / 10000)

    return {
        "g02_1": len({row["name"] for row in investments if row["kind"] == "team"}),
        "g02_2": len({row["name"] for row in investments if row["kind"] == "company"}),
        "g04": invested(bool),
        "g05": invested(lambda row: row["own"]),
        "g06": invested(lambda row: not row["own"]),
        "k16_1": str(total(funds, "amount")),
        **{f"k16_{n}": str(total(funds, "amount", is_kind(one, "level"))) for n, one in enumerate(levels, 2)},
    }


def _rights(rows: Rows) -> Row:
    def valid(*kinds: str) -> int:
        return count(rows, lambda row: row["kind"] in kinds and row["status"] == "valid")

    invention = is_kind("invention")
    return {
        "h01": count(rows, is_kind("valid", "status")),
        "h02": valid("invention"),
        "h03": valid("software"),
        "h04": valid("plant"),
        "h05": valid("layout"),
        "h06": valid("utility", "design"),
        "h07_1": count(rows, in_period("applied_on")),
        "h07_2": count(rows, both(invention, in_period("applied_on"))),
        "h08_1": count(rows, in_period("granted_on")),
        "h08_2": count(rows, both(invention, in_period("granted_on"))),
    }


def _jobs(rows: Rows) -> Row:
    team, company = is_kind("team"), is_kind("company")
    college = int(total(rows, "college", company))
    return {
        "i01": int(total(rows, "staff", team)),
        "i02": int(total(rows, "staff", company)),
        "i04": int(total(rows, "graduates")),
        "i05_1": 2,
        "i05_2": 19,
        "i05_3": college - 21 - college // 3,
        "i05_4": college // 3,
        "i05_5": college,
    }
