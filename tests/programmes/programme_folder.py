"""A minimal good programme as files, and ways to put it on disk."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

PROGRAMME = """
id = "mini"
form_version = 1
notice_revision = 1
expression_language = 1
title = "2022年度自评报告"
short_title = "自评报告"
issuer = "科技厅"
report_year = 2022
unit_kind = "makerspace"
notice_date = 2022-12-23
grades = ["良好", "不合格"]
[period]
start = 2022-01-01
end = 2022-12-20
[upload]
portal = "平台"
address = "www.example.cn"
[[upload.delivery]]
id = "report"
label = "自评报告"
media_type = "application/pdf"
source = "scan"
[[stage]]
id = "fill"
label = "填报"
actor = "单位"
action = "fill"
opens = 2022-12-22T00:00:00+08:00
closes = 2023-01-05T21:00:00+08:00
done_by = ["submitted"]
[[stage]]
id = "review"
label = "审核"
actor = "科技局"
action = "review"
after = ["fill"]
done_by = ["approved"]
returns_to = "fill"
reviewer = true
[[stage.reading]]
closes = 2023-01-07T21:00:00+08:00
text = "较严"
source = "四-3"
[[note]]
about = "年度"
text = "两处年度不同"
source = "四-1"
[[contact]]
name = "某人"
phone = "0991-0000000"
[settings]
change_threshold = "0.3"
[calendar]
known_years = [2022, 2023]
[calendar.holidays]
"2023-01-02" = "元旦"
[calendar.workdays]
"2023-01-28" = "春节调休"
"""

FORM = """
[[section]]
id = "one"
number = "一"
label = "基本情况"
tables = ["t1", "t2"]
[[section.field]]
id = "a01"
label = "名称"
type = "text"
required = true
evidence = ["05"]
[[section.field]]
id = "a02"
label = "收入"
type = "money"
unit = "万元"
decimals = 2
required = "filled(a01)"
[[section.field]]
id = "a03"
label = "性质"
type = "choice"
choices = { soe = "国有", private = "民营" }
[[section.field]]
id = "a04"
label = "合计"
type = "integer"
calculate = "count(t1)"
relevant = "a03 = \\"soe\\""
"""

T1 = """
id = "t1"
number = "T1"
label = "团队"
key = ["name"]
[[column]]
id = "name"
label = "名称"
type = "text"
[[column]]
id = "people"
label = "人数"
type = "integer"
"""

T2 = """
id = "t2"
number = "T2"
label = "收支"
relevant = "filled(a01)"
[[column]]
id = "subject"
label = "科目"
type = "text"
readonly = true
[[column]]
id = "amount"
label = "金额"
type = "money"
unit = "万元"
readonly = true
[[derived]]
id = "income"
texts = { subject = "收入" }
expressions = { amount = "a02" }
"""

CHECKS = """
[[check]]
code = "CMP-01"
kind = "required"
severity = "error"
[[check]]
code = "ARI-01"
kind = "assert"
severity = "warning"
gates = ["fill"]
expression = "a02 >= 0"
item = "a02"
when = "filled(a02)"
"""

PACKET = """
copies = 2
binding = "胶装"
spine = "{a01}　{report_year}"
[[part]]
id = "report"
kind = "report"
title = "自评报告"
[[part]]
id = "promise"
kind = "commitment"
title = "信用承诺书"
in_book = false
text = "promise"
[[part.stamp_place]]
id = "seal"
label = "（公章）"
party = "单位"
"""

EVIDENCE = """
[[evidence]]
id = "05"
number = "05"
label = "营业执照"
items = ["a01", "t1", "t1.name"]
"""

SCORING = """
title = "参考自评"
source = "某市办法"
enabled = true
[[line]]
id = "income"
group = "收入"
label = "收入"
points = 10
expression = "a02 / 10000"
[[grade]]
label = "良好"
least = 60
[[veto]]
expression = "a02 = 0"
label = "没有收入"
"""

FILES: Mapping[str, bytes] = {
    "programme.toml": PROGRAMME.encode(),
    "form.toml": FORM.encode(),
    "tables/t1.toml": T1.encode(),
    "tables/t2.toml": T2.encode(),
    "checks.toml": CHECKS.encode(),
    "packet.toml": PACKET.encode(),
    "evidence.toml": EVIDENCE.encode(),
    "scoring.toml": SCORING.encode(),
    "texts/promise.txt": "{a01}承诺{report_year}年度数据真实。".encode(),
    "samples/complete.json": b"{}",
    "samples/a/licence.pdf": b"%PDF-1.7",
}


def changed(file: str, old: str, new: str, files: Mapping[str, bytes] = FILES) -> dict[str, bytes]:
    """Give the files with one passage changed; the passage must be there."""
    text = files[file].decode()
    assert old in text, (file, old)
    return {**files, file: text.replace(old, new, 1).encode()}


def with_end(file: str, more: str) -> dict[str, bytes]:
    """Give the files with something added at the end of one."""
    return {**FILES, file: FILES.get(file, b"") + more.encode()}


def write_folder(folder: Path, files: Mapping[str, bytes] = FILES) -> Path:
    """Write the files below a folder and give it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def write_zip(path: Path, files: Mapping[str, bytes] = FILES, root: str = "") -> Path:
    """Write the files into a zip, below ``root`` where one is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(root + name, content)
    return path
