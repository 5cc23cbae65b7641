"""Acts become parts: where every item, hand and bag is at every instant.

All in the drawing plane of `layout` (flow left to right, cashier above). The truth about crossings is
computed here from the same paths that are drawn, so picture and truth cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from shrink.simulator.acts import AROUND_THE_SCANNER, OVER_THE_SCANNER, Act, ActKind, Visit
from shrink.simulator.layout import BAGGING, SCANNER, Point, inside
from shrink.simulator.parts import Crossing, HandPart, ItemPart, Parts
from shrink.simulator.paths import Belt, Path, path

PICK_X = 0.335
PLACE_X = 0.10
BAG_AT = (0.87, 0.50)
REACH_S = 0.45
LONGEST_WAIT_S = 7.0
BAG_MOVE_S = 0.8
FAR = 1e9


def _rng(act: Act, salt: int) -> np.random.Generator:
    return np.random.default_rng([act.seed & 0xFFFFFFFF, int(act.start_s * 1000) & 0xFFFFFFFF, salt])


def picked_from_belt(act: Act) -> bool:
    return bool(act.looks) and act.kind not in (ActKind.RETURN, ActKind.TROLLEY)


def belt_for(acts: Iterable[Act], picked_before: int = 0) -> Belt:
    return Belt(tuple(sorted(act.start_s for act in acts if picked_from_belt(act))), picked_before)


class _Stage:
    """Collects the parts of one act after another."""

    def __init__(self, belt: Belt, *, staffed: bool) -> None:
        self.belt = belt
        self.staffed = staffed
        self.items: list[ItemPart] = []
        self.hands: list[HandPart] = []

    @property
    def server(self) -> str:
        """Who passes items: the cashier, or at self-checkout the customer."""
        return "cashier" if self.staffed else "customer"

    def hand(self, who: str, index: int, act: Act, *work: Path, holds: str = "", salt: int = 0) -> None:
        rng = _rng(act, 90 + salt)
        self.hands.append(
            HandPart(
                who,
                index,
                work[0].start_s - REACH_S,
                work[-1].end_s + REACH_S,
                work,
                holds,
                int(rng.integers(1 << 30)),
                float(rng.uniform(0.34, 0.52)),
                bool(rng.random() < 0.2),
            )
        )

    def item(
        self,
        index: int,
        item: int,
        act: Act,
        *legs: Path,
        gone_s: float,
        grips: tuple[tuple[float, float], ...],
        level: int = 0,
        ride: bool = True,
    ) -> ItemPart:
        rng = _rng(act, item)
        angle = float(rng.uniform(0, 360))
        turn = float(rng.uniform(-70, 70))
        belt = self.belt if ride and self.staffed else None
        part = ItemPart(
            index,
            item,
            act.looks[item],
            self._born_s(act, legs[0], belt, rng),
            gone_s,
            legs,
            grips,
            angle,
            turn,
            level,
            belt,
        )
        self.items.append(part)
        return part

    def _born_s(self, act: Act, leg: Path, belt: Belt | None, rng: np.random.Generator) -> float:
        start_s = leg.start_s
        earliest = start_s - LONGEST_WAIT_S + float(rng.uniform(0, 1.5))
        if belt is None:
            return max(earliest, start_s - float(rng.uniform(1.0, 4.0)))
        x = leg.at(start_s)[0]
        low, high = start_s - 60.0, start_s
        if belt.ahead(low, start_s) > x - PLACE_X:
            for _ in range(30):
                middle = (low + high) / 2
                if belt.ahead(middle, start_s) > x - PLACE_X:
                    low = middle
                else:
                    high = middle
        return max(earliest, low)

    def lay_down(self, part: ItemPart, act: Act) -> None:
        """The customer's hand that puts an item on the belt, unless the item leads the picture."""
        x, y = part.at(part.born_s)
        hold = path(part.born_s - 0.02, part.born_s + 0.12, (x, y), (x, y))
        self.hand("customer", part.act, act, hold, salt=7)

    def bag(self, index: int, item: int, act: Act, rest: Point, at_s: float) -> tuple[Path, float]:
        """The leg from the resting place into the bag, with the hand that does it."""
        leg = path(at_s, at_s + BAG_MOVE_S, rest, BAG_AT)
        self.hand("customer", index, act, leg, salt=20 + item)
        return leg, at_s + BAG_MOVE_S


def _rest_point(act: Act, item: int = 0) -> Point:
    rng = _rng(act, 40 + item)
    return float(rng.uniform(0.66, 0.76)), float(rng.uniform(0.36, 0.64))


def _over_scanner(act: Act) -> tuple[Point, Point, Point]:
    rng = _rng(act, 60)
    y = act.lane_n
    return (
        (PICK_X, y),
        (float(rng.uniform(0.47, 0.53)), float(rng.uniform(0.42, 0.58))),
        _rest_point(act),
    )


