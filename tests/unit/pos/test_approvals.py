"""What rules say of an event that is about to happen: certain facts, and silence about everything else."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.approvals.rules import DRAFTS, FITS, NEEDS, Condition, Outcome, Rule, Subject, rule_problem, rule_words
from pos.domain.approvals.verdict import Asked, Known, given_back, verdict, worth_of
from pos.domain.ticket import TicketEvent, ticket_build
from tests.unit.pos.test_ticket import START, bread, money, oil, said

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def asking(
    type: str, amount: str | None = None, *, at_s: float = 60, basket: str | None = None, **fields: Any
) -> Asked:
    event = said(at_s, type, id="asked", amount=amount, **fields)
    return Asked(event, NOON, "EUR", money(basket))


def rule(condition: Condition, limit: str | None = None, outcome: Outcome = Outcome.APPROVE, **fields: Any) -> Rule:
    subject = fields.pop("subject", None) or sorted(FITS[condition])[0]
    return Rule(subject, condition, outcome, money(limit), **fields)


def sale(transaction: str = "S1", *, closed: bool = True) -> tuple[TicketEvent, ...]:
    """Oil for 7.95 and bread for 2.10, paid."""
    events = [oil(), bread(), said(5, "tender", amount="10.05", data={"tender": "cash"})]
    return tuple([*events, said(6, "ticket_close", amount="10.05")] if closed else events)


def back(amount: str, id: str = "back-1", at_s: float = 40, original: str = "S1", line: int = 1) -> TicketEvent:
    return said(at_s, "return", id=id, amount=amount, line=line, data={"original_transaction": original})


AMOUNT = Condition.AMOUNT_AT_LEAST
PERCENT = Condition.PERCENT_AT_LEAST
OPEN_TICKET = (oil(), bread())
AT_TOTAL = (*OPEN_TICKET, said(3, "subtotal", amount="10.05"))
NAMES_S1 = {"data": {"original_transaction": "S1"}}
SALE = ticket_build("S1", sale())


@pytest.mark.parametrize(
    ("asked", "known", "subject", "condition", "limit", "speaks", "why"),
    [
        (asking("discount", "-5.00"), Known(), "discount", AMOUNT, "5", True, "exactly the limit, written negative"),
        (asking("discount", "4.99"), Known(), "discount", AMOUNT, "5", False, "a cent below it, written positive"),
        (asking("coupon", "5.00"), Known(), "discount", AMOUNT, "5", True, "a coupon is a discount"),
        (asking("discount"), Known(), "discount", AMOUNT, "5", False, "no amount at all: nobody knows"),
        (asking("refund", "5.00"), Known(), "discount", AMOUNT, "5", False, "another subject's rule"),
        (asking("scan", "500.00"), Known(), "discount", AMOUNT, "5", False, "a scan is asked about by nobody"),
        (asking("void", data={"voids_line": 1}), Known(OPEN_TICKET), "void", AMOUNT, "7.95", True, "worth its line"),
        (asking("void", data={"voids_line": 2}), Known(OPEN_TICKET), "void", AMOUNT, "7.95", False, "the other line"),
        (asking("void", "9.00", data={"voids_line": 9}), Known(), "void", AMOUNT, "9", True, "as it says"),
        (asking("ticket_void"), Known(sale()), "void", AMOUNT, "10.05", True, "a post-void is worth the ticket"),
        (asking("ticket_cancel", basket="60"), Known(), "void", AMOUNT, "60", True, "or what the till says it is"),
        (asking("tender_void", "50.00"), Known(), "tender_change", AMOUNT, "50", True, "a change of tender"),
        (
            asking("price_override", "2.95", line=1),
            Known(OPEN_TICKET), "price_override", AMOUNT, "5", True, "what the override takes off, not the new price",
        ),
        (asking("price_override", "9.95", line=1), Known(OPEN_TICKET), "price_override", AMOUNT, "1", False, "dearer"),
        (asking("price_override", "1.00", line=9), Known(), "price_override", AMOUNT, "1", False, "of an unknown line"),
        (asking("price_override", "3.97", line=1), Known(OPEN_TICKET), "price_override", PERCENT, "50", True, "half"),
        (asking("price_override", "3.98", line=1), Known(OPEN_TICKET), "price_override", PERCENT, "50", False, "less"),
        (
            asking("discount", "-4.00", data={"applies_to_line": 1}),
            Known(OPEN_TICKET), "discount", PERCENT, "50", True, "of the line it names",
        ),
        (asking("discount", "-4.00"), Known(OPEN_TICKET), "discount", PERCENT, "50", False, "of the whole basket"),
        (asking("discount", "-4.00", basket="8.00"), Known(), "discount", PERCENT, "50", True, "the basket as sent"),
        (
            asking("discount", "-4.00", basket="8.00", data={"applies_to_line": 7}),
            Known(), "discount", PERCENT, "50", False, "of a line that is not stored yet",
        ),
        (asking("refund", "5.00"), Known(), "refund", Condition.NO_ORIGINAL, None, True, "names none"),
        (asking("return", "5.00", **NAMES_S1), Known(), "refund", Condition.NO_ORIGINAL, None, False, "names one"),
        (
            asking("refund", "-10.06", **NAMES_S1),
            Known(original=SALE), "refund", Condition.MORE_THAN_ORIGINAL, None, True, "a cent more than was paid",
        ),
        (
            asking("refund", "-10.05", **NAMES_S1),
            Known(original=SALE), "refund", Condition.MORE_THAN_ORIGINAL, None, False, "all of it",
        ),
        (
            asking("refund", "99.00", **NAMES_S1),
            Known(original=None), "refund", Condition.MORE_THAN_ORIGINAL, None, False, "an original nobody stored",
        ),
        (
            asking("refund", "99.00", **NAMES_S1),
            Known(original=ticket_build("S1", sale(closed=False))),
            "refund", Condition.MORE_THAN_ORIGINAL, None, False, "an original that is not known to its end",
        ),
        (
            asking("refund", "2.11", **NAMES_S1),
            Known(original=SALE, given_back=Decimal("7.95")),
            "refund", Condition.ALREADY_REFUNDED, None, True, "a cent more than is left",
        ),
        (
            asking("refund", "2.10", **NAMES_S1),
            Known(original=SALE, given_back=Decimal("7.95")),
            "refund", Condition.ALREADY_REFUNDED, None, False, "what is left",
        ),
        (
            asking("refund", "99.00", **NAMES_S1),
            Known(original=SALE), "refund", Condition.ALREADY_REFUNDED, None, False, "nothing was given back before",
        ),
        (asking("void"), Known(AT_TOTAL), "void", Condition.AFTER_TOTAL, None, True, "stands at its total"),
        (asking("void"), Known(OPEN_TICKET), "void", Condition.AFTER_TOTAL, None, False, "before the total"),
        (asking("void"), Known((*AT_TOTAL, oil(4, 3))), "void", Condition.AFTER_TOTAL, None, False, "and went on"),
        (asking("void"), Known((*AT_TOTAL, oil(3, 3))), "void", Condition.AFTER_TOTAL, None, False, "the same second"),
        (asking("void"), Known(), "void", Condition.AFTER_TOTAL, None, False, "nothing is known of the ticket"),
    ],
)  # fmt: skip
def test_a_rule_speaks_of_what_is_certain(
    asked: Asked, known: Known, subject: str, condition: Condition, limit: str | None, speaks: bool, why: str
) -> None:
    said_of_it = verdict(asked, known, [rule(condition, limit, subject=Subject(subject))])
    assert (said_of_it.outcome == Outcome.APPROVE, len(said_of_it.reasons)) == (speaks, int(speaks)), why
    assert said_of_it.broken == ()


@pytest.mark.parametrize(
    ("minutes_before", "limit", "speaks"),
    [([5, 20], "3", True), ([5, 31], "3", False), ([], "3", False), ([], "1", True), ([30], "2", False)],
)
def test_no_sales_are_counted_by_the_tills_own_clock(minutes_before: list[int], limit: str, speaks: bool) -> None:
    asked = asking("no_sale")
    earlier = tuple(asked.event.occurred_at - timedelta(minutes=minutes) for minutes in minutes_before)
    rules = [rule(Condition.REPEATED, limit, minutes=30)]
    assert bool(verdict(asked, Known(no_sales=earlier), rules).reasons) is speaks


@pytest.mark.parametrize(
    ("opens", "closes", "speaks"),
    [(6, 23, False), (13, 23, True), (6, 12, True), (12, 13, False), (22, 13, False), (22, 11, True)],
)
def test_outside_opening_hours_also_over_midnight(opens: int, closes: int, speaks: bool) -> None:
    rules = [rule(Condition.OUTSIDE_HOURS, subject=Subject.ANY, opens_at=time(opens), closes_at=time(closes))]
    assert bool(verdict(asking("no_sale"), Known(), rules).reasons) is speaks


def test_the_gravest_outcome_counts_and_every_rule_that_speaks_is_heard() -> None:
    rules = [
        rule(AMOUNT, "1", Outcome.NOTE, subject=Subject.DISCOUNT),
        rule(AMOUNT, "5", Outcome.APPROVE, subject=Subject.DISCOUNT),
        rule(AMOUNT, "2", Outcome.NOTE, subject=Subject.DISCOUNT),
    ]
    found = verdict(asking("discount", "5.00"), Known(), rules)
    assert found.outcome == Outcome.APPROVE
    assert found.reasons == tuple(
        f"The discount is worth 5.00 EUR; a person is asked from {limit} EUR on." for limit in ("1.00", "5.00", "2.00")
    )


def test_a_broken_rule_is_left_out_and_the_others_still_speak() -> None:
    broken = Rule(Subject.DISCOUNT, AMOUNT, Outcome.APPROVE)
    found = verdict(asking("discount", "5.00"), Known(), [broken, rule(AMOUNT, "5", Outcome.NOTE)])
    assert found.outcome == Outcome.NOTE
    assert found.broken == (
        "The rule 'discount: amount at least' was left out: amount at least needs limit: fill it in.",
    )


@pytest.mark.parametrize(
    ("tickets", "expected", "why"),
    [
        ([[back("-7.95")]], "7.95", "one return"),
        ([[back("7.95")], [back("2.10")]], "10.05", "two tickets, written positive"),
        ([[back("-7.95"), said(41, "void", data={"voids_line": 1})]], "0.00", "struck again"),
        ([[back("-7.95"), said(41, "ticket_cancel")]], "0.00", "in a ticket that was cancelled"),
        ([[back("-7.95"), said(41, "ticket_void")]], "0.00", "in a ticket that was voided afterwards"),
        ([[back("-7.95", original="S2"), back("-2.10", "back-2", line=2)]], "2.10", "another sale's beside it"),
        ([[said(40, "ticket_close", amount="-7.95", **NAMES_S1)]], "0.00", "a close that names the sale is no line"),
    ],
)
def test_what_was_given_back_of_a_sale(tickets: list[list[TicketEvent]], expected: str, why: str) -> None:
    assert given_back("S1", tickets) == Decimal(expected), why


@pytest.mark.parametrize("condition", Condition)
def test_a_rule_that_lacks_what_it_needs_is_told_so(condition: Condition) -> None:
    problem = rule_problem(Rule(sorted(FITS[condition])[0], condition, Outcome.NOTE))
    assert bool(problem) is (condition in NEEDS)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (Rule(Subject.NO_SALE, AMOUNT, Outcome.NOTE, Decimal(1)), "choose one of"),
        (Rule(Subject.DISCOUNT, AMOUNT, Outcome.NOTE, Decimal(0)), "more than 0"),
    ],
)
def test_a_rule_that_makes_no_sense_is_told_so(wrong: Rule, says: str) -> None:
    assert says in rule_problem(wrong)


def test_the_shipped_drafts_are_whole_and_each_different() -> None:
    assert [rule_problem(draft) for draft in DRAFTS] == [""] * len(DRAFTS)
    assert len({rule_words(draft) for draft in DRAFTS}) == len(DRAFTS)


@given(
    st.sampled_from(["discount", "refund", "void", "price_override", "no_sale", "tender_void", "ticket_void", "scan"]),
    st.none() | st.decimals(-10_000, 10_000, places=2),
    st.none() | st.decimals(0, 10_000, places=2),
    st.dictionaries(
        st.sampled_from(["voids_line", "applies_to_line", "original_transaction", "unit_price"]),
        st.none() | st.integers(-3, 5) | st.sampled_from(["", "1", "S1", "x", "9.99"]) | st.booleans(),
    ),
    st.sampled_from([(), OPEN_TICKET, AT_TOTAL, sale()]),
)
def test_whatever_is_asked_the_drafts_answer(
    type: str, amount: Decimal | None, basket: Decimal | None, data: dict[str, Any], ticket: tuple[TicketEvent, ...]
) -> None:
    event = TicketEvent("asked", type, START + timedelta(minutes=2), line=1, amount=amount, data=data)
    found = verdict(Asked(event, NOON, "EUR", basket), Known(ticket, SALE, Decimal(5)), DRAFTS)
    assert (found.outcome == Outcome.ALLOW) is (found.reasons == ())
    assert type != "scan" or found.outcome == Outcome.ALLOW


def test_a_repeated_event_id_is_worth_itself_once() -> None:
    assert worth_of(asking("discount", "3.00"), Known((*OPEN_TICKET, said(60, "discount", "asked", "3.00")))) == 3
