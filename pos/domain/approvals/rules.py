"""The rules a store asks people by: what they are about, what they need, and the drafts a store starts with."""

from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from enum import StrEnum

from pos.domain.events import PosType

DRAFTS_VERSION = "drafts-1"
KEPT_FOR = timedelta(days=90)
"""How long it is kept what was asked and answered: long enough to look at a quarter of shadow answers."""


class Outcome(StrEnum):
    ALLOW = "allow"
    NOTE = "note"
    APPROVE = "approve"


class Subject(StrEnum):
    """What a till asks about."""

    DISCOUNT = "discount"
    REFUND = "refund"
    VOID = "void"
    PRICE_OVERRIDE = "price_override"
    NO_SALE = "no_sale"
    TENDER_CHANGE = "tender_change"
    ANY = "any"


SUBJECTS = {
    PosType.DISCOUNT: Subject.DISCOUNT,
    PosType.COUPON: Subject.DISCOUNT,
    PosType.REFUND: Subject.REFUND,
    PosType.RETURN: Subject.REFUND,
    PosType.VOID: Subject.VOID,
    PosType.TICKET_CANCEL: Subject.VOID,
    PosType.TICKET_VOID: Subject.VOID,
    PosType.PRICE_OVERRIDE: Subject.PRICE_OVERRIDE,
    PosType.NO_SALE: Subject.NO_SALE,
    PosType.TENDER_VOID: Subject.TENDER_CHANGE,
}
NOUNS = {
    Subject.DISCOUNT: "discount",
    Subject.REFUND: "refund",
    Subject.VOID: "void",
    Subject.PRICE_OVERRIDE: "price override",
    Subject.NO_SALE: "no-sale",
    Subject.TENDER_CHANGE: "change of tender",
}


class Condition(StrEnum):
    AMOUNT_AT_LEAST = "amount_at_least"
    PERCENT_AT_LEAST = "percent_at_least"
    NO_ORIGINAL = "no_original"
    MORE_THAN_ORIGINAL = "more_than_original"
    ALREADY_REFUNDED = "already_refunded"
    AFTER_TOTAL = "after_total"
    REPEATED = "repeated"
    OUTSIDE_HOURS = "outside_hours"


ABOUT_ORIGINAL = frozenset({Condition.MORE_THAN_ORIGINAL, Condition.ALREADY_REFUNDED})
FITS: dict[Condition, frozenset[Subject]] = {
    Condition.AMOUNT_AT_LEAST: frozenset(Subject) - {Subject.NO_SALE, Subject.ANY},
    Condition.PERCENT_AT_LEAST: frozenset({Subject.DISCOUNT, Subject.PRICE_OVERRIDE}),
    Condition.NO_ORIGINAL: frozenset({Subject.REFUND}),
    Condition.MORE_THAN_ORIGINAL: frozenset({Subject.REFUND}),
    Condition.ALREADY_REFUNDED: frozenset({Subject.REFUND}),
    Condition.AFTER_TOTAL: frozenset({Subject.VOID}),
    Condition.REPEATED: frozenset({Subject.NO_SALE}),
    Condition.OUTSIDE_HOURS: frozenset(Subject),
}
NEEDS: dict[Condition, tuple[str, ...]] = {
    Condition.AMOUNT_AT_LEAST: ("limit",),
    Condition.PERCENT_AT_LEAST: ("limit",),
    Condition.REPEATED: ("limit", "minutes"),
    Condition.OUTSIDE_HOURS: ("opens_at", "closes_at"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """``limit``: money, per cent or a number of times, as the condition has it; ``minutes``: within how long."""

    subject: Subject
    condition: Condition
    outcome: Outcome
    limit: Decimal | None = None
    minutes: int | None = None
    opens_at: time | None = None
    closes_at: time | None = None


DRAFTS: tuple[Rule, ...] = (
    Rule(Subject.DISCOUNT, Condition.PERCENT_AT_LEAST, Outcome.APPROVE, limit=Decimal(50)),
    Rule(Subject.DISCOUNT, Condition.AMOUNT_AT_LEAST, Outcome.APPROVE, limit=Decimal(50)),
    Rule(Subject.PRICE_OVERRIDE, Condition.PERCENT_AT_LEAST, Outcome.APPROVE, limit=Decimal(50)),
    Rule(Subject.REFUND, Condition.NO_ORIGINAL, Outcome.APPROVE),
    Rule(Subject.REFUND, Condition.MORE_THAN_ORIGINAL, Outcome.APPROVE),
    Rule(Subject.REFUND, Condition.ALREADY_REFUNDED, Outcome.APPROVE),
    Rule(Subject.REFUND, Condition.AMOUNT_AT_LEAST, Outcome.APPROVE, limit=Decimal(100)),
    Rule(Subject.VOID, Condition.AFTER_TOTAL, Outcome.NOTE),
    Rule(Subject.VOID, Condition.AMOUNT_AT_LEAST, Outcome.APPROVE, limit=Decimal(100)),
    Rule(Subject.NO_SALE, Condition.REPEATED, Outcome.APPROVE, limit=Decimal(3), minutes=30),
    Rule(Subject.TENDER_CHANGE, Condition.AMOUNT_AT_LEAST, Outcome.NOTE, limit=Decimal(50)),
    Rule(Subject.ANY, Condition.OUTSIDE_HOURS, Outcome.NOTE, opens_at=time(6), closes_at=time(23)),
)
"""Where a store starts; meant to be looked at by a person before anything goes live."""


def rule_problem(rule: Rule) -> str:
    """Why ``rule`` can say nothing, as a sentence; "" where it can."""
    if rule.subject not in FITS[rule.condition]:
        fitting = ", ".join(sorted(subject.replace("_", " ") for subject in FITS[rule.condition]))
        return f"{_words(rule.condition)} says nothing of this subject: choose one of {fitting}."
    missing = [name for name in NEEDS.get(rule.condition, ()) if getattr(rule, name) is None]
    if missing:
        return f"{_words(rule.condition)} needs {' and '.join(_words(name) for name in missing)}: fill it in."
    if rule.limit is not None and rule.limit <= 0:
        return "The limit must be more than 0: at 0 everything would be asked about."
    return ""


def rule_words(rule: Rule) -> str:
    """The rule in a few words, for lists."""
    limit = "" if rule.limit is None else f" {rule.limit.normalize():f}"
    within = "" if rule.minutes is None else f" in {rule.minutes} min"
    hours = f" {rule.opens_at:%H:%M}-{rule.closes_at:%H:%M}" if rule.opens_at and rule.closes_at else ""
    return f"{_words(rule.subject)}: {_words(rule.condition)}{limit}{within}{hours}"


def _words(name: str) -> str:
    return name.replace("_", " ")
