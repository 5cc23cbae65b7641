"""Which case to look at first: how probable it is, what it may be worth, and what else happened around it.

For ranking alone. Whether there is a case at all is decided by its probability; nothing here accuses, and who stood at
the till is never asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import exp

from cases.domain.alignment.types import Kind, PosLine

VERSION = "risk-1"
REACH_S = 300.0
"""So far around it does what happened count."""
CLASH_S = 15.0
"""A line without an item so near to an item without a line is more probably its own."""
HALF_CENTS = 1_000.0
"""An amount that counts half way between nothing and any sum."""
LEAST_VALUE, LEAST_CONTEXT = 0.5, 0.5
"""However little it is worth, or however innocent it looks around, so much of the probability is left."""
MIDDLE = 0.5
SAID_FROM = 0.2
"""Fainter discrepancies are not spoken of."""
CLASHING = "An item without a line and a line without an item are seconds apart: they may belong to each other."

FACTORS = ("probability", "value", "context")
VOIDS = frozenset({"void", "tender_void", "ticket_void", "ticket_cancel"})
RETURNS = frozenset({"return", "refund"})
NO_SALES = frozenset({"no_sale"})
DISCOUNTS = frozenset({"discount", "price_override"})
PASSES = frozenset({Kind.NO_SCAN, Kind.BYPASS})
LONE_LINES = frozenset({Kind.SCAN_WITHOUT_ITEM, Kind.EXCEPTION})


@dataclass(frozen=True, slots=True)
class Part:
    """`number`: of FACTORS what it is multiplied by; of what happened around, how far it pushes the context: above 0
    up, below 0 down."""

    name: str
    number: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Risk:
    value: float
    parts: tuple[Part, ...]
    version: str = VERSION

    def dump(self) -> dict[str, object]:
        parts = [
            {"name": p.name, "factor" if p.name in FACTORS else "push": p.number, "sentence": p.sentence}
            for p in self.parts
        ]
        return {"version": self.version, "value": self.value, "parts": parts}


@dataclass(frozen=True, slots=True)
class Stated:
    """A discrepancy that stands, on the common clock. `pos_ids`: external ids of the lines it rests on."""

    anchor: str
    kind: str
    at: float
    score: float
    transaction: str = ""
    pos_ids: frozenset[str] = frozenset()
    offset_s: float = 0.0
    """Till clock minus camera clock when it was judged."""


@dataclass(frozen=True, slots=True)
class Context:
    """What happened on the same ticket, or for returns and the drawer at the same terminal, within REACH_S."""

    voids: int = 0
    returns: int = 0
    no_sales: int = 0
    discounts: int = 0
    agreeing: tuple[float, ...] = ()
    """Scores of what else was told of the ticket and fits."""
    clashing: tuple[float, ...] = ()
    """Scores of what may well be the other half of it."""


def risk_of(score: float, amount_cents: int | None, context: Context) -> Risk:
    """Probability x value x context, each between 0 and 1, with its parts."""
    probability = round(min(1.0, max(0.0, score)), 3)
    value, words = _value(amount_cents)
    around = _around(context)
    push = sum(part.number for part in around)
    surroundings = round(LEAST_CONTEXT + (1 - LEAST_CONTEXT) / (1 + exp(-push)), 3)
    return Risk(
        round(probability * value * surroundings, 3),
        (
            Part("probability", probability, f"{_sure(probability)} that camera and till disagree here."),
            Part("value", value, words),
            Part("context", surroundings, _direction(push, bool(around))),
            *around,
        ),
    )


def context_of(asked: Stated, told: Iterable[PosLine], others: Iterable[Stated]) -> Context:
    """What the till told and what else is stated around `asked`. Of `told` and `others` the order is nothing to it."""
    near = [
        line
        for line in told
        if abs(line.at - asked.offset_s - asked.at) <= REACH_S
        and not line.training
        and line.key.partition("/")[2] not in asked.pos_ids
    ]
    own = [line for line in near if asked.transaction and line.transaction == asked.transaction]
    terminals = {line.key.partition("/")[0] for line in own}
    beside = [line for line in near if not terminals or line.key.partition("/")[0] in terminals]
    stated = [
        other
        for other in others
        if other.anchor != asked.anchor
        and asked.transaction
        and other.transaction == asked.transaction
        and abs(other.at - asked.at) <= REACH_S
        and other.score >= SAID_FROM
    ]
    return Context(
        voids=_count(own, VOIDS),
        returns=_count(beside, RETURNS),
        no_sales=_count(beside, NO_SALES),
        discounts=_count(own, DISCOUNTS),
        agreeing=_scores(stated, lambda other: _agrees(asked, other)),
        clashing=_scores(stated, lambda other: _clashes(asked, other)),
    )


def _clashes(one: Stated, other: Stated) -> bool:
    """An item without a line and a line without an item, close together."""
    kinds = {one.kind, other.kind}
    return bool(kinds & PASSES) and bool(kinds & LONE_LINES) and abs(one.at - other.at) <= CLASH_S


def _agrees(one: Stated, other: Stated) -> bool:
    return one.kind == other.kind or not ({one.kind, other.kind} & LONE_LINES)


def _scores(stated: Sequence[Stated], fits: Callable[[Stated], bool]) -> tuple[float, ...]:
    return tuple(sorted((other.score for other in stated if fits(other)), reverse=True))


def _count(lines: Iterable[PosLine], types: frozenset[str]) -> int:
    return sum(line.type in types for line in lines)


def _value(amount_cents: int | None) -> tuple[float, str]:
    """Grows with the amount, ever more slowly; the middle where nobody knows it."""
    if amount_cents is None:
        share, words = MIDDLE, "What it may be worth is not known: taken as the middle."
    else:
        cents = abs(amount_cents)
        share, words = cents / (cents + HALF_CENTS), f"It may be worth {cents / 100:.2f}."
    return round(LEAST_VALUE + (1 - LEAST_VALUE) * share, 3), words


def _around(context: Context) -> tuple[Part, ...]:
    """The first of a kind says most: three times is not three times as telling."""
    said = [
        _counted("voids", context.voids, 0.5, "void", "on the same ticket"),
        _counted("returns", context.returns, 0.6, "return", "at the same till within five minutes"),
        _counted("no_sale", context.no_sales, 0.6, "no-sale drawer opening", "within five minutes"),
        _counted("discounts", context.discounts, 0.3, "price reduction", "on the same ticket"),
        _stated("agreeing", context.agreeing, 0.8, f"Stated of the same ticket besides: {len(context.agreeing)}."),
        _stated("clashing", context.clashing, -1.6, CLASHING),
    ]
    return tuple(part for part in said if part is not None)


def _counted(name: str, count: int, weight: float, what: str, where: str) -> Part | None:
    sentence = f"{count} {what}{'' if count == 1 else 's'} {where}."
    return _stated(name, (1.0,) * count, weight, sentence)


def _stated(name: str, scores: Sequence[float], weight: float, sentence: str) -> Part | None:
    strength = sum(score * 0.5**n for n, score in enumerate(scores))
    return Part(name, round(weight * strength, 3), sentence) if scores else None


def _direction(push: float, known: bool) -> str:
    if not known:
        return "Nothing else happened around it."
    return "What happened around it asks for a look sooner." if push > 0 else "What happened around it calms."


def _sure(probability: float) -> str:
    return "Over 99 % sure" if probability > 0.99 else f"{100 * probability:.0f} % sure"
