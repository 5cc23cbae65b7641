"""Goods crossed and were rung up, nobody paid, and the customer left (rule R19 and its like at the self-checkout)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cases.domain.alignment.incidents.presence import customers_at, customers_left
from cases.domain.alignment.incidents.scene import AHEAD_S, BACK_S, Scene, terminal_of
from cases.domain.alignment.incidents.scores import Cause, Finding, cents_of, verdict_of
from cases.domain.alignment.incidents.tickets import ENDS, is_ended, live_lines
from cases.domain.alignment.slots import SALES
from cases.domain.alignment.types import Kind, PosLine, Sighting, Verdict

OPENS = frozenset({"ticket_open"}) | SALES
"""What begins the next ticket."""
REDUCES = frozenset({"discount", "coupon", "return", "deposit_return"})
PAUSE_S = 180.0
"""A till that speaks of other things so long after a ticket's last word has left it alone."""
LEFT_BEFORE_S = 5.0
"""Who leaves so long before the last line's moment left after it: lines come late, people are lost early."""
MOVED = 0.5
"""The share of the articles that the next ticket must have for it to be the same goods."""

USUAL = -1.2
LEFT = 2.0
STAYED, OTHERS_STAYED = -1.5, -0.8
NEXT_TICKET = 0.6
GOODS_GONE = 0.8
GOODS_BACK = -1.2
TOTAL_ASKED = 0.3
ATTENDED = -0.6
HANDED_OVER = -0.5
MOVED_ON = -3.0


@dataclass(frozen=True, slots=True)
class Abandoned:
    """`until`: on the till's clock, when it was plain that the ticket had been left: the next one, or other words."""

    ticket: Sequence[PosLine]
    lines: Sequence[PosLine]
    next_ticket: PosLine | None
    until: float

    @property
    def last(self) -> PosLine:
        return self.lines[-1]


def walk_away_verdicts(scene: Scene) -> list[Verdict]:
    found = []
    for last in _last_lines(scene):
        abandoned = _abandoned(scene, last)
        verdict = verdict_of(scene, _finding(scene, abandoned)) if abandoned else None
        found += [verdict] if verdict else []
    return found


def _last_lines(scene: Scene) -> list[PosLine]:
    last: dict[tuple[str, str], PosLine] = {}
    for line in scene.told:
        if line.type in SALES and line.transaction:
            last[terminal_of(line), line.transaction] = line
    return list(last.values())


def _abandoned(scene: Scene, last: PosLine) -> Abandoned | None:
    """The ticket of `last`, if nothing ended it and the till went on without it."""
    ticket = scene.ticket(last)
    lines = live_lines(ticket)
    if not lines or is_ended(ticket) or not _owes(ticket, lines) or not _tells_ends(scene, ticket):
        return None
    spoke_at = ticket[-1].at
    later = [line for line in scene.said(lines[-1], 0.0, AHEAD_S) if line.at >= spoke_at]
    opened = next((ln for ln in later if ln.type in OPENS and ln.transaction not in ("", last.transaction)), None)
    paused = next((line for line in later if line.at >= spoke_at + PAUSE_S), None)
    if opened is None and paused is None:
        return None
    until = min(line.at for line in (opened, paused) if line is not None)
    return Abandoned(ticket, lines, opened, until)


def _owes(ticket: Sequence[PosLine], lines: Sequence[PosLine]) -> bool:
    """Whether there is anything left to pay, as far as the till told amounts."""
    owed = cents_of(lines)
    return owed is None or owed > (cents_of([event for event in ticket if event.type in REDUCES]) or 0)


def _tells_ends(scene: Scene, ticket: Sequence[PosLine]) -> bool:
    """A till that opens tickets closes them. Of one that tells lines alone, no ticket is ever seen to end."""
    return any(event.type == "ticket_open" for event in ticket) or _ends_heard(scene, ticket[-1])


def _ends_heard(scene: Scene, line: PosLine) -> bool:
    return bool(scene.said(line, BACK_S, AHEAD_S, ENDS))


