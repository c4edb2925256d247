"""The reference self-score in words."""

from __future__ import annotations

from app.messages import Messages
from app.rules.score import Score, ScoredLine


def tell_score(found: Score, messages: Messages) -> str:
    """Say how many points there are, never without 非官方, and where that cannot be told, why."""
    if found.total is None:
        return messages.text("replies", "score_unknown", source=found.source)
    open_lines = sum(line.points is None for line in found.lines)
    code = "score" if not open_lines else "score_known" if found.grade else "score_partial"
    return messages.text(
        "replies",
        code,
        total=found.total,
        most=found.most,
        grade=found.grade,
        count=open_lines,
        source=found.source,
    )


def tell_points(line: ScoredLine, messages: Messages) -> str:
    """Give the points of a line out of its most, or that data is missing."""
    shown = messages.text("replies", "undecided") if line.points is None else str(line.points)
    return f"{shown} / {line.most}"
