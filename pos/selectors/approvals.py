"""What a till's question is judged by: the rules of its store, and what was stored before."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pos.domain.approvals.rules import (
    ABOUT_ORIGINAL,
    DRAFTS,
    DRAFTS_VERSION,
    Condition,
    Outcome,
    Rule,
    Subject,
)
from pos.domain.approvals.verdict import ZERO, Asked, Known, given_back
from pos.domain.events import PosType
from pos.domain.ticket import Ticket, TicketEvent, ticket_build
from pos.models import ApprovalPolicy, ApprovalRule, PosEvent
from pos.selectors.ticket_at import Moment, tickets_around
from pos.selectors.tickets import ticket_event
from pos.selectors.told import tickets_apart

LINES_MOST, REFUNDS_MOST = 500, 50
"""Lines and tickets that gave something back for one and the same sale; beyond it nothing is certain any more."""
NO_SALES_MOST = 200
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force in a store, and how they are answered with."""

    mode: str
    version: str
    rules: tuple[Rule, ...]


def rules_in_force(store_id: int) -> Rules:
    """A store that has no policy of its own has the shipped drafts, in the shadow."""
    policy = ApprovalPolicy.objects.filter(store=store_id).first()
    if policy is None:
        return Rules(ApprovalPolicy.Mode.SHADOW, DRAFTS_VERSION, DRAFTS)
    rows = policy.rules.filter(until_version=None).order_by("id")
    return Rules(policy.mode, str(policy.version), tuple(filter(None, map(rule_of, rows))))


def rule_of(row: ApprovalRule) -> Rule | None:
    """The rule that ``row`` holds; None (and logged) for words that this release does not know."""
    try:
        words = Subject(row.subject), Condition(row.condition), Outcome(row.outcome)
    except ValueError:
        _log.exception("approval rule %s cannot be read", row.pk)
        return None
    return Rule(*words, row.limit, row.minutes, row.opens_at, row.closes_at)


def approval_known(*, asked: Asked, store_id: int, lane_id: int, transaction: str, rules: Iterable[Rule]) -> Known:
    """What ``rules`` need to know about ``asked``, in at most four queries."""
    rules = [rule for rule in rules if rule.subject in (asked.subject, Subject.ANY)]
    conditions = {rule.condition for rule in rules}
    no_sales = max((rule.minutes or 0 for rule in rules if rule.condition == Condition.REPEATED), default=0)
    original = asked.original if conditions & ABOUT_ORIGINAL else ""
    refunding = _refunding(store_id, original) if original else []
    refunding = [moment for moment in refunding if moment.transaction != transaction]
    mine = Moment(transaction, asked.event.occurred_at, asked.event.terminal_id)
    tickets = _tickets(store_id, [*refunding, *([mine] if transaction else [])]) if asked.subject else {}
    before = _without(asked.event, tickets.get(transaction, []))
    returned = tickets | ({transaction: before} if transaction else {})
    return Known(
        ticket=tuple(before),
        original=_original(store_id, original, asked.event.occurred_at) if original else None,
        given_back=given_back(original, returned.values()) if original else ZERO,
        no_sales=tuple(_no_sales(asked, lane_id, no_sales)) if no_sales else (),
    )


def _refunding(store_id: int, original: str) -> list[Moment]:
    found = PosEvent.objects.filter(store=store_id, other_ticket=original).order_by()
    # Not DISTINCT, for which SQLite would walk all tickets in order.
    rows = found.values_list("transaction", "occurred_at", "terminal_id")[:LINES_MOST]
    moments = {name: Moment(name, at, terminal_id) for name, at, terminal_id in rows if name}
    return list(moments.values())[:REFUNDS_MOST]


def _original(store_id: int, original: str, until: datetime) -> Ticket | None:
    """The sale of this name; None where none is stored before ``until``, and where its name came again: then it cannot
    be told which is meant, and nothing is said of it."""
    named = PosEvent.objects.filter(store=store_id, transaction=original, occurred_at__lte=until)
    events = list(named.order_by("-occurred_at", "-id")[:LINES_MOST])[::-1]
    if len(tickets_apart(events)) != 1:
        return None
    return ticket_build(original, [ticket_event(event) for event in events])


def _tickets(store_id: int, moments: Iterable[Moment]) -> dict[str, list[TicketEvent]]:
    found = tickets_around(store_id, moments)
    return {name: [ticket_event(event) for event in events] for name, events in found.items()}


def _without(asked: TicketEvent, events: Sequence[TicketEvent]) -> list[TicketEvent]:
    """A till that tells before it asks: the event itself is not what was before it."""
    mine = (asked.terminal_id, asked.external_id)
    return [event for event in events if (event.terminal_id, event.external_id) != mine]


def _no_sales(asked: Asked, lane_id: int, minutes: int) -> Iterable[datetime]:
    """When this terminal opened its drawer without a sale, by its own clock, within ``minutes`` before."""
    until = asked.event.occurred_at
    found = PosEvent.objects.filter(
        lane=lane_id,  # its window is indexed
        terminal=asked.event.terminal_id,
        type=PosType.NO_SALE,
        occurred_at__gt=until - timedelta(minutes=minutes),
        occurred_at__lte=until,
    ).exclude(external_id=asked.event.external_id)
    return found.values_list("occurred_at", flat=True)[:NO_SALES_MOST]
