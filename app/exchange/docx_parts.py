"""The fixed parts of a Word file that the program writes: its table of contents, its styles, its foot."""

from __future__ import annotations

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OPEN = "http://schemas.openxmlformats.org"
_W = f'xmlns:w="{_OPEN}/wordprocessingml/2006/main"'
_R = f'xmlns:r="{_OPEN}/officeDocument/2006/relationships"'
_KIND = "application/vnd.openxmlformats-officedocument.wordprocessingml"

CONTENT_TYPES = (
    f'{_HEAD}<Types xmlns="{_OPEN}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_KIND}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_KIND}.styles+xml"/>'
    f'<Override PartName="/word/footer1.xml" ContentType="{_KIND}.footer+xml"/>'
    '<Override PartName="/docProps/core.xml"'
    ' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
)
RELATIONS = (
    f'{_HEAD}<Relationships xmlns="{_OPEN}/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_OPEN}/officeDocument/2006/relationships/officeDocument"'
    ' Target="word/document.xml"/>'
    f'<Relationship Id="rId2" Type="{_OPEN}/package/2006/relationships/metadata/core-properties"'
    ' Target="docProps/core.xml"/></Relationships>'
)
PART_RELATIONS = (
    f'{_HEAD}<Relationships xmlns="{_OPEN}/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_OPEN}/officeDocument/2006/relationships/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId2" Type="{_OPEN}/officeDocument/2006/relationships/footer" Target="footer1.xml"/>'
    "</Relationships>"
)


def core(title: str) -> str:
    """Give the properties of the file: its title only, no times and no names.  ``title`` is escaped."""
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="{_OPEN}/package/2006/metadata/core-properties"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></cp:coreProperties>'
    )


def document(body: str) -> str:
    """Give the main part around its body."""
    return f"{_HEAD}<w:document {_W} {_R}><w:body>{body}</w:body></w:document>"


def footer(text: str) -> str:
    """Give the foot of every page: a text (escaped) at the left, the page's number at the right."""
    number = "".join(
        f"<w:r>{inner}</w:r>"
        for inner in (
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>1</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
        )
    )
    return (
        f'{_HEAD}<w:ftr {_W} {_R}><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>'
        f'<w:r><w:t xml:space="preserve">{text}　　</w:t></w:r>{number}</w:p></w:ftr>'
    )


def _style(
    name: str,
    shown: str,
    size: float,
    font: str = "",
    paragraph: str = "",
    *,
    strong: bool = False,
    default: bool = False,
) -> str:
    """Give a paragraph style; ``size`` in points."""
    run = f'<w:rFonts w:eastAsia="{font}"/>' if font else ""
    run += "<w:b/>" if strong else ""
    run += f'<w:sz w:val="{size * 2:.0f}"/><w:szCs w:val="{size * 2:.0f}"/>'
    based = "" if default else '<w:basedOn w:val="Normal"/>'
    first = ' w:default="1"' if default else ""
    return (
        f'<w:style w:type="paragraph"{first} w:styleId="{name}"><w:name w:val="{shown}"/>{based}<w:qFormat/>'
        f"<w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


def _space(before: int, after: int, line: int = 0) -> str:
    exact = f' w:line="{line}" w:lineRule="auto"' if line else ""
    return f'<w:spacing w:before="{before}" w:after="{after}"{exact}/>'


_FLUSH = '<w:ind w:firstLine="0" w:firstLineChars="0"/>'
_KEEP, _CENTRED = "<w:keepNext/><w:keepLines/>", '<w:jc w:val="center"/>'
STYLES = (
    f"{_HEAD}<w:styles {_W}><w:docDefaults><w:rPrDefault><w:rPr>"
    '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体" w:cs="Times New Roman"/>'
    '<w:sz w:val="24"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>'
    + _style(
        "Normal", "Normal", 12, paragraph=_space(0, 0, 360) + '<w:ind w:firstLineChars="200"/>', default=True
    )
    + _style("Title", "Title", 18, "黑体", _KEEP + _space(120, 240) + _FLUSH + _CENTRED)
    + "".join(
        _style(
            f"Heading{level}",
            f"heading {level}",
            size,
            font,
            f'{_KEEP}{_space(200, 100)}{_FLUSH}<w:outlineLvl w:val="{level - 1}"/>',
        )
        for level, size, font in ((1, 14, "黑体"), (2, 12, "黑体"), (3, 12, "楷体"))
    )
    + "".join(
        _style(name, shown, size, font, f"{extra}{_FLUSH}{side}")
        for name, shown, size, font, extra, side in (
            ("Facts", "Facts", 10.5, "", _space(0, 0), _CENTRED),
            ("Note", "Note", 9, "", _space(0, 0), ""),
            ("Cell", "Cell", 9, "", _space(20, 20, 240), ""),
            ("TableTitle", "Table Title", 12, "黑体", _KEEP + _space(160, 60), ""),
            ("TableUnit", "Table Unit", 9, "", _KEEP + _space(0, 20), '<w:jc w:val="right"/>'),
            ("TableEnd", "Table End", 4, "", _space(0, 0), ""),
            ("Footer", "footer", 9, "", _space(0, 0), _CENTRED),
        )
    )
    + "</w:styles>"
)
