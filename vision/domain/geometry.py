"""Where a point of the picture lies on the way from the belt to the bags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import hypot

from vision.domain.types import Box, ZoneKind, ZoneShape

Point = tuple[float, float]
Polygon = tuple[Point, ...]

BELT_SIDE = frozenset({ZoneKind.BELT, ZoneKind.COUNTER})
BAG_SIDE = frozenset({ZoneKind.BAGGING, ZoneKind.EXIT})
LANE_ZONES = BELT_SIDE | BAG_SIDE | {ZoneKind.SCANNER}
OFF_LANE = frozenset({ZoneKind.IGNORE, ZoneKind.SHELF})
"""What stands there is not on its way across the scanner."""


class Region(StrEnum):
    """The values are the words of an event's path."""

    BEFORE = "belt"
    SCANNER = "scanner"
    AFTER = "bagging"
    AROUND = "around"


@dataclass(frozen=True, slots=True)
class LaneGeometry:
    """The flow of one lane as its camera sees it.

    `axis` is the unit vector of the flow in a plane whose unit is the image width (y times `aspect`), `span` the
    stretch of it that the scanner zone takes. Only the zones that are drawn are needed: with belt or bagging missing
    the axis runs through the scanner's centre; with the scanner alone it is None, and each item brings its own.
    """

    scanner: Polygon
    before: tuple[Polygon, ...]
    after: tuple[Polygon, ...]
    ignored: tuple[Polygon, ...]
    aspect: float
    axis: Point | None
    span: Point

    @classmethod
    def of(cls, zones: Sequence[ZoneShape], aspect: float) -> LaneGeometry | None:
        """None for a camera without a scanner zone: nothing can cross there. `aspect` is height / width in pixels."""
        scanners = [zone.polygon for zone in zones if zone.kind == ZoneKind.SCANNER]
        if not scanners:
            return None
        before = tuple(zone.polygon for zone in zones if zone.kind in BELT_SIDE)
        after = tuple(zone.polygon for zone in zones if zone.kind in BAG_SIDE)
        ignored = tuple(zone.polygon for zone in zones if zone.kind in OFF_LANE)
        bare = cls(scanners[0], before, after, ignored, aspect, None, (0.0, 0.0))
        return bare.along(bare._axis())

    def _axis(self) -> Point | None:
        middle = centroid(self.scanner)
        start = centroid(self.before[0]) if self.before else middle
        end = centroid(self.after[0]) if self.after else middle
        return self._unit(start, end)

    def _unit(self, start: Point, end: Point) -> Point | None:
        dx, dy = end[0] - start[0], (end[1] - start[1]) * self.aspect
        length = hypot(dx, dy)
        return (dx / length, dy / length) if length > 1e-6 else None

    def along(self, axis: Point | None) -> LaneGeometry:
        """The same lane with the flow in direction `axis`."""
        reach = [x * axis[0] + y * self.aspect * axis[1] for x, y in self.scanner] if axis else [0.0]
        return LaneGeometry(
            self.scanner, self.before, self.after, self.ignored, self.aspect, axis, (min(reach), max(reach))
        )

    def entered_from(self, point: Point) -> LaneGeometry:
        """The flow of an item that comes from `point`, where the zones do not tell."""
        across, down = self._facing(point)
        return self.along((-across, -down))

    def left_towards(self, point: Point) -> LaneGeometry:
        return self.along(self._facing(point))

    def _facing(self, point: Point) -> Point:
        """Unit vector of the side of the scanner's frame that `point` lies on: items come over a side, not a corner."""
        cx, cy = centroid(self.scanner)
        dx = (point[0] - cx) / max(abs(x - cx) for x, _ in self.scanner)
        dy = (point[1] - cy) / max(abs(y - cy) for _, y in self.scanner)
        if abs(dx) >= abs(dy):
            return (1.0, 0.0) if dx > 0 else (-1.0, 0.0)
        return (0.0, 1.0) if dy > 0 else (0.0, -1.0)

    def region(self, point: Point) -> Region:
        """Zones as drawn come first; outside them the side of the scanner decides. No axis: all outside is BEFORE."""
        if inside(self.scanner, point):
            return Region.SCANNER
        if any(inside(polygon, point) for polygon in self.before):
            return Region.BEFORE
        if any(inside(polygon, point) for polygon in self.after):
            return Region.AFTER
        return self._side(point)

    def _side(self, point: Point) -> Region:
        if self.axis is None:
            return Region.BEFORE
        reach = point[0] * self.axis[0] + point[1] * self.aspect * self.axis[1]
        if reach < self.span[0]:
            return Region.BEFORE
        return Region.AFTER if reach > self.span[1] else Region.AROUND

    def is_ignored(self, point: Point) -> bool:
        return any(inside(polygon, point) for polygon in self.ignored)


def centroid(polygon: Polygon) -> Point:
    """Centre of the polygon's corners: zones are drawn by hand, their centre of mass says no more."""
    return sum(x for x, _ in polygon) / len(polygon), sum(y for _, y in polygon) / len(polygon)


def inside(polygon: Polygon, point: Point) -> bool:
    """Even-odd rule."""
    x, y = point
    found = False
    for (x1, y1), (x2, y2) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            found = not found
    return found


WATCHED_ZONES = LANE_ZONES | {ZoneKind.CUSTOMER, ZoneKind.CASHIER, ZoneKind.DRAWER, ZoneKind.SHELF}


SMALL = 0.5
"""Zones that reach over less than this of the picture's longer side are far away."""
USUAL_ASPECT = 9 / 16
"""Before a picture is there its shape is not known."""


def analysed_side(zones: Sequence[ZoneShape], side: int, margin: float) -> int:
    """How large a picture must be, in pixels of its longer side, for its zones to be seen well enough.

    `side` where they fill it. Twice that where they take a small part of it, as with a high camera over several lanes:
    scaled down like the others its goods would be a few pixels large.
    """
    area = view_area(zones, margin)
    return 2 * side if max(area.width, area.height * USUAL_ASPECT) < SMALL else side


def view_area(zones: Sequence[ZoneShape], margin: float) -> Box:
    """The part of the picture to look at: the zones that matter and `margin` around them; all of it without any.

    A side of the scanner without a zone is looked at as far as the other side's zone reaches; with the scanner alone,
    as far as the scanner is long, every way. An item must be seen to come and to go.
    """
    wanted = [zone for zone in zones if zone.kind in WATCHED_ZONES] or [z for z in zones if z.kind != ZoneKind.IGNORE]
    corners = [corner for zone in wanted for corner in zone.polygon]
    if not corners:
        return Box(0.0, 0.0, 1.0, 1.0)
    scanner = next((zone.polygon for zone in zones if zone.kind == ZoneKind.SCANNER), None)
    sides = [any(zone.kind in side for zone in zones) for side in (BELT_SIDE, BAG_SIDE)]
    if scanner and not all(sides):
        corners += _other_side(scanner, [c for z in zones if z.kind in BELT_SIDE | BAG_SIDE for c in z.polygon])
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return Box(
        max(0.0, min(xs) - margin), max(0.0, min(ys) - margin), min(1.0, max(xs) + margin), min(1.0, max(ys) + margin)
    )


def _other_side(scanner: Polygon, drawn: list[Point]) -> list[Point]:
    """What is drawn on one side, mirrored through the scanner's centre; with nothing drawn, the scanner grown."""
    cx, cy = centroid(scanner)
    if drawn:
        return [(2 * cx - x, 2 * cy - y) for x, y in drawn]
    return [(cx + 3 * (x - cx), cy + 3 * (y - cy)) for x, y in scanner]
