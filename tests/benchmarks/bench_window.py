"""Measures the window and prints the figures.

Run from the project folder: ``python -m tests.benchmarks.bench_window [NAME …]``.  Names: start, sections,
keys, scrolling, filter, pages, checks, memory.  Times are of this process's own CPU unless it says wall, so
that companions on the machine count little; the aims are those of issue 3.
"""

from __future__ import annotations

import gc
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.model.draft import Answers, Row
from app.rules.checker import Checker, compile_checks
from tests.benchmarks.stress import make_stress
from tests.ui.draft_world import DraftWorld
from tests.ui.table_world import TableWorld, firm_rows
from tests.ui.window_world import WindowWorld
from ui.garbage import Collector
from ui.pages.draft import DraftPage
from ui.program import make_application

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
STARTS, KEYS = 11, 200
BARE = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, self, told)
application = QApplication(sys.argv)
application.setStyle("Fusion")
window = Window()
window.resize(1200, 700)
label = QLabel("\u7533\u62a5")
font = label.font()
font.setFamilies(["Microsoft YaHei UI", "Noto Sans CJK SC", "WenQuanYi Micro Hei"])
label.setFont(font)
window.setCentralWidget(label)
window.show()
application.exec()
"""
OURS = """
import sys
import gc
gc.disable()
import ui.program
make = ui.program.make_window
def make_watched(*words):
    window = make(*words)
    window.seen.connect(told)
    return window
ui.program.make_window = make_watched
del sys.argv[1:]
ui.program.run_window()
"""
TOLD = """
def told():
    import os, resource
    used = resource.getrusage(resource.RUSAGE_SELF)
    os.write(1, f"{used.ru_utime + used.ru_stime} {used.ru_maxrss}".encode())
    os._exit(0)
"""


def line(label: str, found: Iterable[float], aim: float = 0.0, aim_p99: float = 0.0) -> None:
    """Print one figure: median, best, 99th percentile, worst; and whether the aims are met."""
    ordered = sorted(found)
    middle, tail = statistics.median(ordered), ordered[min(len(ordered) * 99 // 100, len(ordered) - 1)]
    text = f"{label:<42}{middle:9.2f}{ordered[0]:9.2f}{tail:9.2f}{ordered[-1]:9.2f}"
    over = (aim and middle > aim) or (aim_p99 and tail > aim_p99)
    aims = " ".join(f"{one:g}" for one in (aim, aim_p99) if one)
    print(text + (f"   {aims:>8} {'OVER' if over else 'ok'}" if aims else ""), flush=True)


def milliseconds(act: Callable[[], object]) -> float:
    """Give the CPU time of one act of this process."""
    before = time.process_time()
    act()
    return (time.process_time() - before) * 1000


def painted() -> None:
    """Let the window do all that is waiting, painting too."""
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
    QApplication.processEvents()


def watched(act: Callable[[], object]) -> Callable[[], None]:
    """Give an act that ends when what it changed was painted."""

    def both() -> None:
        act()
        painted()

    return both


# ------------------------------------------------------------------------------------------ measures
def measure_start() -> None:
    """Start to first paint, against a bare window with two Chinese characters."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "SHENBAO_DATA_DIR": str(Path(folder) / "data")}
        environ["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "pyc")
        environ.pop("PYTHONDONTWRITEBYTECODE", None)

        def start(code: str) -> tuple[float, float]:
            begin = time.perf_counter()
            words = [sys.executable, "-c", TOLD + code]
            done = subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, check=True)
            wall = (time.perf_counter() - begin) * 1000
            return float(done.stdout.split()[0]) * 1000, wall

        for code in (BARE, OURS):
            start(code)
        pairs = [(start(BARE), start(OURS)) for _ in range(STARTS)]
    for place, kind in enumerate(("CPU", "wall")):
        bare, ours = [one[0][place] for one in pairs], [one[1][place] for one in pairs]
        line(f"start, bare PySide6 ({kind})", bare)
        line(f"start, window ({kind})", ours)
        line(f"start, ratio ({kind})", [b / a for a, b in zip(bare, ours, strict=True)], 1.5)


