"""Pages of others put into the type area of our paper: PDF pages and pictures, upright, never enlarged."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pikepdf
from PIL import Image, ImageOps, UnidentifiedImageError
from reportlab.lib.units import mm

from app.errors import AppError
from app.paper.assemble import A4, open_pdf
from app.paper.styles import Geometry

AREA = Geometry(top=28.0, bottom=21.0, left=25.0, right=25.0)
"""The room for a foreign page; numbers and marks stand outside of it."""

IMAGES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff"})
"""Kinds of pictures that are put in."""

FINEST = 300
"""Dots per inch that paper shows; finer pictures are made that fine."""

_QUALITY = 90
_MOST_PIXELS = 400_000_000
"""A picture of more pixels than that is refused: no scanner makes such a page."""
_SLACK = 1.2
_LONGEST = AREA.body_height / 72 * FINEST
_SHORTEST = AREA.body_width / 72 * FINEST


def enclose_pdf(pdf: pikepdf.Pdf, path: Path, name: str) -> None:
    """Add the pages of a PDF to ``pdf``; their text stays text, stamps on them (annotations) stay visible.

    Raises:
        AppError: ``pdf_unreadable`` (``name``, ``reason``).
    """
    with open_pdf(path, name) as source:
        try:
            source.flatten_annotations("print")
            for page in source.pages:
                _lighten(page)
                _place(pdf, page)
        except pikepdf.PdfError as error:
            raise AppError("pdf_unreadable", name=name, reason="broken") from error


def _place(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    """Add a page that shows another one upright in the type area.

    A page across is turned so that its head lies at the left, as GB/T 9704-2012 §7.4 wants for wide tables.
    """
    left, bottom, right, top = (float(value) for value in page.cropbox)
    width, height = abs(right - left), abs(top - bottom)
    turned = int(page.rotation or 0) % 360
    form = pdf.copy_foreign(page.as_form_xobject(handle_transformations=False))
    form.Matrix = pikepdf.Array([1, 0, 0, 1, 0, 0])
    shown = (height, width) if turned % 180 == 90 else (width, height)
    if shown[0] > shown[1]:
        turned = (turned + 270) % 360
        shown = shown[1], shown[0]
    _draw(pdf, form, (min(left, right), min(bottom, top), width, height), shown, turned)


def _draw(
    pdf: pikepdf.Pdf,
    form: pikepdf.Object,
    box: tuple[float, float, float, float],
    shown: tuple[float, float],
    turned: int,
) -> None:
    """Add an A4 page with a form whose ``box`` appears, ``turned`` degrees clockwise, as large as it fits."""
    left, bottom, width, height = box
    scale = min(1.0, AREA.body_width / shown[0], AREA.body_height / shown[1])
    middle = (AREA.left * mm + AREA.body_width / 2, AREA.bottom * mm + AREA.body_height / 2)
    cosine, sine = {0: (1, 0), 90: (0, -1), 180: (-1, 0), 270: (0, 1)}[turned]
    a, b, c, d = scale * cosine, scale * sine, -scale * sine, scale * cosine
    x, y = left + width / 2, bottom + height / 2
    e, f = middle[0] - a * x - c * y, middle[1] - b * x - d * y
    pdf.add_blank_page(page_size=A4)
    page = pdf.pages[-1]
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Proof=form))
    matrix = " ".join(f"{number:.5f}" for number in (a, b, c, d, e, f))
    page.obj.Contents = pdf.make_stream(f"q {matrix} cm /Proof Do Q".encode("ascii"))


def _lighten(page: pikepdf.Page) -> None:
    """Make photographs of a page that are finer than the whole page needs as fine as paper shows."""
    objects = page.resources.get("/XObject", pikepdf.Dictionary())
    for image in dict(objects.items()).values():
        if not isinstance(image, pikepdf.Stream) or image.get("/Subtype") != pikepdf.Name.Image:
            continue
        colours = image.get("/ColorSpace")
        plain = colours in (pikepdf.Name.DeviceRGB, pikepdf.Name.DeviceGray)
        odd = {"/SMask", "/Mask", "/Decode"} & set(image.keys())
        if image.get("/Filter") != pikepdf.Name.DCTDecode or odd or not plain:
            continue
        if _factor(int(image.Width), int(image.Height)) * _SLACK >= 1:
            continue
        try:
            picture = pikepdf.PdfImage(image).as_pil_image()
            body, size = _jpeg(picture)
        except (OSError, pikepdf.PdfError, pikepdf.UnsupportedImageTypeError, Image.DecompressionBombError):
            continue
        if len(body) < len(image.read_raw_bytes()):
            image.write(body, filter=pikepdf.Name.DCTDecode)
            image.Width, image.Height = size


def _factor(width: int, height: int) -> float:
    """Return by what to shrink a picture that fills the type area to show ``FINEST`` dots per inch."""
    return min(1.0, max(_SHORTEST / min(width, height), _LONGEST / max(width, height)))


def _jpeg(picture: Image.Image) -> tuple[bytes, tuple[int, int]]:
    factor = _factor(*picture.size)
    size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
    if size != picture.size:
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    out = BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue(), picture.size


def enclose_image(pdf: pikepdf.Pdf, path: Path, name: str) -> None:
    """Add a picture (every page of a TIFF) to ``pdf``, turned as the camera says.

    Raises:
        AppError: ``picture_unreadable`` (``name``).
    """
    try:
        with Image.open(path) as picture:
            for frame in range(getattr(picture, "n_frames", 1)):
                picture.seek(frame)
                if picture.width * picture.height > _MOST_PIXELS:
                    raise AppError("picture_unreadable", name=name)
                _place_image(pdf, ImageOps.exif_transpose(picture), _dots(picture))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise AppError("picture_unreadable", name=name) from error


def _dots(picture: Image.Image) -> float:
    """Return the picture's dots per inch; one that does not say so is taken to fill the page."""
    dots = float(picture.info.get("dpi", (0, 0))[0] or 0)
    return dots if dots >= 72 else 0.0


