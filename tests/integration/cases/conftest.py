"""A lane that can be looked at until nothing is left to say."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from cases.services.judging import lane_judge
from tests.factories.stores import SmallStore


@pytest.fixture
def look(shop: SmallStore) -> Callable[..., None]:
    """Judge lane L1 as often as it asks to be; `later_s`: how far the clock may run on meanwhile."""

    def until_quiet(later_s: float = 600.0) -> None:
        now = timezone.now()
        limit = now + timedelta(seconds=later_s)
        for _ in range(30):
            looked = lane_judge(lane_id=shop.lanes[0].pk, now=now)
            if looked is None or looked.again_at is None or looked.again_at > limit:
                return
            now = max(now, looked.again_at)
        raise AssertionError("the lane never comes to rest")

    return until_quiet
