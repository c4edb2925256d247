"""Papers of exactly one page: tried from large to small text until everything fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import NamedTuple, Protocol, TypeVar

from reportlab.lib.units import mm

from app.errors import AppError
from app.paper.fonts import SONG, Fonts
from app.paper.ink import Ink, open_canvas
from app.paper.styles import Geometry

Size = TypeVar("Size")


class Drawable(Protocol):
    """What knows its height in points and draws itself below and right of a corner."""

    @property
    def height(self) -> float:
        """The whole height in points."""
        ...

    def draw(self, ink: Ink, x: float, top: float) -> None:
        """Draw with the upper left corner at (``x``, ``top``)."""
        ...


class Placed(NamedTuple):
    """A block and the white space above it in points."""

    block: Drawable
    before: float = 0.0


def fit_sheet(
    sizes: Iterable[Size], compose: Callable[[Size], Sequence[Placed]], geometry: Geometry, title: str
) -> tuple[Size, float]:
    """Return the first size whose blocks fit on one page, and the room that is left below them in points.

    Raises:
        AppError: ``form_does_not_fit`` (``title``) when even the last size is too large; nothing is cut.
    """
    for size in sizes:
        left = geometry.body_height - sum(each.before + each.block.height for each in compose(size))
        if left >= -0.01:
            return size, max(0.0, left)
    raise AppError("form_does_not_fit", title=title)


def print_sheet(fonts: Fonts, title: str, geometry: Geometry, blocks: Sequence[Placed]) -> bytes:
    """Print blocks below each other on one right-hand page; equal blocks give equal bytes."""
    out = BytesIO()
    canvas = open_canvas(out, fonts.chain(SONG).first, title)
    canvas.setPageSize((geometry.width * mm, geometry.height * mm))
    ink = Ink(canvas)
    left, top = geometry.corner(recto=True)
    for block, before in blocks:
        top -= before
        block.draw(ink, left, top)
        top -= block.height
    ink.flush()
    canvas.showPage()
    canvas.save()
    return out.getvalue()
