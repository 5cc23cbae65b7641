"""A receipt rebuilt from events: sequences of the till, and the lines a person would recognise."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.ticket import ReceiptLine, Ticket, TicketEvent, TicketStatus, ticket_build

START = datetime(2026, 11, 21, 10, tzinfo=UTC)


def money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def said(at_s: float, type: str, id: str = "", amount: str | None = None, quantity: str | None = None, **fields: Any):
    """One event ``at_s`` seconds into the ticket; its id is its type and second unless given."""
    return TicketEvent(
        external_id=id or f"{type}-{at_s:g}",
        type=type,
        occurred_at=START + timedelta(seconds=at_s),
        amount=money(amount),
        quantity=money(quantity),
        **fields,
    )


def oil(at_s: float = 1, line: int | None = 1, **fields: Any) -> TicketEvent:
    return said(at_s, "scan", amount="7.95", quantity="1", line=line, gtin="4012345678901", description="Oil", **fields)


def bread(at_s: float = 2, line: int | None = 2, **fields: Any) -> TicketEvent:
    return said(at_s, "scan", amount="2.10", quantity="1", line=line, gtin="409999", description="Bread", **fields)


def shown(line: ReceiptLine) -> str:
    """A line as the page would print it: struck through where voided, in brackets where it matched nothing."""
    text = f"{line.text} {line.quantity:g} {line.amount}" if line.quantity is not None else f"{line.text} {line.amount}"
    return f"~{text}~" if line.voided else f"({text})" if line.unmatched else text


def receipt(*events: TicketEvent) -> tuple[list[str], str]:
    ticket = ticket_build("T1-1", events)
    return [shown(line) for line in ticket.lines], str(ticket.total)


@pytest.mark.parametrize(
    ("events", "lines", "total", "why"),
    [
        ([oil(), bread()], ["Oil 1 7.95", "Bread 1 2.10"], "10.05", "two items"),
        ([oil(1), oil(2, line=2)], ["Oil 1 7.95", "Oil 1 7.95"], "15.90", "two identical lines stay two"),
        (
            [oil(), bread(), said(3, "void", line=3, data={"voids_line": 1})],
            ["~Oil 1 7.95~", "Bread 1 2.10"],
            "2.10",
            "a void strikes the line it names, not its own",
        ),
        ([oil(), bread(), said(3, "void", line=1)], ["~Oil 1 7.95~", "Bread 1 2.10"], "2.10", "or carries its number"),
        (
            [oil(), bread(), said(3, "void", gtin="4012345678901")],
            ["~Oil 1 7.95~", "Bread 1 2.10"],
            "2.10",
            "or its article",
        ),
        ([oil(), bread(), said(3, "void")], ["Oil 1 7.95", "~Bread 1 2.10~"], "7.95", "naming nothing: the last line"),
        (
            [oil(1), said(2, "void", line=1), oil(3), said(4, "void", line=1)],
            ["~Oil 1 7.95~", "~Oil 1 7.95~"],
            "0.00",
            "a number used again: each void strikes its own",
        ),
        (
            [oil(1), said(2, "void", line=1), oil(3)],
            ["~Oil 1 7.95~", "Oil 1 7.95"],
            "7.95",
            "voided and scanned again: the second stays",
        ),
        (
            [oil(2), said(1.5, "void", line=1, data={"voids_line": 1})],
            ["~Oil 1 7.95~"],
            "0.00",
            "a clock that put the void first",
        ),
        (
            [oil(), said(2, "void", line=9, amount="1.00", description="?")],
            ["Oil 1 7.95", "(? 1.00)"],
            "7.95",
            "a void whose line never came is shown and counts nothing",
        ),
        (
            [oil(), said(2, "quantity_change", line=1, quantity="3")],
            ["Oil 3 23.85"],
            "23.85",
            "more of the same, priced from the line",
        ),
        (
            [oil(), said(2, "quantity_change", line=1, quantity="3", amount="20.00")],
            ["Oil 3 20.00"],
            "20.00",
            "or as the till says",
        ),
        (
            [oil(), said(2, "quantity_change", line=1, quantity="0")],
            ["Oil 0 0.00"],
            "0.00",
            "none of it",
        ),
        ([oil(), said(2, "price_override", line=1, amount="5.00")], ["Oil 1 5.00"], "5.00", "a price overridden"),
        (
            [oil(), said(2, "price_override", line=1, data={"unit_price": "4.50"})],
            ["Oil 1 4.50"],
            "4.50",
            "by its unit price",
        ),
        (
            [oil(), said(2, "discount", amount="1.00", description="Club")],
            ["Oil 1 7.95", "Club -1.00"],
            "6.95",
            "as 1.00",
        ),
        (
            [oil(), said(2, "discount", amount="-1.00", description="Club")],
            ["Oil 1 7.95", "Club -1.00"],
            "6.95",
            "as -1.00",
        ),
        ([oil(), said(2, "coupon", amount="0.50", description="C")], ["Oil 1 7.95", "C -0.50"], "7.45", "a coupon"),
        ([said(1, "return", amount="7.95", description="Oil")], ["Oil -7.95"], "-7.95", "a return"),
        ([said(1, "deposit_return", amount="0.25", description="Bottle")], ["Bottle -0.25"], "-0.25", "empties"),
        (
            [said(1, "scan", description="Apples", quantity="0.482", data={"unit_price": "2.99"})],
            ["Apples 0.482 1.44"],
            "1.44",
            "no amount: weight times price",
        ),
        ([said(1, "scan", gtin="4012345678901")], ["4012345678901 None"], "0.00", "nothing but a code"),
        ([said(1, "price_inquiry", amount="7.95"), said(2, "heartbeat")], [], "0.00", "asking is not buying"),
        ([], [], "0.00", "nothing"),
    ],
)
def test_the_receipt(events: list[TicketEvent], lines: list[str], total: str, why: str) -> None:
    assert receipt(*events) == (lines, total), why


def whole() -> Ticket:
    return ticket_build("T1-1", EVENTS)


EVENTS = [
    said(0, "ticket_open"),
    oil(1),
    bread(2),
    said(3, "void", line=3, data={"voids_line": 1}),
    oil(4, line=4),
    said(5, "quantity_change", line=4, quantity="2"),
    said(6, "discount", amount="1.00", line=5),
    said(7, "subtotal", amount="17.00"),
    said(8, "tender", id="card", amount="17.00", data={"tender": "card"}),
    said(9, "tender_void", amount="17.00"),
    said(10, "tender", id="cash", amount="20.00", data={"tender": "cash"}),
    said(11, "ticket_close", amount="17.00"),
]


def test_a_whole_ticket() -> None:
    ticket = whole()
    assert [shown(line) for line in ticket.lines] == ["~Oil 1 7.95~", "Bread 1 2.10", "Oil 2 15.90", "discount -1.00"]
    assert (ticket.status, ticket.total, ticket.declared_total, ticket.adds_up) == (
        TicketStatus.CLOSED,
        Decimal("17.00"),
        Decimal("17.00"),
        True,
    )
    assert [(t.kind, t.voided) for t in ticket.tenders] == [("card", True), ("cash", False)]
    assert ticket.tendered == Decimal("20.00")
    assert (ticket.opened_at, ticket.closed_at) == (START, START + timedelta(seconds=11))


def test_every_line_knows_the_events_that_made_it() -> None:
    assert [line.events for line in whole().lines] == [
        ("scan-1", "void-3"),
        ("scan-2",),
        ("scan-4", "quantity_change-5"),
        ("discount-6",),
    ]
    assert whole().lines[2].was_amount == Decimal("7.95")
    assert whole().lines[0].voided_at == START + timedelta(seconds=3)


@given(st.permutations(EVENTS), st.lists(st.sampled_from(EVENTS), max_size=4))
def test_neither_order_nor_repetition_of_arrival_changes_the_ticket(
    events: list[TicketEvent], again: list[TicketEvent]
) -> None:
    assert ticket_build("T1-1", events + again) == whole()


@given(st.permutations([said(0, e.type, id=e.external_id, line=e.line, gtin=e.gtin, data=e.data) for e in EVENTS]))
def test_a_clock_of_whole_seconds_gives_one_ticket_too(events: list[TicketEvent]) -> None:
    assert ticket_build("T1-1", events) == ticket_build("T1-1", events[::-1])


@pytest.mark.parametrize(
    ("types", "status", "suspensions", "why"),
    [
        (["ticket_open"], TicketStatus.OPEN, 0, "being rung up"),
        (["ticket_open", "ticket_suspend"], TicketStatus.SUSPENDED, 1, "put aside"),
        (["ticket_open", "ticket_suspend", "ticket_resume"], TicketStatus.OPEN, 1, "taken up again"),
        (["ticket_open", "ticket_suspend", "ticket_resume", "ticket_close"], TicketStatus.CLOSED, 1, "and paid"),
        (["ticket_open", "ticket_cancel"], TicketStatus.CANCELLED, 0, "given up"),
        (["ticket_open", "ticket_close", "ticket_void"], TicketStatus.VOIDED, 0, "voided after payment"),
        ([], TicketStatus.OPEN, 0, "nothing said"),
    ],
)
def test_status(types: list[str], status: TicketStatus, suspensions: int, why: str) -> None:
    ticket = ticket_build("T1-1", [said(at, word) for at, word in enumerate(types)])
    assert (ticket.status, ticket.suspensions) == (status, suspensions), why


@pytest.mark.parametrize(
    ("declared", "adds_up", "why"),
    [("7.95", True, "they agree"), ("7.94", False, "a cent is a cent"), (None, None, "the till named no total")],
)
def test_whether_the_lines_agree_with_the_tills_total(declared: str | None, adds_up: bool | None, why: str) -> None:
    assert ticket_build("T1-1", [oil(), said(2, "ticket_close", amount=declared)]).adds_up is adds_up, why


def test_one_id_at_two_terminals_is_two_events() -> None:
    events = [oil(1, id="1"), bread(2, id="1", terminal_id=2)]
    assert len(ticket_build("T1-1", events).lines) == 2
