"""A lane that is followed from second to second ends as one that is judged once: incidents, ranks and all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from rest_framework.test import APIClient

from benchmarks.alignment.generator import lane_day
from benchmarks.alignment.level import LEVELS
from benchmarks.alignment.wire import pos_events, visual_events
from cases.models import Case, Discrepancy, LaneJudgement
from cases.services.incidents import INCIDENT_KINDS
from cases.services.judging import lane_judge, lanes_due
from tests.factories.lane_day import START, pass_event, pos_event, send
from tests.factories.stores import SmallStore

pytestmark = pytest.mark.django_db
STEP = timedelta(seconds=4)
BACKLOG, LIVE = timedelta(minutes=24), timedelta(minutes=34)
"""The first minutes come at once, the rest as it happens."""
LATER = timedelta(minutes=40)


@contextmanager
def clock_at(now: datetime) -> Iterator[None]:
    with patch("django.utils.timezone.now", lambda: now):
        yield


def standing() -> list[tuple[Any, ...]]:
    rows = Discrepancy.objects.filter(withdrawn_at=None).values_list("anchor", "score", "alerted")
    risks = dict(Case.objects.exclude(status="withdrawn").values_list("discrepancy__anchor", "risk"))
    return sorted(
        (anchor, round(score, 2), alerted, round(risks.get(anchor, 0.0), 2)) for anchor, score, alerted in rows
    )


def judge_until_rest(lane_id: int, now: datetime, limit: datetime) -> None:
    for _ in range(400):
        with clock_at(now):
            looked = lane_judge(lane_id=lane_id, now=now)
        again = looked.again_at if looked else None
        if again is None or again > limit:
            return
        now = max(now, again)
    raise AssertionError("the lane never comes to rest")


@pytest.fixture(params=["clean", "mid", "self_checkout"])
def spoken(request: pytest.FixtureRequest) -> list[tuple[datetime, str, dict[str, Any]]]:
    """What half an hour of a lane says: (when it is said, by which witness, event), in that order."""
    day = lane_day(LEVELS[request.param], 11, hours=1.0)
    shift = START - datetime.fromtimestamp(day.passes[0].at, UTC)

    def moved(event: dict[str, Any], late_s: float) -> tuple[datetime, dict[str, Any]]:
        at = datetime.fromisoformat(event["occurred_at"]) + shift
        return at + timedelta(seconds=late_s), event | {"occurred_at": at.isoformat()}

    said = [("vision", *moved(event, 1.5)) for event in visual_events(day)]
    said += [("pos", *moved(event, 0.3)) for event in pos_events(day)]
    asides = [
        ("vision", pass_event("in", 1510, "person_enter", path=["customer"], label="person", track="p1")),
        ("vision", pass_event("out", 1590, "person_leave", path=["customer"], label="person", track="p1")),
        ("pos", pos_event("open", 1630, "no_sale", ticket="")),
        ("pos", pos_event("cut", 1720, "discount", ticket="K9", amount="9.00", reason="manager")),
    ]
    said += [
        (what, datetime.fromisoformat(event["occurred_at"]) + timedelta(seconds=1), event) for what, event in asides
    ]
    heard = [(at, what, event) for what, at, event in said if at < START + LIVE]
    return sorted(heard, key=lambda one: one[0])


def test_a_lane_that_is_followed_ends_as_one_that_is_judged_once(
    spoken: list[tuple[datetime, str, dict[str, Any]]], shop: SmallStore, till: APIClient, edge_box: APIClient
) -> None:
    lane_id, clients = shop.lanes[0].pk, {"pos": till, "vision": edge_box}
    end = START + LIVE + LATER

    def say(start: datetime, until: datetime) -> None:
        for what, client in clients.items():
            events = [event for at, witness, event in spoken if witness == what and start <= at < until]
            if events:
                send(client, what, events)

    with clock_at(START + BACKLOG):
        say(START, START + BACKLOG)
    judge_until_rest(lane_id, START + BACKLOG, START + BACKLOG)
    at, asked, looked = START + BACKLOG, set[datetime | None](), 0
    while at < START + LIVE:
        at += STEP
        with clock_at(at):
            say(at - STEP, at)
            if lane_id in lanes_due(now=at):
                looked += lane_judge(lane_id=lane_id, now=at) is not None
        asked.add(LaneJudgement.objects.get(lane=lane_id).incidents_at)
    judge_until_rest(lane_id, at, end)
    followed = standing()

    Case.objects.all().delete()
    Discrepancy.objects.all().delete()
    shop.lanes[0].checkpoints.all().delete()
    LaneJudgement.objects.update(judged_from=START, incidents_at=None)
    judge_until_rest(lane_id, end - timedelta(minutes=1), end)
    assert followed == standing()
    assert {row[0].partition(":")[0] for row in followed} & {kind.value for kind in INCIDENT_KINDS}
    assert len(asked) < looked, "they are asked about now and then, not at each look"
