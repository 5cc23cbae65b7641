"""The simulator's truth table with eyes that miss nothing: every row ends in its verdict, and says why.

The crossings come from the script's own paths, the lines from its till with a clock that is off. What our own eyes make
of the same rows is tested in tests/integration/cases/test_truth_rows.py and counted in benchmarks/rows.py.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from benchmarks.script_verdicts import appearance
from benchmarks.verdicts import line
from cases.domain.alignment.judge import judge
from cases.domain.alignment.types import Gap, Sighting, Verdict
from shrink.simulator.choreography import choreograph, crossings
from shrink.simulator.rows import ROWS, row_tickets
from shrink.simulator.script import Ticket
from shrink.simulator.till import Till, TillClock

START = 1_790_000_000.0
CLOCK = TillClock(offset_s=-21.4, skew_ppm=30.0, resolution_s=0.001)
REASONS = {
    "bypass": "An item went around the scanner",
    "no_scan": "crossed",
    "item_swap": "is unlike it",
    "return_without_item": "no item came back",
}


def seen(tickets: list[Ticket], rng: np.random.Generator) -> list[Sighting]:
    found = []
    for ticket in tickets:
        for crossing in crossings(ticket.acts, choreograph(ticket.acts, staffed=True)):
            found.append(
                Sighting(
                    key=f"v{len(found)}",
                    at=START + crossing.at_s + float(rng.normal(0, 0.05)),
                    type="item_pass" if crossing.over_scanner else "item_bypass",
                    confidence=0.95,
                    label="item",
                    track=f"t{len(found)}",
                    path=("belt", "scanner", "bagging"),
                    **appearance(ticket.acts[crossing.act].looks[crossing.item], rng),  # type: ignore[arg-type]
                )
            )
    return found


def raised(name: str, seed: int) -> list[Verdict]:
    """What would become a case for the ticket with the deed."""
    tickets = row_tickets(name, seed)
    deed_s, end_s = tickets[-1].start_s, tickets[-1].end_s
    till = Till("T1", datetime.fromtimestamp(START, UTC), clock=CLOCK)
    silent = ROWS[name].till_silent
    told = [
        line(event.body)
        for ticket in tickets
        for event in till.events(ticket)
        if not (silent and event.send_s >= deed_s)
    ]
    lost = Gap("pos", START + deed_s + CLOCK.offset_s, START + end_s + CLOCK.offset_s, "reported")
    answer = judge(seen(tickets, np.random.default_rng([seed, 9])), told, gaps=[lost] if silent else [])
    return [v for v in answer.verdicts if v.alertable and v.score >= 0.5 and v.at >= START + deed_s]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", ROWS)
def test_a_row_ends_in_its_verdict_for_its_reason(name: str, seed: int) -> None:
    found = raised(name, seed)
    assert {verdict.kind.value for verdict in found} == set(ROWS[name].expected), ROWS[name].reason
    for verdict in found:
        assert REASONS[verdict.kind.value] in str(verdict.explanation["sentence"])
