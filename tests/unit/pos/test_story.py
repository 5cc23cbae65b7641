"""A ticket's events and lines in words."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from pos.domain.events import PosType
from pos.domain.story import WORDS, event_words, line_notes, ticket_marks, type_words
from pos.domain.ticket import ticket_build
from tests.unit.pos.test_ticket import bread, oil, said

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (oil(), "Rung up: Oil, line 1"),
        (said(1, "scan", quantity="3", gtin="4012", line=2), "Rung up: 4012, line 2, 3 ×"),
        (said(1, "scan", quantity="0.482", entry_method="keyed"), "Rung up, 0.482 by weight, keyed"),
        (said(1, "void", line=3, data={"voids_line": 1}), "Struck, line 3, about line 1"),
        (said(1, "void", line=1, data={"voids_line": 1, "reason": "wrong item"}), "Struck, line 1, reason: wrong item"),
        (said(1, "tender", amount="5", data={"tender": "gift_card"}), "Paid: gift card"),
        (said(1, "ticket_suspend"), "Suspended"),
        (said(1, "no_sale"), "No-sale: drawer opened"),
        (said(1, "cash_movement"), "Cash movement"),
    ],
)
def test_an_event_is_a_short_sentence(event: Any, words: str) -> None:
    assert event_words(event) == words


@pytest.mark.parametrize(
    ("changes", "notes"),
    [
        ([], []),
        ([said(2, "quantity_change", line=1, quantity="3", amount="23.85")], ["3 ×", "was 1 ×", "was 7.95"]),
        ([said(2, "price_override", line=1, amount="5.00")], ["was 7.95"]),
        ([said(2, "void", data={"voids_line": 1})], ["voided"]),
    ],
)
def test_a_line_says_what_stood_there_before(changes: list[Any], notes: list[str]) -> None:
    assert line_notes(ticket_build("T", [oil(), *changes]).lines[0]) == notes


def test_what_is_unusual_stands_beside_a_ticket() -> None:
    events = [
        oil(),
        bread(),
        said(3, "void", "a", line=1),
        said(4, "void", "b", line=2),
        said(5, "subtotal", amount="9"),
    ]
    ticket = ticket_build("T", events)
    assert ticket.total == Decimal("0.00")
    assert ticket_marks(ticket, [event.type for event in events]) == ["2 × void", "does not add up"]


def test_every_type_of_the_contract_has_words() -> None:
    assert all(type_words(kind).strip() for kind in PosType)
    assert set(WORDS) <= set(PosType)
