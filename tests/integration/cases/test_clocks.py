"""What people are told of a lane's clock: health, history, the second opinion and its picture."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from cases.domain.clock_chart import Step
from cases.health import clock_health, clocks_health
from cases.models import LaneCheckpoint, LaneJudgement
from cases.selectors.clocks import pos_heard, vision_heard
from cases.services.protocol_clocks import clocks_compare
from lanes.health import HealthLevel
from pos.models import PosEvent
from privacy.audit import audit_record
from privacy.models import AuditEvent, User
from privacy.presenters import audit_sentence
from tests.factories.cases import person
from tests.factories.stores import SmallStore, key_of
from vision.models import Segment, VisualEvent

OK, WARN, BAD = HealthLevel.OK, HealthLevel.WARN, HealthLevel.BAD


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def judged(shop: SmallStore, lane: int = 0, **fields: Any) -> LaneJudgement:
    known = {"clock_offset_s": 0.1, "clock_sd_s": 0.1, "clock_quality": "good", "clock_support": 80.0} | fields
    return LaneJudgement.objects.create(lane=shop.lanes[lane], **known)


def stepped(shop: SmallStore, at: datetime, seconds: float, lane: str = "L1") -> AuditEvent:
    return audit_record(
        actor="judge", action="clock.stepped", object_type="lane", object_id=f"{shop.store.code}/{lane}",
        store_code=shop.store.code, reason=f"The till's clock was set by {seconds:+.1f} s.",
        data={"at_s": at.timestamp(), "seconds": seconds},
    )  # fmt: skip


def told(shop: SmallStore, now: datetime, *, ahead_s: float, n: int = 30, delay_s: float = 0.2, **more: Any) -> None:
    """Live events of the till."""
    PosEvent.objects.bulk_create(
        PosEvent(
            store=shop.store, lane=shop.lanes[0], terminal=shop.terminals[0], external_id=f"p{ahead_s}-{index}",
            occurred_at=now - timedelta(seconds=20 * index - ahead_s),
            received_at=now - timedelta(seconds=20 * index - delay_s), **({"type": "scan"} | more),
        )
        for index in range(1, n + 1)
    )  # fmt: skip


def seen(shop: SmallStore, now: datetime, *, ahead_s: float, n: int = 30, delay_s: float = 0.2, **more: Any) -> None:
    """Live events of an outside camera."""
    VisualEvent.objects.bulk_create(
        VisualEvent(
            store=shop.store, lane=shop.lanes[0], camera=shop.cameras[0], external_id=f"v{ahead_s}-{index}",
            type="item_pass", confidence=0.9, occurred_at=now - timedelta(seconds=20 * index - ahead_s),
            received_at=now - timedelta(seconds=20 * index - delay_s), **more,
        )
        for index in range(1, n + 1)
    )  # fmt: skip


HEALTH = [
    ({}, [], [(OK, "0.1 s ahead of the camera's, known to ±0.1 s")], "all is well, and says so"),
    ({"clock_quality": "bad", "clock_support": 4.0}, [], [(WARN, "wait for some dozen scans")], "a new lane"),
    (
        {"clock_quality": "bad", "clock_offset_s": 90.0},
        [],
        [(BAD, "only numbers of items")],
        "its offset means nothing",
    ),
    ({"clock_quality": "degraded", "clock_sd_s": 0.7}, [], [(WARN, "matched to ±0.7 s only")], "known, but not well"),
    ({"clock_offset_s": 75.2}, [], [(WARN, "is 75 s ahead of the camera's; set it.")], "past the limit of a minute"),
    ({"clock_offset_s": -61.0}, [], [(WARN, "is 61 s behind the camera's; set it.")], "either way"),
    ({"clock_offset_s": 59.0}, [], [(OK, "59.0 s ahead")], "within it"),
    ({"clock_skew_ppm": -200.0}, [], [(WARN, "loses 17 s a day")], "runs slow"),
    ({"clock_skew_ppm": 149.0}, [], [(OK, "0.1 s ahead")], "as quartz does"),
    ({}, [3600.0], [(WARN, "set forward by 3600.0 s")], "summer time"),
    ({}, [-3.0], [(OK, "set back by 3.0 s")], "a time server's correction"),
    ({}, [-2.0, 2.0, -2.0], [(WARN, "the last of 3 times in a day")], "something keeps setting it"),
]


@pytest.mark.parametrize(("fields", "steps", "expected", "why"), HEALTH, ids=[row[3] for row in HEALTH])
def test_what_is_said_of_a_clock(
    shop: SmallStore, now: datetime, fields: dict[str, Any], steps: list[float],
    expected: list[tuple[HealthLevel, str]], why: str,
) -> None:  # fmt: skip
    judged(shop, **fields)
    for index, seconds in enumerate(steps):
        stepped(shop, now - timedelta(hours=3 - index), seconds)
    items = clocks_health(shop.lanes)[shop.lanes[0].pk]
    assert [(item.level, item.subject) for item in items] == [(level, "L1") for level, _ in expected]
    for item, (_, words) in zip(items, expected, strict=True):
        assert words in item.sentence, why


def test_steps_of_yesterday_and_of_other_lanes_are_not_news(shop: SmallStore, now: datetime) -> None:
    judged(shop)
    stepped(shop, now - timedelta(hours=25), 3600.0)
    stepped(shop, now - timedelta(hours=1), 3600.0, lane="L2")
    assert [item.level for item in clocks_health(shop.lanes)[shop.lanes[0].pk]] == [OK]


def test_the_hour_of_a_step_is_the_stores(shop: SmallStore) -> None:
    at = datetime(2026, 11, 21, 23, 5, tzinfo=UTC)
    judged(shop)
    judgement = LaneJudgement.objects.select_related("lane__store").get()
    (item,) = clock_health(judgement, [Step(at.timestamp(), 60.0)], 60)
    assert "at 00:05" in item.sentence, "Madrid is an hour ahead of UTC"
    assert item.since == at


def test_a_lane_that_was_never_judged_has_nothing_to_say(shop: SmallStore) -> None:
    LaneJudgement.objects.create(lane=shop.lanes[0])
    assert clocks_health(shop.lanes) == {lane.pk: [] for lane in shop.lanes}


def test_all_lanes_in_two_queries(shop: SmallStore, now: datetime, django_assert_num_queries: Any) -> None:
    for lane in (0, 1):
        judged(shop, lane)
        stepped(shop, now, 60.0, lane=f"L{lane + 1}")
        with django_assert_num_queries(2):
            found = clocks_health(shop.lanes)
    assert [[item.level for item in found[lane.pk]] for lane in shop.lanes] == [[WARN], [WARN]]


def test_get_lanes_shows_it(shop: SmallStore, calling: Callable[[str], APIClient]) -> None:
    judged(shop, clock_offset_s=75.0)
    says = "The till's clock is 75 s ahead of the camera's; set it."
    reply = calling(key_of(shop.store, "cases.read")).get("/api/v1/lanes")
    lane = next(row for row in reply.json()["results"] if row["code"] == "L1")
    assert {"level": "warn", "subject": "L1", "sentence": says, "since": None} in lane["health"]
    assert lane["clock"] == {"offset_s": 75.0, "skew_ppm": 0.0, "sd_s": 0.1, "quality": "good"}


def test_the_desk_shows_it_beside_the_lane(shop: SmallStore, now: datetime, client: Client) -> None:
    judged(shop, clock_quality="bad")
    told(shop, now, ahead_s=0.0)
    client.force_login(person("ana", role="reviewer", shop=shop))
    page = client.get("/queue/margin/").content.decode()
    assert "cannot be matched, so only numbers of items are compared" in page


def test_how_far_a_clock_may_be_off_is_set(shop: SmallStore, settings: Any) -> None:
    judged(shop, clock_offset_s=75.0)
    settings.CLOCK_DRIFT_LIMIT_S = 80
    assert [item.level for item in clocks_health(shop.lanes)[shop.lanes[0].pk]] == [OK]


def test_live_events_tell_the_offset_and_no_alarm_where_it_fits(shop: SmallStore, now: datetime) -> None:
    judged(shop, clock_offset_s=5.2)
    told(shop, now, ahead_s=5.0)
    seen(shop, now, ahead_s=0.0)
    clocks_compare(now=now)
    judgement = LaneJudgement.objects.get()
    assert judgement.protocol_offset_s == pytest.approx(5.0, abs=0.01), "the till is ahead: positive"
    assert judgement.protocol_at == now - timedelta(seconds=19.8)
    assert judgement.disagrees_since is None
    assert not AuditEvent.objects.filter(action="clock.disagrees").exists()


def test_a_disagreement_is_told_once_and_ends(shop: SmallStore, now: datetime) -> None:
    judged(shop, clock_offset_s=0.1)
    told(shop, now, ahead_s=7.5)
    seen(shop, now, ahead_s=0.0)
    for minute in range(3):
        clocks_compare(now=now + timedelta(minutes=minute))
    event = AuditEvent.objects.get(action="clock.disagrees")
    assert (event.object_id, event.store_code) == ("S001/L1", "S001")
    assert LaneJudgement.objects.get().disagrees_since == now
    (item,) = clocks_health(shop.lanes)[shop.lanes[0].pk]
    assert (item.level, item.since) == (WARN, now)
    assert "0.1 s ahead of the camera's, going by how events arrive 7.5 s ahead" in item.sentence

    LaneJudgement.objects.update(clock_offset_s=7.4)
    clocks_compare(now=now + timedelta(minutes=4))
    assert LaneJudgement.objects.get().disagrees_since is None
    LaneJudgement.objects.update(clock_offset_s=0.1)
    clocks_compare(now=now + timedelta(minutes=5))
    assert AuditEvent.objects.filter(action="clock.disagrees").count() == 2, "another one"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"clock_quality": "bad"}, "a clock that is not known claims nothing"),
        ({"clock_sd_s": None}, "nothing was judged"),
        ({"clock_quality": "degraded", "clock_sd_s": 1.0, "clock_offset_s": 2.8}, "within what is not known"),
    ],
)
def test_what_is_no_disagreement(shop: SmallStore, now: datetime, fields: dict[str, Any], why: str) -> None:
    judged(shop, **fields)
    told(shop, now, ahead_s=7.5)
    seen(shop, now, ahead_s=0.0)
    clocks_compare(now=now)
    assert LaneJudgement.objects.get().protocol_offset_s == pytest.approx(7.5, abs=0.01), "said all the same"
    assert LaneJudgement.objects.get().disagrees_since is None, why


def test_what_the_protocols_said_lasts_a_day(shop: SmallStore, now: datetime) -> None:
    judged(shop)
    told(shop, now, ahead_s=7.5)
    seen(shop, now, ahead_s=0.0)
    clocks_compare(now=now)
    clocks_compare(now=now + timedelta(hours=23))
    assert LaneJudgement.objects.get().disagrees_since == now, "the shop is closed, nobody has set a clock"
    clocks_compare(now=now + timedelta(hours=25))
    assert LaneJudgement.objects.get().disagrees_since is None
    assert LaneJudgement.objects.get().protocol_offset_s == pytest.approx(7.5, abs=0.01)


def test_a_till_known_to_be_hours_off_is_found_there(shop: SmallStore, now: datetime) -> None:
    judged(shop, clock_offset_s=5 * 3600.0)
    told(shop, now, ahead_s=5 * 3600.0)
    seen(shop, now, ahead_s=0.0)
    clocks_compare(now=now)
    assert LaneJudgement.objects.get().protocol_offset_s == pytest.approx(18_000.0, abs=0.01)


def test_what_came_long_ago_or_all_at_once_says_nothing(shop: SmallStore, now: datetime) -> None:
    judged(shop)
    told(shop, now - timedelta(minutes=90), ahead_s=7.5)
    seen(shop, now, ahead_s=0.0)
    clocks_compare(now=now)
    assert LaneJudgement.objects.get().protocol_offset_s is None
    PosEvent.objects.update(received_at=now)
    clocks_compare(now=now)
    assert LaneJudgement.objects.get().protocol_offset_s is None


def test_what_devices_measured_goes_first(shop: SmallStore, now: datetime) -> None:
    judged(shop)
    told(shop, now, ahead_s=0.0, n=3, type="heartbeat", data={"clock_offset_s": 7.9})
    seen(shop, now, ahead_s=0.0, n=3, attributes={"clock_offset_s": 0.5})
    clocks_compare(now=now)
    assert LaneJudgement.objects.get().protocol_offset_s == pytest.approx(7.4)


@pytest.mark.parametrize("given", [True, "7.9", None, 10**400, -1e300, [1]])
def test_what_is_no_number_is_not_believed(shop: SmallStore, now: datetime, given: object) -> None:
    told(shop, now, ahead_s=0.0, type="heartbeat", data={"clock_offset_s": given})
    assert pos_heard(shop.lanes[0], 0.0, now).arrivals.said_s is None


def test_only_a_heartbeat_speaks_of_its_own_clock(shop: SmallStore, now: datetime) -> None:
    told(shop, now, ahead_s=0.0, type="scan", data={"clock_offset_s": 7.9})
    assert pos_heard(shop.lanes[0], 0.0, now).arrivals.said_s is None


def test_our_own_eyes_are_slow_but_not_their_video(shop: SmallStore, now: datetime) -> None:
    """Looking takes seconds, which would read as a camera that lags behind."""
    seen(shop, now, ahead_s=0.0, delay_s=6.0)
    for index in range(1, 31):
        row = Segment.objects.create(
            camera=shop.cameras[0], started_at=now - timedelta(seconds=2 * index), duration_s=2.0, clock_source="rtcp"
        )
        Segment.objects.filter(pk=row.pk).update(created_at=row.started_at + timedelta(seconds=2.4))
    lags = [round(arrived - at, 2) for at, arrived in vision_heard(shop.lanes[0], now).arrivals.spans]
    assert lags == [0.4] * 30


def test_history_reads_as_sentences(shop: SmallStore, now: datetime) -> None:
    event = stepped(shop, now, 60.0)
    assert audit_sentence(event) == (
        "The system (judge) took the clock of lane S001/L1 anew, because: The till's clock was set by +60.0 s."
    )
    judged(shop, clock_offset_s=0.1)
    told(shop, now, ahead_s=7.5)
    seen(shop, now, ahead_s=0.0)
    clocks_compare(now=now)
    assert audit_sentence(AuditEvent.objects.get(action="clock.disagrees")) == (
        "The system (judge) began to doubt the clock of lane S001/L1, because: "
        "By the scans the till is +0.1 s from the camera, by how events arrive +7.5 s."
    )


@pytest.fixture
def chief(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("chief", password="a longer password"))
    return client


def checkpoints(shop: SmallStore, now: datetime, n: int) -> None:
    LaneCheckpoint.objects.bulk_create(
        LaneCheckpoint(
            lane=shop.lanes[0], until=now - timedelta(minutes=10 * index), free_from=now, clock_offset_s=2.4,
            clock_sd_s=0.1, clock_skew_ppm=12.0, clock_quality="good", state={},
        )
        for index in range(n)
    )  # fmt: skip


def test_the_admin_draws_the_clock(shop: SmallStore, now: datetime, chief: Client) -> None:
    judgement = judged(shop, clock_offset_s=2.4)
    checkpoints(shop, now, 30)
    stepped(shop, now - timedelta(hours=1), -90.0)
    page = chief.get(f"/admin/cases/lanejudgement/{judgement.pk}/change/").content.decode()
    assert page.count('<svg class="clock__chart') == 2
    assert page.count("<polyline") == 4, "for two sizes, before and after the step"
    for words in ("Local time, Europe/Madrid", "In 30 readings", "It was set once.", "set by \N{MINUS SIGN}90.0 s"):
        assert words in page
    assert page.count("<td>+2.40</td>") == 12, "the last readings"
    assert "style=" not in page[page.index('<section class="clock"') : page.index("</section>")], "the CSP refuses it"


def test_the_admin_says_where_there_is_nothing_to_draw(shop: SmallStore, now: datetime, chief: Client) -> None:
    judgement = judged(shop)
    checkpoints(shop, now - timedelta(days=8), 3)
    page = chief.get(f"/admin/cases/lanejudgement/{judgement.pk}/change/").content.decode()
    assert "Nothing was measured in the last seven days." in page
    assert "<polyline" not in page


def test_the_list_of_clocks_in_few_queries(shop: SmallStore, chief: Client, django_assert_max_num_queries: Any) -> None:
    judged(shop, protocol_offset_s=-3.25)
    judged(shop, 1, clock_quality="bad", clock_sd_s=None)
    with django_assert_max_num_queries(8):
        page = chief.get("/admin/cases/lanejudgement/").content.decode().replace("\N{NO-BREAK SPACE}", " ")
    for words in ("+0.10 s", "±0.10 s", "+0.0 ppm", "80 scans", "\N{MINUS SIGN}3.25 s"):
        assert words in page
