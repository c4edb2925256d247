"""Reports on their way: an update between printing and handing in is announced (issue 7)."""

from datetime import datetime

import pytest

from app.clock import BEIJING
from app.model.submission import Event, EventKind, EventSource
from app.services.updating import is_open

AT = datetime(2023, 1, 5, 12, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((), False),
        ((EventKind.NOTE,), False),
        ((EventKind.SEALED,), True),
        ((EventKind.SEALED, EventKind.PRINTED), True),
        ((EventKind.SEALED, EventKind.PRINTED, EventKind.DELIVERED), False),
        ((EventKind.SEALED, EventKind.DELIVERED, EventKind.RETURNED, EventKind.SEALED), True),
        ((EventKind.SUBMITTED, EventKind.POSTED, EventKind.RESULT), False),
    ],
)
def test_a_report_is_open_from_its_seal_to_its_arrival(kinds: tuple[EventKind, ...], expected: bool) -> None:
    """Issue 7, «Offline update»: never between printing and sending without saying so."""
    events = [Event(kind, AT, EventSource.HAND) for kind in kinds]
    assert is_open(events) is expected
