"""What became of a ticket and its lines, from the till's own words."""

from __future__ import annotations

from collections.abc import Sequence

from cases.domain.alignment.incidents.scene import BACK_S, till_order
from cases.domain.alignment.slots import SALES
from cases.domain.alignment.types import PosLine

ENDS = frozenset({"tender", "ticket_close", "ticket_cancel", "ticket_void", "refund"})
"""What ends a ticket. A till that has never said one of these says nothing about the others either."""
CANCELS = frozenset({"ticket_cancel", "ticket_void"})


def voided_by(void: PosLine, before: Sequence[PosLine]) -> PosLine | None:
    """The line a void means: the number it names, else the same article, else the last one before it.

    Numbers are used again on some tills: the latest line before the void is meant.
    """
    number = void.voids_line if void.voids_line is not None else void.line
    meant = [line for line in before if number is not None and line.line == number]
    if not meant and void.voids_line is None:
        meant = [line for line in before if not void.gtin or line.gtin == void.gtin]
    return meant[-1] if meant else None


def undone_in(ticket: Sequence[PosLine]) -> list[tuple[PosLine, PosLine]]:
    """(what took it off, the line) for each line that was voided or cancelled with its ticket, in the till's order."""
    found: list[tuple[PosLine, PosLine]] = []
    standing: list[PosLine] = []
    for event in sorted(ticket, key=till_order):
        standing = [line for line in standing if event.at - line.at <= BACK_S]
        if event.type in SALES:
            standing.append(event)
            continue
        meant = list(standing) if event.type in CANCELS else []
        if event.type == "void" and (line := voided_by(event, standing)):
            meant = [line]
        found += [(event, line) for line in meant]
        standing = [line for line in standing if line not in meant]
    return found


def live_lines(ticket: Sequence[PosLine]) -> list[PosLine]:
    """Sale lines that still stand at the end."""
    off = {line.key for _, line in undone_in(ticket)}
    return [line for line in ticket if line.type in SALES and line.key not in off]


def is_ended(ticket: Sequence[PosLine]) -> bool:
    """Paid, closed, cancelled or put aside. A tender that was voided paid nothing."""
    paid, parked = 0, False
    for event in sorted(ticket, key=till_order):
        if event.type in ENDS - {"tender"}:
            return True
        paid += {"tender": 1, "tender_void": -1}.get(event.type, 0)
        parked = event.type == "ticket_suspend" or (parked and event.type != "ticket_resume")
    return parked or paid > 0


def pieces(line: PosLine) -> int:
    """Units that a line bills; a weight is one piece."""
    return max(1, int(line.quantity)) if line.entry_method != "weighed" else 1
