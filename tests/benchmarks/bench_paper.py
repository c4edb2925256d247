"""Measures paper and prints the figures: processor time of whole processes, peak memory, the second copy.

Run from the project folder: ``python -m tests.benchmarks.bench_paper``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

from tests.conftest import ROOT

HEAD = """
import resource, time
from pathlib import Path
from app.paper.fonts import Fonts
from app.paper.marks import Marks, PageMark, stamp, stamp_copies
from app.paper.page import Document
from app.paper.styles import DATA_SHEET, WIDE_PAGE
from app.paper.table import Column, Table
fonts = Fonts(Path("resources/fonts"))
def end(*more):
    print(time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, *more)
"""
TEXT = """
document = Document(fonts, "文")
words = "本年度众创空间服务企业家，举办活动场次；引进导师、投资机构，开展创业辅导与对接。促进成果转化"
number = 0
for number in range(216):
    turned = words[number % len(words):] + words[: number % len(words)]
    document.paragraph(f"第{number}段：" + turned * 3)
body = document.build()
"""
COPIES = (
    TEXT
    + """
marks = [Marks(copy, 2, "9F3A-27C1-0D55", "第3次修订", code="9F3A27C10D55") for copy in (1, 2)]
known = {page: PageMark(3, "自评报告") for page in range(200)}
one = stamp(body, marks[0], fonts, "册", pages=known)
first = time.process_time()
stamp(body, marks[0], fonts, "册", pages=known)
middle = time.process_time()
stamp_copies(body, marks, fonts, "册", pages=known)
end(first, (time.process_time() - middle) - (middle - first))
"""
)
TABLE = """
columns = (Column("序号"), Column("企业名称", 3), Column("代码"), Column("日期"), Column("收入"),
           Column("占比"), Column("产品", 3), Column("备注", 3))
rows = [(str(n), f"新疆天山数据科技有限公司第{n}分公司", f"91650100MA77{n:06}", "2020-05-10",
         f"{n * 37:,}.50", f"{n % 100}.5%", f"软件开发与信息技术服务，产品{n}号",
         f"已与高新区签订入驻协议{n}") for n in range(ROWS)]
document = Document(fonts, "附表", WIDE_PAGE, DATA_SHEET)
document.table(Table(columns, rows, "附表", "万元"))
document.build()
end()
"""
SAMPLE = """
import sys
sys.path.insert(0, ".")
from app.messages import load_messages
from app.model.packet import PartKind
from app.paper.assemble import page_count
from tests.adapters.test_paper_intake import FONTS, MESSAGES, _platform, _sample
from app.clock import parse_moment
from app.model.draft import Draft
from app.services.printing import PaperSource, lay_out_papers
view = _sample()
platform = Path(OUT) / "platform.pdf"
platform.write_bytes(_platform())
programme = view.programme
draft = Draft("d", programme.id, programme.form_version, view.answers, 3)
before = time.process_time()
source = PaperSource(programme, draft, "9F3A-27C1-0D55", 3, None, "sha256:9f3a27c10d55" + "0" * 52, platform,
                     FONTS, MESSAGES, parse_moment("2023-01-05T20:30:00+08:00"))
papers = lay_out_papers(source)
spent = time.process_time() - before
for paper in papers:
    (Path(OUT) / paper.name).write_bytes(paper.pdf)
end(spent, sum(paper.pages for paper in papers))
"""


def run(code: str) -> list[float]:
    """Give the figures that a process prints, of the run that took the least processor time."""
    runs = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", HEAD + code], cwd=ROOT, check=True, capture_output=True)
        runs.append([float(word) for word in done.stdout.split()])
    return min(runs)


def line(label: str, seconds: float, memory: float, most: float = 0.0) -> None:
    """Print one figure beside its target."""
    verdict = "" if not most else f"   target {most} {'ok' if seconds <= most else 'MISSED'}"
    print(f"{label:<44}{seconds:7.2f} s {memory:7.0f} MB{verdict}")


def main() -> None:
    """Print all figures."""
    seconds, memory = run(TEXT + "end()")
    line("60 pages of text", seconds, memory, 1.0)
    for rows, most in ((2_000, 1.2), (10_000, 4.0)):
        seconds, memory = run(TABLE.replace("ROWS", str(rows)))
        line(f"table of {rows} × 8", seconds, memory, most)
    _, memory, first, second = run(COPIES)
    line("60 pages marked, first copy", first, memory)
    line("60 pages marked, second copy", second, memory, 0.1 * first)
    print(f"second copy: {100 * second / first:.1f} % of the first (target 10)")
    with tempfile.TemporaryDirectory() as folder:
        _, memory, spent, pages = run(SAMPLE.replace("OUT", repr(folder)))
    line(f"complete sample, two copies, {pages:.0f} pages", spent, memory)


if __name__ == "__main__":
    main()
