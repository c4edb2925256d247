"""Commands that judge content: check and score."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from app import paths
from app.commands.setting import library_of, moment_of, put, say, workplace_of
from app.errors import UsageError
from app.messages import Messages
from app.paper.fonts import Fonts
from app.programmes.text_checks import load_text_checks
from app.rules.calculate import compile_calculations, effective
from app.rules.checker import counts
from app.rules.score import Score, score
from app.services.drafting import Checked, check_draft
from app.services.files import check_answers_file, check_bundle, check_text_file
from app.services.scoring import tell_points, tell_score
from app.services.workplace import file_context, find_programme


def run_check(arguments: Namespace, messages: Messages) -> int:
    """Check a draft, a bundle, an Answers file or a written report; 1 where an error is found."""
    if arguments.text:
        return _run_text(arguments, messages)
    checked = _checked(arguments, messages)
    if arguments.json:
        put(checked.document(messages))
    else:
        _show(checked, messages)
    return 1 if counts(checked.findings)["error"] else 0


def _run_text(arguments: Namespace, messages: Messages) -> int:
    """Check a written report that is no draft; 1 where there is a finding of severity error."""
    if arguments.target or arguments.answers:
        raise UsageError("text_alone")
    name = arguments.programme
    programme = find_programme(name, library_of(arguments)) if name else None
    checks = load_text_checks(paths.resources() / "prose")
    checked = check_text_file(Path(arguments.text), checks, programme)
    if arguments.json:
        put(checked.document(messages))
    else:
        for finding in checked.findings:
            word = messages.text("words", f"severity.{finding.severity.value}")
            text = messages.finding(finding)
            line = finding.params["line"]
            say(
                messages.text(
                    "replies", "text_finding", severity=word, code=finding.code, line=line, text=text
                )
            )
        say(messages.text("replies", "counts", **counts(checked.findings)))
    return 1 if counts(checked.findings)["error"] else 0


def _checked(arguments: Namespace, messages: Messages) -> Checked:
    if arguments.programme and arguments.answers:
        programme = find_programme(arguments.programme, library_of(arguments))
        previous = Path(arguments.previous) if arguments.previous else None
        return check_answers_file(
            programme, Path(arguments.answers), previous, _fonts(), moment_of(arguments)
        )
    if not arguments.target:
        raise UsageError("nothing_given")
    if arguments.target.endswith(".shenbao") or Path(arguments.target).is_file():
        path = Path(arguments.target)
        if path.is_dir():
            raise UsageError("file_is_folder", name=str(path))
        if not path.exists():
            raise UsageError("file_not_found", name=str(path))
        return check_bundle(path, library_of(arguments), _fonts(), moment_of(arguments))
    with workplace_of(arguments, messages) as workplace:
        return check_draft(workplace, arguments.target, moment_of(arguments, workplace))


def _fonts() -> Fonts:
    return Fonts(paths.resources() / "fonts")


def _show(checked: Checked, messages: Messages) -> None:
    reasons = checked.draft.answers.reasons
    for finding in checked.findings:
        word = messages.text("words", f"severity.{finding.severity.value}")
        say(f"{word} {finding.key} {messages.finding(finding)}")
        if reasons.get(finding.key):
            say(messages.text("replies", "reason", text=reasons[finding.key]))
    totals = counts(checked.findings)
    say(messages.text("replies", "counts", **totals))


def run_score(arguments: Namespace, messages: Messages) -> int:
    """Show the reference self-score, always marked as not official."""
    if arguments.target and not arguments.answers:
        with workplace_of(arguments, messages) as workplace:
            draft = workplace.draft(arguments.target)
            programme = workplace.programme_of(draft)
            context = file_context(programme, workplace.fonts, moment_of(arguments, workplace), {}, {})
            answers = draft.answers
    else:
        checked = _checked(arguments, messages)
        programme, answers = checked.programme, checked.draft.answers
        context = file_context(programme, _fonts(), moment_of(arguments), {}, {})
    view = effective(compile_calculations(programme), answers, context, None)
    found = score(programme, view)
    if found is None:
        raise UsageError("no_score", title=programme.title)
    if arguments.json:
        put(_describe(found))
        return 0
    say(tell_score(found, messages))
    for line in found.lines:
        say(f"  {line.line.group} {line.line.label}：{tell_points(line, messages)}")
    for veto in found.vetoes:
        say(messages.text("replies", "veto", label=veto))
    return 0


def _describe(found: Score) -> dict[str, object]:
    return {
        "official": found.official,
        "source": found.source,
        "total": None if found.total is None else str(found.total),
        "most": str(found.most),
        "grade": found.grade or None,
        "complete": found.complete,
        "vetoes": list(found.vetoes),
        "lines": [
            {
                "id": line.line.id,
                "group": line.line.group,
                "label": line.line.label,
                "points": None if line.points is None else str(line.points),
                "most": str(line.most),
                "advice": line.line.advice,
            }
            for line in found.lines
        ],
        "best_gains": [line.line.id for line in found.best_gains()],
    }
