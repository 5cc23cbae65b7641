"""What a shopper or a cashier does in front of the camera, as values.

An act says *what* happens and *when*; `choreography` turns it into paths of items and hands. Times are
seconds on the scene's own clock, coordinates are normalised to the frame (x of its width, y of its
height), sizes are fractions of the frame height.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    BOX = "box"
    BOTTLE = "bottle"
    CAN = "can"
    PRODUCE = "produce"
    CARTON = "carton"
    TUBE = "tube"
    TRAY = "tray"
    JAR = "jar"
    POUCH = "pouch"
    NET = "net"


@dataclass(frozen=True, slots=True)
class Look:
    """How an item looks from above: its outline, its size and the seed of its print."""

    shape: Shape
    length_n: float
    width_n: float
    seed: int
    photo: int | None = None
    """Index of a real photograph that replaces the drawn print (training only)."""


class ActKind(StrEnum):
    PASS = "pass"  # noqa: S105  (an item passes)
    SLIDE = "slide"
    QUICK = "quick"
    STACK = "stack"
    SIDE_BY_SIDE = "side_by_side"
    BYPASS = "bypass"
    TROLLEY = "trolley"
    RETURN = "return"
    PUT_BACK = "put_back"
    OWN_BAG = "own_bag"
    EMPTY_HAND = "empty_hand"
    RECEIPT = "receipt"
    PURSE = "purse"
    PHONE = "phone"
    CHILD_ARM = "child_arm"
    PRICE_INQUIRY = "price_inquiry"


OVER_THE_SCANNER = frozenset({ActKind.PASS, ActKind.SLIDE, ActKind.QUICK, ActKind.STACK, ActKind.SIDE_BY_SIDE})
"""Kinds whose items go belt, scanner, bagging."""

AROUND_THE_SCANNER = frozenset({ActKind.BYPASS, ActKind.TROLLEY})
"""Kinds whose items reach the bagging side without the scanner."""

WITHOUT_ITEM = frozenset(
    {
        ActKind.OWN_BAG,
        ActKind.EMPTY_HAND,
        ActKind.RECEIPT,
        ActKind.PURSE,
        ActKind.PHONE,
        ActKind.CHILD_ARM,
    }
)
"""Kinds that move something which is no item for sale."""


@dataclass(frozen=True, slots=True)
class Act:
    """One movement. `start_s` is the instant a hand grips (or the belt pushes), `duration_s` lasts to
    the release; what leads up to it and follows it (laying on the belt, bagging) is derived."""

    kind: ActKind
    start_s: float
    duration_s: float
    looks: tuple[Look, ...] = ()
    lane_n: float = 0.5
    seed: int = 0

    @property
    def end_s(self) -> float:
        return self.start_s + self.duration_s


@dataclass(frozen=True, slots=True)
class Visit:
    """A shopper's stay at the lane: where they stand follows from how far the visit has gone."""

    start_s: float
    end_s: float
    seed: int
    with_child: bool = False
    own_bag: bool = False