def _place_image(pdf: pikepdf.Pdf, picture: Image.Image, dots: float) -> None:
    width, height = picture.size
    picture = _plain(picture)
    across = width > height
    room = (AREA.body_height, AREA.body_width) if across else (AREA.body_width, AREA.body_height)
    fill = min(room[0] / width, room[1] / height)
    scale = min(fill, 72 / dots) if dots else fill
    image = _image_object(pdf, picture, scale)
    form = pdf.make_stream(f"q {width * scale:.4f} 0 0 {height * scale:.4f} 0 0 cm /Picture Do Q".encode())
    form.Type, form.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
    form.BBox = pikepdf.Array([0, 0, round(width * scale, 4), round(height * scale, 4)])
    form.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Picture=image))
    size = width * scale, height * scale
    shown = (size[1], size[0]) if across else size
    _draw(pdf, form, (0.0, 0.0, *size), shown, 270 if across else 0)


def _plain(picture: Image.Image) -> Image.Image:
    """Give a picture in black and white, grey or RGB; what is transparent becomes paper."""
    if picture.mode in ("1", "L", "RGB"):
        return picture
    if picture.mode in ("I;16", "I"):
        return picture.point(lambda value: value / 256).convert("L")
    if "A" in picture.getbands() or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        paper = Image.new("RGB", layer.size, "white")
        paper.paste(layer, mask=layer.getchannel("A"))
        return paper
    return picture.convert("RGB")


def _image_object(pdf: pikepdf.Pdf, picture: Image.Image, scale: float) -> pikepdf.Stream:
    """Store a picture whose pixel measures ``scale`` points: drawings without loss, photographs as JPEG."""
    factor = scale * FINEST / 72
    if factor * _SLACK < 1 and picture.mode != "1":
        size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    gray = picture.mode in ("1", "L")
    stream = pdf.make_stream(picture.tobytes())
    bits = 1 if picture.mode == "1" else 8
    if picture.mode != "1" and _is_photograph(picture):
        out = BytesIO()
        picture.save(out, "JPEG", quality=_QUALITY)
        stream.write(out.getvalue(), filter=pikepdf.Name.DCTDecode)
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    stream.Width, stream.Height = picture.size
    stream.ColorSpace = pikepdf.Name.DeviceGray if gray else pikepdf.Name.DeviceRGB
    stream.BitsPerComponent = bits
    return stream


def _is_photograph(picture: Image.Image) -> bool:
    """Tell by a small copy: photographs have thousands of colours, drawings and screens few."""
    small = picture.resize((128, 128), Image.Resampling.NEAREST)
    return small.getcolors(2048) is None if picture.mode == "RGB" else small.getcolors(128) is None
