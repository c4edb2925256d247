"""Clusters' sealed reports added up into the provincial summary (seed 001 二、三; issue 6)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.stories.commands import Desk

CLUSTER, PROVINCE, OTHER = "torch-cluster-2022", "torch-cluster-province-2022", "xj-special-fund-2018"
NOW = "2023-04-05T10:00:00+08:00"
FIRST, SECOND = "云岭新能源装备创新型产业集群", "白塔生物医药创新型产业集群"


def sealed_bundle(
    desk: Desk, root: Path, name: str, changes: Mapping[str, object], programme: str = CLUSTER
) -> Path:
    """Make a report from the good sample with some answers changed, seal it, give its bundle."""
    samples = root / "resources" / "programmes" / programme / "samples"
    document = json.loads((samples / "complete.json").read_text("utf-8"))
    document["values"] |= changes
    document["attachments"] = []
    document["torch"] |= {key: changes[key] for key in changes if key in document["torch"]}
    answers = desk.folder.parent / f"{name}.json"
    answers.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    draft = desk.run("new", programme, "--answers", answers, "--json").json["draft"]
    assert desk.run("seal", draft, "--reason", "已与火炬统计核对", "--now", NOW).code == 0
    bundle = desk.folder.parent / f"{name}.shenbao"
    assert desk.run("bundle", draft, "--out", bundle).code == 0
    return bundle


@pytest.fixture
def province(desk: Desk) -> str:
    return str(desk.run("new", PROVINCE, "--json").json["draft"])


def findings(desk: Desk, draft: str) -> dict[str, str]:
    found = desk.run("check", draft, "--now", NOW, "--json").json["findings"]
    return {f"{one['code']}@{one['path']}": one["message"] for one in found}


def test_clusters_are_added_up(desk: Desk, root: Path, province: str) -> None:
    """Issue 6: province = Σ clusters; a cluster that changed is told figure by figure, then written over."""
    first = sealed_bundle(desk, root, "first", {"jq001": 186})
    second = sealed_bundle(desk, root, "second", {"a001": SECOND, "jq001": 142, "jqc05": "19836400"})
    told = desk.run("gather", province, first, second, "--now", NOW, "--json").json
    assert told["kept"] is True
    assert [(one["title"], one["new"], one["differences"]) for one in told["reports"]] == [
        (FIRST, True, []),
        (SECOND, True, []),
    ]
    for path, value in (("q05", "2"), ("h01", "328"), ("h02", "53256900"), ("h03", "42920")):
        assert desk.run("set", province, path, value).code == 0
    found = findings(desk, province)
    assert not {"ARI-09@h01", "ARI-09@h02", "ARI-09@h03", "ARI-10@q05"} & set(found)

    later = sealed_bundle(desk, root, "later", {"a001": SECOND, "jq001": 150, "jqc05": "19836400"})
    only = desk.run("gather", province, later, "--compare", "--now", NOW)
    assert "142 家" in only.out and "150 家" in only.out
    assert "ARI-09@h01" not in findings(desk, province)
    report = desk.run("gather", province, later, "--now", NOW, "--json").json["reports"][0]
    changed = {one["path"].rpartition("/")[2]: (one["before"], one["after"]) for one in report["differences"]}
    assert changed.keys() == {"enterprises", "code"}
    assert changed["enterprises"] == ("142 家", "150 家")
    assert "336" in findings(desk, province)["ARI-09@h01"]
    again = desk.run("gather", province, later, "--now", NOW, "--json").json["reports"][0]
    assert (again["new"], again["differences"]) == (False, [])


def test_own_columns_stay(desk: Desk, root: Path, province: str) -> None:
    """What the province wrote beside a cluster's figures is not lost when the cluster sends again."""
    bundle = sealed_bundle(desk, root, "first", {})
    row = desk.run("gather", province, bundle, "--now", NOW, "--json").json["reports"][0]["row"]
    assert desk.run("set", province, f"clusters/{row}/remark", "数据已核").code == 0
    changed = sealed_bundle(desk, root, "changed", {"jqd00": 21470})
    differences = desk.run("gather", province, changed, "--now", NOW, "--json").json["reports"][0][
        "differences"
    ]
    assert [one["path"] for one in differences] == [f"clusters/{row}/staff", f"clusters/{row}/code"]
    assert desk.run("set", province, f"clusters/{row}/remark", "数据已核").code == 0


def test_what_cannot_be_added_up(desk: Desk, root: Path, province: str) -> None:
    """A report of another programme, one twice, one without its name: refused as a whole, nothing changed."""
    good = sealed_bundle(desk, root, "good", {})
    twin = sealed_bundle(desk, root, "twin", {"jqd00": 21000})
    foreign = sealed_bundle(desk, root, "foreign", {"q05": 3}, PROVINCE)
    for files, code in (
        ((good, twin), "gather_twice"),
        ((good, foreign), "gather_foreign"),
        ((good, good.with_name("gone.shenbao")), "file_not_found"),
    ):
        answer = desk.run("gather", province, *files, "--now", NOW, "--json")
        assert (answer.code, answer.json["error"]["code"]) == (2, code)
    assert "CMP-05b@clusters" in findings(desk, province)
    other = desk.run("new", OTHER, "--json").json["draft"]
    assert desk.run("gather", other, good, "--json").json["error"]["code"] == "gather_none"


def test_a_damaged_bundle_is_refused(desk: Desk, root: Path, province: str) -> None:
    """A figure altered on the way never gets into the sum."""
    bundle = sealed_bundle(desk, root, "good", {})
    body = bundle.read_bytes()
    figure = FIRST.encode()
    assert figure in body
    bundle.write_bytes(body.replace(figure, SECOND.encode()[: len(figure)].ljust(len(figure)), 1))
    answer = desk.run("gather", province, bundle, "--now", NOW, "--json")
    assert answer.code == 3
    assert answer.json["error"]["code"] in ("bundle_altered", "bundle_unreadable")
    assert "CMP-05b@clusters" in findings(desk, province)


def test_next_years_summary_gathers_next_years_clusters(desk: Desk, root: Path) -> None:
    """A copy moved on by a year takes in reports of that year, no others."""
    for programme in (CLUSTER, PROVINCE):
        copied = programme.replace("2022", "2023")
        assert desk.run("programme", "copy", programme, copied, "--shift-years", "1").code == 0
    whole = desk.run("programme", PROVINCE.replace("2022", "2023"), "--json").json
    assert [one["programme"] for one in whole["gatherings"]] == [CLUSTER.replace("2022", "2023")]
    later = desk.run("new", PROVINCE.replace("2022", "2023"), "--json").json["draft"]
    bundle = sealed_bundle(desk, root, "old", {})
    assert desk.run("gather", later, bundle, "--json").json["error"]["code"] == "gather_foreign"