@contextmanager
def drafting(sample: str = "complete.json") -> Iterator[tuple[DraftWorld, DraftPage]]:
    """Give the page 填报 with a sample of the built-in programme."""
    with tempfile.TemporaryDirectory() as folder:
        world = DraftWorld(Path(folder) / "data")
        page = world.make_page(world.make_model(sample))
        page.show()
        painted()
        yield world, page
        page.show_draft(None)
        page.deleteLater()
        painted()
        world.close()


def measure_sections() -> None:
    """Every section of the real report, first visit and second."""
    with drafting() as (_world, page):
        count = len(page.states)
        first, second = [], []
        for number in range(1, count):
            first.append(milliseconds(watched(lambda number=number: page.show_section(number))))  # type: ignore[misc]
        for number in range(count):
            second.append(milliseconds(watched(lambda number=number: page.show_section(number))))  # type: ignore[misc]
        line("section, first visit", first, 100)
        line("section, again", second, 100)


def measure_keys() -> None:
    """Key press to paint in a table of the stress report and in fields of the real one."""
    stress = make_stress()
    with tempfile.TemporaryDirectory() as folder:
        world = TableWorld(Path(folder), (), stress.programme, stress.answers)
        world.show()
        painted()
        keys, enters = [], []
        for turn in range(KEYS):
            world.go(turn, "name" if turn % 2 else "amount")
            painted()
            keys.append(milliseconds(watched(lambda: QTest.keyClick(world.grid, Qt.Key.Key_7))))
            editor = world.open_editor()
            enters.append(milliseconds(watched(lambda: QTest.keyClick(editor, Qt.Key.Key_Return))))  # noqa: B023
        line("table of 2,000 rows: key opens the cell", keys, 16, 33)
        line("table of 2,000 rows: Enter, check, move", enters, 16, 33)
        world.close()
    with drafting() as (_world, page):
        section = page.section_pages[page.current]
        target: QWidget | None = None
        for row in section.rows.values():
            row.editor.give_focus()
            target = QApplication.focusWidget()
            break
        assert target is not None
        strokes = [milliseconds(watched(lambda: QTest.keyClick(target, Qt.Key.Key_A))) for _ in range(KEYS)]
        line("field: key to paint", strokes, 16, 33)

        def hand_over() -> None:
            QTest.keyClick(target, Qt.Key.Key_A)
            page.settle()

        line("field: key, check, paint", [milliseconds(watched(hand_over)) for _ in range(KEYS)], 16, 33)


def measure_scrolling() -> None:
    """Page down through 5,000 rows."""
    with tempfile.TemporaryDirectory() as folder:
        world = TableWorld(Path(folder), firm_rows(5000))
        world.show()
        painted()
        frames = [
            milliseconds(watched(lambda: QTest.keyClick(world.grid, Qt.Key.Key_PageDown))) for _ in range(200)
        ]
        line("table of 5,000 rows: page down", frames, 33, 33)
        bar = world.grid.verticalScrollBar()
        wheel = [milliseconds(watched(lambda: bar.setValue(bar.value() - 60))) for _ in range(200)]
        line("table of 5,000 rows: wheel", wheel, 33, 33)
        world.close()


def measure_filter() -> None:
    """Filter, sort and find in 5,000 rows."""
    with tempfile.TemporaryDirectory() as folder:
        world = TableWorld(Path(folder), firm_rows(5000))
        world.show()
        painted()
        model = world.model
        line("filter of 5,000 rows, first", [milliseconds(watched(lambda: model.set_filter("企业12")))], 50)
        found = []
        for needle in ("1", "", "天山企业4", "", "139", "", "团队", ""):
            found.append(milliseconds(watched(lambda needle=needle: model.set_filter(needle))))  # type: ignore[misc]
        line("filter of 5,000 rows, later", found, 50)
        sorts = [milliseconds(watched(lambda at=at: model.set_sorting(at))) for at in (0, 5, 2, -1)]  # type: ignore[misc]
        line("sort of 5,000 rows", sorts)
        line("find in 5,000 rows", [milliseconds(lambda: world.editor.find_line.line.setText("4999"))])
        world.close()


