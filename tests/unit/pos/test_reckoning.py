"""Whether a ticket adds up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pos.domain.reckoning import rung_stretches, ticket_reckon, totals_believed
from pos.domain.ticket import TicketEvent
from tests.unit.pos.test_ticket import START, bread, oil, said

NOTHING = "nothing can be said"
PAID = said(8, "tender", amount="10.05")
DEAR = said(1, "scan", line=1, quantity="999999999", data={"unit_price": "9999999999"})


def close(amount: str | None = "10.05", **data: Any) -> TicketEvent:
    return said(9, "ticket_close", amount=amount, data=data)


@pytest.mark.parametrize(
    ("events", "expected", "why"),
    [
        ([oil(), bread(), PAID, close()], "", "lines, tender and total agree"),
        ([oil(), PAID, close()], "Its lines come to 7.95, the till's total is 10.05", "a line is missing"),
        ([oil(), bread(), oil(3, line=3), PAID, close()], "Its lines come to 18.00", "a void is missing"),
        ([PAID, close()], "Its lines come to 0.00", "all lines are missing"),
        ([oil(), bread(), said(3, "void", line=2), PAID, close()], "Its lines come to 7.95", "a rescan is missing"),
        ([oil(), bread(), close(None, total="10.05")], "", "the total as a field of the data"),
        ([oil(), close(None, total="10.05")], "Its lines come to 7.95", "which disagrees"),
        ([oil(), close(None, total=10.05)], "Its lines come to 7.95", "which is a number"),
        ([oil(), close(None, total="much")], NOTHING, "which is no number"),
        ([oil(), bread(), close("11.11", tax="1.06")], "", "tax on top"),
        ([oil(), bread(), close("10.05", tax="1.06")], "", "tax within"),
        ([oil(), bread(), close("11.00", tax="1.06")], "Its lines come to 10.05", "tax on top, and wrong"),
        ([oil(), bread(), close("10.00", rounding="-0.05")], "", "rounded to the coin"),
        ([oil(), bread(), close("11.10", tax="1.06", rounding="-0.01")], "", "both"),
        ([oil(), bread(), close(None)], NOTHING, "no total"),
        ([oil(), bread(), said(7, "subtotal", amount="99.00"), close(None)], NOTHING, "a subtotal is no total"),
        ([oil(), bread()], NOTHING, "still open"),
        ([oil(), said(9, "ticket_cancel")], NOTHING, "cancelled"),
        ([oil(), close(), said(20, "ticket_void")], NOTHING, "voided after it was closed"),
        ([said(1, "scan", line=1), close()], NOTHING, "a line without a price"),
        ([oil(), bread(), said(3, "item_not_on_file", line=3), close()], "", "what nobody knew cost nothing"),
        ([oil(), bread(), said(8, "tender"), close()], NOTHING, "a tender without an amount"),
        ([DEAR, oil(2, line=2), close()], NOTHING, "more than can be kept"),
        ([said(1, "return", line=1, quantity="999999999", data=DEAR.data), close()], NOTHING, "and less"),
        ([oil(), bread(), said(8, "tender", amount="20.00"), close()], "", "change that nobody told of"),
        ([oil(), bread(), said(8, "tender", amount="10.00"), close()], "", "paid to the coin"),
        ([oil(), bread(), said(8, "tender", amount="5.00"), close()], "5.00 was paid, the till's total", "too little"),
        (
            [oil(), bread(), PAID, said(8.5, "tender_void", amount="10.05"), close()],
            "",
            "no tender is left: perhaps none is sent",
        ),
        ([said(1, "return", amount="7.95", line=1), said(2, "tender", amount="-7.95"), close("-7.95")], "", "a refund"),
        ([oil(), close("7.95"), bread(10), said(11, "ticket_close", amount="10.05")], "", "closed again, with more"),
    ],
)
def test_whether_it_adds_up(events: list[TicketEvent], expected: str, why: str) -> None:
    found = ticket_reckon("K1", events)
    if expected == NOTHING:
        assert found is None, why
    else:
        assert found is not None, why
        assert (found.reason == "") is (expected == "") and expected in found.reason, why


def test_the_figures_and_the_span_are_told() -> None:
    found = ticket_reckon("K1", [oil(1), close(), said(2, "tender", amount="10.05")])
    assert found is not None
    assert [str(n) for n in (found.declared, found.found, found.tendered)] == ["10.05", "7.95", "10.05"]
    assert (found.starts_at, found.ends_at) == (START + timedelta(seconds=1), START + timedelta(seconds=9))
    assert found.closing.external_id == "ticket_close-9"


NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def day(*right: bool) -> list[tuple[datetime, bool]]:
    """Tickets five minutes apart, and whether each adds up."""
    return [(NOON + timedelta(minutes=5 * place), adds_up) for place, adds_up in enumerate(right)]


@pytest.mark.parametrize(
    ("others", "expected", "reason"),
    [
        (day(*[True] * 8), True, "eight others that add up"),
        (day(*[True] * 7), False, "seven are too few to tell"),
        (day(*[True] * 8, *[False] * 2), True, "eight of ten"),
        (day(*[True] * 8, *[False] * 3), False, "eight of eleven: its totals hold something that is not on the lines"),
        (day(*[False] * 20), False, "a till that never adds up"),
        ([(at - timedelta(days=1), True) for at, _ in day(*[True] * 20)], False, "yesterday's tell nothing of today"),
    ],
)
def test_totals_are_believed_by_the_tickets_around(
    others: list[tuple[datetime, bool]], expected: bool, reason: str
) -> None:
    at = NOON + timedelta(minutes=2)
    assert totals_believed([*others, (at, False)], [at]) == [expected], reason


def at(*events: tuple[int, str, float]) -> list[tuple[int, str, datetime]]:
    return [(lane, type_, START + timedelta(seconds=at_s)) for lane, type_, at_s in events]


@pytest.mark.parametrize(
    ("events", "expected", "why"),
    [
        ([], [], "nothing"),
        ([(1, "scan", 1), (1, "scan", 5), (1, "ticket_close", 9)], [(1, 1, 9)], "never laid aside"),
        (
            [(1, "scan", 1), (1, "ticket_suspend", 5), (1, "ticket_resume", 90), (1, "ticket_close", 99)],
            [(1, 1, 5), (1, 90, 99)],
            "laid aside and gone on with",
        ),
        ([(1, "scan", 1), (1, "ticket_suspend", 5), (1, "scan", 90)], [(1, 1, 5), (1, 90, 90)], "that is not told"),
        ([(1, "scan", 1), (1, "ticket_resume", 90)], [(1, 1, 1), (1, 90, 90)], "nor that"),
        ([(1, "scan", 1), (2, "scan", 90), (2, "scan", 95)], [(1, 1, 1), (2, 90, 95)], "at another lane"),
    ],
)
def test_where_a_ticket_was_rung(
    events: list[tuple[int, str, float]], expected: list[tuple[int, float, float]], why: str
) -> None:
    found = rung_stretches(at(*events))
    assert [(lane, (a - START).total_seconds(), (b - START).total_seconds()) for lane, a, b in found] == expected, why
