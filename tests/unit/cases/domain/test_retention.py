from datetime import UTC, datetime, timedelta

import pytest

from cases.domain.retention import LIFETIMES, evidence_expires_at

CREATED = datetime(2026, 11, 21, 10, tzinfo=UTC)
RESOLVED = CREATED + timedelta(hours=5)


@pytest.mark.parametrize(
    ("status", "resolved_at", "expires_at", "reason"),
    [
        ("open", None, CREATED + timedelta(hours=72), "three days from the start while nobody decided"),
        ("in_review", None, CREATED + timedelta(hours=72), "taking a case does not stretch it"),
        ("needs_context", None, CREATED + timedelta(hours=72), "nor does asking for context"),
        ("dismissed", RESOLVED, RESOLVED + timedelta(hours=24), "a refuted suspicion leaves within a day"),
        ("withdrawn", RESOLVED, RESOLVED + timedelta(hours=24), "and so does a withdrawn one"),
        ("confirmed", RESOLVED, RESOLVED + timedelta(days=30), "a confirmed one waits a month for its follow-up"),
    ],
)
def test_pictures_live_as_long_as_the_status_allows(status, resolved_at, expires_at, reason):
    assert evidence_expires_at(status=status, created_at=CREATED, resolved_at=resolved_at) == expires_at, reason


def test_every_status_of_a_case_has_a_lifetime():
    from cases.models import Case

    assert set(LIFETIMES) == set(Case.Status.values)
