"""Pages of others put into the type area of our paper: PDF pages and pictures, upright, never enlarged."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pikepdf
from PIL import Image, ImageOps, UnidentifiedImageError
from reportlab.lib.units import mm

from app.errors import AppError
from app.paper.assemble import A4, Source, finished, open_pdf
from app.paper.styles import Geometry

AREA = Geometry(top=28.0, bottom=21.0, left=25.0, right=25.0)
"""The room for a foreign page; numbers and marks stand outside of it."""

IMAGES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff"})
"""Kinds of pictures that are put in."""

FINEST = 300
"""Dots per inch that paper shows; finer pictures are made that fine."""

_QUALITY = 90
_MOST_PIXELS, _MOST_PHOTOGRAPHED = 89_000_000, 170_000_000
"""A picture of more pixels is refused: A4 at 900 dpi has 78 million; only photographs can be read small."""
_SLACK = 1.2
_LONGEST = AREA.body_height / 72 * FINEST
_SHORTEST = AREA.body_width / 72 * FINEST


def enclose(path: Path, name: str, target: Path | None = None) -> Source:
    """Give a file's pages, each in the type area of an A4 page, as a PDF (in ``target`` where that is given).

    A PDF's text stays text, stamps on it (annotations) stay visible; a picture is turned as the camera says.
    The kind is told by the ending of ``name``.

    Raises:
        AppError: ``pdf_unreadable`` (``name``, ``reason``), ``picture_unreadable`` (``name``),
            ``cannot_write`` (``name``, ``reason``).
    """
    if Path(name).suffix.lower() in IMAGES:
        with pikepdf.new() as pdf:
            _enclose_picture(pdf, path, name)
            return finished(pdf, name, target, last=False)
    with open_pdf(path, name) as source:
        try:
            source.flatten_annotations("print")
            for page in source.pages:
                _lighten(page)
                _place(source, page)
            _strip(source)
            return finished(source, name, target, last=False)
        except pikepdf.PdfError as error:
            raise AppError("pdf_unreadable", name=name, reason="broken") from error


def _strip(pdf: pikepdf.Pdf) -> None:
    """Leave pages only: no form, script or table of contents of others comes into the book."""
    for key in set(pdf.Root.keys()) - {"/Type", "/Pages"}:
        del pdf.Root[key]


def _place(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    """Make a page one that shows what it was, upright in the type area.

    A page across is turned so that its head lies at the left, as GB/T 9704-2012 §7.4 wants for wide tables.
    """
    left, bottom, right, top = (float(value) for value in page.cropbox)
    width, height = abs(right - left), abs(top - bottom)
    turned = int(page.rotation or 0) % 360
    form = _form_of(pdf, page, (min(left, right), min(bottom, top), max(left, right), max(bottom, top)))
    shown = (height, width) if turned % 180 == 90 else (width, height)
    if shown[0] > shown[1]:
        turned = (turned + 270) % 360
        shown = shown[1], shown[0]
    _draw(pdf, page, form, (min(left, right), min(bottom, top), width, height), shown, turned)


def _form_of(pdf: pikepdf.Pdf, page: pikepdf.Page, box: tuple[float, float, float, float]) -> pikepdf.Stream:
    """Give what a page shows inside ``box`` as a form that does not depend on the page any more."""
    page.contents_coalesce()
    contents = page.obj.get("/Contents")
    form = pdf.make_stream(contents.read_raw_bytes() if isinstance(contents, pikepdf.Stream) else b"")
    for key in ("/Filter", "/DecodeParms"):
        if isinstance(contents, pikepdf.Stream) and key in contents:
            form[key] = contents[key]
    form.Type, form.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
    form.BBox = pikepdf.Array(box)
    form.Resources = page.resources
    if "/Group" in page.obj:
        form.Group = page.obj.Group
    return form


def _draw(
    pdf: pikepdf.Pdf,
    page: pikepdf.Page,
    form: pikepdf.Object,
    box: tuple[float, float, float, float],
    shown: tuple[float, float],
    turned: int,
) -> None:
    """Make ``page`` an A4 one that shows ``box`` of a form, ``turned`` degrees clockwise."""
    left, bottom, width, height = box
    scale = min(1.0, AREA.body_width / shown[0], AREA.body_height / shown[1])
    middle = (AREA.left * mm + AREA.body_width / 2, AREA.bottom * mm + AREA.body_height / 2)
    cosine, sine = {0: (1, 0), 90: (0, -1), 180: (-1, 0), 270: (0, 1)}[turned]
    a, b, c, d = scale * cosine, scale * sine, -scale * sine, scale * cosine
    x, y = left + width / 2, bottom + height / 2
    e, f = middle[0] - a * x - c * y, middle[1] - b * x - d * y
    own = page.obj
    for key in set(own.keys()) - {"/Type", "/Parent"}:
        del own[key]
    own.MediaBox = own.CropBox = pikepdf.Array([0, 0, *A4])
    own.Rotate = 0  # or it would come from the node above
    own.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Proof=form))
    matrix = " ".join(f"{number:.5f}" for number in (a, b, c, d, e, f))
    own.Contents = pdf.make_stream(f"q {matrix} cm /Proof Do Q".encode("ascii"))


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


def _enclose_picture(pdf: pikepdf.Pdf, path: Path, name: str) -> None:
    """Add a picture (every page of a TIFF) to ``pdf``; raises ``AppError("picture_unreadable")``."""
    try:
        with Image.open(path) as picture:
            for frame in range(getattr(picture, "n_frames", 1)):
                picture.seek(frame)
                photographed = picture.format == "JPEG"
                if picture.width * picture.height > (_MOST_PHOTOGRAPHED if photographed else _MOST_PIXELS):
                    raise AppError("picture_unreadable", name=name)
                size, dots = picture.size, _dots(picture)
                factor = _factor(*size)
                if photographed and factor < 1:
                    # the decoder leaves out what paper does not show
                    picture.draft(None, (round(size[0] * factor), round(size[1] * factor)))
                _place_picture(pdf, ImageOps.exif_transpose(picture), size, dots)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise AppError("picture_unreadable", name=name) from error


def _dots(picture: Image.Image) -> float:
    """Return the picture's dots per inch; one that does not say so is taken to fill the page."""
    dots = float(picture.info.get("dpi", (0, 0))[0] or 0)
    return dots if dots >= 72 else 0.0


def _place_picture(pdf: pikepdf.Pdf, picture: Image.Image, stored: tuple[int, int], dots: float) -> None:
    """Add a page with a picture (``stored`` larger or not), at its ``dots`` or as large as it fits."""
    lying = (picture.width > picture.height) != (stored[0] > stored[1])
    width, height = (stored[1], stored[0]) if lying else stored
    picture = _plain(picture)
    across = width > height
    room = (AREA.body_height, AREA.body_width) if across else (AREA.body_width, AREA.body_height)
    fill = min(room[0] / width, room[1] / height)
    scale = min(fill, 72 / dots) if dots else fill
    image = _image_object(pdf, picture, scale * width / picture.width)
    form = pdf.make_stream(f"q {width * scale:.4f} 0 0 {height * scale:.4f} 0 0 cm /Picture Do Q".encode())
    form.Type, form.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
    form.BBox = pikepdf.Array([0, 0, round(width * scale, 4), round(height * scale, 4)])
    form.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Picture=image))
    size = width * scale, height * scale
    shown = (size[1], size[0]) if across else size
    pdf.add_blank_page(page_size=A4)
    _draw(pdf, pdf.pages[-1], form, (0.0, 0.0, *size), shown, 270 if across else 0)


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
