"""What a feed lost is not held against anybody, and what comes after all is judged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from cases.models import Case, Discrepancy, LaneJudgement, LaneMark
from pos.models import QuarantinedTicket
from pos.services.feed_look import feed_look, feeds_due
from pos.services.quarantine import quarantine_accept
from privacy.models import User
from tests.factories.lane_day import START, pass_event, send
from tests.factories.tills import EACH_S, OPENING, day_sent, line_sent, ticket_sent

Look = Callable[..., None]
pytestmark = pytest.mark.usefixtures("shop")
assert START == OPENING, "both factories write the same day"


def passes(*tickets: int, items: int = 2) -> list[dict[str, Any]]:
    """The items of these tickets, each a moment before its line."""
    return [
        pass_event(f"v{number}-{item}", EACH_S * number + 4 * item - 0.3)
        for number in tickets
        for item in range(1, items + 1)
    ]


def feed() -> None:
    for terminal_id in feeds_due():
        feed_look(terminal_id=terminal_id, now=timezone.now())


def open_cases() -> list[str]:
    return sorted(Case.objects.exclude(status="withdrawn").values_list("discrepancy__anchor", flat=True))


def listed() -> list[str]:
    return sorted(Discrepancy.objects.filter(withdrawn_at=None).values_list("anchor", flat=True))


@pytest.fixture
def told(till: APIClient, edge_box: APIClient, look: Look) -> Callable[..., None]:
    """Send what both say, look at the feed if wanted, and judge."""

    def tell(lines: list[dict[str, Any]], seen: list[dict[str, Any]], *, at_feed: bool = True) -> None:
        if seen:
            send(edge_box, "vision", seen)
        if lines:
            send(till, "pos", lines)
        if at_feed:
            feed()
        look()

    return tell


ALL = tuple(range(1, 16))
LOST = [f"no_scan:L1-top/v8-{item}" for item in (1, 2)]


def test_what_was_said_over_a_ticket_that_never_came_is_withdrawn_and_says_why(
    told: Callable[..., None], look: Look
) -> None:
    told(day_sent(8, until=15), passes(*ALL), at_feed=False)
    assert listed() == LOST, "two items that nobody rang up, for all that is known so far"
    feed()
    assert LaneMark.objects.count() == 1
    look()
    assert listed() == []
    reasons = {row.withdrawn_reason for row in Discrepancy.objects.filter(anchor__in=LOST)}
    assert reasons == {"Ticket 0008 of till T1 never came."}


def test_the_gap_is_said(told: Callable[..., None]) -> None:
    told(day_sent(8, until=15), passes(*ALL))
    assert listed() == []
    parts = LaneJudgement.objects.get().state["suppressed"]
    assert [(part["reason"], part["verdicts"]) for part in parts] == [("Ticket 0008 of till T1 never came.", 2)]


def test_a_late_ticket_closes_its_gap_and_what_it_does_not_pay_for_becomes_a_case(told: Callable[..., None]) -> None:
    told(day_sent(8, until=15), passes(*ALL))
    told(ticket_sent(8, lines=1), [])
    assert open_cases() == ["no_scan:L1-top/v8-2"]


def test_a_ticket_that_does_not_add_up_raises_no_case_and_says_so(told: Callable[..., None]) -> None:
    lines = day_sent(8, until=15) + ticket_sent(8, lines=1, total="5.00")
    told(lines, passes(*ALL))
    assert open_cases() == []
    (part,) = LaneJudgement.objects.get().state["suppressed"]
    assert part["reason"].startswith("Ticket T1-20261120-0008 does not add up. Its lines come to 2.50")


def test_a_case_over_a_ticket_that_turns_out_not_to_add_up_is_withdrawn(told: Callable[..., None]) -> None:
    *lines, closed = ticket_sent(8, lines=1, total="5.00")
    told(day_sent(8, until=15) + lines, passes(*ALL))
    assert open_cases() == ["no_scan:L1-top/v8-2"]
    told([closed], [])
    case = Case.objects.get()
    assert case.status == "withdrawn"
    assert case.discrepancy.withdrawn_reason.startswith("Ticket T1-20261120-0008 does not add up.")


@pytest.mark.parametrize("at_feed", [False, True])
def test_nor_is_an_item_missed_where_a_void_may_be_lost(told: Callable[..., None], at_feed: bool) -> None:
    extra = line_sent(8, 7) | {"occurred_at": (OPENING + timedelta(seconds=8 * EACH_S + 9)).isoformat()}
    told([*day_sent(until=15), extra], passes(*ALL), at_feed=at_feed)
    assert listed() == ([] if at_feed else ["scan_without_item:T1/T1-20261120-0008.scan.7"])
    assert QuarantinedTicket.objects.count() == at_feed


def test_released_it_raises_its_case(told: Callable[..., None], look: Look) -> None:
    told(day_sent(8, until=15) + ticket_sent(8, lines=1, total="5.00"), passes(*ALL))
    boss = User.objects.create_superuser("boss")
    held = QuarantinedTicket.objects.get()
    quarantine_accept(quarantined=held, actor=boss, reason="The drawer was short.", now=timezone.now())
    look()
    assert open_cases() == ["no_scan:L1-top/v8-2"]


def test_a_till_whose_totals_never_add_up_is_judged_all_the_same(told: Callable[..., None]) -> None:
    told(day_sent(8, until=15, total="5.45") + ticket_sent(8, lines=1, total="2.95"), passes(*ALL))
    assert QuarantinedTicket.objects.filter(released_at=None, doubted=False).count() == 15, "kept to be seen"
    assert open_cases() == ["no_scan:L1-top/v8-2"]
