"""Exception rules at work: in force from an instant on, whatever order events come in, and nothing said twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from cases.models import Case, Discrepancy, ExceptionRule, LaneCheckpoint, LaneJudgement, LaneMark
from cases.services.judging import lane_judge
from cases.services.rules import catalogue_load, rule_retire
from pos.models import PosEvent, QuarantinedTicket
from pos.signals import pos_gaps_changed
from privacy.models import AuditEvent, User
from tests.factories.lane_day import START, lane_day, pass_event, pos_event, send
from tests.factories.rules import UNPAID, in_force, shipped
from tests.factories.stores import SmallStore, small_store
from vision.models import VisualEvent

Look = Callable[..., None]
EARLY = START - timedelta(hours=1)
CARD = pos_event("g", 100, "gift_card_activation", amount="50.00")
LATER = pos_event("h", 400, "heartbeat", ticket="")


def said() -> list[tuple[Any, ...]]:
    """What rules found and stands."""
    rows = Discrepancy.objects.filter(withdrawn_at=None, anchor__startswith="rule.")
    return sorted(rows.values_list("anchor", "score", "alerted", "rule_version"))


def test_a_finding_of_a_rule_in_force_becomes_a_case_that_names_its_version(
    shop: SmallStore, till: APIClient, look: Look
) -> None:
    in_force(UNPAID, shop, EARLY)
    send(till, "pos", [CARD, LATER])
    look()
    assert said() == [("rule.X02:T1/g", 0.6, True, "X02@1")]
    case = Case.objects.get()
    assert (case.kind, case.transaction, str(case.amount_at_risk)) == ("exception", "K1", "50.00")
    assert case.explanation["sentence"] == (
        "Card without payment: gift card activation (50.00), and no payment within 2 min."
    )
    assert case.explanation["rule"] == {"code": "X02", "title": "Card without payment"}


def test_a_late_line_withdraws_what_a_rule_found(shop: SmallStore, till: APIClient, look: Look) -> None:
    in_force(UNPAID, shop, EARLY)
    send(till, "pos", [CARD, LATER])
    look()
    send(till, "pos", [pos_event("p", 160, "tender", amount="50.00")])
    look()
    assert said() == []
    case = Case.objects.get()
    assert case.status == "withdrawn"
    assert [e.action for e in AuditEvent.objects.filter(object_id=str(case.pk))] == ["case.withdrawn"]


def test_what_must_not_happen_is_waited_for(shop: SmallStore, till: APIClient) -> None:
    """The card was loaded just now: whether it will be paid is known in two minutes, and a silent till is believed
    two minutes later."""
    in_force(UNPAID, shop, EARLY)
    now = timezone.now()
    fresh = CARD | {"occurred_at": (now - timedelta(seconds=5)).isoformat()}
    send(till, "pos", [fresh])
    looked = lane_judge(lane_id=shop.lanes[0].pk, now=timezone.now())
    assert (said(), looked is not None and looked.again_at is not None) == ([], True)
    for _ in range(20):
        looked = lane_judge(lane_id=shop.lanes[0].pk, now=looked.again_at) if looked and looked.again_at else None
    assert [row[0] for row in said()] == ["rule.X02:T1/g"]
    assert LaneJudgement.objects.get(lane=shop.lanes[0]).next_look_at is None, "it came to rest"


def test_any_order_ends_in_the_same_findings(shop: SmallStore, till: APIClient, look: Look) -> None:
    in_force(UNPAID, shop, EARLY)
    paid = [pos_event("g2", 200, "gift_card_activation", ticket="K2"), pos_event("p", 290, "tender", ticket="K2")]
    ends = set()
    for order in list(itertools.permutations([CARD, *paid, pos_event("v", 110, "void", ticket="K1"), LATER]))[::30]:
        for event in order:
            send(till, "pos", [event])
            look()
        ends.add((*said(), *Case.objects.exclude(status="withdrawn").values_list("status", "risk")))
        for model in (Case, Discrepancy, LaneJudgement, LaneCheckpoint, LaneMark, PosEvent):
            model.objects.all().delete()
    (end,) = ends
    assert [row[0] for row in end] == ["rule.X02:T1/g", "open"]


def test_what_happened_before_it_went_live_is_not_judged_by_it(shop: SmallStore, till: APIClient, look: Look) -> None:
    in_force(UNPAID, shop, START + timedelta(seconds=150))
    send(till, "pos", [CARD, pos_event("g2", 200, "gift_card_activation", ticket="K2"), LATER])
    look()
    assert [row[0] for row in said()] == ["rule.X02:T1/g2"]


def test_each_event_is_judged_by_the_version_that_was_in_force_then(
    shop: SmallStore, till: APIClient, look: Look
) -> None:
    in_force(UNPAID, shop, EARLY)
    in_force(UNPAID | {"score": 0.9}, shop, START + timedelta(seconds=150))
    send(till, "pos", [CARD, pos_event("g2", 200, "gift_card_activation", ticket="K2"), LATER])
    look()
    assert said() == [("rule.X02:T1/g", 0.6, True, "X02@1"), ("rule.X02:T1/g2", 0.9, True, "X02@2")]


def test_what_a_retired_rule_found_stays_and_nothing_new_is_found(
    shop: SmallStore, till: APIClient, look: Look
) -> None:
    term = in_force(UNPAID, shop, EARLY)
    rule_retire(
        actor=User.objects.get(username="boss"), rule=term.rule, reason="Noise.", now=START + timedelta(seconds=150)
    )
    send(till, "pos", [CARD, LATER])
    look()
    send(till, "pos", [pos_event("g2", 500, "gift_card_activation", ticket="K2"), pos_event("h2", 900, "heartbeat")])
    look()
    assert [row[0] for row in said()] == ["rule.X02:T1/g"]


def test_another_stores_rule_is_nothing_to_this_one(shop: SmallStore, till: APIClient, look: Look) -> None:
    other = small_store("S002")
    in_force(UNPAID, other, EARLY, store=other.store)
    send(till, "pos", [CARD, LATER])
    look()
    assert said() == []


def busy_lane(till: APIClient, edge_box: APIClient) -> None:
    """Enough passes with lines that the clocks are known; then a customer goes, and after a while the drawer opens."""
    day = lane_day(7, tickets=6, unpaid=0.0)
    end = 600.0
    send(edge_box, "vision", day.passes)
    send(till, "pos", day.lines)
    place = {"path": ["customer"], "label": "person"}
    send(
        edge_box,
        "vision",
        [
            pass_event("in", end, "person_enter", track="c1", **place),
            pass_event("out", end + 30, "person_leave", track="c1", **place),
            pass_event("late", end + 300, "person_enter", track="c2", **place),
        ],
    )
    send(
        till,
        "pos",
        [pos_event("n", end + 120, "no_sale", ticket=""), pos_event("h", end + 300, "heartbeat", ticket="")],
    )


def test_what_the_judge_says_already_is_not_said_again(
    shop: SmallStore, till: APIClient, edge_box: APIClient, look: Look
) -> None:
    in_force(shipped("R06"), shop, EARLY)
    in_force(shipped("R06") | {"code": "X06", "score": 0.95}, shop, EARLY)
    busy_lane(till, edge_box)
    look()
    drawer = Discrepancy.objects.get(kind="no_sale_drawer")
    assert drawer.alerted and "n" in drawer.pos_events
    assert said() == []


def test_a_rule_speaks_where_the_judge_is_less_sure(
    shop: SmallStore, till: APIClient, edge_box: APIClient, look: Look
) -> None:
    in_force(shipped("R06") | {"score": 0.95}, shop, EARLY)
    busy_lane(till, edge_box)
    send(till, "pos", [pos_event("o", 719, "override", ticket="")])  # which calms the judge
    look()
    assert Discrepancy.objects.get(kind="no_sale_drawer").alerted is False
    assert said() == [("rule.R06:T1/n", 0.95, True, "R06@1")]


def test_without_a_rule_in_force_the_judge_asks_nothing_more(
    shop: SmallStore, till: APIClient, edge_box: APIClient
) -> None:
    catalogue_load(now=EARLY)
    send(edge_box, "vision", [pass_event("a", 0)])
    send(till, "pos", [pos_event("1", 0.3), LATER])
    with CaptureQueriesContext(connection) as queries:
        lane_judge(lane_id=shop.lanes[0].pk, now=timezone.now())
    asked = [
        query["sql"] for query in queries if "cases_ruleterm" in query["sql"] or "cases_exceptionrule" in query["sql"]
    ]
    assert len(asked) == 1 and 'FROM "lanes_lane"' in asked[0], "part of the query that reads the lane"


def test_verdicts_of_the_judge_are_the_same_with_and_without_rules(
    shop: SmallStore, till: APIClient, edge_box: APIClient, look: Look
) -> None:
    def everything() -> list[tuple[Any, ...]]:
        rows = Discrepancy.objects.filter(withdrawn_at=None).exclude(anchor__startswith="rule.")
        return sorted(rows.values_list("anchor", "score", "alerted", "explanation__sentence"))

    day = lane_day(11, tickets=4)
    send(edge_box, "vision", day.passes)
    send(till, "pos", day.lines)
    look()
    before = everything()
    for model in (Case, Discrepancy, LaneJudgement, LaneCheckpoint, LaneMark, PosEvent, VisualEvent):
        model.objects.all().delete()
    in_force(UNPAID, shop, EARLY)
    send(edge_box, "vision", day.passes)
    send(till, "pos", [*day.lines, CARD, LATER])
    look()
    assert everything() == before
    assert ExceptionRule.objects.get().state == "live"


def test_who_is_seen_late_withdraws_what_rested_on_nobody_being_there(
    shop: SmallStore, till: APIClient, edge_box: APIClient, look: Look
) -> None:
    in_force(shipped("R06") | {"score": 0.95}, shop, EARLY)
    busy_lane(till, edge_box)
    send(till, "pos", [pos_event("o", 719, "override", ticket="")])
    look()
    assert [row[0] for row in said()] == ["rule.R06:T1/n"]
    there = pass_event("x", 718, "person_enter", track="c9", path=["customer"], label="person")
    send(edge_box, "vision", [there])
    look()
    assert said() == []


def test_what_the_judge_itself_calls_an_exception_and_what_rules_find_do_not_touch_each_other(
    shop: SmallStore, till: APIClient, edge_box: APIClient, look: Look
) -> None:
    in_force(UNPAID, shop, EARLY)
    passes = [pass_event(f"v{n}", 4.0 * n) for n in range(12)]
    lines = [pos_event(f"p{n}", 4.0 * n + 0.3, gtin=f"{n:014d}", training=n == 6) for n in range(12)]
    send(edge_box, "vision", passes)
    send(till, "pos", lines)
    look()
    trained = "exception:L1-top/v6"
    assert trained in Discrepancy.objects.filter(withdrawn_at=None).values_list("anchor", flat=True)
    send(till, "pos", [CARD, LATER])
    look()
    send(edge_box, "vision", [pass_event("v99", 50)])
    look()
    stands = Discrepancy.objects.filter(withdrawn_at=None, kind="exception").values_list("anchor", flat=True)
    assert sorted(stands) == [trained, "rule.X02:T1/g"]


def looked_at(shop: SmallStore, now: datetime) -> None:
    """Judge the lane as it would have been at `now`."""
    for _ in range(20):
        looked = lane_judge(lane_id=shop.lanes[0].pk, now=now)
        if looked is None or looked.again_at is None or looked.again_at > now + timedelta(seconds=60):
            return
        now = max(now, looked.again_at)


def test_what_is_found_an_hour_later_ranks_as_if_it_had_been_found_at_once(
    shop: SmallStore, till: APIClient, edge_box: APIClient, look: Look
) -> None:
    """The ticket put aside is known to stay there only when all around it was judged long ago."""
    in_force(shipped("R19") | {"score": 0.7}, shop, EARLY)
    parts: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]] = []
    for begin in (0, 2000, 3500, 4400):
        passes = [pass_event(f"v{begin}-{n}", begin + 4.0 * n) for n in range(60)]
        lines = [pos_event(f"p{begin}-{n}", begin + 4.0 * n + 0.3, ticket=f"K{begin}") for n in range(60)]
        parts.append((passes, lines))
    parts[0][1].extend([pos_event("v", 260, "void", ticket="K0"), pos_event("s", 270, "ticket_suspend", ticket="K0")])
    ranks = []
    for together in (False, True):
        for passes, lines in parts:
            send(edge_box, "vision", passes)
            send(till, "pos", lines)
            for model in (PosEvent, VisualEvent):  # they came at once
                model.objects.update(received_at=F("occurred_at"))
            if not together:
                looked_at(shop, START + timedelta(seconds=int(lines[0]["id"][1:].partition("-")[0]) + 400))
        look()
        case = Case.objects.get(discrepancy__anchor="rule.R19:T1/s")
        ranks.append((case.status, case.risk, [part["name"] for part in case.explanation["risk"]["parts"]]))
        for model in (Case, Discrepancy, LaneJudgement, LaneCheckpoint, LaneMark, PosEvent, VisualEvent):
            model.objects.all().delete()
    assert ranks[0] == ranks[1]
    assert "voids" in ranks[0][2]


ELSEWHERE = [
    ("the same ticket", pos_event("r", 160, "ticket_resume", terminal="T2")),
    ("one that names it", pos_event("r", 160, "ticket_resume", terminal="T2", ticket="K7", original_transaction="K1")),
]


@pytest.mark.parametrize(("why", "resumed"), ELSEWHERE, ids=[why for why, _ in ELSEWHERE])
@pytest.mark.parametrize("first", [True, False], ids=["before it was asked", "after it was found"])
def test_a_ticket_that_is_taken_up_again_at_another_lane_was_not_left(
    shop: SmallStore, till: APIClient, look: Look, why: str, resumed: dict[str, Any], first: bool
) -> None:
    in_force(shipped("R19"), shop, EARLY)
    put_aside = [pos_event("s", 100, "ticket_suspend"), pos_event("h", 5000, "heartbeat", ticket="")]
    if not first:
        send(till, "pos", put_aside)
        look()
        assert [row[0] for row in said()] == ["rule.R19:T1/s"]
    send(till, "pos", [resumed])
    if first:
        send(till, "pos", put_aside)
    else:
        assert LaneMark.objects.filter(lane=shop.lanes[0]).exists()
    look()
    assert said() == []


def test_nothing_is_concluded_from_a_ticket_in_quarantine(shop: SmallStore, till: APIClient, look: Look) -> None:
    in_force(shipped("R14") | {"score": 0.6}, shop, EARLY)
    send(till, "pos", [pos_event("o", 100, "discount", amount="9"), LATER])
    look()
    case = Case.objects.get()
    QuarantinedTicket.objects.create(
        store=shop.store, lane=shop.lanes[0], terminal=shop.terminals[0], transaction="K1", doubted=True,
        starts_at=START + timedelta(seconds=90), ends_at=START + timedelta(seconds=110), reason="9.00 are missing.",
        declared=0, found=9, tendered=0, found_at=timezone.now(),
    )  # fmt: skip
    pos_gaps_changed.send(sender=QuarantinedTicket, lane_ids=[shop.lanes[0].pk], earliest=START)
    look()
    assert said() == []
    reason = Discrepancy.objects.get(pk=case.discrepancy_id).withdrawn_reason
    assert reason == "Ticket K1 does not add up. 9.00 are missing."


def test_the_line_of_an_event_is_told_as_a_receipt_tells_it(shop: SmallStore, till: APIClient, look: Look) -> None:
    in_force(shipped("R17"), shop, EARLY)
    for n, (name, line) in enumerate([("changes_line", "1"), ("target_line", 1), ("overrides_line", "2")]):
        ticket = f"K{n}"
        rung = pos_event(f"s{n}", 100 + n, ticket=ticket, amount="10.00") | {"line": 1}
        cut = pos_event(f"o{n}", 110 + n, "price_override", ticket=ticket, amount="4.00", **{name: line})
        send(till, "pos", [rung, cut])
    send(till, "pos", [LATER])
    look()
    assert [row[0] for row in said()] == ["rule.R17:T1/o0", "rule.R17:T1/o1"]


def test_another_tills_event_of_the_same_id_says_nothing_already(shop: SmallStore, till: APIClient, look: Look) -> None:
    in_force(UNPAID, shop, EARLY)
    send(till, "pos", [CARD, LATER])
    row = {"store": shop.store, "lane": shop.lanes[0], "kind": "repeated_voids", "score": 0.9, "alerted": True}
    row |= {"occurred_at": START + timedelta(seconds=110), "pos_events": ["v", "g"]}
    Discrepancy.objects.create(**row, anchor="repeated_voids:T9/v")
    Discrepancy.objects.create(**row, anchor="item_swap:L1-top/p", visual_event="p", transaction="K9")
    look()
    assert [one[0] for one in said()] == ["rule.X02:T1/g"]


def test_a_rule_that_gives_way_says_to_whom(shop: SmallStore, till: APIClient, look: Look) -> None:
    in_force(UNPAID, shop, EARLY)
    send(till, "pos", [CARD, LATER])
    look()
    first = Case.objects.get()
    in_force(UNPAID | {"code": "X03", "score": 0.8}, shop, EARLY)
    send(till, "pos", [pos_event("x", 105, "override", ticket="")])
    look()
    reason = Discrepancy.objects.get(pk=first.discrepancy_id).withdrawn_reason
    assert reason == "X03@1 speaks of the same event, and names this rule."


def test_what_a_person_decided_is_not_asked_again_in_other_words(shop: SmallStore, till: APIClient, look: Look) -> None:
    in_force(UNPAID, shop, EARLY)
    send(till, "pos", [CARD, LATER])
    look()
    Case.objects.update(status="dismissed")
    in_force(UNPAID | {"code": "X03", "score": 0.8}, shop, EARLY)
    send(till, "pos", [pos_event("x", 105, "override", ticket="")])
    look()
    assert [row[0] for row in said()] == ["rule.X02:T1/g"]
    assert Case.objects.get().status == "dismissed"
    assert Discrepancy.objects.get().explanation["also"] == ["X03@1"]
