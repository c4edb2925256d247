"""The check kinds: each turns a check of ``checks.toml`` into rules."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.rules.kinds import (
    arithmetic,
    compare,
    completeness,
    dates,
    deadlines,
    evidence,
    formats,
    indicators,
    logic,
    magnitude,
    names,
    prose,
    prose_dates,
    prose_figures,
    prose_headings,
    prose_words,
    relations,
    texts,
)
from app.rules.rule import Kind

_MODULES = (
    completeness,
    evidence,
    texts,
    prose_headings,
    prose_figures,
    prose_dates,
    prose_words,
    formats,
    names,
    dates,
    deadlines,
    arithmetic,
    logic,
    compare,
    magnitude,
    prose,
    indicators,
    relations,
)

KINDS: Mapping[str, Kind] = MappingProxyType(
    {kind.name: kind for module in _MODULES for kind in module.KINDS}
)
"""All kinds by name."""
