"""Judging as events arrive: early, late, twice, in any order."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from cases.models import Case, Discrepancy, LaneJudgement, LaneMark
from cases.services.cases import case_decide
from cases.services.judging import APART, lane_judge, lane_mark, lane_rests, lanes_due
from lanes.holders import holder_new
from privacy.models import AuditEvent
from tests.factories.lane_day import START, lane_day, pass_event, pos_event, send
from tests.factories.stores import SmallStore

Look = Callable[..., None]
FORGIVING = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def said() -> list[tuple[Any, ...]]:
    rows = Discrepancy.objects.filter(withdrawn_at=None).values_list("anchor", "score", "alerted")
    return sorted((anchor, round(score, 2), alerted) for anchor, score, alerted in rows)


def open_cases() -> list[str]:
    return sorted(Case.objects.exclude(status="withdrawn").values_list("discrepancy__anchor", flat=True))


def forget_everything(shop: SmallStore) -> None:
    from pos.models import PosEvent
    from vision.models import VisualEvent

    for model in (Case, Discrepancy, LaneJudgement, LaneMark, PosEvent, VisualEvent):
        model.objects.all().delete()


@pytest.fixture
def three(till: APIClient, edge_box: APIClient) -> None:
    """Three passes, two lines, and a heartbeat long after."""
    send(edge_box, "vision", [pass_event(n, at) for n, at in (("a", 0), ("b", 3), ("c", 6))])
    send(till, "pos", [pos_event("1", 0.3), pos_event("3", 6.3), pos_event("h", 60, "heartbeat")])


def test_a_pass_without_a_line_becomes_a_case(three: None, look: Look, shop: SmallStore) -> None:
    look()
    case = Case.objects.get()
    assert (case.kind, case.status, case.transaction, str(case.amount_at_risk)) == ("no_scan", "open", "K1", "2.50")
    assert case.discrepancy.visual_event == "b"
    assert case.occurred_at == START + timedelta(seconds=3)
    assert case.lane == shop.lanes[0]


def test_nothing_waits_for_the_wall_clock_in_a_backlog(three: None, look: Look) -> None:
    look(later_s=2.0)
    assert Case.objects.count() == 1


def test_what_is_marked_is_due_and_then_done(three: None, look: Look, shop: SmallStore) -> None:
    assert lanes_due(now=timezone.now()) == [shop.lanes[0].pk]
    look()
    assert (lanes_due(now=timezone.now() + timedelta(days=1)), LaneMark.objects.count()) == ([], 0)


def test_a_lane_that_is_being_judged_is_left_alone(three: None, shop: SmallStore) -> None:
    now = timezone.now()
    LaneJudgement.objects.create(lane=shop.lanes[0], claimed_until=now + timedelta(seconds=5))
    assert lane_judge(lane_id=shop.lanes[0].pk, now=now) is None
    assert lane_judge(lane_id=shop.lanes[0].pk, now=now + timedelta(seconds=6)) is not None  # that worker died


def test_a_claim_of_a_worker_that_was_killed_is_taken_over_at_once(three: None, shop: SmallStore) -> None:
    now = timezone.now()
    here, pid = holder_new().split(":")[0], os.getpid()
    dead, alive = f"{here}:{pid}:1:x", holder_new()  # the number of the dead one was given to another process
    judgement = LaneJudgement.objects.create(
        lane=shop.lanes[0], claimed_by=alive, claimed_until=now + timedelta(seconds=50)
    )
    assert lane_judge(lane_id=shop.lanes[0].pk, now=now) is None
    LaneJudgement.objects.filter(pk=judgement.pk).update(claimed_by=dead)
    assert lane_judge(lane_id=shop.lanes[0].pk, now=now) is not None
    assert LaneMark.objects.count() == 0
    judgement.refresh_from_db()
    assert (judgement.claimed_by, judgement.claimed_until) == ("", None)


def test_who_lost_its_claim_while_judging_writes_nothing(three: None, shop: SmallStore) -> None:
    """It was stopped for a minute, and another took the lane over on newer events."""
    other = holder_new()

    def taken_over(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith("SELECT") and "pos_posevent" in sql:
            LaneJudgement.objects.update(claimed_by=other)
        return execute(sql, *rest)

    with connection.execute_wrapper(taken_over):
        assert lane_judge(lane_id=shop.lanes[0].pk, now=timezone.now()) is None
    assert (Discrepancy.objects.count(), Case.objects.count(), LaneMark.objects.count()) == (0, 0, 2)
    assert LaneJudgement.objects.get().claimed_by == other, "its claim is not ours to give back"


def test_a_late_line_withdraws_the_case_and_says_why(three: None, look: Look, till: APIClient) -> None:
    look()
    send(till, "pos", [pos_event("2", 3.2)])
    look()
    case = Case.objects.get()
    assert (case.status, case.discrepancy.alerted) == ("withdrawn", False)
    assert case.discrepancy.withdrawn_reason == "2 arrived later and explains it."
    assert case.resolved_at is not None
    assert [e.action for e in AuditEvent.objects.filter(object_id=str(case.pk))] == ["case.withdrawn"]


def test_a_decided_case_is_never_withdrawn_only_annotated(three: None, look: Look, till: APIClient) -> None:
    look()
    case = Case.objects.get()
    case_decide(actor="analyst", actor_kind="key", case_id=case.pk, outcome="confirm", reason="item_not_rung_up")
    send(till, "pos", [pos_event("2", 3.2)])
    look()
    send(till, "pos", [pos_event("9", 90, "heartbeat")])
    look()
    case.refresh_from_db()
    assert case.status == "confirmed"
    assert [note["note"] for note in case.annotations] == ["2 arrived later and explains it."]


def test_a_live_pass_waits_for_its_line(till: APIClient, edge_box: APIClient, shop: SmallStore) -> None:
    """The till is heard up to the last line; what came after that has to wait, but not for ever."""
    now = timezone.now()
    at_s = (now - START).total_seconds()
    send(till, "pos", [pos_event("1", at_s - 5)])
    send(edge_box, "vision", [pass_event("a", at_s - 5.3), pass_event("b", at_s - 1)])
    sent = timezone.now()
    looked = lane_judge(lane_id=shop.lanes[0].pk, now=now + timedelta(seconds=2))
    assert looked is not None and looked.again_at is not None and Case.objects.count() == 0
    judgement = LaneJudgement.objects.get()
    assert judgement.correlated_until == now - timedelta(seconds=5.3)  # its line may yet come
    lane_judge(lane_id=shop.lanes[0].pk, now=looked.again_at)
    assert open_cases() == ["no_scan:L1-top/b"]
    assert looked.again_at <= sent + timedelta(seconds=12)


def test_a_live_pass_is_judged_at_once_when_the_till_has_gone_on(
    till: APIClient, edge_box: APIClient, shop: SmallStore
) -> None:
    now = timezone.now()
    at_s = (now - START).total_seconds()
    send(till, "pos", [pos_event("1", at_s - 20), pos_event("2", at_s - 3)])
    send(edge_box, "vision", [pass_event("a", at_s - 20.2), pass_event("b", at_s - 12), pass_event("c", at_s - 3.2)])
    lane_judge(lane_id=shop.lanes[0].pk, now=timezone.now())
    assert open_cases() == ["no_scan:L1-top/b"]


def test_a_gap_in_the_tills_feed_silences_it(till: APIClient, edge_box: APIClient, look: Look) -> None:
    send(edge_box, "vision", [pass_event("a", 0), pass_event("b", 30), pass_event("c", 70)])
    send(
        till,
        "pos",
        [
            pos_event("1", 0.3),
            pos_event("3", 70.3),
            pos_event("h", 120, "heartbeat"),
            pos_event("g", 50, "gap", **{"from": "2026-11-20T09:00:20Z", "to": "2026-11-20T09:00:50Z"}),
        ],
    )
    look()
    assert (open_cases(), said()) == ([], [])
    (part,) = LaneJudgement.objects.get().state["suppressed"]
    assert part["verdicts"] == 1


def test_a_till_never_heard_of_accuses_nobody(edge_box: APIClient, look: Look) -> None:
    """One pass is a question; many without any sign of life are a feed that is not there."""
    send(edge_box, "vision", [pass_event("a", 0)])
    look()
    assert open_cases() == ["no_scan:L1-top/a"]
    send(edge_box, "vision", [pass_event(f"x{n}", 5.0 * n + 5) for n in range(8)])
    look()
    assert open_cases() == []


def test_an_offset_of_an_hour_and_a_bit_is_found(till: APIClient, edge_box: APIClient, look: Look) -> None:
    day = lane_day(5, tickets=4, offset_s=3600 + 31.0, unpaid=0.0)
    send(edge_box, "vision", [p for p in day.passes if p["type"] == "item_pass"])
    send(till, "pos", day.lines)
    look()
    judgement = LaneJudgement.objects.get()
    assert judgement.clock_offset_s == pytest.approx(3631.0, abs=0.3)
    assert open_cases() == []


def test_what_articles_look_like_is_learnt_and_a_swap_is_seen(till: APIClient, edge_box: APIClient, look: Look) -> None:
    for n in range(7):
        send(edge_box, "vision", [pass_event(f"v{n}", 60.0 * n, label="bottle")])
        send(till, "pos", [pos_event(f"p{n}", 60.0 * n + 0.2, ticket=f"K{n}")])
    look()
    send(edge_box, "vision", [pass_event("odd", 600, label="box")])
    send(till, "pos", [pos_event("odd", 600.2, ticket="K9", description="Olive oil"), pos_event("h", 700, "heartbeat")])
    look()
    case = Case.objects.get()
    assert (case.kind, case.discrepancy.pos_events) == ("item_swap", ["odd"])
    assert "Olive oil" in case.explanation["sentence"]


@given(st.integers(0, 10_000))
@FORGIVING
def test_any_order_of_arrival_ends_alike(
    shop: SmallStore, till: APIClient, edge_box: APIClient, look: Look, seed: int
) -> None:
    rng = random.Random(seed)
    day = lane_day(seed % 4, offset_s=(0.0, 1.2, 40.0)[seed % 3])
    forget_everything(shop)
    send(edge_box, "vision", day.passes)
    send(till, "pos", day.lines)
    look()
    expected = said(), open_cases()
    assert expected[0]
    forget_everything(shop)
    parts = [("vision", event) for event in day.passes] + [("pos", event) for event in day.lines]
    parts += rng.sample(parts, 4)  # some twice
    rng.shuffle(parts)
    while parts:
        size = rng.randint(1, 12)
        batch, parts = parts[:size], parts[size:]
        for what, client in (("vision", edge_box), ("pos", till)):
            events = [event for kind, event in batch if kind == what]
            if events:
                send(client, what, events)
        if rng.random() < 0.6:
            look(later_s=rng.choice([0.0, 30.0]))
    look()
    assert (said(), open_cases()) == expected


def test_a_lane_that_was_just_looked_at_rests_unless_it_is_due(three: None, shop: SmallStore) -> None:
    lane, now = shop.lanes[0], timezone.now()
    assert lane_judge(lane_id=lane.pk, now=now) is not None
    lane_mark(lane_ids=[lane.pk], witness=LaneMark.Witness.POS, earliest=START)
    LaneJudgement.objects.update(next_look_at=None)
    assert (lanes_due(now=now + timedelta(seconds=1)), lane_rests(lane_id=lane.pk, now=now)) == ([], True)
    assert lanes_due(now=now + APART) == [lane.pk]
    assert not lane_rests(lane_id=lane.pk, now=now + APART)
    LaneJudgement.objects.update(next_look_at=now + timedelta(seconds=1))
    assert lanes_due(now=now + timedelta(seconds=1)) == [lane.pk]
