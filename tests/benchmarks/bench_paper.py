"""Measures paper and prints the figures: processor time of whole processes, peak memory, the second copy.

Run from the project folder: ``python -m tests.benchmarks.bench_paper``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

import pikepdf
from PIL import Image

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


EVIDENCE = """
import sys
sys.path.insert(0, ".")
import pikepdf
from PIL import Image
from tests.adapters.test_paper_book import FONTS, PROGRAMMES, _loaded, _messages, _view
from app.model.draft import Answers, Attachment
from app.model.packet import Part, PartKind
from app.paper.book import compose
from app.paper.evidence import lay_out_evidence
folder = Path(OUT)
files = {path.name: path for path in sorted(folder.glob("e-*.pdf"))}
(folder / "scratch").mkdir(exist_ok=True)
view = _view(_loaded(PROGRAMMES[0]), Answers(attachments=tuple(Attachment(n, n, 1, ()) for n in files)))
part = Part("e", PartKind.EVIDENCE, "佐证材料")
wall, cpu = time.perf_counter(), time.process_time()
laid = lay_out_evidence(view, part, FONTS, _messages(), files, folder / "scratch")
book = compose([part], lambda _part, _plan: laid, "册", 9999, folder / "scratch")
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
stamp_copies(book.volumes[0].pdf, [Marks(1, 2), Marks(2, 2)], FONTS, "册",
             targets=[folder / "scratch" / f"{copy}.pdf" for copy in (1, 2)])
end(wall, cpu)
"""


def make_evidence(folder: Path) -> float:
    """Write 200 scanned pages in 20 files and give their size in MB."""
    noise = Image.effect_noise((620, 877), 80).resize((2480, 3508))
    out = BytesIO()
    noise.convert("RGB").save(out, "JPEG", quality=14)
    for number in range(20):
        with pikepdf.new() as pdf:
            for page in range(10):
                pdf.add_blank_page(page_size=(595, 842))
                image = pdf.make_stream(out.getvalue() + bytes([number, page]))
                image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
                image.Width, image.Height, image.BitsPerComponent = 2480, 3508, 8
                image.ColorSpace, image.Filter = pikepdf.Name.DeviceRGB, pikepdf.Name.DCTDecode
                own = pdf.pages[-1].obj
                own.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
                own.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Im Do Q")
            pdf.save(folder / f"e-{number:02}.pdf")
    return sum(path.stat().st_size for path in folder.glob("e-*.pdf")) / 1e6


def merge_by_qpdf(folder: Path) -> float:
    """Give the wall seconds of qpdf's own merge, the best of three; 0 where there is no qpdf."""
    if not shutil.which("qpdf"):
        return 0.0
    words = ["qpdf", "--empty", "--pages", *map(str, sorted(folder.glob("e-*.pdf"))), "--"]
    best = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run([*words, str(folder / "merged.pdf")], check=True)
        best.append(time.perf_counter() - start)
    return min(best)


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
    with tempfile.TemporaryDirectory() as folder:
        size = make_evidence(Path(folder))
        _, memory, wall, cpu = run(EVIDENCE.replace("OUT", repr(folder)))
        line(f"200 pages, {size:.0f} MB of evidence put together", cpu, memory)
        merged = merge_by_qpdf(Path(folder))
        if merged:
            print(f"wall {wall:.2f} s, qpdf's own merge {merged:.2f} s: {wall / merged:.1f} times (target 2)")


if __name__ == "__main__":
    main()
