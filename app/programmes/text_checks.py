"""The checks of written reports that belong to no programme (``resources/prose/checks.toml``)."""

from __future__ import annotations

from pathlib import Path

from app.errors import UsageError
from app.model.programme import CheckSpec
from app.programmes.loader import DefectiveProgrammeError, parse_checks
from app.programmes.reader import Defects

FILE = "checks.toml"


def load_text_checks(folder: Path) -> tuple[CheckSpec, ...]:
    """Read the checks; raises ``DefectiveProgrammeError`` with every defect of the file.

    ``UsageError("programme_unreadable")`` where the file itself cannot be read.
    """
    defects = Defects()
    try:
        files = {FILE: (folder / FILE).read_bytes()}
    except OSError as error:
        raise UsageError("programme_unreadable", name=str(folder), reason=error.strerror or "") from error
    checks = parse_checks(files, defects)
    if defects.found:
        raise DefectiveProgrammeError(folder.name, tuple(defects.found))
    return checks
