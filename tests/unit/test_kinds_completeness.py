"""Kinds of completeness (seed 000 §四.1 item by item; checks.md CMP)."""

from __future__ import annotations

import pytest

from app.model.draft import Attachment
from app.model.submission import Event, EventKind, EventSource
from app.model.value import Value
from app.rules.kinds.completeness import count_characters
from tests.unit.forms import NOW, Case, find
from tests.unit.kind_world import WORLD

FULL: dict[str, Value] = {"name": "天山众创空间", "n1": 0}
LONG = "本空间建立了导师、活动、投融资三位一体的服务体系。"


def file(name: str, *items: str, sha: str = "aa") -> Attachment:
    return Attachment(name, sha, 10, items)


def event(kind: EventKind, fingerprint: str = "", **params: str) -> Event:
    return Event(kind, NOW, EventSource.HAND, fingerprint=fingerprint, params=params)


CASES = [
    # required: 0 and 否 are answers; hidden, calculated and conditional ones
    Case("required", {}, {"n1": "required.number", "name": "required.text"}),
    Case("required", {}, {}, values=FULL),
    Case("required", {}, {"other": "required.text"}, values={**FULL, "yes": True}),
    Case("required", {}, {}, values={**FULL, "yes": False}),
    Case("required", {}, {"name": "required.text"}, values={"name": "", "n1": 1}),
    Case("required", {}, {}, hidden=frozenset({"n1", "name"})),
    Case("required", {"items": ["yes", "day"]}, {"day": "required.text"}, values={"yes": False}),
    Case(
        "required",
        {"items": ["t1.name", "t1.n"]},
        {"t1/r2/name": "required.text_row", "t1/r1/n": "required.number_row"},
        tables={"t1": [{"name": "甲"}, {"n": 0}, {}]},
    ),
    Case(
        "required",
        {"items": ["t1.code"]},
        {"t1/r2/code": "required.text_row"},
        tables={"t1": [{"kind": "team"}, {"kind": "firm"}, {"name": "丙"}]},
    ),
    # row_complete
    Case(
        "row_complete",
        {},
        {
            "t1/r1": "row_complete.text_row",
            "t1/r4": "row_complete.text_row",
            "t1/r5": "row_complete.text_row",
        },
        tables={
            "t1": [
                {"name": "甲"},
                {},
                {"name": "乙", "kind": "team"},
                {"name": "丙", "kind": "firm"},
                {"name": "丁", "kind": "team", "status": "gone"},
            ]
        },
    ),
    Case("row_complete", {"tables": ["t2"]}, {}, tables={"t2": [{"hours": 1}]}),
    # texts
    Case("text_short", {}, {"story": "text_short.text"}, values={"story": "做 法 很 多"}),
    Case("text_short", {}, {"story": "text_short.prompt"}, values={"story": "请写明主要做法\n和成效情况"}),
    Case("text_short", {}, {}, values={"story": LONG}),
    Case("text_short", {}, {}),
    Case(
        "text_short",
        {"items": ["t1.note"]},
        {"t1/r1/note": "text_short.text_row", "t1/r2/note": "text_short.prompt_row"},
        tables={"t1": [{"note": "短"}, {"note": "写明情况"}, {"note": "够长的说明"}]},
    ),
    Case("text_long", {}, {"story": "text_long.text"}, values={"story": "长" * 61}),
    Case("text_long", {}, {}, values={"story": "长 " * 60}),
    Case(
        "text_long",
        {},
        {"t1/r1/note": "text_long.text_row"},
        tables={"t1": [{"note": "长" * 21}, {"note": "长 " * 11}]},
    ),
    # rows_least
    Case(
        "rows_least",
        {"table": "t1", "least": 2},
        {"t1": "rows_least.text"},
        tables={"t1": [{"name": "甲"}, {}]},
    ),
    Case("rows_least", {"table": "t1", "least": 2}, {}, tables={"t1": [{"name": "甲"}, {"name": "乙"}]}),
    Case(
        "rows_least",
        {"table": "t1", "least": 1, "condition": 'kind = "team"'},
        {"t1": "rows_least.condition"},
        tables={"t1": [{"kind": "firm"}, {"name": "乙"}]},
    ),
    Case("rows_least", {"table": "t2", "least": 1}, {"t2": "rows_least.text"}, values={"n3": 1}),
    Case("rows_least", {"table": "t2", "least": 1}, {}, values={"n3": 0}),
    Case("rows_least", {"table": "t2", "least": 1}, {}),
    # evidence
    Case(
        "evidence_present",
        {},
        {"n1": "evidence_present.text", "yes": "evidence_present.text"},
        values={"n1": 3, "yes": True, "m1": 0, "n2": 5},
    ),
    Case(
        "evidence_present",
        {},
        {"yes": "evidence_present.text"},
        values={"n1": 3, "yes": True},
        attachments=[file("a.pdf", "01")],
    ),
    Case(
        "evidence_present", {}, {}, values={"n1": 3, "yes": False, "q1": 0}, attachments=[file("a.pdf", "n1")]
    ),
    Case(
        "evidence_present",
        {"items": ["t1.n"]},
        {"t1/r2/n": "evidence_present.text_row"},
        tables={"t1": [{"n": 1}, {"n": 2}, {"n": 0}, {}]},
        attachments=[file("a.pdf", "t1/r1")],
    ),
    Case(
        "evidence_present",
        {"items": ["t1.n"]},
        {},
        tables={"t1": [{"n": 1}]},
        attachments=[file("a.pdf", "01")],
    ),
    Case("evidence_required", {}, {"evidence:01": "evidence_required.text"}),
    Case(
        "evidence_required",
        {"evidence": ["02"]},
        {"evidence:02": "evidence_required.text"},
        attachments=[file("a.pdf", "01")],
    ),
    Case("evidence_required", {}, {}, attachments=[file("a.pdf", "01")]),
    Case(
        "attachment_unused",
        {},
        {"attachment:b.pdf": "attachment_unused.text"},
        attachments=[file("a.pdf", "01"), file("b.pdf")],
    ),
    *(
        Case(
            "attachment_intact",
            {},
            {"attachment:a.pdf": f"attachment_intact.{variant}"},
            attachments=[file("a.pdf", sha="bb")],
            context={"broken_files": {"bb": reason}},
        )
        for reason, variant in (("missing", "missing"), ("altered", "altered"), ("unheard_of", "other"))
    ),
    Case(
        "attachment_intact", {}, {}, attachments=[file("a.pdf")], context={"broken_files": {"bb": "missing"}}
    ),
    *(
        Case(
            "attachment_usable",
            {},
            {"attachment:a.pdf": f"attachment_usable.{variant}"},
            attachments=[file("a.pdf", sha="bb")],
            context={"file_faults": {"bb": variant}},
        )
        for variant in (
            "type",
            "size",
            "encrypted",
            "empty",
            "damaged",
            "no_pages",
            "too_many_pages",
            "rotated",
            "other",
        )
    ),
    Case("attachment_usable", {}, {}, attachments=[file("a.pdf")]),
    Case(
        "attachment_referenced",
        {},
        {"story": "attachment_referenced.text"},
        values={"story": "详见附表《项目支出自评表》。"},
        attachments=[file("营业执照.pdf")],
    ),
    Case(
        "attachment_referenced",
        {},
        {},
        values={"story": "见附件《营业执照》和附表《入驻清单》，及附件3。"},
        attachments=[file("营业执照（副本）.pdf")],
    ),
    Case(
        "attachment_referenced",
        {"items": ["t1.note"]},
        {"t1/r1/note": "attachment_referenced.text_row"},
        tables={"t1": [{"note": "见附件1：《合同》"}, {"note": "见合同"}]},
    ),
    # events
    Case(
        "events_present",
        {"events": [kind.value for kind in EventKind]},
        {f"event:{kind.value}": f"events_present.{kind.value}" for kind in EventKind},
    ),
    Case("events_present", {"events": ["printed"]}, {}, context={"events": (event(EventKind.PRINTED),)}),
    *(
        Case(
            "events_present",
            {"events": [kind.value], "per_copy": True},
            {f"event:{kind.value}": f"events_present.{kind.value}_copies"},
            context={"events": (event(kind),)},
        )
        for kind in (
            EventKind.PRINTED,
            EventKind.SIGNED,
            EventKind.STAMPED,
            EventKind.STAMPED_BY_BUREAU,
            EventKind.BOUND,
            EventKind.POSTED,
            EventKind.DELIVERED,
        )
    ),
    Case(
        "events_present",
        {"events": ["bound"], "per_copy": True},
        {},
        context={"events": (event(EventKind.BOUND, copies="2"),)},
    ),
    # paper steps are not asked for before the report is sealed
    Case("events_present", {"events": ["printed"], "after": "sealed"}, {}),
    Case(
        "events_present",
        {"events": ["printed"], "after": "sealed"},
        {"event:printed": "events_present.printed"},
        context={"events": (event(EventKind.SEALED, "sha256:1"),)},
    ),
    # what was stamped before the report was sealed anew does not count
    Case(
        "events_present",
        {"events": ["stamped"]},
        {"event:stamped": "events_present.stamped"},
        context={
            "events": (
                event(EventKind.SEALED, "sha256:1"),
                event(EventKind.STAMPED),
                event(EventKind.SEALED, "sha256:2"),
            )
        },
    ),
    Case(
        "events_present",
        {"events": ["stamped"]},
        {},
        context={"events": (event(EventKind.SEALED, "sha256:1"), event(EventKind.STAMPED))},
    ),
]

