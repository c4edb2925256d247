"""One programme folder or zip -> ``Programme``.

Everything is read and every defect gathered before anything is refused, so that an author sees the
whole list at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from app.clock import BEIJING
from app.errors import UsageError
from app.model.finding import Gate, Severity
from app.model.form import Form
from app.model.programme import (
    Action,
    Calendar,
    CheckSpec,
    Contact,
    Counts,
    Delivery,
    DeliverySource,
    EvidenceKind,
    Gathering,
    Note,
    Programme,
    Reading,
    ScoreLine,
    ScoreProfile,
    Stage,
    UploadTarget,
)
from app.model.submission import EventKind
from app.programmes.form_file import parse_form
from app.programmes.packet_file import parse_packet
from app.programmes.portal_file import parse_portal
from app.programmes.reader import PROGRAMME_ID, Defect, Defects, TomlTable, parse_toml
from app.programmes.source import read_folder, read_zip
from app.rules.lint import lint

EXPRESSION_LANGUAGE = 1
"""Newest version of the expression language that this program understands."""


class DefectiveProgrammeError(UsageError):
    """A programme that cannot be used; ``defects`` lists everything wrong with it."""

    def __init__(self, name: str, defects: tuple[Defect, ...]) -> None:
        super().__init__("programme_defective", name=name, count=len(defects))
        self.defects = defects


def load(source: Path) -> Programme:
    """Load a programme from a folder or zip.

    Raises ``DefectiveProgrammeError`` with all defects, or ``UsageError`` where the files cannot be read.
    """
    if source.is_dir():
        return parse(read_folder(source), source.name)
    if source.is_file():
        return parse(read_zip(source), source.name)
    raise UsageError("programme_not_found", name=str(source))


def parse(files: Mapping[str, bytes], name: str) -> Programme:
    """Turn the files of a programme (relative path -> content) into a ``Programme`` and lint it."""
    defects = Defects()
    form = parse_form(files, defects)
    programme = _parse_programme(files, form, defects)
    if defects.found:
        raise DefectiveProgrammeError(name, tuple(defects.found))
    verify(programme, name)
    return programme


def verify(programme: Programme, name: str) -> None:
    """Raise ``DefectiveProgrammeError`` where parts of a programme do not go together."""
    defects = Defects()
    for code, file, place, params in lint(programme):
        defects.add(code, file, place, **params)
    if defects.found:
        raise DefectiveProgrammeError(name, tuple(defects.found))


def _parse_programme(files: Mapping[str, bytes], form: Form, defects: Defects) -> Programme:
    root = _open(files, "programme.toml", defects)
    period = root.table("period") or TomlTable({}, "programme.toml", "period", defects)
    language = root.integer("expression_language", required=True, default=EXPRESSION_LANGUAGE)
    if language > EXPRESSION_LANGUAGE:
        root.defect("language_too_new", "expression_language", value=language)
    programme = Programme(
        id=root.identifier("id", PROGRAMME_ID),
        form_version=root.integer("form_version", required=True),
        notice_revision=root.integer("notice_revision", required=True),
        title=root.text("title", required=True),
        short_title=root.text("short_title") or root.text("title"),
        issuer=root.text("issuer", required=True),
        report_year=root.integer("report_year", required=True),
        period_start=period.day("start", required=True) or date.min,
        period_end=period.day("end", required=True) or date.max,
        unit_kind=root.text("unit_kind", required=True),
        form=form,
        checks=parse_checks(files, defects),
        stages=tuple(_parse_stage(raw) for raw in root.tables("stage")),
        packet=parse_packet(_open(files, "packet.toml", defects)),
        upload=_parse_upload(root.table("upload"), defects),
        evidence=_parse_evidence(files, defects),
        notes=tuple(_parse_note(raw) for raw in root.tables("note")),
        contacts=tuple(_parse_contact(raw) for raw in root.tables("contact")),
        calendar=_parse_calendar(root.table("calendar")),
        score=_parse_score(files, defects),
        texts=_parse_texts(files, defects),
        samples={
            path.removeprefix("samples/"): body for path, body in files.items() if path.startswith("samples/")
        },
        settings=root.mapping("settings"),
        label=root.text("label", default="内置参考模板"),
        expression_language=language,
        grades=root.texts("grades"),
        notice_date=root.day("notice_date"),
        gatherings=_parse_gatherings(files, defects),
        sources=root.mapping("sources"),
        notices={
            path.removeprefix("notice/"): body for path, body in files.items() if path.startswith("notice/")
        },
        portal=parse_portal(files, form, defects),
    )
    period.close()
    root.close()
    return programme


def _open(files: Mapping[str, bytes], name: str, defects: Defects) -> TomlTable:
    if name not in files:
        defects.add("file_missing", name, "")
        return TomlTable({}, name, "", Defects())
    return parse_toml(files[name], name, defects)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".txt")


def _parse_texts(files: Mapping[str, bytes], defects: Defects) -> Mapping[str, str]:
    texts: dict[str, str] = {}
    for path, content in files.items():
        if path.startswith("texts/") and path.endswith(".txt"):
            try:
                texts[_stem(path)] = content.decode("utf-8").replace("\r\n", "\n").strip()
            except UnicodeDecodeError:
                defects.add("not_utf8", path, "")
    return texts


def _parse_stage(raw: TomlTable) -> Stage:
    stage = Stage(
        id=raw.identifier(),
        label=raw.text("label", required=True),
        actor=raw.text("actor", required=True),
        action=raw.member("action", Action),
        done_by=raw.members("done_by", EventKind),
        opens=raw.moment("opens"),
        closes=raw.moment("closes"),
        counts=raw.member("counts", Counts, default=Counts.RECEIVED),
        after=raw.texts("after"),
        warn_before=timedelta(hours=raw.integer("warn_hours", default=48)),
        usual_days=raw.integer("usual_days"),
        readings=tuple(_parse_reading(part) for part in raw.tables("reading")),
        returns_to=raw.text("returns_to"),
        reviewer=raw.boolean("reviewer"),
        note=raw.text("note"),
        source=raw.text("source"),
    )
    if not stage.done_by:
        raw.defect("key_missing", "done_by")
    if stage.opens and stage.closes and stage.opens >= stage.closes:
        raw.defect("closes_before_opens")
    raw.close()
    return stage


def _parse_reading(raw: TomlTable) -> Reading:
    closes = raw.moment("closes", required=True)
    reading = Reading(
        closes or _no_moment(), raw.text("text", required=True), raw.text("source", required=True)
    )
    raw.close()
    return reading


def _no_moment() -> datetime:
    return datetime.max.replace(tzinfo=BEIJING)


def _parse_note(raw: TomlTable) -> Note:
    note = Note(raw.text("about", required=True), raw.text("text", required=True), raw.text("source"))
    raw.close()
    return note


def _parse_contact(raw: TomlTable) -> Contact:
    contact = Contact(
        raw.text("name", required=True), raw.text("phone"), raw.text("role"), raw.text("address")
    )
    raw.close()
    return contact


def _parse_calendar(raw: TomlTable | None) -> Calendar:
    if raw is None:
        return Calendar()
    years = raw.take("known_years")
    known = (
        frozenset(year for year in years if isinstance(year, int)) if isinstance(years, list) else frozenset()
    )
    calendar = Calendar(_days(raw, "holidays"), _days(raw, "workdays"), known)
    raw.close()
    return calendar


def _days(raw: TomlTable, key: str) -> Mapping[date, str]:
    days: dict[date, str] = {}
    for text, label in raw.mapping(key).items():
        try:
            days[date.fromisoformat(text)] = label
        except ValueError:
            raw.defect("wrong_type", f"{key}.{text}", wanted="date")
    return days


def _parse_upload(raw: TomlTable | None, defects: Defects) -> UploadTarget:
    if raw is None:
        defects.add("key_missing", "programme.toml", "upload")
        return UploadTarget("", "", "")
    deliveries = []
    for part in raw.tables("delivery"):
        deliveries.append(
            Delivery(
                part.identifier(),
                part.text("label", required=True),
                part.text("media_type", required=True),
                part.boolean("required", default=True),
                part.member("source", DeliverySource),
                part.text("part"),
                part.text("file_name"),
                part.text("stage"),
            )
        )
        part.close()
    target = UploadTarget(
        raw.text("portal", required=True),
        raw.text("address"),
        raw.text("path"),
        raw.text("api"),
        tuple(deliveries),
    )
    raw.close()
    return target


def parse_checks(files: Mapping[str, bytes], defects: Defects) -> tuple[CheckSpec, ...]:
    """Read ``checks.toml``; what is wrong with it goes to ``defects``."""
    root = _open(files, "checks.toml", defects)
    specs = []
    for raw in root.tables("check"):
        specs.append(
            CheckSpec(
                code=raw.text("code", required=True),
                kind=raw.text("kind", required=True),
                severity=raw.member("severity", Severity),
                gates=frozenset(raw.members("gates", Gate)) or frozenset({Gate.FILL, Gate.SEAL}),
                blocks=raw.boolean("blocks"),
                message=raw.text("message"),
                when=raw.text("when"),
                origin=raw.place,
                params=raw.rest(("code", "kind", "severity", "gates", "blocks", "message", "when")),
            )
        )
        raw.close()
    root.close()
    return tuple(specs)


def _parse_gatherings(files: Mapping[str, bytes], defects: Defects) -> tuple[Gathering, ...]:
    if "gather.toml" not in files:
        return ()
    root = parse_toml(files["gather.toml"], "gather.toml", defects)
    found: list[Gathering] = []
    for raw in root.tables("gather"):
        found.append(
            Gathering(
                table=raw.text("table", required=True),
                programme=raw.text("programme", required=True),
                key=raw.text("key", required=True),
                columns=raw.mapping("columns"),
                stamp=raw.text("stamp"),
            )
        )
        raw.close()
    root.close()
    return tuple(found)


def _parse_evidence(files: Mapping[str, bytes], defects: Defects) -> tuple[EvidenceKind, ...]:
    if "evidence.toml" not in files:
        return ()
    root = parse_toml(files["evidence.toml"], "evidence.toml", defects)
    kinds: list[EvidenceKind] = []
    for raw in root.tables("evidence"):
        if any(kind.id == raw.raw.get("id") for kind in kinds):
            raw.defect("duplicate_id", value=raw.raw["id"])
        kinds.append(
            EvidenceKind(
                raw.text("id", required=True),
                raw.text("number"),
                raw.text("label", required=True),
                raw.texts("items"),
                raw.boolean("required"),
                raw.text("note"),
            )
        )
        raw.close()
    root.close()
    return tuple(kinds)


def _parse_score(files: Mapping[str, bytes], defects: Defects) -> ScoreProfile | None:
    if "scoring.toml" not in files:
        return None
    root = parse_toml(files["scoring.toml"], "scoring.toml", defects)
    lines = []
    for raw in root.tables("line"):
        lines.append(
            ScoreLine(
                raw.identifier(),
                raw.text("group", required=True),
                raw.text("label", required=True),
                _points(raw, "points"),
                raw.text("expression", required=True),
                raw.text("advice"),
            )
        )
        raw.close()
    profile = ScoreProfile(
        title=root.text("title", required=True),
        source=root.text("source", required=True),
        official=root.boolean("official"),
        enabled=root.boolean("enabled"),
        lines=tuple(lines),
        grades=tuple(_pair(raw, "label", "least") for raw in root.tables("grade")),
        vetoes=tuple(_pair(raw, "expression", "label") for raw in root.tables("veto")),
    )
    root.close()
    return profile


def _points(raw: TomlTable, key: str) -> str:
    value = raw.take(key)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= 10**6:
        raw.defect("wrong_type", key, wanted="number")
        return "0"
    return str(number)


def _pair(raw: TomlTable, first: str, second: str) -> tuple[str, str]:
    values = tuple(
        _points(raw, key) if key == "least" else raw.text(key, required=True) for key in (first, second)
    )
    raw.close()
    return values[0], values[1]
