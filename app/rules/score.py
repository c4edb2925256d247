"""A reference self-score: points line by line, never without saying that it is not official."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.model.programme import Programme, ScoreLine
from app.model.value import is_number
from app.rules.expression import Expression, compile_expression, scope_of
from app.rules.view import View

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ScoredLine:
    """One line: points reached (None where data is missing), most points, and how to gain more."""

    line: ScoreLine
    points: Decimal | None
    most: Decimal

    @property
    def missing(self) -> Decimal:
        """Give the points that could still be gained."""
        return self.most - (self.points or Decimal(0))


@dataclass(frozen=True, slots=True)
class Score:
    """The whole self-score.  ``complete`` is false where a line could not be decided.

    ``total`` adds up the lines that are decided, and is None where none is.  ``grade`` is empty where the
    open lines could still change it: less than all is known, and a poor grade would be a false alarm.
    ``vetoes`` lists the reasons for which the notice gives the lowest grade whatever the points.
    """

    lines: tuple[ScoredLine, ...]
    total: Decimal | None
    most: Decimal
    grade: str
    complete: bool
    vetoes: tuple[str, ...]
    official: bool
    source: str

    def best_gains(self, count: int = 5) -> tuple[ScoredLine, ...]:
        """Give the lines with the most points still to gain, greatest first."""
        open_lines = [line for line in self.lines if line.missing > 0]
        return tuple(sorted(open_lines, key=lambda one: -one.missing)[:count])


def score(programme: Programme, view: View) -> Score | None:
    """Work out the self-score, or None for a programme without a profile.

    A line's expression gives points; they are rounded to 0.01 and kept between 0 and the line's most.
    """
    profile = programme.score
    if profile is None:
        return None
    scope = scope_of(programme.form)
    lines = tuple(
        _score_line(line, compile_expression(line.expression, scope), view) for line in profile.lines
    )
    decided = [line.points for line in lines if line.points is not None]
    total = sum(decided, Decimal(0))
    hidden = sum((line.most for line in lines if line.points is None), Decimal(0))
    vetoes = tuple(
        label for source, label in profile.vetoes if compile_expression(source, scope).evaluate(view) is True
    )
    lowest = profile.grades[-1][0] if profile.grades else ""
    least, best = _grade(total, profile.grades), _grade(total + hidden, profile.grades)
    grade = lowest if vetoes else least if least == best else ""
    return Score(
        lines,
        total if decided else None,
        sum((line.most for line in lines), Decimal(0)),
        grade,
        len(decided) == len(lines),
        vetoes,
        profile.official,
        profile.source,
    )


def _score_line(line: ScoreLine, expression: Expression, view: View) -> ScoredLine:
    most = Decimal(line.points)
    value = expression.evaluate(view)
    if not is_number(value):
        return ScoredLine(line, None, most)
    assert isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    points = min(max(Decimal(value), Decimal(0)), most).quantize(_CENT, ROUND_HALF_UP)
    return ScoredLine(line, points, most)


def _grade(total: Decimal, grades: tuple[tuple[str, str], ...]) -> str:
    for label, least in grades:
        if total >= Decimal(least):
            return label
    return grades[-1][0] if grades else ""
