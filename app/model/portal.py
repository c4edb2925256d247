"""What a web portal calls the items of a form, and in which order it asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FILES = "files"
"""Id of the section of attachments."""

FILE_SLOTS = frozenset({"name", "order", "number", "label", "report_year"})
"""Slots of ``Portal.file_name``: the file's own name without its ending, its place among all (01), number and
label of the first proof it is, the programme's year."""


@dataclass(frozen=True, slots=True)
class PortalItem:
    """How the portal names a field, table or column; empty parts are as in the form.

    ``unit`` is only for money: the value is shown in it.
    """

    number: str = ""
    label: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class PortalSection:
    """A page of the portal: ids of fields and tables in its order.

    The id of a section of the form puts these first in it; an empty label is the form's.
    """

    id: str
    label: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Portal:
    """The portal's own order, names and units where they differ from the form; all of it may be empty.

    Sections and items that are not named follow in the order of the form.  ``items`` maps ``field``,
    ``table`` or ``table.column``; ``skipped`` are fields, tables and columns (``table.column``) the portal
    does not ask for.  ``file_name`` names attachments, with ``FILE_SLOTS``, without the ending.
    """

    sections: tuple[PortalSection, ...] = ()
    items: Mapping[str, PortalItem] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    file_name: str = "{name}"
