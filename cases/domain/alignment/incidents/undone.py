"""Which voided lines have goods that left: those with a pass of their own that nothing else explains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cases.domain.alignment.incidents.scene import Crossed, Scene, terminal_of
from cases.domain.alignment.incidents.tickets import CANCELS, live_lines, pieces, undone_in
from cases.domain.alignment.slots import RESCAN_S, SALES
from cases.domain.alignment.types import PosLine

RERUNG_S = 180.0
"""A cancelled ticket is rung up again within so long."""
BACK_BEFORE_S, BACK_AFTER_S = 15.0, 30.0
"""An item that comes back so near to a void is the voided one."""
TWICE_S = 15.0
"""Two lines of one article so near may be one item rung up twice."""

Pair = tuple[PosLine, PosLine]
"""(what took the line off, the line)."""


@dataclass(frozen=True, slots=True)
class Undone:
    """`by` took `line` off. `left`: the probability that its goods crossed and are gone; 0 where none were seen."""

    by: PosLine
    line: PosLine
    passes: tuple[str, ...] = ()
    left: float = 0.0


def again_s(by: PosLine) -> float:
    """For how long what was taken off may be rung up again."""
    return RERUNG_S if by.type in CANCELS else RESCAN_S


def undone_goods(scene: Scene) -> list[Undone]:
    """What was taken off and neither rung up again, nor brought back, nor rung up twice at first."""
    tickets = _tickets(scene)
    standing = {line.key for ticket in tickets.values() for line in live_lines(ticket)}
    found: list[Undone] = []
    counted: set[str] = set()
    for by, line in _unexplained(scene, [pair for ticket in tickets.values() for pair in undone_in(ticket)]):
        twins = _twins(line, tickets[_ticket_of(line)])
        billed = sum(pieces(twin) for twin in twins if twin.key in standing)
        seen = {one.sighting.key for twin in twins for one in scene.passes(twin)}
        if billed and len(seen) <= billed:
            continue  # the lines that stand account for all that crossed: it was rung up twice
        passes = _of_its_own(scene, line, twins, counted) if len(seen - counted) > billed else []
        counted.update(one.sighting.key for one in passes)
        left = max((one.probability for one in passes), default=0.0)
        found.append(Undone(by, line, tuple(one.sighting.key for one in passes), left))
    return found


def _tickets(scene: Scene) -> dict[tuple[str, str], list[PosLine]]:
    tickets: dict[tuple[str, str], list[PosLine]] = {}
    for line in scene.told:
        tickets.setdefault(_ticket_of(line), []).append(line)
    return tickets


def _ticket_of(line: PosLine) -> tuple[str, str]:
    return terminal_of(line), line.transaction


def _unexplained(scene: Scene, pairs: Sequence[Pair]) -> list[Pair]:
    """`pairs` without those that a later line or an item coming back answers. Each answer serves one."""
    left = sorted(pairs, key=lambda pair: (pair[0].at, pair[0].key, pair[1].at, pair[1].key))
    spent: set[str] = set()
    for answers in (_rung_again, _in_its_place, _brought_back):
        left = _unanswered(scene, left, answers, spent)
    return left


def _unanswered(
    scene: Scene, pairs: Sequence[Pair], answers: Callable[[Scene, PosLine, PosLine], list[str]], spent: set[str]
) -> list[Pair]:
    left = []
    for by, line in pairs:
        answer = next((key for key in answers(scene, by, line) if key not in spent), None)
        if answer is None:
            left.append((by, line))
        else:
            spent.add(answer)
    return left


def _rung_again(scene: Scene, by: PosLine, line: PosLine) -> list[str]:
    """Lines of the same article soon after: a correction of the price, the quantity or the ticket."""
    later = scene.said(by, 0.0, again_s(by), SALES)
    return [other.key for other in later if line.gtin and other.gtin == line.gtin and other.key != line.key]


def _in_its_place(scene: Scene, by: PosLine, line: PosLine) -> list[str]:
    """Lines soon after that no item of their own was seen for: the right article for a wrong one."""
    if by.type in CANCELS:
        return []
    later = scene.said(by, 0.0, RESCAN_S, SALES)
    mine = [other for other in later if other.transaction == line.transaction and other.key != line.key]
    return [other.key for other in mine if not scene.passes(other)]


def _brought_back(scene: Scene, by: PosLine, line: PosLine) -> list[str]:
    at = scene.common(by)
    back = scene.shown(at - BACK_BEFORE_S - scene.doubt_s, at + BACK_AFTER_S + scene.doubt_s, {"item_return"})
    return [sighting.key for sighting in sorted(back, key=lambda s: (abs(s.at - at), s.key))]


def _twins(line: PosLine, ticket: Sequence[PosLine]) -> list[PosLine]:
    """`line` and those of its article so near that one item may stand behind both."""
    near = [
        other
        for other in ticket
        if other.type in SALES and line.gtin and other.gtin == line.gtin and abs(other.at - line.at) <= TWICE_S
    ]
    return list({other.key: other for other in [line, *near]}.values())


def _of_its_own(scene: Scene, line: PosLine, twins: Sequence[PosLine], counted: set[str]) -> list[Crossed]:
    """The passes that belong to the line, or one of a twin's: which of two lines has the pass is chance."""
    mine = [one for one in scene.passes(line) if one.sighting.key not in counted]
    others = [one for twin in twins for one in scene.passes(twin) if one.sighting.key not in counted]
    return mine or others[:1]