def _deliver(
    stage: _Stage, index: int, act: Act, item: int, leg: Path, *, level: int = 0, by_hand: bool = True
) -> None:
    rest = leg.at(leg.end_s)
    wait_s = float(_rng(act, 70 + item).uniform(0.8, 3.0))
    into_bag, gone_s = stage.bag(index, item, act, rest, leg.end_s + wait_s)
    grips = ((leg.start_s, leg.end_s),) if by_hand else ()
    part = stage.item(
        index,
        item,
        act,
        leg,
        into_bag,
        gone_s=gone_s,
        grips=(*grips, (into_bag.start_s, into_bag.end_s)),
        level=level,
    )
    if item == 0 or act.kind is ActKind.SIDE_BY_SIDE:
        stage.lay_down(part, act)


def _pass(stage: _Stage, index: int, act: Act) -> None:
    start, middle, rest = _over_scanner(act)
    leg = path(act.start_s, act.end_s, start, middle, rest)
    _deliver(stage, index, act, 0, leg)
    stage.hand(stage.server, index, act, leg)


def _slide(stage: _Stage, index: int, act: Act) -> None:
    start, middle, rest = _over_scanner(act)
    leg = path(act.start_s, act.end_s, start, (middle[0], start[1]), (rest[0], start[1]), steady=0.9)
    _deliver(stage, index, act, 0, leg, by_hand=False)


def _pair(stage: _Stage, index: int, act: Act, gap: Point, *, stacked: bool) -> None:
    start, middle, rest = _over_scanner(act)
    if not stacked:  # one on either side of the middle, both over the scanner
        start, middle, rest = ((x, 0.5 + 0.25 * (y - 0.5) - gap[1] / 2) for x, y in (start, middle, rest))
    mine = path(act.start_s, act.end_s, start, middle, rest)
    stage.hand(stage.server, index, act, mine)
    _deliver(stage, index, act, 0, mine)
    shifted = [(x + gap[0], y + gap[1]) for x, y in (start, middle, rest)]
    other = path(act.start_s, act.end_s, *shifted)
    _deliver(stage, index, act, 1, other, level=1 if stacked else 0)
    if not stacked:
        stage.hand(stage.server, index, act, other, salt=3)


def _stack(stage: _Stage, index: int, act: Act) -> None:
    lower = act.looks[0]
    rng = _rng(act, 80)
    side = 1.0 if rng.random() < 0.5 else -1.0
    _pair(stage, index, act, (side * lower.width_n * 0.16, lower.width_n * 0.38 * side), stacked=True)


def _side_by_side(stage: _Stage, index: int, act: Act) -> None:
    # however they are turned, two things at one height do not share the same place
    gap = (act.looks[0].length_n + act.looks[1].length_n) * 0.5
    _pair(stage, index, act, (0.0, gap if act.lane_n < 0.5 else -gap), stacked=False)


def _bypass(stage: _Stage, index: int, act: Act) -> None:
    rng = _rng(act, 61)
    by_cashier = stage.staffed and rng.random() < 0.2
    y = float(rng.uniform(0.14, 0.18)) if by_cashier else float(rng.uniform(0.80, 0.85))
    leg = path(
        act.start_s,
        act.end_s,
        (PICK_X - 0.04, act.lane_n),
        (0.36, y),
        (0.42, y),
        (0.60, y),
        (0.68, y),
        _rest_point(act),
        steady=0.7,
    )
    _deliver(stage, index, act, 0, leg)
    stage.hand("cashier" if by_cashier else "customer", index, act, leg)


def _trolley(stage: _Stage, index: int, act: Act) -> None:
    y = float(_rng(act, 62).uniform(0.84, 0.88))
    leg = path(act.start_s, act.end_s, (-0.12, y), (1.12, y), steady=1.0)
    stage.item(index, 0, act, leg, gone_s=act.end_s, grips=(), ride=False)


def _return(stage: _Stage, index: int, act: Act) -> None:
    start, middle, rest = _over_scanner(act)
    waiting = (start[0], 0.38)
    leg = path(act.start_s, act.end_s, rest, middle, waiting)
    away = path(act.end_s + 1.0, act.end_s + 1.9, waiting, (0.30, 0.12), (0.28, -0.15))
    stage.item(
        index,
        0,
        act,
        leg,
        away,
        gone_s=act.end_s + 1.9,
        ride=False,
        grips=((act.start_s, act.end_s), (away.start_s, away.end_s)),
    )
    stage.hand(stage.server, index, act, leg)
    stage.hand(stage.server, index, act, away, salt=4)


def _put_back(stage: _Stage, index: int, act: Act) -> None:
    start = (PICK_X - 0.06, act.lane_n)
    leg = path(act.start_s, act.end_s, start, (0.24, 0.80), (0.16, 1.15))
    part = stage.item(index, 0, act, leg, gone_s=act.end_s, grips=((act.start_s, act.end_s),))
    stage.lay_down(part, act)
    stage.hand("customer", index, act, leg)


def _price_inquiry(stage: _Stage, index: int, act: Act) -> None:
    start, middle, _ = _over_scanner(act)
    share = act.duration_s * 0.4
    there = path(act.start_s, act.start_s + share, start, middle)
    back = path(act.end_s - share, act.end_s, middle, (PICK_X, 0.62))
    away = path(act.end_s + 1.2, act.end_s + 2.3, (PICK_X, 0.62), (0.22, 0.85), (0.16, 1.15))
    part = stage.item(
        index,
        0,
        act,
        there,
        back,
        away,
        gone_s=away.end_s,
        grips=((act.start_s, act.end_s), (away.start_s, away.end_s)),
    )
    stage.lay_down(part, act)
    stage.hand(stage.server, index, act, there, back)
    stage.hand("customer", index, act, away, salt=5)


