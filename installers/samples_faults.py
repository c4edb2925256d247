"""The faults planted into the good report: what is changed, and the codes of the findings it must lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeAlias

from app.rules.identity import credit_code_digit
from installers.samples_rows import code_of

Document: TypeAlias = dict[str, Any]
Change: TypeAlias = Callable[[Document], None]


@dataclass(frozen=True)
class Fault:
    """A planted fault: its name, its changes, and the codes that appear when it is planted alone."""

    name: str
    changes: Sequence[Change]
    codes: frozenset[str]


def plant(good: Document, faults: Iterable[Fault]) -> Document:
    """Give a copy of a report with faults in it."""
    document = deepcopy(good)
    for fault in faults:
        for change in fault.changes:
            change(document)
    return document


def put(path: str, value: object) -> Change:
    """Set a field or a cell; None clears it."""

    def change(document: Document) -> None:
        item, *cell = path.split("/")
        holder = document["values"]
        if cell:
            item = cell[1]
            holder = next(
                row for row in document["tables"][path.split("/", maxsplit=1)[0]] if row["_id"] == cell[0]
            )
        holder.pop(item, None)
        if value is not None:
            holder[item] = value

    return change


def write_on(path: str, text: str) -> Change:
    """Add text at the end of a field or cell."""

    def change(document: Document) -> None:
        item, *cell = path.split("/")
        holder = document["values"]
        if cell:
            holder = next(row for row in document["tables"][item] if row["_id"] == cell[0])
            item = cell[1]
        holder[item] += text

    return change


def drop(table: str, row: str) -> Change:
    """Take a row out."""

    def change(document: Document) -> None:
        document["tables"][table] = [one for one in document["tables"][table] if one["_id"] != row]

    return change


def part(name: str, item: str, value: object) -> Change:
    """Set a value of last year or of the Torch report."""

    def change(document: Document) -> None:
        document[name] = {**document[name], item: value}

    return change


def grade(text: str) -> Change:
    """Set last year's grade."""

    def change(document: Document) -> None:
        document["previous_grade"] = text

    return change


def attach(file: str, *items: str) -> Change:
    """Name a proof file."""

    def change(document: Document) -> None:
        document["attachments"].append({"file": file, "items": list(items)})

    return change


def unlink(start: str) -> Change:
    """Leave a proof file linked to nothing."""

    def change(document: Document) -> None:
        for one in document["attachments"]:
            if one["file"].startswith(f"files/{start}"):
                one["items"] = []

    return change


def copy_targets(document: Document) -> None:
    """Write this year's values as next year's targets, in three of ten rows."""
    for row in document["tables"]["t12"]:
        key = row["_id"].removesuffix("_row")
        if key in _COPIED:
            row["target"] = document["values"][key]


def _closed(front: str) -> str:
    return front + credit_code_digit(front)


def fault(name: str, codes: str, *changes: Change) -> Fault:
    """Give a fault; ``codes`` are divided by spaces."""
    return Fault(name, changes, frozenset(codes.split()))


WRONG_TYPE = "files/21-通话记录.txt"
"""A file that stands in the samples but is of a kind no office takes."""

_COPIED = ("b08", "b09_1", "c01", "d01", "f01", "g04", "k01")

