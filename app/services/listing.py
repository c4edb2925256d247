"""The list of findings: in groups as it is read, as paper, and the reasons other years' reports gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.errors import AppError
from app.messages import Messages
from app.model.draft import Answers
from app.model.finding import Finding, Severity
from app.model.form import Form, Section
from app.model.programme import Programme
from app.paper.fonts import Fonts
from app.paper.page import Document
from app.paper.styles import DATA_PAGE, DATA_SHEET
from app.paper.table import Column, Table
from app.services.timing import show_moment
from app.services.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one severity in one part of the form; ``section`` is None for what belongs to none."""

    severity: Severity
    section: Section | None
    findings: tuple[Finding, ...]


def section_of(form: Form, finding: Finding) -> Section | None:
    """Give the part of the form a finding stands in, or None (evidence, the record, the whole report)."""
    return form.section_of(finding.path.partition("/")[0])


def group_findings(form: Form, findings: Sequence[Finding]) -> tuple[Group, ...]:
    """Give findings by severity, then by part in the order of the form, what belongs to no part last."""
    sections = {item: section for section in form.sections for item in _items_of(section)}
    order = {section.id: place for place, section in enumerate(form.sections)}
    groups: dict[tuple[int, int], list[Finding]] = {}
    found: dict[tuple[int, int], Section | None] = {}
    ranks = list(Severity)
    for finding in findings:
        section = sections.get(finding.path.partition("/")[0])
        key = (ranks.index(finding.severity), order[section.id] if section else len(order))
        groups.setdefault(key, []).append(finding)
        found[key] = section
    return tuple(Group(ranks[key[0]], found[key], tuple(groups[key])) for key in sorted(groups))


def _items_of(section: Section) -> tuple[str, ...]:
    return (*(item.id for item in section.fields), *section.tables)


@dataclass(frozen=True)
class ListWork:
    """All that is needed to lay the list out away from the store."""

    programme: Programme
    answers: Answers
    findings: tuple[Finding, ...]
    now: datetime


def render_list(work: ListWork, fonts: Fonts, messages: Messages) -> bytes:
    """Lay out the list of findings as a PDF: counts, then a table for each severity and part.

    A working paper of the unit: it bears no mark of the report and is no part of the packet.
    """
    document = Document(fonts, _word(messages, "list_title"), DATA_PAGE, DATA_SHEET)
    document.title(_word(messages, "list_title"))
    document.note(_word(messages, "list_of", title=work.programme.title, now=show_moment(work.now)))
    counts = dict.fromkeys(Severity, 0)
    for finding in work.findings:
        counts[finding.severity] += 1
    document.note(_word(messages, "list_counts", **{kind.value: count for kind, count in counts.items()}))
    if not work.findings:
        document.paragraph(_word(messages, "list_clean"))
    last: Severity | None = None
    for group in group_findings(work.programme.form, work.findings):
        if group.severity is not last:
            severity = messages.text("words", f"severity.{group.severity.value}")
            document.heading(
                _word(messages, "list_severity", severity=severity, count=counts[group.severity])
            )
            last = group.severity
        document.heading(section_title(group.section, messages), 2)
        document.table(_table(group, work.answers, messages))
    return document.build()


def _table(group: Group, answers: Answers, messages: Messages) -> Table:
    rows = [
        (
            str(place),
            messages.finding(finding),
            answers.reasons.get(finding.key, ""),
            "",
        )
        for place, finding in enumerate(group.findings, 1)
    ]
    heads = (
        Column(_word(messages, "list_number"), 0.5, "center"),
        Column(_word(messages, "column_text"), 5.0, "left"),
        Column(_word(messages, "column_reason"), 2.0, "left"),
        Column(_word(messages, "list_done"), 0.7, "center"),
    )
    return Table(heads, rows)


def section_title(section: Section | None, messages: Messages) -> str:
    """Give the heading of a part, or the words for what belongs to none."""
    if section is None:
        return _word(messages, "no_section")
    return messages.text("paper", "named", number=section.number, label=section.label)


def _word(messages: Messages, key: str, /, **params: object) -> str:
    return messages.text("window", f"checks.{key}", **params)


def save_file(path: Path, body: bytes) -> Path:
    """Write a whole file the user chose, replacing an older one only when the new one is complete.

    Raises ``AppError("cannot_write")``.
    """
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.write_bytes(body)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise AppError("cannot_write", name=str(path), reason=error.strerror or "") from error
    return path


def earlier_reasons(workplace: Workplace, draft_id: str) -> Mapping[str, str]:
    """Give the written reasons of the same unit's report of an earlier year, the newest year first.

    Keys are ``code@path``.  The same unit: the texts of all credit-code items agree, and there is one.
    Damaged or unreadable reports are passed over: their reasons are an offer, nothing more.
    """
    own = workplace.draft(draft_id)
    programme = workplace.programme_of(own)
    wanted = _credit_codes(programme, own.answers)
    found: list[tuple[int, Mapping[str, str]]] = []
    for summary in workplace.store.drafts.list() if wanted else ():
        if summary.id == draft_id or summary.damaged:
            continue
        try:
            other = workplace.draft(summary.id)
            theirs = workplace.programme_of(other)
        except AppError:
            continue
        if theirs.report_year < programme.report_year and _credit_codes(theirs, other.answers) == wanted:
            found.append((theirs.report_year, other.answers.reasons))
    merged: dict[str, str] = {}
    for _, reasons in sorted(found, key=lambda pair: pair[0]):
        merged.update(reasons)
    return merged


def _credit_codes(programme: Programme, answers: Answers) -> frozenset[str]:
    return frozenset(
        str(answers.values[item.id])
        for item in programme.form.fields.values()
        if item.type.value == "credit_code" and item.id in answers.values
    )


def offered_reasons(answers: Answers, earlier: Mapping[str, str], finding: Finding) -> tuple[str, ...]:
    """Give reasons worth offering for a finding: last year's, then those given for the same code and item."""
    place = _item_and_column(finding.path)
    mine = answers.reasons
    texts = [earlier.get(finding.key, "")]
    texts += [text for key, text in earlier.items() if _matches(key, finding.code, place)]
    texts += [text for key, text in mine.items() if key != finding.key and _matches(key, finding.code, place)]
    return tuple(dict.fromkeys(text for text in texts if text.strip()))


def _matches(key: str, code: str, place: tuple[str, str]) -> bool:
    found, _, path = key.partition("@")
    return found == code and _item_and_column(path) == place


def _item_and_column(path: str) -> tuple[str, str]:
    parts = path.split("/")
    return parts[0], parts[2] if len(parts) > 2 else ""