def _crossing_hand(who: str, holds: str, *points: Point) -> Callable[[_Stage, int, Act], None]:
    def play(stage: _Stage, index: int, act: Act) -> None:
        by = stage.server if who == "server" else who
        shift = act.lane_n - 0.5
        moved = [(x, y + shift * 0.4) for x, y in points]
        stage.hand(by, index, act, path(act.start_s, act.end_s, *moved, steady=0.6), holds=holds)

    return play


PLAYS: dict[ActKind, Callable[[_Stage, int, Act], None]] = {
    ActKind.PASS: _pass,
    ActKind.QUICK: _pass,
    ActKind.SLIDE: _slide,
    ActKind.STACK: _stack,
    ActKind.SIDE_BY_SIDE: _side_by_side,
    ActKind.BYPASS: _bypass,
    ActKind.TROLLEY: _trolley,
    ActKind.RETURN: _return,
    ActKind.PUT_BACK: _put_back,
    ActKind.PRICE_INQUIRY: _price_inquiry,
    ActKind.OWN_BAG: _crossing_hand(
        "customer", "bag", (0.28, 0.86), (0.36, 0.55), (0.50, 0.50), (0.66, 0.52), (0.80, 0.84)
    ),
    ActKind.EMPTY_HAND: _crossing_hand(
        "server", "", (0.34, 0.46), (0.50, 0.50), (0.70, 0.52), (0.52, 0.46), (0.40, 0.36)
    ),
    ActKind.RECEIPT: _crossing_hand("server", "receipt", (0.42, 0.34), (0.50, 0.45), (0.60, 0.55), (0.66, 0.70)),
    ActKind.PURSE: _crossing_hand(
        "customer", "purse", (0.38, 0.82), (0.46, 0.58), (0.55, 0.50), (0.64, 0.62), (0.68, 0.84)
    ),
    ActKind.PHONE: _crossing_hand(
        "customer", "phone", (0.40, 0.84), (0.46, 0.60), (0.53, 0.50), (0.62, 0.56), (0.68, 0.84)
    ),
    ActKind.CHILD_ARM: _crossing_hand("child", "", (0.40, 0.72), (0.46, 0.52), (0.58, 0.50), (0.60, 0.70)),
}


def choreograph(acts: tuple[Act, ...], *, staffed: bool, picked_before: int = 0) -> Parts:
    """The parts of `acts`; `picked_before` counts earlier picks from the belt that are left out."""
    belt = belt_for(acts, picked_before)
    stage = _Stage(belt, staffed=staffed)
    for index, act in enumerate(acts):
        PLAYS[act.kind](stage, index, act)
    return Parts(tuple(stage.items), tuple(stage.hands), belt)


def _last_exit(part: ItemPart, leg: Path) -> float | None:
    """The instant the centre leaves the scanner zone for good during `leg`, to a hundredth."""
    inside_at = None
    for t_s in np.arange(leg.start_s, leg.end_s + 0.005, 0.01):
        if inside(SCANNER, *part.at(float(t_s))):
            inside_at = float(t_s)
    return inside_at


def _bagging_entry(part: ItemPart, leg: Path) -> float:
    """Around the scanner: the instant the item is past it, seen along the flow."""
    for t_s in np.arange(leg.start_s, leg.end_s + 0.005, 0.01):
        if part.at(float(t_s))[0] > BAGGING[0]:
            return float(t_s)
    return leg.end_s


def crossings(acts: tuple[Act, ...], parts: Parts) -> list[Crossing]:
    """Every item that reached the bagging side, in order of time."""
    found = []
    for part in parts.items:
        kind, leg = acts[part.act].kind, part.legs[0]
        if kind in OVER_THE_SCANNER:
            at_s = _last_exit(part, leg)
            if at_s is not None:
                found.append(Crossing(at_s, part.act, part.item, over_scanner=True))
        elif kind in AROUND_THE_SCANNER:
            found.append(Crossing(_bagging_entry(part, leg), part.act, part.item, over_scanner=False))
    return sorted(found, key=lambda crossing: crossing.at_s)


def stance(visit: Visit, t_s: float, *, staffed: bool) -> Point:
    """Where the shopper stands: arrives, lays out, moves along to the bags, leaves."""
    share = (t_s - visit.start_s) / max(visit.end_s - visit.start_s, 1e-6)
    sway = 0.012 * np.sin(t_s * 0.9 + visit.seed % 7)
    knots = (0.0, 0.08, 0.25, 0.45, 0.93, 1.0)
    places = (-0.12, 0.22, 0.30, 0.66, 0.74, 1.12) if staffed else (-0.12, 0.5, 0.5, 0.52, 0.55, 1.12)
    return float(np.interp(share, knots, places) + sway), float(0.93 + 0.5 * sway)