FAULTS: tuple[Fault, ...] = (
    # what must be there
    fault("a required field is empty", "CMP-01", put("a13_4", None)),
    fault("a text is too short", "CMP-02", put("n01", "困难不多，正在解决。")),
    fault("a case says nothing", "CMP-02", put("t8/r2/result", "效果良好，农户满意。")),
    fault(
        "a text is too long", "CMP-03", write_on("n03", "请主管部门多到基层走一走，听一听创业者的想法。" * 14)
    ),
    fault("fewer than three cases", "CMP-04 LOG-20", drop("t8", "r3")),
    fault("a row is half filled in", "CMP-05", put("t2/r9/position", None)),
    fault("proof is linked to nothing", "CMP-06 CMP-07", unlink("13-")),
    fault("a proof file is gone", "CMP-08", attach("files/20-补充照片.pdf", "04")),
    fault("a heading has nothing under it", "CMP-11", write_on("n02", "\n二、保障措施")),
    fault("a gap of the template was left", "CMP-12", write_on("l04", "带动乡村就业XX人。")),
    fault("the Torch report was sent back", "CMP-13", put("a17_2", "returned")),
    fault("an appendix is named but not there", "CMP-14", write_on("l02", "详见附件《导师辅导台账》。")),
    fault("a proof number is not in the catalogue", "CMP-14", put("t3/r2/proof", "06-09")),
    # the form of values
    fault("a credit code lacks a character", "FMT-01", put("t1/r50/credit_code", "91652301MAX001501")),
    fault("a check character is wrong", "FMT-02", put("a07", code_of(1)[:17] + "0")),
    fault(
        "the organisation part is wrong", "FMT-03", put("t1/r57/credit_code", _closed("91652301MAX001575"))
    ),
    fault(
        "a firm is registered elsewhere", "FMT-04", put("t1/r62/credit_code", _closed("91110108MAX001624"))
    ),
    fault("an id number is wrong", "FMT-05", put("t1/r4/id_number", "659999198411200033")),
    fault("a phone number is too short", "FMT-06", put("a12_3", "1990000010")),
    fault("an account has spaces", "FMT-07", put("a15_3", "6500 0000 1234")),
    fault("a web address is cut off", "FMT-07", put("f14_2", "yunshangu")),
    fault("full-width characters", "FMT-08", put("t4/r3/link", "https://yunshangu.example.com/news/３")),
    fault("broken characters", "FMT-09", put("t4/r5/title", "合作社记账????训练课")),
    fault("a bracket is not closed", "FMT-10", put("t8/r1/founder", "李一禾（曾任技术员")),
    fault("square brackets in a document number", "FMT-11", put("t10/r1/document", "新演财科[2022]21号")),
    fault("a number in words", "FMT-12", put("b13_3", "四百余次")),
    fault("a date that does not exist", "FMT-12", put("t2/r3/joined", "2018-02-30")),
    fault("the own name is misspelt", "FMT-13", write_on("l03", "新疆云衫谷众创空间欢迎各族青年来试一试。")),
    fault("a file of a kind no office takes", "FMT-14", attach(WRONG_TYPE, "06")),
    fault("the account is another's", "FMT-16", put("a15_1", "昌吉云杉谷置业有限公司")),
    fault("code and nature do not fit", "FMT-17", put("a08", "public_institution")),
    # dates
    fault("an event of last year", "DAT-01", put("t4/r1/held_on", "2021-12-30")),
    fault("moved in before it was founded", "DAT-07", put("t1/r59/founded", "2021-11-20")),
    fault("granted before applied for", "DAT-08", put("t6/r1/granted_on", "2021-01-05")),
    fault("the lease ended", "DAT-09", put("b07_3", "2022-11-30")),
    fault("a mentor's term is over", "DAT-09 DAT-10", put("t3/r5/term_to", "2021-12-31")),
    fault("resident for too long", "DAT-11", put("t1/r2/joined", "2020-10-10")),
    fault("filed less than a year ago", "DAT-12", put("a03_1", "2022-03-10")),
    fault("a date to come", "DAT-15", put("t1/r9/agreed_from", "2023-02-01")),
    # sums and counts
    fault("the parts of the area exceed the whole", "ARI-01 YOY-01", put("b03", "1846")),
    fault("mentors do not add up", "ARI-02 ARI-10", put("d03", 15)),
    fault("events do not add up", "ARI-03 ARI-10", put("f06", 5)),
    fault("investments do not add up", "ARI-04", put("g06", "366")),
    fault("costs typed in another unit", "ARI-05 MAG-03 YOY-01 YOY-03", put("k10", "8.84")),
    fault("rights exceed their sum", "ARI-06 ARI-10 YOY-01", put("h03", 48)),
    fault("a total that is not its list's", "ARI-09", put("e19_3", "84.8")),
    fault("a count that is not its list's", "ARI-10", put("c04", 5)),
    fault("more spent than granted", "ARI-11 ARI-12", put("k19_3", "31.2")),
    fault("the Torch report differs", "ARI-13", part("torch", "g04", "402")),
    fault(
        "a sum in the text is wrong",
        "ARI-15",
        write_on("l04", "本年培训学员 120 人、导师 16 人，共 146 人。"),
    ),
    # parts, wholes, lists
    fault("a part exceeds its whole", "LOG-01 YOY-01", put("b11_1", 260)),
    fault("fewer people than firms", "LOG-01 LOG-02 LOG-19 LOG-22 MAG-04 YOY-01", put("i02", 30)),
    fault("no contracts but their money", "LOG-03 YOY-04", put("h10_1", 0)),
    fault("a cumulative value does not roll on", "LOG-04", put("j02", 24)),
    fault("more resident than served", "ARI-10 LOG-05 LOG-06", put("e03", 46)),
    fault("the stock does not roll on", "LOG-06", part("previous", "e05", 60)),
    fault("the same person twice", "LOG-07", put("t2/r8/name", "李喆")),
    fault("resident and graduated at once", "ARI-10 LOG-08", put("t9/r1/graduated", "2022-09-01")),
    fault("new firm of an old year", "LOG-12", put("t1/r49/founded", "2021-06-01")),
    fault("a mentor is staff", "LOG-13 LOG-15", put("t3/r4/name", "李喆")),
    fault("own money not marked", "ARI-04 LOG-14", put("t5/r1/own", False)),
    fault("an invested team nobody knows", "LOG-15", put("t5/r7/name", "博湖苇编团队")),
    fault("too many people at an event", "ARI-09 LOG-16", put("t4/r2/people", 2400)),
    fault("rent above all costs of the place", "LOG-17 YOY-01", put("b07_4", "95")),
    fault("subsidy and funds differ", "LOG-18", put("k05", "60"), put("k06", "13.5")),
    fault(
        "a service is not ticked", "LOG-19", put("f15", ["finance", "technology", "international", "policy"])
    ),
    fault("jobs differ from their list", "LOG-22", put("t7/r3/staff", 9)),
    fault("targets copied from the results", "LOG-29", copy_targets),
    # last year, sizes, paper
    fault("one more than none", "ARI-10 YOY-04", put("h05", 1)),
    fault("a cumulative value fell", "YOY-05", put("i08", 1000)),
    fault("last year's grade was bad", "YOY-08", grade("不合格"), put("o01_1", "55")),
    fault("money in the wrong unit", "ARI-04 ARI-04b MAG-01", put("t5/r6/amount", "30")),
    fault("a negative number", "MAG-01b YOY-01", put("i07", -3)),
    fault("a firm of enormous revenue", "ARI-09 MAG-02", put("t1/r65/revenue", "18600")),
    fault(
        "an amount in the text in the wrong unit", "MAG-06", write_on("l03", "带动农户增收 223973.12万元。")
    ),
    fault("a character no font prints", "PKT-08", put("t1/r10/leader", "阿依登\U0002a6a5")),
)
