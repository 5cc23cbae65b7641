"""What the rules say of an event that is about to happen."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from pos.domain.approvals.rules import NOUNS, SUBJECTS, Condition, Outcome, Rule, Subject, rule_problem, rule_words
from pos.domain.events import PosType
from pos.domain.ticket import ITEMS, ReceiptLine, Ticket, TicketEvent, TicketStatus, ticket_build

TOTALS = frozenset({PosType.SUBTOTAL, PosType.TENDER, PosType.TICKET_CLOSE})
ZERO = Decimal("0.00")


class RuleBroken(ValueError):
    """The rule as it is written can say nothing; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The event that is about to happen. ``at_local``: the server's now, in the store's zone."""

    event: TicketEvent
    at_local: datetime
    currency: str = ""
    basket_total: Decimal | None = None

    @property
    def subject(self) -> Subject | None:
        return SUBJECTS.get(PosType(self.event.type))

    @property
    def original(self) -> str:
        return original_of(self.event)


@dataclass(frozen=True, slots=True)
class Known:
    """What was stored before: the events of the ticket, of the original that the event names, what was given back for
    that original, and when the drawer of this terminal was last opened without a sale."""

    ticket: tuple[TicketEvent, ...] = ()
    original: Ticket | None = None
    given_back: Decimal = ZERO
    no_sales: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """``broken``: sentences about rules that could say nothing."""

    outcome: Outcome = Outcome.ALLOW
    reasons: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()


def original_of(event: TicketEvent) -> str:
    """The ticket that a refund names as the one whose goods come back."""
    named = event.data.get("original_transaction")
    return str(named).strip()[:120] if isinstance(named, str | int) and not isinstance(named, bool) else ""


def verdict(asked: Asked, known: Known, rules: Iterable[Rule]) -> Verdict:
    """What ``rules`` say of it: the gravest outcome, with the sentence of every rule that spoke.

    A rule that is broken is left out and told of; it never holds anything up.
    """
    outcome, reasons, broken = Outcome.ALLOW, [], []
    for rule in rules:
        try:
            said = _said(rule, asked, known)
        except (ArithmeticError, ValueError, TypeError) as error:
            broken.append(f"The rule '{rule_words(rule)}' was left out: {error}")
            continue
        if said:
            reasons.append(said)
            outcome = max(outcome, rule.outcome, key=list(Outcome).index)
    return Verdict(outcome, tuple(reasons), tuple(broken))


def _said(rule: Rule, asked: Asked, known: Known) -> str:
    subject = asked.subject
    if subject is None or rule.subject not in (subject, Subject.ANY):
        return ""
    if problem := rule_problem(rule):
        raise RuleBroken(problem)
    return _CHECKS[rule.condition](rule, asked, known)


def _amount_at_least(rule: Rule, asked: Asked, known: Known) -> str:
    worth, limit = worth_of(asked, known), _limit(rule)
    if worth is None or worth < limit:
        return ""
    return f"The {_noun(asked)} is worth {_money(worth, asked)}; a person is asked from {_money(limit, asked)} on."


def _percent_at_least(rule: Rule, asked: Asked, known: Known) -> str:
    worth, base = worth_of(asked, known), _base(asked, known)
    if worth is None or base is None or base <= 0:
        return ""
    share = 100 * worth / base
    if share < _limit(rule):
        return ""
    return (
        f"The {_noun(asked)} takes {share:.0f} % of {_money(base, asked)}; "
        f"a person is asked from {_limit(rule).normalize():f} % on."
    )


def _no_original(rule: Rule, asked: Asked, known: Known) -> str:
    return "" if asked.original else "The refund names no original ticket."


def _more_than_original(rule: Rule, asked: Asked, known: Known) -> str:
    worth, paid = worth_of(asked, known), _paid(known.original)
    if worth is None or paid is None or worth <= paid:
        return ""
    return f"The refund of {_money(worth, asked)} is more than its original ticket came to ({_money(paid, asked)})."


def _already_refunded(rule: Rule, asked: Asked, known: Known) -> str:
    worth, paid = worth_of(asked, known), _paid(known.original)
    if worth is None or paid is None or known.given_back <= 0 or known.given_back + worth <= paid:
        return ""
    return (
        f"{_money(known.given_back, asked)} of ticket {asked.original} ({_money(paid, asked)}) was given back already; "
        f"with this refund it would be more than was paid."
    )


def _after_total(rule: Rule, asked: Asked, known: Known) -> str:
    return "The ticket stands at its total, and now something is taken off it." if _at_total(known.ticket) else ""


def _repeated(rule: Rule, asked: Asked, known: Known) -> str:
    minutes = rule.minutes or 0
    since = asked.event.occurred_at - timedelta(minutes=minutes)
    times = 1 + sum(since < at <= asked.event.occurred_at for at in known.no_sales)
    if times < _limit(rule):
        return ""
    return f"It is no-sale number {times} at this terminal within {minutes} minutes."


def _outside_hours(rule: Rule, asked: Asked, known: Known) -> str:
    opens, closes = rule.opens_at, rule.closes_at
    assert opens is not None and closes is not None
    now = asked.at_local.time()
    is_open = opens <= now < closes if opens <= closes else now >= opens or now < closes
    return "" if is_open else f"It is {now:%H:%M}: the store is open from {opens:%H:%M} to {closes:%H:%M}."


_CHECKS: dict[Condition, Callable[[Rule, Asked, Known], str]] = {
    Condition.AMOUNT_AT_LEAST: _amount_at_least,
    Condition.PERCENT_AT_LEAST: _percent_at_least,
    Condition.NO_ORIGINAL: _no_original,
    Condition.MORE_THAN_ORIGINAL: _more_than_original,
    Condition.ALREADY_REFUNDED: _already_refunded,
    Condition.AFTER_TOTAL: _after_total,
    Condition.REPEATED: _repeated,
    Condition.OUTSIDE_HOURS: _outside_hours,
}


def worth_of(asked: Asked, known: Known) -> Decimal | None:
    """How much less the customer owes for it, or gets back; None where that cannot be known."""
    event = asked.event
    if event.type in (PosType.TICKET_CANCEL, PosType.TICKET_VOID):
        return asked.basket_total if asked.basket_total is not None else _total(known.ticket)
    before, after = _before_after(event, known)
    change = before.total - after.total
    if event.type == PosType.PRICE_OVERRIDE:
        return change if change > 0 else None
    if change != 0:
        return abs(change)
    return abs(event.amount) if event.amount is not None else None


def _before_after(event: TicketEvent, known: Known) -> tuple[Ticket, Ticket]:
    return ticket_build("", known.ticket), ticket_build("", [*known.ticket, event])


def _total(events: Sequence[TicketEvent]) -> Decimal | None:
    return ticket_build("", events).total if events else None


def _base(asked: Asked, known: Known) -> Decimal | None:
    """What the percentage is of: the line that is meant, else the whole basket."""
    before, after = _before_after(asked.event, known)
    if asked.event.type == PosType.PRICE_OVERRIDE:
        changed = [line for line in after.lines if asked.event.external_id in line.events[1:]]
        return changed[0].was_amount if changed else None
    if (number := _target(asked.event)) is not None:
        line = _line(before.lines, number)
        return line.amount if line is not None else None
    return asked.basket_total if asked.basket_total is not None else (before.total or None)


def _target(event: TicketEvent) -> int | None:
    for name in ("applies_to_line", "target_line", "discounts_line"):
        sent = event.data.get(name)
        if isinstance(sent, int | str) and not isinstance(sent, bool) and str(sent).isdecimal():
            return int(sent)
    return None


def _line(lines: Sequence[ReceiptLine], number: int) -> ReceiptLine | None:
    return next((line for line in reversed(lines) if line.counts and line.line == number), None)


def _paid(original: Ticket | None) -> Decimal | None:
    """What the original came to, at most; None where it is not known well enough to compare with."""
    if original is None or original.status != TicketStatus.CLOSED:
        return None
    return max(original.total, original.declared_total or ZERO, original.tendered)


def given_back(original: str, tickets: Iterable[Sequence[TicketEvent]]) -> Decimal:
    """What ``tickets`` have given back for ``original``: their return lines that name it and still count."""
    return sum((_given_back(original, events) for events in tickets), ZERO)


def _given_back(original: str, events: Sequence[TicketEvent]) -> Decimal:
    ticket = ticket_build("", events)
    if ticket.status in (TicketStatus.CANCELLED, TicketStatus.VOIDED):
        return ZERO
    naming = {event.external_id for event in events if event.type in _BACK and original_of(event) == original}
    lines = [line for line in ticket.lines if line.counts and line.events[0] in naming]
    return sum((abs(line.amount) for line in lines if line.amount is not None), ZERO)


_BACK = (PosType.RETURN, PosType.REFUND)


def _at_total(events: Sequence[TicketEvent]) -> bool:
    """Whether the last that counts was a total or a payment: an item rung up after it opens the ticket again."""
    telling = [event for event in events if event.type in TOTALS or event.type in ITEMS]
    last = max(telling, key=lambda event: (event.occurred_at, event.type in ITEMS), default=None)
    return last is not None and last.type in TOTALS


def _limit(rule: Rule) -> Decimal:
    assert rule.limit is not None
    return rule.limit


def _noun(asked: Asked) -> str:
    assert asked.subject is not None
    return NOUNS[asked.subject]


def _money(amount: Decimal, asked: Asked) -> str:
    return f"{amount:.2f} {asked.currency}".rstrip()
