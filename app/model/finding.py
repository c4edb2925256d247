"""What a check found.  Never an exception, never a refusal to keep what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How grave a finding is: 错误, 警告 or 提示."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Gate(StrEnum):
    """The steps at which a finding counts."""

    FILL = "fill"
    SEAL = "seal"
    PRINT = "print"
    DELIVER = "deliver"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check found at one place.

    ``message`` names the wording in ``resources/messages/findings.toml`` (or holds the programme's own
    wording when it starts with ``=``).  ``params`` are already texts a person can read, in the item's
    own unit.  ``blocks``: what would make paper or bundle false or unreadable, which no reason lifts.
    """

    code: str
    severity: Severity
    path: str
    message: str
    params: Mapping[str, str] = field(default_factory=dict)
    gates: frozenset[Gate] = frozenset({Gate.FILL, Gate.SEAL})
    blocks: bool = False

    @property
    def key(self) -> str:
        """Give ``code@path``, under which a written reason answers this finding."""
        return f"{self.code}@{self.path}"