def measure_pages() -> None:
    """Every page of the window with the real report, first visit and second; a change under each."""
    with tempfile.TemporaryDirectory() as folder:
        world = WindowWorld(Path(folder))
        world.window.resize(1366, 768)
        world.window.show()
        world.window.start()
        world.settled()
        world.make_model("faulty.json")
        for page in world.window.pages:
            found = []
            for _ in range(6):
                found.append(milliseconds(watched(lambda page=page: world.window.go(page, ""))))  # type: ignore[misc]
                world.settled()
                world.window.go("home" if page != "home" else "draft", "")
                world.settled()
            line(f"page {page}, first visit", found[:1], 100)
            line(f"page {page}, again", found[1:], 50)
        collector = Collector(world.window)
        collector._collect()
        for page in world.window.pages:
            world.window.go(page, "")
            world.settled()
        line("everything collected (garbage)", [milliseconds(lambda: gc.collect(2)) for _ in range(3)], 50)
        collector.stop()
        gc.disable()
        world.close()


def measure_checks() -> None:
    """The real programme over 2,000 enterprises: all checks from nothing, then after one cell."""
    with drafting() as (_world, page):
        model = page._model
        assert model is not None
        session = model.session
        programme, context = session.programme, session.view.context
        compiled = [milliseconds(lambda: compile_checks(programme)) for _ in range(3)]
        line("programme's checks compiled", compiled)
        checks = compile_checks(programme)
        table = max(session.answers.tables, key=lambda key: len(session.answers.tables[key]))
        answers = with_many_rows(session.answers, table, 2000)
        fresh = [milliseconds(lambda: Checker(checks).check(answers, context)) for _ in range(5)]
        line(f"{len(checks.rules)} rules, 2,000 rows, from nothing", fresh, 100)
        checker = Checker(checks)
        checker.check(answers, context)
        worst = []
        for column in programme.form.tables[table].columns:
            found = []
            for turn in range(20):
                rows = list(answers.tables[table])
                cells = dict(rows[turn * 37].cells)
                other = rows[turn * 37 + 1].cells.get(column.id)
                if other is None:
                    cells.pop(column.id, None)
                else:
                    cells[column.id] = other
                rows[turn * 37] = Row(rows[turn * 37].id, cells)
                answers = replace(answers, tables={**answers.tables, table: tuple(rows)})
                found.append(milliseconds(lambda: checker.check(answers, context)))  # noqa: B023
            worst.append((statistics.median(found), column.id))
        line("one cell of 2,000 rows, by column", [cost for cost, _ in worst], 1)
        print("   ", ", ".join(f"{name} {cost:.2f}" for cost, name in sorted(worst, reverse=True)[:6]))


def with_many_rows(answers: Answers, table: str, count: int) -> Answers:
    """Give answers whose table has its own rows again and again, the names numbered."""
    own = answers.tables[table]
    rows = []
    for number in range(count):
        row = own[number % len(own)]
        cells = {
            key: f"{value}{number // len(own)}" if isinstance(value, str) and len(value) > 5 else value
            for key, value in row.cells.items()
        }
        rows.append(Row(f"m{number}", cells))
    return replace(answers, tables={**answers.tables, table: tuple(rows)})


def measure_memory() -> None:
    """Memory of a process with the whole report opened and every section visited."""
    with drafting() as (_world, page):
        for number in range(len(page.states)):
            page.show_section(number)
            painted()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'memory at most, this benchmark':<42}{used:9.0f} MiB")


MEASURES: dict[str, Callable[[], None]] = {
    "start": measure_start,
    "sections": measure_sections,
    "keys": measure_keys,
    "scrolling": measure_scrolling,
    "filter": measure_filter,
    "pages": measure_pages,
    "checks": measure_checks,
    "memory": measure_memory,
}


def main(words: list[str]) -> int:
    """Print the chosen figures, all where none is named."""
    if set(words) - MEASURES.keys():
        print(__doc__)
        return 2
    application = make_application(["bench"])
    gc.disable()  # as in the window, where ui.garbage collects
    print(f"{'milliseconds':<42}{'median':>9}{'best':>9}{'p99':>9}{'worst':>9}   aims")
    for name in words or MEASURES:
        MEASURES[name]()
    application.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
