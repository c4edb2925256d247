"""Indicator tables of written reports, row by row (issue 6; checks.md LOG-25 to LOG-30, seed 003 四)."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.finding import Gate, Severity
from app.model.programme import CheckSpec
from app.rules.kinds.prose_goals import PROSE, goal_rows
from app.rules.text_check import check_text, gather
from tests.unit.kind_world import WORLD

MESSAGES = Path(__file__).parents[2] / "resources" / "messages"
HEAD = "\t指标\t预期指标值（包含数字及文字描述）\t实际完成指标值（包含数字及文字描述）"


def read(*rows: str, texts: tuple[str, ...] = (), head: str = HEAD, **params: object) -> list[str]:
    """Give kind.variant@line of everything found; rows begin at line 3."""
    lines = ["一、绩效目标完成情况", head, *rows, "二、分析", *texts]
    gates = frozenset({Gate.FILL})
    checks = [CheckSpec("LOG-30", kind, Severity.ERROR, gates, params) for kind in PROSE]
    found = check_text(gather(lines), checks, WORLD)
    return [f"{one.message}@{one.params['line']}" for one in found]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("\t验收数\t≥317项\t293项", ["goal_row_missed.text@3"]),
        ("\t验收数\t≥317项\t317项", []),
        ("\t通过率\t80%\t79%", ["goal_row_missed.text@3", "goal_row_written.sign_missing@3"]),
        ("\t管理成本\t2万元\t1万元", ["goal_row_written.sign_missing@3"]),
        ("\t验收数\t52项≥\t60项", ["goal_row_written.sign_behind@3"]),
        ("\t研发成果\t≥研发成果436项\t440项", ["goal_row_written.words_inside@3"]),
        ("\t到位率\t≥100%\t100%", ["goal_row_written.rate_full@3"]),
        ("\t管理成本\t≤2万元\t≤2万元", ["goal_row_written.inequality@3"]),
        ("\t效益\t效果良好\t效果显著", []),
        ("\t成果（个、台）\t≥3（个、台）\t4（个、台）", ["goal_row_written.unit_mixed@3"]),
        ("\t验收数\t\t293项", []),
        ("\t合计", []),
    ],
)
def test_a_row_is_read_like_the_row_of_a_form(row: str, found: list[str]) -> None:
    """LOG-25 to LOG-30: the same reading of targets and results as in a form's table."""
    assert sorted(read(row)) == found


def test_a_reason_that_names_the_indicator_answers_it() -> None:
    """LOG-30: a reason that names no indicator answers none; a column of reasons answers its row."""
    row = "\t基金项目验收数量\t≥317项\t293项"
    missed = ["goal_row_missed.text@3"]
    assert read(row, texts=("总体完成较好，个别指标未完成。",)) == missed
    assert read(row, texts=("基金项目验收数量增长较快。",)) == missed
    assert read(row, texts=("基金项目验收数量未达到预期，原因是24项延期。",)) == []
    head = "\t三级指标\t年度指标值\t实际完成值\t偏差原因分析及改进措施"
    assert read("\t验收数\t≥317项\t293项\t24项延期", head=head) == []
    assert read("\t验收数\t≥317项\t293项", head=head) == missed, "the empty cell of a reason is left out"


def test_cells_shared_with_the_row_above_may_be_missing() -> None:
    """Converted files leave merged cells out: columns are counted from the end."""
    lines = [
        "\t一级指标\t二级指标\t三级指标\t指标值\t实际完成值",
        "\t产出\t数量\t验收数\t≥3项\t2项",
        "\t立项数\t≥5项\t5项",
        "第 3 页",
        "\t质量\t合格率\t≥90%\t95%",
        "\t甲\t乙\t丙\t丁",
        "二、其他",
        "\t名称\t≥9项\t1项",
    ]
    rows = list(goal_rows([replace(one, heading="二、其他") for one in gather(lines)]))
    assert [(one.name, one.target, one.actual, one.table) for one in rows] == [
        ("验收数", "≥3项", "2项", 1),
        ("立项数", "≥5项", "5项", 1),
        ("合格率", "≥90%", "95%", 1),
    ]


def test_copied_targets_are_told_once() -> None:
    """LOG-29: as many equal as the threshold, and not in a table of a few rows."""
    copied = [f"\t指标{place}\t≥{place}项\t{place}项" for place in range(1, 4)]
    others = [f"\t指标{place}\t≥{place}项\t{place + 1}项" for place in range(4, 11)]
    assert read(*copied, *others) == ["goal_rows_copied.text@2"]
    assert read(*copied, *others, percent=31) == []
    assert read(*copied, *others[1:]) == []


def test_tables_without_such_a_head_are_left_alone() -> None:
    """No false alarms: a target needs a head that says so."""
    assert read("\t验收数\t≥317项\t293项", head="\t名称\t数量\t金额") == []
    assert read("\t验收数\t≥317项\t293项", head="\t目标\t数量\t金额") == []


@given(st.integers(1, 10_000), st.integers(0, 20_000))
def test_a_changed_figure_changes_what_is_found(target: int, actual: int) -> None:
    """Issue 6: mutate a figure, and the check that reads it fires or falls silent."""
    found = read(f"\t验收数\t≥{target}项\t{actual}项")
    assert found == (["goal_row_missed.text@3"] if actual < target else [])


def test_each_wording_is_said() -> None:
    """Every entry of findings.toml for these kinds is the wording of some finding."""
    messages = tomllib.loads((MESSAGES / "findings.toml").read_text(encoding="utf-8"))
    rows = [
        "\t验收数\t52项≥\t60项",
        "\t研发成果\t≥研发成果436项\t440项",
        "\t到位率\t≥100%\t100%",
        "\t成果（个、台）\t≥3（个、台）\t≤4（个、台）",
        "\t管理成本\t≤2万元\t≤2万元",
        "\t立项数\t≥317项\t293项",
        *(f"\t第{number}类\t{number}项\t{number}项" for number in range(1, 11)),
    ]
    said = {one.partition("@")[0] for one in read(*rows)}
    assert said == {f"{kind}.{variant}" for kind in PROSE for variant in messages[kind]}
