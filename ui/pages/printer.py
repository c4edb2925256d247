"""The one seam to printers: the system's choice dialog, ``lp`` where it is there, else page by page."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QDialog, QWidget

from app.errors import AppError
from app.services.previewing import Paper, page_pixels, page_sizes
from ui.pages.pdf_sheet import to_image

PRINT_DPI = 300.0
_LP_SECONDS = 120


@dataclass(frozen=True, slots=True)
class PrintOrder:
    """How to print: printer (or ``file`` for its own print-to-file), copies of each paper, two-sided.

    ``duplex`` turns over the long edge; ``collate`` gives whole copies one after the other.
    """

    printer: str
    copies: int = 1
    duplex: bool = True
    collate: bool = True
    file: str = ""


Report = Callable[[int, int], None]
Cancelled = Callable[[], bool]


class PrinterPort(Protocol):
    """What the page asks of printers."""

    def choose(self, parent: QWidget) -> PrintOrder | None:
        """Ask the person for printer and copies; None where they thought better of it."""

    def print_papers(
        self, papers: Sequence[Paper], order: PrintOrder, report: Report, cancelled: Cancelled
    ) -> bool:
        """Print papers in their order, away from the window; False where it was cancelled.

        ``report(done, total)`` counts pages.  Raises ``AppError``: ``cannot_print``, ``printer_missing``.
        """


class SystemPrinter:
    """The printers of this PC.  ``lp`` is the command that takes a PDF as it is, or None."""

    def __init__(self, lp: str | None = None) -> None:
        self._lp = lp or shutil.which("lp")

    def choose(self, parent: QWidget) -> PrintOrder | None:
        """Show the system's dialog, set to two-sided and collated."""
        printer = _printer()
        dialog = QPrintDialog(printer, parent)
        dialog.setOption(QPrintDialog.PrintDialogOption.PrintPageRange, False)
        dialog.setOption(QPrintDialog.PrintDialogOption.PrintSelection, False)
        dialog.setOption(QPrintDialog.PrintDialogOption.PrintCurrentPage, False)
        chosen = dialog.exec() == QDialog.DialogCode.Accepted
        dialog.deleteLater()
        if not chosen:
            return None
        return PrintOrder(
            printer.printerName(),
            max(1, printer.copyCount()),
            printer.duplex() in (QPrinter.DuplexMode.DuplexLongSide, QPrinter.DuplexMode.DuplexAuto),
            printer.collateCopies(),
            printer.outputFileName(),
        )

    def print_papers(
        self, papers: Sequence[Paper], order: PrintOrder, report: Report, cancelled: Cancelled
    ) -> bool:
        """Hand the PDFs over unchanged where ``lp`` is there, else draw their pages."""
        total = sum(paper.pages for paper in papers)
        done = 0
        for paper in papers:
            if cancelled():
                return False
            if self._lp and not order.file:
                _spool(self._lp, paper, order)
                report(done + paper.pages, total)
            else:
                alone = len(papers) == 1
                if not _draw(paper, order, _shifted(report, done, total), cancelled, alone=alone):
                    return False
            done += paper.pages
        return True


def _shifted(report: Report, before: int, total: int) -> Report:
    """Give a report for one paper that counts on from the papers before it."""
    return lambda done, _pages: report(before + done, total)


def _printer() -> QPrinter:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    printer.setDuplex(QPrinter.DuplexMode.DuplexLongSide)
    printer.setCollateCopies(True)
    printer.setFullPage(True)
    return printer


def spool_words(lp: str, paper: Paper, order: PrintOrder, file: str) -> list[str]:
    """Give the command that prints a PDF file as it is; the job's name is ASCII for old spoolers."""
    words = [lp, *(["-d", order.printer] if order.printer else [])]
    words += ["-n", str(order.copies), "-t", Path(paper.name).stem]
    words += ["-o", f"sides={'two-sided-long-edge' if order.duplex else 'one-sided'}"]
    words += ["-o", f"collate={'true' if order.collate else 'false'}"]
    return [*words, "--", file]


def _spool(lp: str, paper: Paper, order: PrintOrder) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / Path(paper.name).name
        try:
            if isinstance(paper.pdf, bytes):
                file.write_bytes(paper.pdf)
            else:
                file = paper.pdf
            ended = subprocess.run(
                spool_words(lp, paper, order, str(file)),
                capture_output=True,
                timeout=_LP_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise AppError("cannot_print", name=paper.title, reason=str(error)) from error
    if ended.returncode:
        reason = ended.stderr.decode("utf-8", "replace").strip() or str(ended.returncode)
        raise AppError("cannot_print", name=paper.title, reason=reason)


def _draw(paper: Paper, order: PrintOrder, report: Report, cancelled: Cancelled, *, alone: bool) -> bool:
    """Draw a paper page by page; each copy of it is drawn whole, so copies are collated on any printer."""
    printer = _printer()
    if order.file:
        target = Path(order.file)
        name = target if alone else target.with_name(f"{target.stem}-{Path(paper.name).stem}.pdf")
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(name))
    else:
        if order.printer not in QPrinterInfo.availablePrinterNames():
            raise AppError("printer_missing", printer=order.printer)
        printer.setPrinterName(order.printer)
    if not order.duplex:
        printer.setDuplex(QPrinter.DuplexMode.DuplexNone)
    printer.setDocName(Path(paper.name).stem)
    painter = QPainter()
    sizes = page_sizes(paper.pdf)
    _turn(printer, sizes[0])
    if not painter.begin(printer):
        raise AppError("cannot_print", name=paper.title, reason=order.printer or order.file)
    try:
        for copy in range(order.copies):
            for page, size in enumerate(sizes):
                if cancelled():
                    printer.abort()
                    return False
                if copy or page:
                    _turn(printer, size)
                    printer.newPage()
                image = to_image(page_pixels(paper.pdf, page, PRINT_DPI))
                dots = printer.resolution() / 72
                painter.drawImage(QRectF(0, 0, size[0] * dots, size[1] * dots), image)
                report(page + 1, len(sizes))
    finally:
        painter.end()
    return True


def _turn(printer: QPrinter, size: tuple[float, float]) -> None:
    wide = size[0] > size[1]
    orientation = QPageLayout.Orientation.Landscape if wide else QPageLayout.Orientation.Portrait
    printer.setPageOrientation(orientation)
