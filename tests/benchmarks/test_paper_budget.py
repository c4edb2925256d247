"""Budgets of paper: a long table, a long report and the check for characters that cannot be printed."""

import subprocess
import sys
import time
from pathlib import Path

from app.paper.fonts import Fonts

TABLE = """
import time
from pathlib import Path
from app.paper.fonts import Fonts
from app.paper.page import Document
from app.paper.styles import DATA_SHEET, WIDE_PAGE
from app.paper.table import Column, Table
columns = (Column("序号"), Column("企业名称", 3), Column("代码"), Column("日期"), Column("收入"),
           Column("占比"), Column("产品", 3), Column("备注", 3))
rows = [(str(n), f"新疆天山数据科技有限公司第{n}分公司", f"91650100MA77{n:06}", "2020-05-10",
         f"{n * 37:,}.50", f"{n % 100}.5%", f"软件开发与信息技术服务，产品{n}号",
         f"已与高新区签订入驻协议{n}") for n in range(2000)]
document = Document(Fonts(Path("resources/fonts")), "附表", WIDE_PAGE, DATA_SHEET)
document.table(Table(columns, rows, "附表", "万元"))
document.build()
print(time.process_time())
"""


def test_a_table_of_2000_rows_takes_little(root: Path) -> None:
    """2,000 rows × 8 columns: 1.2 s of processor time for a whole process (brief: speed of tables)."""
    runs = [
        float(subprocess.run([sys.executable, "-c", TABLE], cwd=root, check=True, capture_output=True).stdout)
        for _ in range(2)
    ]
    assert min(runs) < 1.2


def test_missing_characters_are_found_while_typing(root: Path) -> None:
    """30,000 characters are checked in about 10 ms and the coverage is read in about 10 ms."""
    started = time.process_time()
    fonts = Fonts(root / "resources" / "fonts")
    opened = time.process_time()
    assert fonts.missing("本年度新疆众创空间工作自评报告，服务企业126家。" * 1250) == ""
    assert opened - started < 0.05
    assert time.process_time() - opened < 0.05
