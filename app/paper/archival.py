"""PDF/A-1b (ISO 19005-1): what a finished PDF of our own pages is given to be kept for years.

The claim is made only for files in which every page was drawn here: for what others drew we cannot vouch.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

import pikepdf
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFString
from reportlab.pdfgen.canvas import Canvas

_OWN = "/Shenbao"
_DAY = "D:20000101000000Z"
_CONDITION = "sRGB IEC61966-2.1"


class OwnCanvas(Canvas):
    """A canvas that writes on each of its pages that it was drawn here (ISO 32000-1 §14.5)."""

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """End the page."""
        document = self._doc  # type: ignore[attr-defined]
        name = document.inPage() or document.thisPageName()
        super().showPage()
        page = document.idToObject[name]
        page.LastModified = PDFString(_DAY)
        page.PieceInfo = PDFDictionary(
            {_OWN[1:]: PDFDictionary({"LastModified": PDFString(_DAY), "Private": PDFName("Own")})}
        )


def is_own(page: pikepdf.Page) -> bool:
    """Tell whether a page was drawn here, or holds nothing at all (the back of a sheet)."""
    if _OWN in page.obj.get("/PieceInfo", pikepdf.Dictionary()):
        return True
    drawn = page.obj.get("/Contents", pikepdf.Array())
    streams = [drawn] if isinstance(drawn, pikepdf.Stream) else list(drawn.as_list())
    return not any(stream.read_bytes().strip() for stream in streams)


def make_archival(pdf: pikepdf.Pdf, title: str, colours: bytes) -> None:
    """Add what PDF/A-1b asks for: the output intent (``colours``, an ICC profile of sRGB) and metadata.

    Nothing in it depends on time or place.  Save as PDF 1.4 without object streams.
    """
    profile = pdf.make_stream(colours, N=3)
    intent = pikepdf.Dictionary(
        Type=pikepdf.Name.OutputIntent,
        S=pikepdf.Name.GTS_PDFA1,
        OutputConditionIdentifier=pikepdf.String(_CONDITION),
        RegistryName=pikepdf.String("http://www.color.org"),
        Info=pikepdf.String(_CONDITION),
        DestOutputProfile=profile,
    )
    pdf.Root.OutputIntents = pikepdf.Array([pdf.make_indirect(intent)])
    pdf.Root.Metadata = pdf.make_stream(
        _METADATA.format(title=escape(title)).encode("utf-8"),
        Type=pikepdf.Name.Metadata,
        Subtype=pikepdf.Name.XML,
    )


_METADATA = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>zh-CN</rdf:li></rdf:Bag></dc:language>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""
