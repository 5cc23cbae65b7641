"""How well a till is heard, in a sentence."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from lanes.health import HealthLevel, health_of_many
from pos.health import till_health, tills_health
from pos.models import PosEvent
from tests.factories.stores import SmallStore
from tests.integration.pos.test_api import URL, event

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("heard_s_ago", "beats", "level", "why"),
    [
        (None, False, HealthLevel.WARN, "never heard"),
        (10, True, HealthLevel.OK, "just now"),
        (299, True, HealthLevel.OK, "not long ago"),
        (301, True, HealthLevel.BAD, "it used to beat"),
        (86_400, False, HealthLevel.OK, "no heartbeats: silence is a quiet day"),
    ],
)
def test_a_tills_health(heard_s_ago: float | None, beats: bool, level: HealthLevel, why: str) -> None:
    heard_at = None if heard_s_ago is None else NOW - timedelta(seconds=heard_s_ago)
    item = till_health("T1", heard_at, beats, NOW)
    assert (item.level, item.subject, item.since) == (level, "T1", heard_at), why
    assert "T1" in item.sentence


def test_all_lanes_in_one_query(till: APIClient, shop: SmallStore, django_assert_num_queries: Any) -> None:
    till.post(URL, [event("a"), event("b", type="heartbeat")])
    PosEvent.objects.update(received_at=datetime.now(UTC) - timedelta(hours=2))
    with django_assert_num_queries(1):
        found = tills_health(shop.lanes)
    levels = {lane.code: [(item.subject, item.level) for item in found[lane.pk]] for lane in shop.lanes}
    assert levels == {"L1": [("T1", HealthLevel.BAD)], "L2": [("T2", HealthLevel.WARN)]}


def test_the_map_asks_the_tills(shop: SmallStore) -> None:
    items = health_of_many(shop.lanes)[shop.lanes[0].pk]
    assert "Till T1 has not said anything yet: check its key and its address." in [item.sentence for item in items]
