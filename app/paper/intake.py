"""The platform's watermarked report looked at before it takes its place in the book.

It is never changed and never imitated.  What can be known is said with three answers: yes, no, cannot tell;
a clerk decides about the last two.  Only a file that is no PDF, or one that says 草稿, is held back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import partial

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium

from app.errors import AppError
from app.model.form import Item
from app.model.value import NUMBER_TYPES, ItemType, Value, parse_date
from app.paper.assemble import Source, open_pdf
from app.paper.expected import plain
from app.paper.raster import opened
from app.paper.wording import shown
from app.rules.view import View

_DRAFT = "草稿"
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年度")
_NUMBER = re.compile(r"(?:(?<![A-Za-z\d.)）])[-−])?(?<![A-Za-z\d.])\d[\d,]*(?:\.\d+)?(?![A-Za-z\d])")
_BETWEEN = re.compile(r"(?<![!-~\s])\s++|\s++(?![!-~])")
_ITEM_NUMBER = re.compile(r"[A-Z]\d[\d-]*$")
"""The number of the next item, which stands before its label."""

_LEAST_TEXT = 20
"""Characters on a page below which it is taken for a picture."""
_UPRIGHT = 0.05
_PIECE = 12
_REACH, _SHOWN = 60, 24


class Answer(StrEnum):
    """What is known of a question."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Difference:
    """A sealed value that is not read in a report.

    ``path`` is its place, ``expected`` the value as it is printed, ``page`` (from 1) where it ought to stand:
    where its label or its neighbour was read (0: not known).  ``read`` is what stands beside its label there.
    """

    path: str
    expected: str
    page: int
    read: str = ""


