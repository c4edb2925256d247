"""Places to sign and to stamp by hand: lines and a dashed outline, never a picture of a seal or signature."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reportlab.lib.units import mm

from app.paper.fonts import Fonts
from app.paper.ink import Ink
from app.paper.text import Line, TextStyle, baseline, lay_out

SEAL_SIDE = 45 * mm
"""Seals of units are 40 to 42 mm round; the place leaves some room around."""


@dataclass(frozen=True, slots=True)
class SignLine:
    """One line: ``label``, then either ``value`` or a rule of ``rule`` characters to write on."""

    label: str
    value: str = ""
    rule: float = 0.0


@dataclass(frozen=True, slots=True)
class Seal:
    """A stamp place: ``under`` (unit name, date) is what the seal will cover, ``words`` the hint inside."""

    under: tuple[str, ...] = ()
    words: str = "盖章处"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a party signs and stamps."""

    lines: tuple[SignLine, ...]
    seal: Seal | None = None


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """A measured signature block; it is never divided (it is lower than a page)."""

    lines: tuple[tuple[Line, float], ...]
    under: tuple[Line, ...]
    words: tuple[Line, ...]
    style: TextStyle
    hint: TextStyle
    width: float
    sealed: bool

    @property
    def height(self) -> float:
        """The whole height in points."""
        box = SEAL_SIDE + 4.0 if self.sealed else 0.0
        return max(box, self._deepest() * self.style.leading)

    @property
    def least(self) -> float:
        """The whole height: it is never divided."""
        return self.height

    def split(
        self, room: float, fresh: bool, tail: bool = False
    ) -> tuple[SignatureBlock | None, SignatureBlock | None]:
        """Return the whole block here or on the next page."""
        return (self, None) if fresh or self.height <= room + 0.01 else (None, self)

    def draw(self, ink: Ink, x: float, top: float) -> None:
        """Draw lines at the left (the middle without a seal) and the stamp place at the right."""
        drop = baseline(self.style)
        y = top - (self.height - len(self.lines) * self.style.leading) / 2 - drop
        for line, rule in self.lines:
            ink.line(line, x, y, self.style)
            if rule:
                begin = x + line.x + line.width
                ink.rule(begin, y - 0.16 * self.style.size, begin + rule, y - 0.16 * self.style.size, 0.6)
            y -= self.style.leading
        if self.sealed:
            self._draw_place(ink, x, top - 2.0)

    def _draw_place(self, ink: Ink, x: float, top: float) -> None:
        widest = max([SEAL_SIDE, *(line.width for line in self.under)])
        middle = (
            x + self.width - widest / 2 - (self.style.size if widest + self.style.size < self.width else 0)
        )
        canvas = ink.canvas
        canvas.saveState()
        canvas.setDash(4, 3)
        canvas.setStrokeGray(0.45)
        canvas.setLineWidth(0.7)
        canvas.rect(middle - SEAL_SIDE / 2, top - SEAL_SIDE, SEAL_SIDE, SEAL_SIDE, stroke=1, fill=0)
        canvas.restoreState()
        y = top - 0.12 * SEAL_SIDE - baseline(self.hint)
        for line in self.words:
            ink.line(line, middle - line.width / 2 - line.x, y, self.hint)
            y -= self.hint.leading
        # name and date lie in the seal's lower middle
        y = top - 0.58 * SEAL_SIDE + len(self.under) * self.style.leading / 2 - baseline(self.style)
        for line in self.under:
            ink.line(line, middle - line.width / 2 - line.x, y, self.style)
            y -= self.style.leading

    def _deepest(self) -> int:
        return max(len(self.lines), len(self.under))


def lay_out_signature(signature: Signature, fonts: Fonts, style: TextStyle, width: float) -> SignatureBlock:
    """Measure a signature block for ``width`` points; long lines wrap beside the stamp place."""
    chain = fonts.chain(style.role)
    seal = signature.seal
    plain = replace(style, align="left", indent=0.0, hang=0.0)
    under = tuple(
        line for text in (seal.under if seal else ()) for line in lay_out(text, chain, plain, width)
    )
    beside = max([SEAL_SIDE, *(line.width for line in under)]) + 2 * style.size if seal else 0.0
    start = 0.0 if seal else width * 0.4
    room = max(8 * style.size, width - beside - start)
    lines: list[tuple[Line, float]] = []
    for each in signature.lines:
        rule = each.rule * style.size
        own = lay_out(each.label + each.value, chain, plain, max(6 * style.size, room - rule))
        lines += [(replace(line, x=line.x + start), 0.0) for line in own]
        if lines and rule:
            lines[-1] = (lines[-1][0], rule)
    hint = TextStyle(style.role, 10.5, 14, gray=0.45)
    words = lay_out(seal.words, chain, hint, SEAL_SIDE) if seal else ()
    return SignatureBlock(tuple(lines), under, words, plain, hint, width, seal is not None)