def _finding(scene: Scene, abandoned: Abandoned) -> Finding:
    last, lines = abandoned.last, abandoned.lines
    at, until = scene.common(last), abandoned.until - scene.clock.offset_s
    left = _left(scene, abandoned, at, until)
    crossed = [line for line in lines if scene.passes(line)]
    back = scene.shown(at - LEFT_BEFORE_S, until, {"item_return"})
    stayed = _stayed(scene, at, until)
    parts = {
        "usual": USUAL,
        "customer_left": LEFT if left else 0.0,
        "customer_stayed": STAYED if stayed and not left else 0.0,
        "others_stayed": OTHERS_STAYED if stayed and left else 0.0,
        "next_ticket": NEXT_TICKET if abandoned.next_ticket else 0.0,
        "goods_gone": GOODS_GONE * len(crossed) / len(lines) if not back else 0.0,
        "goods_back": GOODS_BACK if back else 0.0,
        "total_asked": TOTAL_ASKED if any(event.type == "subtotal" for event in abandoned.ticket) else 0.0,
        **_innocent(scene, abandoned),
    }
    return Finding(
        kind=Kind.WALK_AWAY,
        anchor=last,
        lines=lines,
        sentence=_sentence(abandoned, len(crossed), left),
        parts=parts,
        causes=_causes(parts, left),
        lacking=_lacking(scene, last, left, bool(crossed)),
        amount_cents=cents_of(lines),
        since_s=LEFT_BEFORE_S,
        until_s=abandoned.until - last.at,
        more={"left_at": round(left.at, 3) if left else None, "crossed": len(crossed), "lines": len(lines)},
    )


def _lacking(scene: Scene, last: PosLine, left: Sighting | None, crossed: bool) -> list[str]:
    lacking = [] if left else ["nobody was seen leaving"]
    lacking += [] if crossed else ["no goods were seen crossing"]
    lacking += [] if _ends_heard(scene, last) else ["the till has not told how any ticket ended"]
    return lacking + (["the till was not heard all the time"] if scene.said(last, 0.0, AHEAD_S, {"gap"}) else [])


def _left(scene: Scene, abandoned: Abandoned, at: float, until: float) -> Sighting | None:
    """The last customer who left before the till went on; without a next ticket whoever is there may have come back."""
    left = customers_left(scene, at - LEFT_BEFORE_S - scene.doubt_s, until)
    came_back = abandoned.next_ticket is None and customers_at(scene, until).there
    return left[-1] if left and not came_back else None


def _stayed(scene: Scene, at: float, until: float) -> bool:
    """Whether anybody who was there at the last line was never seen to leave."""
    left = {(s.camera, s.track) for s in customers_left(scene, at - LEFT_BEFORE_S - scene.doubt_s, until)}
    return bool(customers_at(scene, at).tracks - left)


def _innocent(scene: Scene, abandoned: Abandoned) -> dict[str, float]:
    duty = scene.said(abandoned.last, 0.0, abandoned.until - abandoned.last.at, {"operator_sign_off", "pause_begin"})
    return {
        "attended": ATTENDED if scene.attended(abandoned.last) else 0.0,
        "handed_over": HANDED_OVER if duty else 0.0,
        "rung_up_again": MOVED_ON if _rung_up_again(scene, abandoned) else 0.0,
    }


def _rung_up_again(scene: Scene, abandoned: Abandoned) -> bool:
    """Whether the next ticket has the same articles: then the goods were moved to it."""
    gtins = {line.gtin for line in abandoned.lines if line.gtin}
    if not gtins or abandoned.next_ticket is None:
        return False
    later = scene.said(abandoned.last, 0.0, AHEAD_S, SALES)
    moved = gtins & {line.gtin for line in later if line.transaction == abandoned.next_ticket.transaction}
    return len(moved) >= MOVED * len(gtins)


def _sentence(abandoned: Abandoned, crossed: int, left: Sighting | None) -> str:
    lines = len(abandoned.lines)
    items = f"{crossed or 'none'} of them with an item seen crossing"
    rung = f"{lines} line{'s were' if lines > 1 else ' was'} rung up, {items}"
    went_on = "the next ticket began" if abandoned.next_ticket else "the till went on to other things"
    seen = "a customer was seen leaving before that" if left else "nobody was seen leaving, or the camera does not tell"
    return f"{rung}; the ticket was neither paid, put aside nor cancelled when {went_on}; {seen}."


def _causes(parts: dict[str, float], left: Sighting | None) -> list[Cause]:
    return [
        Cause("paid_elsewhere", "it was paid at another till", 0.3),
        Cause("moved", "the goods were moved to another ticket", 1.5 if parts["rung_up_again"] else 0.1),
        Cause("till", "the till did not tell how the ticket ended", 0.2 if left else 0.5),
        Cause("left_behind", "the goods were left behind and put back", 0.8 if parts["goods_back"] else 0.3),
        Cause("waiting", "the customer fetched something and came back", 0.1 if left else 0.4),
    ]
