"""A platform with something on it: other units' reports at every point of their way, for looking around.

Seeded reports go the same way as all others: announced, proved, signed, decided.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from app.model.programme import Programme, Stage
from app.practice.accounts import User, seed_accounts
from app.practice.database import read_setting, transaction, write_setting
from app.practice.files import hash_file, write_file
from app.practice.handing_in import hand_in
from app.practice.platform import Platform
from app.practice.reviews import Mark, Notes, decide
from app.practice.site import Account, Role, bundle_delivery, reviewing_stages
from app.practice.submissions import Wish, announce, find_submission

_SETTING = "seeded"


def seed(platform: Platform, bundles: Mapping[str, Path]) -> int:
    """Put reports of three other units on the platform, once; give how many reports there are then.

    ``bundles`` maps programme ids to whole bundles.  All were approved by their own unit; then one waits for
    the last reviewer, one was returned by him with a reason and a mark, one was approved.  A programme whose
    window is closed now is left out: the platform takes nothing in then, from nobody.
    """
    if read_setting(platform.database, _SETTING, "") == "yes":
        return _count(platform)
    for programme_id, path in bundles.items():
        programme = platform.programme(programme_id)
        if reviewing_stages(programme) and platform.sending_window(programme).holds(platform.now()):
            for position, unit in enumerate(platform.site.words.platform("seed_units").split("、")):
                _seed_one(platform, programme, path, unit, position)
    write_setting(platform.database, _SETTING, "yes")
    return _count(platform)


def _seed_one(platform: Platform, programme: Programme, path: Path, unit: str, position: int) -> None:
    known = platform.database.execute(
        "select 1 from submissions where unit = ? and programme_id = ?", (unit, programme.id)
    ).fetchone()
    if known is not None:  # an earlier start was cut off here
        return
    filler = _filler(platform, unit, position)
    info = platform.site.verify_bundle(path)
    delivery = bundle_delivery(platform.site, programme)
    size = path.stat().st_size
    wish = Wish(programme.id, info.title, info.fingerprint, [(delivery.id, path.name, size, hash_file(path))])
    upload_id = secrets.token_hex(16)
    write_file(platform.upload_path(upload_id), path.read_bytes())
    with transaction(platform.database):
        number = announce(platform, wish, filler)
        platform.database.execute(
            "insert into uploads (id, submission_id, delivery_id, part, length, position)"
            " values (?, ?, ?, null, ?, ?)",
            (upload_id, number, delivery.id, size, size),
        )
    hand_in(platform, find_submission(platform, number))
    for stage in reviewing_stages(programme)[:-1]:
        _decide(platform, number, stage, Notes(), approved=True)
    last, words = reviewing_stages(programme)[-1], platform.site.words
    if position == 1:
        first = next((field.id for section in programme.form.sections for field in section.fields), "")
        mark: Mark = {"text": words.platform("seed_mark"), "path": first, "page": 0}
        _decide(platform, number, last, Notes(words.platform("seed_reason"), (mark,)), approved=False)
    elif position == 2:
        _decide(platform, number, last, Notes(), approved=True)


def _decide(platform: Platform, number: str, stage: Stage, notes: Notes, *, approved: bool) -> None:
    label = platform.site.words.platform("reviewer", stage=stage.label)
    reviewer = User("", Role.REVIEWER, "", label, (stage.id,))
    decide(platform, reviewer, find_submission(platform, number), stage.id, notes, approved=approved)


def _filler(platform: Platform, unit: str, position: int) -> User:
    name = f"seed-{position + 1}"
    label = platform.site.words.platform("filler")
    # nobody signs in with it: the password is forgotten at once
    seed_accounts(platform.database, (Account(name, secrets.token_urlsafe(24), Role.FILLER, unit, label),))
    return User(name, Role.FILLER, unit, label, ())


def _count(platform: Platform) -> int:
    return int(platform.database.execute("select count(*) from submissions").fetchone()[0])
