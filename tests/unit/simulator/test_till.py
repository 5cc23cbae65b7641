"""What the till says: the contract's words, its own clock, and nothing of the truth."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from pos.domain.events import EntryMethod, PosType
from pos.domain.reckoning import ticket_reckon
from shrink.simulator.catalogue import ARTICLES, gtin13
from shrink.simulator.offline import Recording
from shrink.simulator.rows import ROWS, row_tickets
from shrink.simulator.script import Habits, LaneScript, Ticket
from shrink.simulator.till import Till, TillClock
from tests.factories.pos_documents import ticket_events_of

START_AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ODD = Habits(theft_rate=0.15, oddities=2.0)


def tickets_of(seed: int = 5, number: int = 12, habits: Habits = ODD) -> list[Ticket]:
    stream = LaneScript(seed, 0, habits).tickets()
    return [next(stream) for _ in range(number)]


def recording(**changes: object) -> Recording:
    return replace(Recording(5, "L1", tickets_of(), Till("T1", START_AT)), **changes)


def test_same_seed_same_shoppers_other_seed_others():
    assert tickets_of() == tickets_of()
    assert tickets_of() != tickets_of(seed=6)


def test_events_are_of_the_contract():
    events = recording().pos_events()
    assert len(events) > 100
    assert len({event["id"] for event in events}) == len(events)
    for event in events:
        PosType(event["type"])
        assert event["terminal"] == "T1"
        assert datetime.fromisoformat(event["occurred_at"]).utcoffset() is not None
        if event["type"] == "scan":
            EntryMethod(event["data"]["entry_method"])
            assert isinstance(event["data"]["amount"], str)
            assert event["transaction"]
            assert event["line"] >= 1
            assert len(event["data"]["gtin"]) == 13


def test_a_shopper_does_all_that_the_till_knows():
    said = {event["type"] for event in recording(tickets=tickets_of(number=80)).pos_events()}
    assert said >= {
        "ticket_open", "scan", "void", "discount", "coupon", "return", "price_inquiry", "subtotal", "tender",
        "ticket_close", "heartbeat", "operator_sign_on",
    }  # fmt: skip


def test_lines_of_a_ticket_count_up_and_voids_name_one_of_them():
    for ticket in tickets_of(number=60):
        lines = [intent.line for intent in ticket.intents if intent.line is not None]
        assert sorted(lines) == list(range(1, len(lines) + 1))
        for intent in ticket.intents:
            if intent.type == "void":
                assert intent.data["voids_line"] < intent.line


def test_tickets_follow_each_other_and_keep_their_events():
    tickets = tickets_of(number=20)
    for ticket, following in pairwise(tickets):
        assert following.start_s == ticket.end_s
        assert all(ticket.start_s <= intent.at_s <= ticket.end_s for intent in ticket.intents)


@pytest.mark.parametrize(
    ("clock", "shown_s", "why"),
    [
        (TillClock(), 100.0, "a perfect clock"),
        (TillClock(offset_s=2.5), 102.5, "set wrongly"),
        (TillClock(skew_ppm=1000), 100.1, "runs fast"),
        (TillClock(offset_s=0.4, resolution_s=1.0), 100.0, "tells whole seconds only"),
        (TillClock(offset_s=-61.0), 39.0, "a minute behind"),
    ],
)
def test_till_clock(clock: TillClock, shown_s: float, why: str):
    assert clock.shows(START_AT, 100.0) == START_AT + timedelta(seconds=shown_s), why


def test_truth_never_appears_in_events():
    text = json.dumps(recording().pos_events())
    assert any(item["theft"] for item in recording().truth())
    for word in ("theft", "visual", "item_pass", "bypass", 'scanned": true'):
        assert word not in text


def test_truth_agrees_with_the_till():
    """Every scanned item names a line that was booked; what is unpaid names none, unless its code was swapped."""
    made = recording(tickets=tickets_of(number=40))
    booked = {(e.get("transaction"), e.get("line")) for e in made.pos_events() if e["type"] in ("scan", "return")}
    for item in made.truth():
        assert set(item) == {"at", "lane", "visual", "scanned", "transaction", "line", "theft"}
        assert item["scanned"] == (item["line"] is not None)
        if item["scanned"]:
            assert (item["transaction"], item["line"]) in booked
    assert sum(item["theft"] for item in made.truth()) > 5


def test_theft_rate_zero_means_everything_is_paid():
    honest = recording(tickets=tickets_of(number=30, habits=Habits(theft_rate=0.0)))
    assert not any(item["theft"] for item in honest.truth())


@pytest.mark.parametrize("name", sorted(ROWS))
def test_rows_hold_their_deed(name: str):
    last = row_tickets(name, 1)[-1]
    unpaid = [move for move in last.moves if move.theft]
    assert bool(unpaid) == bool(ROWS[name].expected - {"return_without_item"})
    assert {move.visual for move in unpaid} <= {"item_pass", "item_bypass"}
    if "bypass" in ROWS[name].expected:
        assert [move.visual for move in unpaid] == ["item_bypass"]


def test_articles_have_valid_and_different_codes():
    assert len({article.gtin for article in ARTICLES}) == len(ARTICLES)
    assert gtin13("401234567890") == "4012345678901"  # the contract's example


@pytest.mark.parametrize("seed", range(2))
def test_every_ticket_adds_up_as_the_product_adds(seed: int) -> None:
    """A simulated store must not look like a feed that loses lines."""
    tickets = ticket_events_of(recording(tickets=tickets_of(seed, number=60)).pos_events())
    found = [reckoned for name, told in tickets.items() if (reckoned := ticket_reckon(name, told)) is not None]
    assert [reckoned.reason for reckoned in found if reckoned.reason] == []
    assert len(found) > 40
