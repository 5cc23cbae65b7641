"""A feed that never lies: what is missing and what does not add up is known, whatever came when."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from lanes.models import Terminal
from pos.models import FeedDay, FeedGrade, FeedMark, FeedTicket, MissingTickets, PosEvent, QuarantinedTicket
from pos.selectors import told
from pos.selectors.feed import pos_gaps
from pos.selectors.quality import feeds_seen
from pos.services.feed_look import MARKS_AT_ONCE, feed_look, feeds_due
from pos.services.grading import feeds_grade
from pos.services.quarantine import ReasonMissing, quarantine_accept, quarantine_check
from pos.signals import pos_gaps_changed
from pos.tasks import look_at_feeds
from privacy.models import AuditEvent, User
from privacy.presenters import audit_sentence
from privacy.registry import Subject, personal_data
from tests.factories.lane_day import send
from tests.factories.stores import SmallStore
from tests.factories.tills import EACH_S, OPENING, day_sent, line_sent, ticket_sent

Event = dict[str, Any]
DAY_S = timedelta(days=1).total_seconds()


def look() -> None:
    for terminal_id in feeds_due():
        while feed_look(terminal_id=terminal_id, now=timezone.now()):
            pass


def sent(till: APIClient, events: list[Event], size: int = 1000) -> None:
    for first in range(0, len(events), size):
        send(till, "pos", events[first : first + size])
    look()


def missing() -> list[tuple[str, int, int]]:
    rows = MissingTickets.objects.filter(closed_at=None).order_by("ends_at")
    return [(row.terminal.code, row.first, row.last) for row in rows]


def wrong() -> list[tuple[str, str]]:
    rows = QuarantinedTicket.objects.filter(released_at=None).order_by("ends_at")
    return [(row.transaction, f"{row.found} for {row.declared}") for row in rows]


def spans(shop: SmallStore, lane: int = 0, hours: float = 2) -> list[tuple[float, float, str, bool]]:
    found = pos_gaps(shop.lanes[lane], OPENING, OPENING + timedelta(hours=hours))
    seconds = [[(at - OPENING).total_seconds() for at in (gap.starts_at, gap.ends_at)] for gap in found]
    return [(start, end, gap.why, gap.doubted) for (start, end), gap in zip(seconds, found, strict=True)]


@pytest.fixture
def changes() -> Iterator[list[tuple[list[int], float]]]:
    """What was told upwards: lanes, and from which second of the day on."""
    told: list[tuple[list[int], float]] = []

    def note(*, lane_ids: list[int], earliest: Any, **_: Any) -> None:
        told.append((lane_ids, (earliest - OPENING).total_seconds()))

    pos_gaps_changed.connect(note)
    yield told
    pos_gaps_changed.disconnect(note)


# -- tickets that never came --------------------------------------------------------------------------


def test_tickets_that_never_came_are_a_gap_that_says_so(till: APIClient, shop: SmallStore) -> None:
    sent(till, day_sent(8, 9, 10))
    assert missing() == [("T1", 8, 10)]
    assert spans(shop) == [(7 * EACH_S + 16, 11 * EACH_S, "Tickets 0008 to 0010 of till T1 never came.", False)]


def test_a_ticket_that_comes_hours_later_closes_its_gap(
    till: APIClient, shop: SmallStore, changes: list[tuple[list[int], float]]
) -> None:
    sent(till, day_sent(8))
    sent(till, ticket_sent(8))
    assert (missing(), spans(shop)) == ([], [])
    row = MissingTickets.objects.get()
    assert row.closed_at is not None
    since = 7 * EACH_S + 16
    assert changes == [([shop.lanes[0].pk], since), ([shop.lanes[0].pk], since)]


def test_the_middle_one_of_three_leaves_two_gaps(till: APIClient) -> None:
    sent(till, day_sent(8, 9, 10))
    sent(till, ticket_sent(9))
    assert missing() == [("T1", 8, 8), ("T1", 10, 10)]


def test_each_till_counts_for_itself(till: APIClient) -> None:
    sent(till, day_sent(8) + day_sent(5, terminal="T2"))
    assert missing() == [("T2", 5, 5), ("T1", 8, 8)]


def test_a_till_without_a_counter_of_its_own_says_nothing(till: APIClient) -> None:
    sent(till, [event for number in range(1, 60, 2) for event in ticket_sent(number)])
    assert missing() == []


def test_the_tills_own_counter_is_believed_before_the_name(till: APIClient) -> None:
    days = [ticket_sent(number * 7, at_s=60.0 * number, sequence=number) for number in range(1, 20) if number != 6]
    sent(till, [event for ticket in days for event in ticket])
    assert missing() == [("T1", 6, 6)]


def test_names_that_come_again_the_next_day_are_other_tickets(till: APIClient) -> None:
    today = [event | {"transaction": event["transaction"][-4:]} for event in day_sent(8)]
    later = timedelta(days=1).total_seconds()
    tomorrow = [
        event | {"id": f"b{event['id']}", "transaction": event["transaction"][-4:]}
        for number in range(1, 21)
        if number != 12
        for event in ticket_sent(number, at_s=EACH_S * number + later, lines=3)
    ]
    sent(till, today + tomorrow)
    assert (missing(), wrong()) == ([("T1", 8, 8), ("T1", 12, 12)], [])
    assert FeedTicket.objects.count() == 38


def test_a_ticket_that_was_suspended_overnight_is_one(till: APIClient) -> None:
    night = timedelta(hours=14).total_seconds()
    opened, first, *_ = ticket_sent(5)
    suspended = line_sent(5, 8, "ticket_suspend") | {"occurred_at": (OPENING + timedelta(seconds=312)).isoformat()}
    closed = ticket_sent(5, at_s=night)[2:]
    resumed = line_sent(5, 9, "ticket_resume") | {"occurred_at": closed[0]["occurred_at"]}
    sent(till, [*day_sent(5, until=12), opened, first, suspended, resumed, *closed])
    sent(till, [event for number in (13, 14) for event in ticket_sent(number, at_s=night + 60 * number)])
    assert (missing(), wrong()) == ([], [])
    assert FeedTicket.objects.count() == 14


def test_looking_twice_changes_nothing_and_tells_nothing(
    till: APIClient, changes: list[tuple[list[int], float]]
) -> None:
    sent(till, day_sent(8) + ticket_sent(30, total="99.00"))
    rows = [list(model.objects.order_by("pk").values()) for model in (MissingTickets, QuarantinedTicket, FeedTicket)]
    told = list(changes)
    sent(till, day_sent(8) + ticket_sent(30, total="99.00"))
    FeedMark.objects.create(
        received_at=timezone.now(),
        terminal=Terminal.objects.get(code="T1"),
        transactions=list(FeedTicket.objects.values_list("transaction", flat=True)),
        earliest_at=OPENING,
        latest_at=OPENING + timedelta(hours=1),
    )
    look()
    again = [list(model.objects.order_by("pk").values()) for model in (MissingTickets, QuarantinedTicket, FeedTicket)]
    assert (again, changes) == (rows, told)


def test_a_look_is_bounded_and_goes_on(till: APIClient, shop: SmallStore) -> None:
    for event in day_sent(until=4):
        send(till, "pos", [event])
    marks = FeedMark.objects.count()
    assert marks > MARKS_AT_ONCE
    assert feed_look(terminal_id=shop.terminals[0].pk, now=timezone.now()) is True
    assert FeedMark.objects.count() == marks - MARKS_AT_ONCE
    look()
    assert (FeedMark.objects.count(), feeds_due()) == (0, [])


def test_a_name_that_a_till_writes_all_day_is_no_ticket(till: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "TICKET_MOST", 10)
    same = [event | {"transaction": "SALE1"} for event in day_sent(until=4)]
    sent(till, [*same, *ticket_sent(5, total="9.00")])
    assert (wrong(), FeedTicket.objects.count()) == ([("T1-20261120-0005", "5.00 for 9.00")], 1)


def test_what_fails_over_one_till_keeps_no_other_waiting(till: APIClient, shop: SmallStore) -> None:
    send(till, "pos", day_sent(8) + day_sent(5, terminal="T2"))

    def refuse(*, lane_ids: list[int], **_: Any) -> None:
        if lane_ids == [shop.lanes[0].pk]:
            raise RuntimeError("nobody can be told of this lane")

    pos_gaps_changed.connect(refuse)
    try:
        look_at_feeds()
    finally:
        pos_gaps_changed.disconnect(refuse)
    assert missing() == [("T2", 5, 5)]
    look_at_feeds()
    assert missing() == [("T2", 5, 5), ("T1", 8, 8)], "nothing of it was forgotten"


@pytest.mark.parametrize("how", [{}, {"sequence": True}])
def test_what_came_before_tickets_were_placed_is_not_missing(till: APIClient, how: dict[str, bool]) -> None:
    days = [ticket_sent(number, **({"sequence": number} if how else {})) for number in range(1, 30) if number != 15]
    early, now = [one for ticket in days[:18] for one in ticket], [one for ticket in days[18:] for one in ticket]
    send(till, "pos", early)
    FeedMark.objects.all().delete()  # as of a version that did not place them
    sent(till, now)
    sent(till, [line_sent(4, 7, "age_check", amount=None)])
    assert missing() == [("T1", 15, 15)]


def turned(events: list[Event], seconds: float, terminal: str = "T1", **more: Any) -> list[Event]:
    """The same so many seconds later, under ids of their own."""
    return [
        event
        | {"id": f"{terminal}{seconds:g}{event['id']}", "terminal": terminal}
        | {"occurred_at": (datetime.fromisoformat(event["occurred_at"]) + timedelta(seconds=seconds)).isoformat()}
        | more
        for event in events
    ]


@pytest.mark.parametrize("name", ["", "HEARTBEAT-7"])
def test_a_clock_that_was_reset_hides_no_ticket(till: APIClient, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(told, "TICKET_MOST", 10)
    plain = [turned(ticket_sent(1, total="9.00"), 2 * DAY_S * day, transaction="0001") for day in range(5)]
    for events in plain:
        sent(till, events)
    QuarantinedTicket.objects.all().delete()
    dead = {"occurred_at": "2000-01-01T00:00:00Z", "transaction": name, "type": "heartbeat", "data": {}}
    send(till, "pos", [line_sent(1, 9, "heartbeat") | dead, line_sent(1, 3) | {"transaction": "0001"}])
    look()
    assert (wrong(), FeedTicket.objects.filter(transaction="0001").count()) == ([("0001", "7.50 for 9.00")], 5)


def test_names_that_every_lane_uses_are_tickets_of_each(till: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "TICKET_MOST", 9)
    bare = [event | {"transaction": event["transaction"][-4:]} for event in day_sent(8, until=12)]
    sent(till, bare + turned(bare, 0.0, "T2"))
    assert (sorted(missing()), FeedTicket.objects.count()) == ([("T1", 8, 8), ("T2", 8, 8)], 22)


# -- tickets that do not add up -----------------------------------------------------------------------


def test_a_ticket_that_does_not_add_up_is_set_aside_and_says_so(till: APIClient, shop: SmallStore) -> None:
    sent(till, day_sent(5, until=13) + ticket_sent(5, total="7.50"))
    assert wrong() == [("T1-20261120-0005", "5.00 for 7.50")]
    why = "Ticket T1-20261120-0005 does not add up. Its lines come to 5.00, the till's total is 7.50: a line is missing"
    assert spans(shop) == [(5 * EACH_S, 5 * EACH_S + 16, f"{why} or wrong.", True)]
    assert PosEvent.objects.filter(transaction="T1-20261120-0005").count() == 5


def test_the_late_line_releases_it(till: APIClient, shop: SmallStore, changes: list[tuple[list[int], float]]) -> None:
    sent(till, ticket_sent(5, total="7.50"))
    sent(till, [line_sent(5, 3)])
    assert (wrong(), spans(shop)) == ([], [])
    row = QuarantinedTicket.objects.get()
    assert (row.released_by, row.release_reason) == ("", "By what came later nothing is wrong with it any more.")
    assert [since for _, since in changes] == [5 * EACH_S, 5 * EACH_S]


def test_a_line_too_many_sets_it_aside_again(till: APIClient) -> None:
    sent(till, ticket_sent(5, total="7.50"))
    sent(till, [line_sent(5, 3)])
    sent(till, [line_sent(5, 4)])
    assert wrong() == [("T1-20261120-0005", "10.00 for 7.50")]
    assert QuarantinedTicket.objects.get().release_reason == ""


def test_tax_on_top_adds_up(till: APIClient) -> None:
    sent(till, ticket_sent(5, total="5.50", tax="0.50"))
    assert wrong() == []


def test_a_total_that_is_no_number_stops_nothing(till: APIClient) -> None:
    (*lines, closing) = ticket_sent(5)
    sent(till, [*lines, closing | {"data": {"total": "a lot", "sequence": {"odd": 1}}}, *ticket_sent(6, total="9.00")])
    assert wrong() == [("T1-20261120-0006", "5.00 for 9.00")]


def test_a_price_beyond_all_bounds_stops_nothing(till: APIClient) -> None:
    opened, dear, *rest = ticket_sent(5)
    beyond = {"unit_price": "9999999999", "quantity": 999_999_999}
    sent(till, [opened, dear | {"data": beyond}, *rest, *ticket_sent(6, total="9.00")])
    assert wrong() == [("T1-20261120-0006", "5.00 for 9.00")]


def test_tills_that_name_their_tickets_alike_ring_tickets_of_their_own(till: APIClient) -> None:
    bare = [event | {"transaction": event["transaction"][-4:]} for event in day_sent(8, until=12)]
    other = [event | {"id": f"b{event['id']}", "terminal": "T2"} for event in bare]
    sent(till, bare + other + [line | {"transaction": "0008"} for line in ticket_sent(8, total="9.00")])
    assert (missing(), wrong()) == ([("T2", 8, 8)], [("0008", "5.00 for 9.00")])


def test_a_ticket_that_moves_to_another_till_is_one(till: APIClient) -> None:
    opened, first, second, *rest = ticket_sent(5)
    aside = line_sent(5, 8, "ticket_suspend") | {"occurred_at": second["occurred_at"]}
    elsewhere = [event | {"terminal": "T2"} for event in (line_sent(5, 9, "ticket_resume", amount=None), second, *rest)]
    sent(till, [*elsewhere, opened])
    assert len(wrong()) == 1, "a line of it has not come yet"
    sent(till, [first, aside])
    assert wrong() == []


def laid_aside(days: float, terminal: str = "T1", *, number: int = 5, **how: Any) -> tuple[list[Event], list[Event]]:
    """A ticket, suspended after a line of two and resumed so many days later: what was said before and what after."""
    opened, first, second, *rest = ticket_sent(number, **how)
    aside = line_sent(number, 8, "ticket_suspend", amount=None) | {"occurred_at": second["occurred_at"]}
    resumed = line_sent(number, 9, "ticket_resume", amount=None)
    return [opened, first, aside], turned([resumed, second, *rest], days * DAY_S, terminal)


@pytest.mark.parametrize("days", [0.6, 3, 20])
@pytest.mark.parametrize("terminal", ["T1", "T2"])
@pytest.mark.parametrize("late", [0, 1, 2])
def test_a_ticket_laid_aside_for_days_is_one_whatever_comes_last(
    till: APIClient, days: float, terminal: str, late: int
) -> None:
    before, after = laid_aside(days, terminal)
    parts = [before, after, after[1:2]]
    last = parts.pop(late)
    for part in parts:
        sent(till, [event for event in part if event not in last])
    sent(till, last)
    rows = FeedTicket.objects.order_by("starts_at").values_list("terminal__code", "events", "adds_up")
    assert list(rows) == ([("T1", 7, True)] if terminal == "T1" else [("T1", 3, True), ("T2", 4, True)])
    assert wrong() == []


def test_a_lane_is_doubted_only_while_the_ticket_was_rung_there(
    till: APIClient, shop: SmallStore, changes: list[tuple[list[int], float]]
) -> None:
    before, after = laid_aside(1 / 24, "T2", total="9.00")
    others = turned(day_sent(until=15, terminal="T2"), 3600, "T2")
    sent(till, [*day_sent(5, until=15), *others, *before])
    changes.clear()
    sent(till, after)
    begins, again = 5 * EACH_S, 5 * EACH_S + 3600
    assert [(start, end, doubted) for start, end, _, doubted in spans(shop)] == [(begins, begins + 8, True)]
    assert [(start, end, doubted) for start, end, _, doubted in spans(shop, 1)] == [(again + 5, again + 16, True)]
    assert sorted(changes) == [([shop.lanes[0].pk], begins), ([shop.lanes[1].pk], again + 5)]


def test_it_is_whole_when_it_is_checked_again(till: APIClient, boss: User) -> None:
    before, after = laid_aside(3)
    sent(till, [*before, *after[:-1], after[-1] | {"data": {"amount": "9.00"}}])
    assert wrong() == [("T1-20261120-0005", "5.00 for 9.00")]
    held = QuarantinedTicket.objects.get()
    QuarantinedTicket.objects.update(starts_at=held.ends_at)
    held.refresh_from_db()
    assert not quarantine_check(quarantined=held, actor=boss, now=timezone.now())
    assert wrong() == [("T1-20261120-0005", "5.00 for 9.00")]


def test_a_name_that_comes_again_after_it_was_laid_aside_for_good_is_another_ticket(till: APIClient) -> None:
    before, _ = laid_aside(1)
    sent(till, [*before, *turned(ticket_sent(5, total="9.00"), DAY_S)])
    assert (FeedTicket.objects.count(), wrong()) == (2, [("T1-20261120-0005", "5.00 for 9.00")])


@pytest.fixture
def held(till: APIClient, shop: SmallStore) -> QuarantinedTicket:
    sent(till, ticket_sent(5, total="7.50"))
    return QuarantinedTicket.objects.get()


@pytest.fixture
def boss(shop: SmallStore) -> User:
    return User.objects.create_superuser("boss")


def test_a_person_takes_it_as_it_is_and_that_is_history(held: QuarantinedTicket, boss: User, shop: SmallStore) -> None:
    now = timezone.now()
    assert quarantine_accept(quarantined=held, actor=boss, reason="The paper receipt says so.", now=now)
    assert not quarantine_accept(quarantined=held, actor=boss, reason="Twice.", now=now)
    held.refresh_from_db()
    assert (held.released_by, held.release_reason) == ("boss", "The paper receipt says so.")
    assert (wrong(), spans(shop)) == ([], [])
    (event,) = AuditEvent.objects.filter(action="ticket.accepted")
    assert audit_sentence(event) == (
        "Boss took ticket T1-20261120-0005 of till T1 of store S001 as it is, though it does not add up (lines 5.00,"
        " total 7.50, paid 7.50), because: The paper receipt says so."
    )


def test_what_was_accepted_stays_so_until_its_figures_change(
    held: QuarantinedTicket, boss: User, till: APIClient
) -> None:
    quarantine_accept(quarantined=held, actor=boss, reason="As on paper.", now=timezone.now())
    sent(till, [line_sent(5, 9, "age_check", amount=None)])
    assert wrong() == []
    sent(till, [line_sent(5, 3), line_sent(5, 4)])
    assert wrong() == [("T1-20261120-0005", "10.00 for 7.50")]


def test_nobody_accepts_without_a_reason_or_the_right(held: QuarantinedTicket, boss: User) -> None:
    with pytest.raises(ReasonMissing):
        quarantine_accept(quarantined=held, actor=boss, reason="  ", now=timezone.now())
    stranger = User.objects.create_user("stranger")
    for act in (quarantine_check, quarantine_accept):
        more = {"reason": "Mine."} if act is quarantine_accept else {}
        with pytest.raises(PermissionDenied):
            act(quarantined=held, actor=stranger, now=timezone.now(), **more)
    assert len(wrong()) == 1


def test_a_ticket_is_checked_again(held: QuarantinedTicket, boss: User) -> None:
    assert not quarantine_check(quarantined=held, actor=boss, now=timezone.now())
    PosEvent.objects.filter(type="ticket_close").update(amount="5.00")  # as after an update that reads it rightly
    assert quarantine_check(quarantined=held, actor=boss, now=timezone.now())


def test_who_accepted_may_have_it_shown_and_erased(held: QuarantinedTicket, boss: User) -> None:
    quarantine_accept(quarantined=held, actor=boss, reason="As on paper.", now=timezone.now())
    (category,) = [one for one in personal_data() if one.name == "pos.accepted_tickets"]
    subject = Subject("user", value="boss")
    assert [one["ticket"] for one in category.export(subject)] == ["T1-20261120-0005"]
    assert category.erase(subject) == 1
    assert (list(category.export(subject)), category.erase(Subject("operator", "S001", "boss"))) == ([], 0)


# -- whatever the order -------------------------------------------------------------------------------

MOVED = laid_aside(3, "T2", number=20, total="9.00")
MESSY = [
    *day_sent(4, 11, 12, until=16),
    *ticket_sent(17, total="7.50"),
    *ticket_sent(18, lines=1, total="9.99"),
    *ticket_sent(19, total="7.50"),
    line_sent(19, 3),
    *day_sent(3, 9, until=16, terminal="T2"),
    *MOVED[0],
    *MOVED[1],
    *ticket_sent(17, terminal="T2", total="7.50"),
    *[one | {"transaction": "0007"} for one in turned(ticket_sent(7, total="8.00"), 30, "T2")],
    *[one | {"transaction": "0007"} for one in turned(ticket_sent(7), 40)],
]


@pytest.fixture
def expected(till: APIClient) -> list[Any]:
    sent(till, MESSY)
    found = said()
    assert (len(found[0]), len(found[1])) == (4, 5)
    return found


PLACED = ("terminal", "transaction", "number", "starts_at", "ends_at", "events", "adds_up")


def said() -> list[Any]:
    gaps = MissingTickets.objects.filter(closed_at=None).order_by("terminal", "ends_at")
    held = QuarantinedTicket.objects.filter(released_at=None).order_by("transaction")
    return [
        list(gaps.values_list("terminal__code", "series", "first", "last", "starts_at", "ends_at", "sentence")),
        list(held.values_list("transaction", "reason", "declared", "found", "starts_at", "ends_at", "doubted")),
        list(FeedTicket.objects.order_by("terminal", "starts_at", "transaction").values_list(*PLACED)),
    ]


@given(seed=st.integers(0, 10_000))
@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_order_and_any_batches_end_alike(till: APIClient, expected: list[Any], seed: int) -> None:
    rng = random.Random(seed)
    for model in (PosEvent, FeedTicket, MissingTickets, QuarantinedTicket, FeedDay, FeedMark):
        model.objects.all().delete()
    parts = MESSY + rng.sample(MESSY, 10)
    rng.shuffle(parts)
    while parts:
        size = rng.randint(1, 40)
        send(till, "pos", parts[:size])
        parts = parts[size:]
        if rng.random() < 0.6:
            look()
    look()
    assert said() == expected


# -- counts and grades --------------------------------------------------------------------------------


def test_what_a_till_sends_is_counted_once_a_batch(till: APIClient) -> None:
    whole = ticket_sent(1)
    zoneless = [event | {"id": f"z{event['id']}", "occurred_at": "2026-11-20T10:00:00"} for event in ticket_sent(2)]
    fine = line_sent(1, 9) | {"occurred_at": "2026-11-20T10:01:02.250Z"}
    send(till, "pos", [*whole, *whole[:2]])
    send(till, "pos", [*zoneless, fine])
    till.post("/api/v1/pos/events", [whole[0] | {"id": "odd", "type": "?"}, "nothing"], format="json")
    look()
    day = FeedDay.objects.get()
    assert (day.terminal.code, day.sent, day.duplicates, day.refused) == ("T1", 13, 2, 1)
    assert (day.zone_assumed, day.whole_seconds, day.whole_minutes) == (5, 12, 7)


def test_several_tills_in_one_batch_are_counted_apart(till: APIClient) -> None:
    send(till, "pos", ticket_sent(1) + ticket_sent(1, terminal="T2"))
    send(till, "pos", ticket_sent(1) + ticket_sent(2, terminal="T2"))
    look()
    days = FeedDay.objects.order_by("terminal").values_list("terminal__code", "sent", "duplicates")
    assert list(days) == [("T1", 10, 5), ("T2", 10, 0)]


def test_feeds_are_graded_by_what_was_seen_of_them(till: APIClient, shop: SmallStore) -> None:
    now = timezone.now()
    hours_ago = now - timedelta(hours=3) - OPENING
    events = [
        event | {"occurred_at": (OPENING + hours_ago + timedelta(seconds=60 * number + 4 * place)).isoformat()}
        for number in range(1, 21)
        if number != 7
        for place, event in enumerate(ticket_sent(number, total="7.50" if number == 3 else None))
    ]
    sent(till, events)
    assert feeds_grade(now=now) == 1
    grade = FeedGrade.objects.get()
    assert (grade.terminal, grade.grade, grade.granularity, grade.resolution) == (
        shop.terminals[0],
        "D",
        "batch",
        "fractions",
    )
    words = " ".join(grade.reasons)
    for said_of in ("Tickets come in batches", "Of 20 tickets 1 never came", "Of 19 tickets 1 does not add up"):
        assert said_of in words
    feeds_grade(now=now)
    assert FeedGrade.objects.count() == 1


def test_grading_a_store_costs_the_same_however_many_tills(
    till: APIClient, shop: SmallStore, django_assert_num_queries: Any
) -> None:
    sent(till, day_sent(until=3))
    with django_assert_num_queries(5):
        feeds_seen(shop.store, timezone.now())
    sent(till, day_sent(until=3, terminal="T2"))
    with django_assert_num_queries(5):
        found = feeds_seen(shop.store, timezone.now())
    assert sorted(terminal.code for terminal in found) == ["T1", "T2"]
