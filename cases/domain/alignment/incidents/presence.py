"""Whether a customer was there, as far as the camera tells people at all. Places are asked about, not persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cases.domain.alignment.incidents.scene import AHEAD_S, BACK_S, Scene
from cases.domain.alignment.types import Sighting

ENTERS = frozenset({"person_enter", "zone_enter", "zone_dwell"})
LEAVES = frozenset({"person_leave", "zone_leave"})
MOVES = ENTERS | LEAVES
CUSTOMER = "customer"
BEHIND = frozenset({"cashier", "restricted", "drawer"})
AWAY = frozenset({"entrance", "exit", "shelf", "ignore"})
"""Zones on the other side of the counter, and away from it: who is there is not this lane's customer."""
NOT_CUSTOMERS = frozenset({"cashier", "staff", "employee", "attendant"})
"""What a detector that tells roles calls the others."""
NEAR_S = 3.0
"""Who comes or goes so near to an instant was there: people are believed only after a moment, and leave in one."""
HAND_BEFORE_S, HAND_AFTER_S = 2.0, 15.0
"""A hand in the drawer belongs to an opening so near."""


@dataclass(frozen=True, slots=True)
class Customers:
    """`told`: whether the camera said anything of customers within reach; without it `there` means nothing."""

    told: bool
    tracks: frozenset[tuple[str, str]] = frozenset()
    """(camera, track) of those who were there."""

    @property
    def there(self) -> bool:
        return bool(self.tracks)

    @property
    def gone(self) -> bool:
        return self.told and not self.there


def customers_at(scene: Scene, at: float) -> Customers:
    moves = [s for s in scene.shown(at - BACK_S, at + AHEAD_S, MOVES) if is_of_customer(s)]
    moves.sort(key=lambda s: (s.at, s.type in ENTERS))  # of two at one instant the coming counts
    tracks: dict[tuple[str, str], list[Sighting]] = {}
    for move in moves:
        tracks.setdefault((move.camera, move.track), []).append(move)
    near_s = NEAR_S + scene.doubt_s
    return Customers(bool(moves), frozenset(name for name, mine in tracks.items() if _there(mine, at, near_s)))


def _there(moves: Sequence[Sighting], at: float, near_s: float) -> bool:
    """Whether one track was there. What was lost of it (a coming or a going) makes it present, never absent."""
    if any(abs(move.at - at) <= near_s for move in moves):
        return True
    before = [move for move in moves if move.at <= at]
    after = [move for move in moves if move.at > at]
    if before and before[-1].type in ENTERS:
        return True
    if not moves[0].track and _balance(before) > 0:  # several people without names of their own
        return True
    return bool(after) and after[0].type in LEAVES


def _balance(moves: Sequence[Sighting]) -> int:
    return sum(1 if move.type == "person_enter" else -1 for move in moves if move.type.startswith("person"))


def customers_left(scene: Scene, start: float, end: float) -> list[Sighting]:
    """Customers who went away from `start` to `end`."""
    return [s for s in scene.shown(start, end, LEAVES) if is_of_customer(s)]


def hand_seen(scene: Scene, at: float) -> bool:
    doubt_s = scene.doubt_s
    return bool(scene.shown(at - HAND_BEFORE_S - doubt_s, at + HAND_AFTER_S + doubt_s, {"hand_in_drawer"}))


def is_of_customer(sighting: Sighting) -> bool:
    """A person in no named zone may be the customer and is taken for one; a zone event must name the zone.

    `path` are the zones in order, the last the one that is entered or left; who leaves it for the exit came from it.
    """
    if sighting.type not in MOVES or sighting.label in NOT_CUSTOMERS:
        return False
    zone = sighting.path[-1] if sighting.path else ""
    if sighting.type.startswith("zone"):
        return CUSTOMER in (zone, sighting.label)
    return zone not in BEHIND and (CUSTOMER in sighting.path or zone not in AWAY)
