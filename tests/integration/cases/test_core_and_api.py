"""What the API publishes is what the pure judge says of the same streams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from rest_framework.test import APIClient

from benchmarks.alignment.generator import lane_day
from benchmarks.alignment.level import LEVELS
from benchmarks.alignment.wire import batches, pos_events, visual_events
from cases.domain.alignment.judge import judge
from cases.domain.alignment.types import Verdict
from cases.models import Discrepancy
from cases.selectors.gathering import LINE_TYPES
from cases.services.incidents import INCIDENT_KINDS
from tests.factories.lane_day import send
from tests.factories.stores import SmallStore, key_of

pytestmark = pytest.mark.django_db
Look = Callable[..., None]


@pytest.fixture
def analyst(shop: SmallStore) -> APIClient:
    return APIClient(HTTP_AUTHORIZATION=f"Api-Key {key_of(shop.store, 'cases.read')}")


def published(analyst: APIClient) -> list[tuple[str, str, float]]:
    """(kind, event, score) of every discrepancy, page by page."""
    found, url = [], "/api/v1/discrepancies?limit=200"
    while url:
        page = analyst.get(url).json()
        found += page["results"]
        url = page["next"]
    return sorted(
        (row["kind"], row["visual_event"] or (row["pos_events"] or [""])[0], round(row["score"], 2))
        for row in found
        if row["kind"] not in {kind.value for kind in INCIDENT_KINDS}
    )


def said(verdict: Verdict) -> tuple[str, str, float]:
    return verdict.kind.value, verdict.sighting or verdict.pos_keys[0], round(round(verdict.score, 3), 2)


@pytest.mark.parametrize("level", ["mid", "hard"])
@pytest.mark.parametrize("order", ["till first", "camera first", "in helpings"])
def test_the_api_says_what_the_core_says(
    level: str, order: str, till: APIClient, edge_box: APIClient, analyst: APIClient, look: Look, shop: SmallStore
) -> None:
    day = lane_day(replace(LEVELS[level], feed_gap_s=0.0), 7, hours=1.2)
    passes = [s for s in day.passes if s.type.startswith("item_")]
    lines = [line for line in day.lines if line.type in LINE_TYPES]
    expected = sorted(said(v) for v in judge(passes, lines).verdicts)
    parts = {
        "till": [("pos", events) for events in batches(pos_events(day))],
        "camera": [("vision", events) for events in batches(visual_events(day))],
    }
    helpings = parts["till"] + parts["camera"] if order == "till first" else parts["camera"] + parts["till"]
    if order == "in helpings":
        size = 150
        helpings = [
            (what, events[n : n + size])
            for what, whole in helpings
            for events in [whole]
            for n in range(0, len(whole), size)
        ]
        helpings = helpings[::2] + helpings[1::2]
    for what, events in helpings:
        send(till if what == "pos" else edge_box, what, events)
        if order == "in helpings":
            look()
    look()
    assert published(analyst) == expected
    assert Discrepancy.objects.filter(withdrawn_at=None).exists()
