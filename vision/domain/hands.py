"""Hands are followed just well enough to say where an item went that one of them has covered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot

from vision.domain.types import Box

Point = tuple[float, float]

HAND_MEMORY_S = 0.4
HAND_REACH_N = 0.25


@dataclass(frozen=True)
class Hand:
    """`comes_over`: the border of the picture that its arm comes over, kept once known."""

    id: int
    box: Box
    seen_at: float
    comes_over: str
    velocity: Point = (0.0, 0.0)

    @property
    def tip(self) -> Point:
        """The end of the box away from the arm."""
        b, (cx, cy) = self.box, self.box.centre
        return {"left": (b.x2, cy), "top": (cx, b.y2), "right": (b.x1, cy), "bottom": (cx, b.y1)}[self.comes_over]


def nearest_border(box: Box) -> str:
    gaps = {"left": box.x1, "top": box.y1, "right": 1 - box.x2, "bottom": 1 - box.y2}
    return min(gaps, key=lambda side: gaps[side])


def hands_step(state: Sequence[Hand], boxes: Sequence[Box], at: float, next_id: int) -> tuple[tuple[Hand, ...], int]:
    """The hands in view or just lost, and the next free number."""
    known = [hand for hand in state if at - hand.seen_at <= HAND_MEMORY_S]
    near = sorted((_apart(hand, box, at), i, j) for i, hand in enumerate(known) for j, box in enumerate(boxes))
    matched: dict[int, int] = {}
    for distance, i, j in near:
        if distance < HAND_REACH_N and i not in matched.values() and j not in matched:
            matched[j] = i
    hands = [hand for i, hand in enumerate(known) if i not in matched.values()]
    for j, box in enumerate(boxes):
        if j in matched:
            hands.append(_hand_seen(known[matched[j]], box, at))
        else:
            hands.append(Hand(next_id, box, at, nearest_border(box)))
            next_id += 1
    return tuple(hands), next_id


def _apart(hand: Hand, box: Box, at: float) -> float:
    """Two arms may meet at their tips: the whole boxes tell them apart."""
    elapsed = at - hand.seen_at
    expected = hand.box.moved(hand.velocity[0] * elapsed, hand.velocity[1] * elapsed)
    (x, y), (px, py) = box.centre, expected.centre
    return hypot(x - px, y - py) - 0.15 * expected.iou(box)


def _hand_seen(hand: Hand, box: Box, at: float) -> Hand:
    elapsed = max(at - hand.seen_at, 1e-3)
    (x, y), (px, py) = box.centre, hand.box.centre
    velocity = (0.5 * (hand.velocity[0] + (x - px) / elapsed), 0.5 * (hand.velocity[1] + (y - py) / elapsed))
    return replace(hand, box=box, seen_at=at, velocity=velocity)
