"""The spine sheet (书脊): true size, with its text where the book is thick enough."""

from __future__ import annotations

from io import BytesIO

from reportlab.lib.units import mm

from app.messages import Messages
from app.model.packet import Part
from app.model.programme import Programme
from app.paper.fonts import HEI, SONG, Fonts
from app.paper.ink import Ink, open_canvas
from app.paper.plan import Plan, VolumePlan
from app.paper.styles import TEXT_PAGE
from app.paper.text import TextStyle, baseline, lay_out
from app.paper.wording import fill_text
from app.rules.view import View

LEAST_MM = 5.0
"""A thinner spine bears no text (print_rules §3)."""

MOST_MM = 40.0
"""A thicker book had better be bound in volumes."""

_LARGEST, _SMALLEST = 14.0, 6.5
_ENDS = 25 * mm
_STRIP = 120 * mm
"""How far from the left edge the strip stands."""

_NOTE = TextStyle(SONG, 10.5, 18)


def spine_text(programme: Programme, view: View, volume: int, volumes: int, messages: Messages) -> str:
    """Give the text of a spine, with the volume where there are several."""
    text = fill_text(programme.packet.spine, view, messages, "").strip()
    if volumes > 1:
        return messages.text("paper", "spine.volume", text=text, volume=volume, volumes=volumes)
    return text


def spine_advice(volume: VolumePlan, most_sheets: int, messages: Messages) -> str:
    """Give what to do about a spine: nothing, leave it white, or divide the book."""
    if volume.thickness < LEAST_MM:
        return messages.text("paper", "spine.thin", least=f"{LEAST_MM:g}")
    if volume.thickness > MOST_MM or volume.sheets > most_sheets:
        return messages.text("paper", "spine.thick", most=f"{MOST_MM:g}", sheets=most_sheets)
    return ""


def render_spine(
    programme: Programme, view: View, part: Part, fonts: Fonts, messages: Messages, plan: Plan
) -> bytes:
    """Print one page for each volume: a strip of the spine's true width over the whole height of A4.

    Its text stands upright one character below the other (小四 to 四号 黑体).
    """
    out = BytesIO()
    canvas = open_canvas(out, fonts.chain(SONG).first, part.title)
    volumes = plan.volumes or (VolumePlan(0, 0, 0),)
    for number, volume in enumerate(volumes, 1):
        canvas.setPageSize((210 * mm, 297 * mm))
        ink = Ink(canvas)
        text = spine_text(programme, view, number, len(volumes), messages)
        _draw_notes(ink, part, volume, text, fonts, messages, programme)
        if plan.volumes:
            _draw_strip(ink, volume.thickness * mm)
            if volume.thickness >= LEAST_MM:
                _draw_text(ink, text, volume.thickness * mm, fonts)
        ink.flush()
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw_notes(
    ink: Ink,
    part: Part,
    volume: VolumePlan,
    text: str,
    fonts: Fonts,
    messages: Messages,
    programme: Programme,
) -> None:
    known = volume.sides > 0
    lines = [
        messages.text("paper", "not_official", label=programme.label),
        messages.text("paper", "spine.text", text=text),
        messages.text(
            "paper",
            "spine.size" if known else "spine.unknown",
            sheets=volume.sheets,
            thickness=f"{volume.thickness:g}",
        ),
        spine_advice(volume, programme.packet.volume_sheets, messages) if known else "",
        messages.text("paper", "spine.how"),
    ]
    left, top = TEXT_PAGE.left * mm, (297 - TEXT_PAGE.top) * mm
    width = _STRIP - left - 24 * mm
    heading = TextStyle(HEI, 16, 28)
    for each, style in ((part.title, heading), *((line, _NOTE) for line in lines)):
        for line in lay_out(each, fonts.chain(style.role), style, width):
            ink.line(line, left, top - baseline(style), style)
            top -= style.leading
        top -= 6


def _draw_strip(ink: Ink, width: float) -> None:
    for x in (_STRIP - width / 2, _STRIP + width / 2):
        ink.rule(x, 0, x, 297 * mm, 0.4, 0.5)


def _draw_text(ink: Ink, text: str, width: float, fonts: Fonts) -> None:
    room = 297 * mm - 2 * _ENDS
    size = max(_SMALLEST, min(_LARGEST, width - 2 * mm, room / max(1, len(text)) / 1.15))
    style = TextStyle(HEI, size, size * 1.15)
    y = 297 * mm - _ENDS
    for character in text:
        for line in lay_out(character, fonts.chain(HEI), style, 2 * size):
            ink.line(line, _STRIP - line.width / 2, y - baseline(style), style)
        y -= style.leading if character.strip() else style.leading / 2
