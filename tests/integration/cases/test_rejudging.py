"""Judging a lane again: what the rules of today say of what was said then, once and for all."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.test import APIClient

from cases.models import Case, Discrepancy, LaneCheckpoint, LaneJudgement, LaneMark
from cases.services.cases import case_decide
from cases.services.rejudging import RejudgeWaits, lane_rejudge, rejudge_plan
from lanes.holders import holder_new
from pos.models import PosEvent
from privacy.models import AuditEvent
from tests.factories.lane_day import START, lane_day, send
from tests.factories.stores import SmallStore
from vision.models import VisualEvent

Look = Callable[..., None]
NOON = START + timedelta(seconds=800)


@pytest.fixture
def day(till: APIClient, edge_box: APIClient, look: Look) -> None:
    """Half an hour of lane L1, judged."""
    said = lane_day(3, tickets=30)
    send(edge_box, "vision", said.passes)
    send(till, "pos", said.lines)
    for model in (PosEvent, VisualEvent):  # told long ago: nothing waits any more for what may yet come
        model.objects.update(received_at=timezone.now() - timedelta(days=1))
    look()


def rejudge(*words: str) -> str:
    out = StringIO()
    call_command("rejudge", *words, stdout=out)
    return out.getvalue()


def lanes_of(*words: str) -> list[dict[str, Any]]:
    return json.loads(rejudge(*words, "--json"))["lanes"]


def rows() -> list[tuple[Any, ...]]:
    return sorted(
        Discrepancy.objects.values_list("anchor", "score", "alerted", "withdrawn_at", "updated_at", "explanation"),
        key=lambda row: row[0],
    )


def stands() -> list[tuple[Any, ...]]:
    return [(anchor, round(score, 2), alerted) for anchor, score, alerted, gone, *_ in rows() if gone is None]


def counts(done: dict[str, Any]) -> tuple[int, int, int]:
    return len(done["opened"]), len(done["changed"]), len(done["withdrawn"])


@pytest.mark.parametrize("since", [(), ("--from", NOON.isoformat())])
def test_what_was_judged_well_is_judged_alike(day: None, since: tuple[str, ...]) -> None:
    before, ends = stands(), list(LaneCheckpoint.objects.values_list("until", flat=True))
    assert before and len(ends) > 1
    (first,) = lanes_of("S001/L1", *since, "--reason", "new rules")
    once, kept = rows(), list(LaneCheckpoint.objects.values_list("until", "state"))
    (second,) = lanes_of("S001/L1", *since, "--reason", "once more")
    assert (counts(first), counts(second)) == ((0, 0, 0), (0, 0, 0))
    assert first["looks"] >= 1
    assert first["checkpoints"] >= 1
    assert stands() == before
    assert [until for until, _ in kept] == ends
    assert rows() == once, "not even touched"
    assert list(LaneCheckpoint.objects.values_list("until", "state")) == kept


def test_what_older_rules_said_otherwise_is_put_right(day: None, shop: SmallStore) -> None:
    wanted = stands()
    missed, blurred = Discrepancy.objects.filter(kind="no_scan").order_by("occurred_at")[:2]
    missed.delete()
    Discrepancy.objects.filter(pk=blurred.pk).update(score=0.03)
    sound = next(f"L1-top/v{n}" for n in range(9) if not any(row[0].endswith(f"/v{n}") for row in wanted))
    Discrepancy.objects.create(
        store=shop.store, lane=shop.lanes[0], kind="no_scan", anchor=f"no_scan:{sound}", score=0.9, alerted=True,
        occurred_at=START + timedelta(seconds=60), visual_event=sound.partition("/")[2],
    )  # fmt: skip
    (done,) = lanes_of("S001/L1", "--reason", "the rules were wrong")
    assert done["opened"] == [missed.anchor]
    assert done["changed"] == [blurred.anchor]
    assert done["withdrawn"] == [f"no_scan:{sound}"]
    assert stands() == wanted


def test_only_what_came_after_the_instant_is_judged_again(day: None, shop: SmallStore) -> None:
    early = Discrepancy.objects.earliest("occurred_at")
    Discrepancy.objects.filter(pk=early.pk).update(score=0.07)
    kept = LaneCheckpoint.objects.filter(until__lte=NOON).values_list("pk", flat=True)
    assert (held := set(kept)), "there is something to go on from"
    (done,) = lanes_of("S001/L1", "--from", NOON.isoformat(), "--reason", "a feed told wrongly")
    assert counts(done) == (0, 0, 0)
    early.refresh_from_db()
    assert early.score == 0.07
    assert held <= set(LaneCheckpoint.objects.values_list("pk", flat=True))


def test_what_people_decided_stays(day: None) -> None:
    case = Case.objects.earliest("occurred_at")
    case_decide(actor="analyst", actor_kind="key", case_id=case.pk, outcome="confirm", reason="item_not_rung_up")
    # by the rules of then it was a case; the till has since been read again, and its line is there
    Discrepancy.objects.filter(pk=case.discrepancy_id).update(score=0.99, anchor="no_scan:L1-top/v0")
    rejudge("S001/L1", "--reason", "new rules")
    case.refresh_from_db()
    assert case.discrepancy.withdrawn_at is not None
    assert (case.status, len(case.annotations)) == ("confirmed", 1)


def test_it_is_told_to_history(day: None) -> None:
    rejudge("S001/L1", "--reason", "weights of our own")
    event = AuditEvent.objects.get(action="lane.rejudged")
    assert (event.object_id, event.store_code, event.reason) == ("S001/L1", "S001", "weights of our own")
    assert event.actor.startswith("command")
    assert event.data["from"].startswith("2026-11-20T09:00")


def test_it_says_what_it_did(day: None) -> None:
    text = rejudge("S001/L1", "--reason", "x")
    assert text.startswith("S001/L1: judged again from 2026-11-20 09:00:4")
    assert "0 opened, 0 changed, 0 withdrawn; " in text


def test_a_dry_run_changes_nothing(day: None) -> None:
    kept, before = list(LaneCheckpoint.objects.values_list("pk", flat=True)), rows()
    text = rejudge("S001/L1", "--dry")
    assert f"from its beginning: {len(kept)} checkpoints forgotten, {len(before)} discrepancies" in text
    assert (list(LaneCheckpoint.objects.values_list("pk", flat=True)), rows()) == (kept, before)
    assert (LaneMark.objects.count(), AuditEvent.objects.filter(action="lane.rejudged").count()) == (0, 0)


def test_the_plan_names_the_checkpoint_it_goes_on_from(day: None, shop: SmallStore) -> None:
    plan = rejudge_plan(lane=shop.lanes[0], since=NOON)
    last = LaneCheckpoint.objects.filter(until__lte=NOON).latest("until")
    assert (plan.after, plan.checkpoints) == (last.until, LaneCheckpoint.objects.filter(until__gt=last.until).count())


@pytest.mark.parametrize("words", [["--store", "S001"], ["--all"]])
def test_many_lanes(day: None, words: list[str]) -> None:
    text = rejudge(*words, "--reason", "x").splitlines()
    assert [line.partition(":")[0] for line in text] == ["S001/L1", "S001/L2"]
    assert text[1] == "S001/L2: nothing was ever seen or rung up."


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["S009/L1"], "There is no store S009. There are: S001."),
        (["S001/L9"], "Store S001 has no lane L9. It has: L1, L2."),
        (["L1"], "L1 is no lane: write STORE/LANE"),
        (["--store", "S009"], "There is no store S009."),
        (["S001/L1", "--from", "yesterday"], "yesterday is no instant"),
        (["S001/L1", "--from", "2026-11-20T09:00:00"], "does not say its zone"),
        (["S001/L1", "--from", "2999-01-01T00:00:00Z"], "has not come yet"),
        (["S001/L1"], "Say why with --reason"),
        ([], "one of the arguments"),
    ],
)
def test_what_is_asked_wrongly_is_answered(shop: SmallStore, words: list[str], sentence: str) -> None:
    reason = [] if sentence.startswith("Say why") else ["--reason", "x"]
    with pytest.raises(CommandError) as refused:
        rejudge(*words, *reason)
    assert sentence in str(refused.value)


def test_a_worker_that_has_the_lane_is_waited_for(day: None, shop: SmallStore) -> None:
    """It took the lane a moment before the mark was set, and gives it back after a while."""
    LaneJudgement.objects.update(claimed_by=holder_new(), claimed_until=timezone.now() + timedelta(seconds=50))
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            LaneJudgement.objects.update(claimed_by="", claimed_until=None)

    done = lane_rejudge(
        actor="t", lane=shop.lanes[0], since=None, reason="x", clock=timezone.now, pause=pause
    )  # fmt: skip
    assert (len(pauses), done.looks, LaneMark.objects.count()) == (3, 1, 0)


def test_a_worker_that_never_gives_it_back_is_left_to_it(day: None, shop: SmallStore) -> None:
    LaneJudgement.objects.update(claimed_by=holder_new(), claimed_until=timezone.now() + timedelta(hours=1))
    with pytest.raises(RejudgeWaits):
        lane_rejudge(
            actor="t", lane=shop.lanes[0], since=None, reason="x", clock=timezone.now, pause=lambda seconds: None
        )
    assert LaneMark.objects.count() == 1, "so that it is judged again all the same"
