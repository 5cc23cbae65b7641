"""A lane of boxes: scripted items and hands through the tracker and the zones, without a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vision.domain.belief import Belief
from vision.domain.geometry import LaneGeometry
from vision.domain.tracker import TrackerConfig, TrackerState, tracker_step
from vision.domain.types import Box, Detection, Label, VisualEventDraft, ZoneShape
from vision.domain.zone_events import ZoneState, zone_step

ASPECT = 9 / 16
FPS = 10.0
GREEN, RED = (60.0, -40.0, 40.0), (45.0, 55.0, 30.0)


def rectangle(kind: str, x1: float, y1: float, x2: float, y2: float) -> ZoneShape:
    return ZoneShape(kind, ((x1, y1), (x2, y1), (x2, y2), (x1, y2)))


BELT = rectangle("belt", 0.05, 0.3, 0.40, 0.7)
SCANNER = rectangle("scanner", 0.40, 0.3, 0.60, 0.7)
BAGGING = rectangle("bagging", 0.60, 0.3, 0.95, 0.7)
LANE = (BELT, SCANNER, BAGGING)


@dataclass(frozen=True)
class Thing:
    """Goes through `way`, (second, x, y) each, in straight lines; there from the first to the last instant.

    `unseen`: (from, until) seconds in which the detector does not report it.
    """

    way: tuple[tuple[float, float, float], ...]
    label: Label = Label.ITEM
    unseen: tuple[tuple[float, float], ...] = ()
    colour: tuple[float, float, float] | None = GREEN
    size: tuple[float, float] = (0.08, 0.12)
    confidence: float = 0.8

    def at(self, t: float) -> Detection | None:
        if not self.way[0][0] <= t <= self.way[-1][0] or any(a <= t < b for a, b in self.unseen):
            return None
        for (t0, x0, y0), (t1, x1, y1) in zip(self.way, self.way[1:], strict=False):
            if t0 <= t <= t1:
                share = (t - t0) / (t1 - t0)
                x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
                return Detection(self._box(x, y), self.label, self.confidence, self.label.value, self.colour)
        return None

    def _box(self, x: float, y: float) -> Box:
        if self.label is Label.HAND:  # an arm from the picture's lower border, the hand around (x, y)
            return Box(x - 0.06, y - 0.08, x + 0.06, 1.0)
        w, h = self.size
        return Box(x - w / 2, y - h / 2, x + w / 2, y + h / 2)


def mirrored(zones: Iterable[ZoneShape]) -> tuple[ZoneShape, ...]:
    return tuple(ZoneShape(zone.kind, tuple((1 - x, y) for x, y in zone.polygon)) for zone in zones)


def turned(zones: Iterable[ZoneShape]) -> tuple[ZoneShape, ...]:
    """The flow from top to bottom instead of left to right."""
    return tuple(ZoneShape(zone.kind, tuple((y, x) for x, y in zone.polygon)) for zone in zones)


def play(
    things: Sequence[Thing],
    zones: Sequence[ZoneShape] = LANE,
    *,
    fps: float = FPS,
    tail_s: float = 5.0,
    belief: Belief | None = None,
) -> list[VisualEventDraft]:
    """The events of the whole script, with time after it for what waits to be decided."""
    lane = LaneGeometry.of(zones, ASPECT)
    assert lane is not None
    tracks, passages, events = TrackerState(), ZoneState(), list[VisualEventDraft]()
    ends = max(thing.way[-1][0] for thing in things) + tail_s
    for number in range(int(ends * fps) + 1):
        t = number / fps
        seen = [found for thing in things if (found := thing.at(t))]
        tracks, tracked = tracker_step(tracks, seen, t, ASPECT, TrackerConfig())
        passages, found = zone_step(passages, tracked, t, lane, belief=belief)
        events += found
    return events


def kinds(events: Sequence[VisualEventDraft]) -> list[str]:
    return sorted(event.type.value for event in events)
