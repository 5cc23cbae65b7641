"""The words of seeing. Coordinates are normalised to the whole image (0..1), instants are Unix seconds UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np


class Label(StrEnum):
    ITEM = "item"
    HAND = "hand"
    PERSON = "person"
    BAG = "bag"


class ZoneKind(StrEnum):
    BELT = "belt"
    SCANNER = "scanner"
    BAGGING = "bagging"
    COUNTER = "counter"
    DRAWER = "drawer"
    CUSTOMER = "customer"
    CASHIER = "cashier"
    RESTRICTED = "restricted"
    ENTRANCE = "entrance"
    SHELF = "shelf"
    EXIT = "exit"
    IGNORE = "ignore"


class VisualType(StrEnum):
    ITEM_PASS = "item_pass"  # noqa: S105 - a pass, not a password
    ITEM_BYPASS = "item_bypass"
    ITEM_RETURN = "item_return"
    ITEM_PRESENTED = "item_presented"
    HAND_IN_DRAWER = "hand_in_drawer"
    PERSON_ENTER = "person_enter"
    PERSON_LEAVE = "person_leave"
    ZONE_ENTER = "zone_enter"
    ZONE_LEAVE = "zone_leave"
    ZONE_DWELL = "zone_dwell"
    CONCEALMENT = "concealment"
    CAMERA_TAMPER = "camera_tamper"
    CAMERA_LOST = "camera_lost"
    CAMERA_BACK = "camera_back"


@dataclass(frozen=True, slots=True)
class Box:
    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def width(self) -> float:
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        return self.y2 - self.y1

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def centre(self) -> tuple[float, float]:
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2

    def moved(self, dx: float, dy: float) -> Box:
        return Box(self.x1 + dx, self.y1 + dy, self.x2 + dx, self.y2 + dy)

    def grown(self, factor: float) -> Box:
        (cx, cy), w, h = self.centre, self.width * factor / 2, self.height * factor / 2
        return Box(cx - w, cy - h, cx + w, cy + h)

    def shared(self, other: Box) -> float:
        """Area common to both boxes."""
        w = min(self.x2, other.x2) - max(self.x1, other.x1)
        h = min(self.y2, other.y2) - max(self.y1, other.y1)
        return w * h if w > 0 and h > 0 else 0.0

    def iou(self, other: Box) -> float:
        shared = self.shared(other)
        return shared / (self.area + other.area - shared) if shared else 0.0

    def covered_by(self, other: Box) -> float:
        """How much of this box lies inside the other, 0..1."""
        return self.shared(other) / self.area if self.area else 0.0


@dataclass(frozen=True, slots=True)
class Detection:
    """One object in one frame. `name` is the model's own word; `colour` the mean Lab (L 0..100) of the box's centre.

    `rival`: of an item, how surely the same box was also taken for a shopper's bag.
    """

    box: Box
    label: Label
    confidence: float
    name: str = ""
    colour: tuple[float, float, float] | None = None
    rival: float = 0.0


@dataclass(frozen=True, slots=True)
class Frame:
    """`image` is BGR uint8 [height, width, 3]."""

    at: float
    image: np.ndarray


@dataclass(frozen=True, slots=True)
class ZoneShape:
    """`polygon`: at least three (x, y) corners in 0..1 of the image."""

    kind: str
    polygon: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class VisualEventDraft:
    """What a camera saw happen. `at` of an item_pass is the instant the item left the scanner zone."""

    type: VisualType
    at: float
    confidence: float
    track: str
    path: tuple[str, ...]
    label: str = ""
    attributes: Mapping[str, object] = field(default_factory=dict)
