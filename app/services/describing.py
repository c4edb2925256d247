"""A programme's whole definition as one JSON document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from app.clock import format_moment
from app.model.form import Item, Table
from app.model.packet import PacketSpec
from app.model.programme import CheckSpec, Programme, Stage, UploadTarget


def describe_programme(programme: Programme) -> dict[str, object]:
    """Give the definition: form, checks, stages, packet, notes, for ``shenbao programme --json``."""
    return {
        "id": programme.id,
        "form_version": programme.form_version,
        "notice_revision": programme.notice_revision,
        "title": programme.title,
        "label": programme.label,
        "issuer": programme.issuer,
        "report_year": programme.report_year,
        "period": {"start": programme.period_start.isoformat(), "end": programme.period_end.isoformat()},
        "unit_kind": programme.unit_kind,
        "grades": list(programme.grades),
        "sections": [
            {
                "id": section.id,
                "number": section.number,
                "label": section.label,
                "note": section.note,
                "tables": list(section.tables),
                "fields": [describe_item(item) for item in section.fields],
            }
            for section in programme.form.sections
        ],
        "tables": [_describe_table(table) for table in programme.form.tables.values()],
        "checks": [_describe_check(spec) for spec in programme.checks],
        "stages": [_describe_stage(stage) for stage in programme.stages],
        "packet": _describe_packet(programme.packet),
        "evidence": [
            {"id": one.id, "number": one.number, "label": one.label, "items": list(one.items)}
            for one in programme.evidence
        ],
        "upload": _describe_upload(programme.upload),
        "contacts": [
            {"name": one.name, "phone": one.phone, "role": one.role, "address": one.address}
            for one in programme.contacts
        ],
        "notes": [{"about": one.about, "text": one.text, "source": one.source} for one in programme.notes],
        "score": _describe_score(programme),
        "gatherings": [
            {
                "table": one.table,
                "programme": one.programme,
                "key": one.key,
                "columns": dict(one.columns),
                "stamp": one.stamp,
            }
            for one in programme.gatherings
        ],
    }


def _describe_packet(packet: PacketSpec) -> dict[str, object]:
    return {
        "copies": packet.copies,
        "binding": packet.binding,
        "spine": packet.spine,
        "note": packet.note,
        "parts": [
            {
                "id": part.id,
                "kind": part.kind.value,
                "title": part.title,
                "in_book": part.in_book,
                "note": part.note,
                "diagram": asdict(part.diagram) if part.diagram else None,
                "listing": asdict(part.listing) if part.listing else None,
                "stamp_places": [
                    {
                        "id": place.id,
                        "label": place.label,
                        "party": place.party,
                        "signature": place.signature,
                    }
                    for place in part.stamp_places
                ],
            }
            for part in packet.parts
        ],
    }


def _describe_upload(target: UploadTarget) -> dict[str, object]:
    return {
        "portal": target.portal,
        "address": target.address,
        "path": target.path,
        "deliveries": [
            {
                "id": one.id,
                "label": one.label,
                "media_type": one.media_type,
                "required": one.required,
                "source": one.source.value,
            }
            for one in target.deliveries
        ],
    }


def describe_item(item: Item) -> dict[str, object]:
    """Give one field or column with every property that is set."""
    always: dict[str, object] = {
        "id": item.id,
        "number": item.number,
        "label": item.label,
        "type": item.type.value,
        "unit": item.unit,
        "period": item.period_kind.value,
        "required": {"true": True, "false": False}.get(item.required, item.required),
        "torch_item": item.torch_item,
        "readonly": item.readonly or item.calculated,
    }
    sometimes: Mapping[str, object] = {
        "relevant": item.relevant,
        "calculate": item.calculate,
        "choices": dict(item.choices),
        "compared": item.compared,
        "evidence": list(item.evidence),
        "rule": item.rule,
        "prompt": item.prompt,
        "source": item.source,
        "min_length": item.min_length,
        "max_length": item.max_length,
        "masked": item.masked,
    }
    if item.decimals is not None:
        always["decimals"] = item.decimals
    return always | {key: value for key, value in sometimes.items() if value}


def _describe_table(table: Table) -> dict[str, object]:
    return {
        "id": table.id,
        "number": table.number,
        "label": table.label,
        "rule": table.rule,
        "key": list(table.key),
        "min_rows": table.min_rows,
        "derived": bool(table.derived),
        "columns": [describe_item(column) for column in table.columns],
    }


def _describe_check(spec: CheckSpec) -> dict[str, object]:
    return {
        "code": spec.code,
        "kind": spec.kind,
        "severity": spec.severity.value,
        "gates": sorted(gate.value for gate in spec.gates),
        "blocks": spec.blocks,
        "when": spec.when,
        "params": dict(spec.params),
    }


def _describe_stage(stage: Stage) -> dict[str, object]:
    return {
        "id": stage.id,
        "label": stage.label,
        "actor": stage.actor,
        "action": stage.action.value,
        "opens": format_moment(stage.opens) if stage.opens else None,
        "closes": format_moment(stage.closes) if stage.closes else None,
        "counts": stage.counts.value,
        "after": list(stage.after),
        "done_by": [kind.value for kind in stage.done_by],
        "usual_days": stage.usual_days,
        "readings": [
            {"closes": format_moment(one.closes), "text": one.text, "source": one.source}
            for one in stage.readings
        ],
        "note": stage.note,
        "source": stage.source,
    }


def _describe_score(programme: Programme) -> dict[str, object] | None:
    score = programme.score
    if score is None:
        return None
    return {
        "title": score.title,
        "source": score.source,
        "official": score.official,
        "enabled": score.enabled,
        "lines": [
            {"id": line.id, "group": line.group, "label": line.label, "points": line.points}
            for line in score.lines
        ],
    }