REFUSED = [
    ("required", {"items": ["nowhere"]}, "unknown_item"),
    ("required", {"items": []}, "list_empty"),
    ("required", {"items": ["n1", "n1"]}, "list_repeats"),
    ("required", {"items": 3}, "parameter_type"),
    ("required", {"fields": ["n1"]}, "parameter_unknown"),
    ("row_complete", {"tables": ["t9"]}, "unknown_table"),
    ("text_short", {"items": ["n1"]}, "item_type"),
    ("text_long", {"items": ["web"]}, "item_type"),
    ("rows_least", {"table": "t1"}, "parameter_missing"),
    ("rows_least", {"table": "t1", "least": -1}, "parameter_type"),
    ("rows_least", {"table": "t1", "least": 1, "condition": "n"}, "expression_type"),
    ("evidence_present", {"items": ["n2"]}, "item_type"),
    ("evidence_required", {"evidence": ["99"]}, "unknown_evidence"),
    ("attachment_unused", {"items": ["n1"]}, "parameter_unknown"),
    ("attachment_intact", {"items": ["n1"]}, "parameter_unknown"),
    ("attachment_usable", {"items": ["n1"]}, "parameter_unknown"),
    ("attachment_referenced", {"items": ["code"]}, "item_type"),
    ("events_present", {"events": ["danced"]}, "unknown_event"),
    ("events_present", {"events": ["bound"], "after": "danced"}, "unknown_event"),
    ("events_present", {"events": ["sealed"], "per_copy": True}, "event_without_copies"),
    ("events_present", {"events": ["bound"], "per_copy": "yes"}, "parameter_type"),
]


def test_what_is_missing_is_named() -> None:
    """CMP-05: the row's finding lists the columns."""
    case = Case("row_complete", {}, tables={"t1": [{}, {"status": "gone", "kind": "firm"}]})
    params = find(case, WORLD)[0].params
    assert params["columns"] == "「名称」、「代码」、「毕业日期」"
    assert (params["table"], params["row"]) == ("T1 入驻清单", "2")


@pytest.mark.parametrize(("text", "count"), [("", 0), ("一 二\n三", 3), ("abc 1", 4)])
def test_characters_are_counted_without_spaces(text: str, count: int) -> None:
    """CMP-03: spaces and line ends are no characters."""
    assert count_characters(text) == count
