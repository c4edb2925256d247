"""Finished papers of our own pages are PDF/A-1b, shown by PDFBox Preflight (ISO 19005-1, issue 4)."""

import subprocess
from io import BytesIO
from pathlib import Path
from shutil import which

import pikepdf
import pytest

from app.paper.assemble import PacketPart, merge
from app.paper.fonts import Fonts
from app.paper.marks import AcrossWord, Marks, PageMark, stamp, stamp_copies
from app.paper.page import Document, FormRow
from app.paper.signature import Seal, SignLine
from app.paper.styles import DATA_PAGE, DATA_SHEET
from app.paper.table import Column, Table
from tests.adapters.paper_pdf import in_memory

FONTS = Fonts(Path(__file__).resolve().parents[2] / "resources" / "fonts")
JARS = [
    Path("/usr/share/java") / name
    for name in (
        "preflight.jar",
        "pdfbox2.jar",
        "xmpbox.jar",
        "fontbox2.jar",
        "commons-logging.jar",
        "javax.activation.jar",
        "jaxb-api.jar",
    )
]
VALIDATOR = which("java") is not None and all(jar.exists() for jar in JARS)
MARKS = Marks(1, 2, "9F3A-27C1", "第3次修订", code="9F3A27C10D55")


def _own() -> bytes:
    """Rare and Uyghur names, tick boxes, a table across, a stamp place, a blank back of a sheet."""
    text = Document(FONTS, "说明")
    text.title("年度工作自评报告")
    text.paragraph("负责人喆堃镕䶮𬭎，ئەخمەتجان تۇرسۇن。☑是 ☐否")
    text.signature([SignLine("法定代表人（签字）：", rule=6)], Seal(("某某有限公司", "2022年5月10日")))
    data = Document(FONTS, "数据", DATA_PAGE, DATA_SHEET)
    data.form([FormRow("B01", "注册资本", "1,280.50", "万元")])
    data.table(Table((Column("甲"), Column("乙")), [("子", "1")] * 3, "附表", "元"), across=True)
    parts = [PacketPart("说明", text.build()), PacketPart("数据", data.build())]
    return in_memory(merge(parts, "胶装册", right_hand=True).pdf)


def _known() -> dict[int, PageMark]:
    return {page: PageMark(7, "报告", page == 0) for page in (0, 2, 3)}


@pytest.mark.skipif(not VALIDATOR, reason="需要 java、libpdfbox2-java、libactivation-java、libjaxb-api-java")
def test_the_validator_finds_nothing(tmp_path: Path) -> None:
    """PDFBox Preflight: a marked packet of our own pages is a valid PDF/A-1b file, the second copy too."""
    # the second copy has gone through everything that the first has
    second = stamp_copies(_own(), [MARKS, MARKS], FONTS, "胶装册", {1}, pages=_known())[1]
    (tmp_path / "册.pdf").write_bytes(in_memory(second))
    path = ":".join(map(str, JARS))
    name = "org.apache.pdfbox.preflight.Validator_A1b"
    words = ["java", "-XX:TieredStopAtLevel=1", "-cp", path, name, "册.pdf"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, check=False)
    assert done.stdout.rstrip().endswith(b"is a valid PDF/A-1b file"), done.stdout


def _claims(pdf: bytes) -> bool:
    with pikepdf.open(BytesIO(pdf)) as opened:
        metadata = opened.Root.get("/Metadata")
        return metadata is not None and b"<pdfaid:part>1" in metadata.read_bytes()


def test_only_own_pages_are_claimed() -> None:
    """Pages of others, and a word across (it is translucent), take the claim away; nothing else does."""
    assert _claims(stamp(_own(), MARKS, FONTS, "册"))
    assert not _claims(stamp(_own(), Marks(across=AcrossWord.DRAFT), FONTS, "册"))
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.pages[0].Contents = pdf.make_stream(b"0.5 g 100 100 50 50 re f")
        out = BytesIO()
        pdf.save(out)
    mixed = merge([PacketPart("本", _own()), PacketPart("平台", out.getvalue())], "册").pdf
    assert not _claims(stamp(mixed, MARKS, FONTS, "册"))
    assert not _claims(stamp(out.getvalue(), MARKS, FONTS, "册"))


def test_what_the_file_says_of_itself() -> None:
    """Title and language stand in the catalogue and the metadata; it is a PDF 1.4 without object streams."""
    marked = stamp(_own(), MARKS, FONTS, "自评报告<甲&乙>")
    assert marked.startswith(b"%PDF-1.4")
    with pikepdf.open(BytesIO(marked)) as pdf:
        assert pdf.Root.Lang == "zh-CN" and pdf.docinfo["/Title"] == "自评报告<甲&乙>"
        with pdf.open_metadata() as metadata:
            assert metadata["dc:title"] == "自评报告<甲&乙>"
            assert metadata.pdfa_status == "1B"
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == ["说明", "数据"]
        assert b"/ObjStm" not in marked
