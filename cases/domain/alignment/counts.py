"""Tills that only tell whole tickets, and clocks that are not known: passes are counted against units, no finer."""

from __future__ import annotations

from collections.abc import Sequence

from cases.domain.alignment.params import Params
from cases.domain.alignment.slots import SALES
from cases.domain.alignment.types import Clock, Kind, PosLine, Ready, Sighting, Verdict

LONGEST_TICKET_S = 900.0


def count_verdicts(
    sightings: Sequence[Sighting], lines: Sequence[PosLine], clock: Clock, ready: Ready, params: Params
) -> list[Verdict]:
    """One low verdict for each ticket with fewer units than passes since the ticket before."""
    tickets: dict[str, list[PosLine]] = {}
    for line in sorted(lines, key=lambda line: (line.at, line.key)):
        if line.transaction:
            tickets.setdefault(line.transaction, []).append(line)
    found, previous_end = [], float("-inf")
    for name, members in sorted(tickets.items(), key=lambda entry: entry[1][-1].at):
        end = members[-1].at - clock.offset_s + 2.0
        start = max(previous_end, end - LONGEST_TICKET_S)
        passes = [s for s in sightings if start < s.at <= end and s.type in ("item_pass", "item_bypass")]
        units = sum(max(1, int(line.quantity)) for line in members if line.type in SALES)
        previous_end = end
        short = len(passes) - units
        if short >= 1 and units and all(ready.line(line.key) for line in members):
            found.append(_verdict(name, members, passes, units, end, params))
    return found


def _verdict(
    name: str, members: Sequence[PosLine], passes: Sequence[Sighting], units: int, end: float, params: Params
) -> Verdict:
    short = len(passes) - units
    return Verdict(
        kind=Kind.NO_SCAN,
        anchor=f"no_scan:ticket:{name}",
        at=end,
        score=min(0.4, 0.12 * short),
        pos_keys=tuple(line.key for line in members if line.type in SALES),
        transaction=name,
        alertable=False,
        explanation={
            "sentence": f"{len(passes)} items crossed, {units} units are on the ticket. {_why(members)}, so no single "
            "item can be named.",
            "passes": len(passes),
            "units": units,
            "rule_version": params.version,
        },
    )


def _why(members: Sequence[PosLine]) -> str:
    lines = all(line.granularity == "line" for line in members)
    return "The till's clock was not known well enough" if lines else "This till reports whole tickets"
