"""How much was taken off what: discounts and price overrides, next to the lines they are for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cases.domain.alignment.incidents.tickets import live_lines
from cases.domain.alignment.types import PosLine

REDUCTIONS = frozenset({"discount", "price_override"})
NEXT_TO_S = 20.0
"""A reduction that names no line is for the last one, if it comes so soon after it."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """`line` is None where it is for the whole ticket, as far as the till tells. `depth`: the share taken off."""

    event: PosLine
    line: PosLine | None
    taken_cents: int
    depth: float


def reductions_of(ticket: Sequence[PosLine]) -> list[Reduction]:
    """The reductions of `ticket` (in the till's order) that still stand and whose amount is known."""
    live = live_lines(ticket)
    voids = [event for event in ticket if event.type == "void" and event.voids_line is not None]
    found = [
        _reduction(event, ticket, live)
        for event in ticket
        if event.type in REDUCTIONS and not any(v.voids_line == event.line and v.at >= event.at for v in voids)
    ]
    return [one for one in found if one is not None]


def _reduction(event: PosLine, ticket: Sequence[PosLine], live: Sequence[PosLine]) -> Reduction | None:
    if event.amount_cents is None:
        return None
    before = [line for line in live if line.at <= event.at and line.amount_cents]
    line = _named(event, before) or _next_to(event, ticket, before)
    taken = _taken(event, line)
    base = line.amount_cents if line else sum(one.amount_cents or 0 for one in before)
    if not taken or not base or base < 0 or taken <= 0:
        return None
    return Reduction(event, line, taken, min(1.0, taken / base))


def _named(event: PosLine, before: Sequence[PosLine]) -> PosLine | None:
    named = [line for line in before if event.line is not None and line.line == event.line]
    named = named or [line for line in before if event.gtin and line.gtin == event.gtin]
    return named[-1] if named else None


def _next_to(event: PosLine, ticket: Sequence[PosLine], before: Sequence[PosLine]) -> PosLine | None:
    """The last line before it, unless a total came between or it is not worth so much."""
    if not before or event.at - before[-1].at > NEXT_TO_S:
        return None
    if any(other.type == "subtotal" and before[-1].at <= other.at <= event.at for other in ticket):
        return None
    return before[-1] if abs(event.amount_cents or 0) <= (before[-1].amount_cents or 0) else None


def _taken(event: PosLine, line: PosLine | None) -> int:
    """Tills write a discount of 1.00 as 1.00 and as -1.00; an override names the new amount, or what it takes off."""
    amount = event.amount_cents or 0
    if event.type == "discount" or amount < 0:
        return abs(amount)
    return (line.amount_cents or 0) - amount if line else 0
