from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from lanes.filters import InstantField


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-21T10:00:00.250+01:00", datetime(2026, 11, 21, 9, 0, 0, 250000, UTC)),
        ("0303-02-10T00:05:17-23:59", datetime(303, 2, 11, 0, 4, 17, tzinfo=UTC)),
        ("", None),
    ],
)
def test_an_instant_is_utc_before_a_database_sees_it(text: str, utc: datetime | None) -> None:
    assert InstantField(required=False).clean(text) == utc


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "soon"])
def test_what_is_out_of_range_is_a_mistake_and_no_crash(text: str) -> None:
    with pytest.raises(ValidationError):
        InstantField(required=False).clean(text)