@dataclass(frozen=True, slots=True)
class Intake:
    """What a platform's report looks like.

    ``watermarked``: the same stands on, or across, every page.  ``draft``: pages (from 1) that say 草稿.
    ``year``: it is of the programme's year; ``years`` are the ones it names.  ``agrees``: every sealed value
    is read in it; ``differences`` are those that are not, ``found`` says on which page (from 1) the others
    were read first.  ``pictures`` are pages (from 1) without text.
    """

    name: str
    pages: int
    watermarked: Answer
    draft: tuple[int, ...]
    says_draft: Answer
    year: Answer
    years: tuple[int, ...]
    agrees: Answer
    differences: tuple[Difference, ...]
    found: Mapping[str, int]
    pictures: tuple[int, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Give the paths of the sealed values that are not read."""
        return tuple(one.path for one in self.differences)

    @property
    def doubtful(self) -> bool:
        """Tell whether a clerk must look before the report is taken."""
        fine = (self.watermarked, self.year, self.agrees) == (Answer.YES,) * 3
        return not fine or self.says_draft is not Answer.NO


def inspect_report(pdf: Source, view: View, name: str = "PDF") -> Intake:
    """Look at a platform's report beside the sealed values of ``view``; nothing is judged by it alone.

    Raises:
        AppError: ``pdf_unreadable`` (``name``, ``reason``).
    """
    with open_pdf(pdf, name) as document:
        shared = _shared_marks(document)
    read, turned = _read(pdf)
    texts = [plain(text) for text in read]
    pictures = tuple(number for number, text in enumerate(texts, 1) if len(text) < _LEAST_TEXT)
    own = _values_text(view)
    drafts = _drafts(texts, own)
    years = _years(texts)
    differences, found = _compare(view, read)
    return Intake(
        name,
        len(texts),
        _watermarked(shared, turned, pictures, len(texts)),
        drafts,
        Answer.YES if drafts else Answer.UNKNOWN if pictures or _DRAFT in own else Answer.NO,
        _same(view.programme.report_year, years),
        years,
        Answer.YES if not differences else Answer.UNKNOWN if pictures else Answer.NO,
        differences if len(pictures) < len(texts) else (),
        found,
        pictures,
    )


def require_final(name: str, drafts: Sequence[int], reason: str = "") -> None:
    """Let a report pass into the book unless it says 草稿; a written ``reason`` lets that pass too.

    Raises:
        AppError: ``report_is_draft`` (``name``, ``page``).
    """
    if drafts and not reason.strip():
        raise AppError("report_is_draft", name=name, page=drafts[0])


def _drafts(texts: Sequence[str], own: str) -> tuple[int, ...]:
    return () if _DRAFT in own else tuple(page for page, text in enumerate(texts, 1) if _DRAFT in text)


def _same(wanted: int, years: Sequence[int]) -> Answer:
    if not years:
        return Answer.UNKNOWN
    return Answer.YES if years[0] == wanted else Answer.NO


def _years(texts: Sequence[str]) -> tuple[int, ...]:
    """Return the years of evaluation that are named: the first page's first, then by how often."""
    everywhere = Counter(int(year) for text in texts for year in _YEAR.findall(text))
    opening = [int(year) for year in _YEAR.findall(texts[0])]
    ranked = [year for year, _ in everywhere.most_common()]
    return tuple(dict.fromkeys([*opening[:1], *ranked]))


def _watermarked(shared: int, turned: Sequence[bool], pictures: Sequence[int], pages: int) -> Answer:
    """Judge by what is on every page; a watermark inside a scanned picture cannot be told."""
    if shared == pages and pages > 1 and not pictures:
        return Answer.YES
    if turned and all(turned):
        return Answer.YES
    if pictures or shared or any(turned) or pages == 1:
        return Answer.UNKNOWN
    return Answer.NO


def _shared_marks(document: pikepdf.Pdf) -> int:
    """Return on how many pages the most common form, picture or watermark annotation stands."""
    seen: Counter[object] = Counter()
    for page in document.pages:
        marks: set[object] = set()
        forms = page.resources.get("/XObject")
        if isinstance(forms, pikepdf.Dictionary):
            marks |= {form.objgen for form in forms.as_dict().values() if form.objgen != (0, 0)}
        annotations = page.obj.get("/Annots")
        if isinstance(annotations, pikepdf.Array):
            kinds = {str(one.get("/Subtype")) for one in _dictionaries(annotations)}
            marks |= kinds & {"/Watermark", "/Stamp"}
        seen.update(marks)
    return max(seen.values(), default=0)


def _dictionaries(array: pikepdf.Array) -> Iterator[pikepdf.Dictionary]:
    for one in array.as_list():
        if isinstance(one, pikepdf.Dictionary):
            yield one


def _read(pdf: Source) -> tuple[list[str], list[bool]]:
    """Return of every page its text and whether text stands slanting on it."""
    texts, turned = [], []
    with opened(pdf) as document:
        for page in document:
            reader = page.get_textpage()
            texts.append(reader.get_text_range())
            turned.append(_slants(reader))
            reader.close()
            page.close()
    return texts, turned


def _slants(reader: pypdfium2.PdfTextPage) -> bool:
    """Tell whether some characters are neither upright nor turned by a quarter."""
    count = reader.count_chars()
    # words across a page are written first or last
    for place in (*range(min(count, 60)), *range(max(0, count - 200), count)):
        angle: float = pdfium.FPDFText_GetCharAngle(reader, place)
        quarter = angle % 1.5707963
        if _UPRIGHT < quarter < 1.5707963 - _UPRIGHT:
            return True
    return False


def _values_text(view: View) -> str:
    texts = [value for value in view.values.values() if isinstance(value, str)]
    cells = [value for rows in view.tables.values() for row in rows for value in row.cells.values()]
    return "".join([*texts, *(value for value in cells if isinstance(value, str))])


def _joined(text: str) -> str:
    """Return a text whose numbers stay apart while words broken at a line's end come together."""
    return _BETWEEN.sub("", text)


def _compare(view: View, texts: Sequence[str]) -> tuple[tuple[Difference, ...], dict[str, int]]:
    """Look for every sealed value; return those not read, and the pages of the others by path."""
    book = _Book(texts, [item.label for item in view.programme.form.fields.values()])
    missing: dict[str, Difference] = {}
    found: dict[str, int] = {}
    last = 0
    for item_id, item in view.programme.form.fields.items():
        value = view.values.get(item_id)
        if value is None or item_id in view.hidden or item.masked:
            continue
        page = book.page_of_field(item, value)
        if page:
            found[item_id] = last = page
        else:
            beside, read = book.beside_label(item)
            missing[item_id] = Difference(item_id, shown(item, value), beside or last, read)
    numbers: dict[Decimal, list[tuple[str, str]]] = {}
    for table_id, rows in view.tables.items():
        table = view.programme.form.tables[table_id]
        last = 0
        for row in rows:
            for column in table.columns:
                value = row.cells.get(column.id)
                if value is None or column.masked or column.masked_by:
                    continue
                path, text = f"{table_id}/{row.id}/{column.id}", shown(column, value)
                page = book.page_of(column, value, last)
                if page:
                    found[path] = last = page
                else:
                    missing[path] = Difference(path, text, last)
                if page and column.type in NUMBER_TYPES and (number := _decimal(text)):
                    numbers.setdefault(number, []).append((path, text))
    for number, paths in numbers.items():
        # as often as it is sealed; which of the places it is missing from cannot be told
        if book.numbers[number] < len(paths):
            for path, text in paths:
                missing.setdefault(path, Difference(path, text, found[path]))
    return tuple(missing.values()), found


class _Book:
    """The pages of a report, searched for values."""

    def __init__(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        self._texts = [plain(text) for text in texts]
        self._joined = [_joined(text) for text in texts]
        self._labels = {_joined(label) for label in labels if label}
        self._pages = [set(_numbers(text)) for text in self._joined]
        self.numbers = Counter(number for text in self._joined for number in _numbers(text))

    def page_of_field(self, item: Item, value: Value) -> int:
        """Give the page (from 1) on which a value stands, beside its label where that is printed."""
        page = self.page_of(item, value)
        if not page or item.type not in NUMBER_TYPES:
            return page
        wanted = _decimal(shown(item, value))
        beside = list(self._beside(_joined(item.label)))
        if any(beside) and not any(wanted in numbers for numbers in beside):
            return 0
        return page

    def beside_label(self, item: Item) -> tuple[int, str]:
        """Give the first page (from 1) with an item's label, and what stands beside it there."""
        label = _joined(item.label)
        for page, text in enumerate(self._joined, 1):
            start = text.find(label) if label else -1
            if start >= 0:
                stretch = text[start + len(label) : start + len(label) + _REACH]
                ends = [at for one in self._labels if (at := stretch.find(one)) >= 0]
                return page, _ITEM_NUMBER.sub("", stretch[: min([*ends, _SHOWN])]).strip()
        return 0, ""

    def page_of(self, item: Item, value: Value, near: int = 0) -> int:
        """Give the page (from 1) on which a value stands, the first from page ``near`` on; 0: nowhere."""
        text = shown(item, value)
        if item.type in NUMBER_TYPES and (number := _decimal(text)) is not None:
            wanted = {number, number / 100} if item.type is ItemType.PERCENT else {number}
            return self._first(lambda page: bool(wanted & self._pages[page]), near)
        spellings = {plain(text), *_spellings(item, value)}
        page = self._first(lambda page: any(one in self._texts[page] for one in spellings), near)
        if page or len(plain(text)) <= _PIECE:
            return page
        # a long text goes on over pages with their heads and feet between
        whole = plain(text)
        pieces = [whole[first : first + _PIECE] for first in range(0, len(whole), _PIECE)]
        pages = [self._first(partial(self._holds, piece)) for piece in pieces]
        broken = sum(not page for page in pages)
        return next(filter(None, pages), 0) if broken <= len(self._texts) and broken * 2 < len(pages) else 0

    def _first(self, holds: Callable[[int], bool], near: int = 0) -> int:
        start = max(0, near - 1)
        order = (*range(start, len(self._texts)), *range(start))
        return next((page + 1 for page in order if holds(page)), 0)

    def _holds(self, piece: str, page: int) -> bool:
        return piece in self._texts[page]

    def _beside(self, label: str) -> Iterator[frozenset[Decimal]]:
        """Give the numbers between each place of a label and the next label."""
        for text in self._joined:
            start = text.find(label)
            while label and start >= 0:
                start += len(label)
                stretch = text[start : start + _REACH]
                ends = [at for one in self._labels if (at := stretch.find(one)) >= 0]
                yield frozenset(_numbers(stretch[: min(ends, default=_REACH)]))
                start = text.find(label, start)


def _spellings(item: Item, value: Value) -> set[str]:
    """Give other ways to write a value: dates in figures."""
    day = parse_date(shown(item, value)) if item.type is ItemType.DATE else None
    if day is None:
        return set()
    return {
        day.isoformat(),
        f"{day:%Y/%m/%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}年{day.month:02}月{day.day:02}日",
    }


def _numbers(text: str) -> Iterator[Decimal]:
    for match in _NUMBER.finditer(text):
        number = _decimal(match[0])
        if number is not None:
            yield number


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", "").replace("−", "-").rstrip("%"))
    except InvalidOperation:
        return None
