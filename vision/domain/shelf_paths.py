"""Where items have been near a shelf, and when one left its place or came to stand there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot, sqrt

from vision.domain.tracker import Track
from vision.domain.types import Box

Point = tuple[float, float]

SAME_STAY, SAME_PLACE = 0.97, 0.9
"""Overlap with which a box has not moved: from one look to the next, and of what has stood for a while."""
NEARLY = 0.8
IN_PLACE = 0.5
STOOD_S = 1.0
LONGEST = 64
KEPT_S = 30.0
SEEN_S = 0.5
"""What is there now was seen within so long."""
HOLE_S = 0.5
EXACT = 0.06
"""Share of its own size to which a detector's box tells where a thing is."""
WAY, LEAST_WAY = 1.0, 0.25
"""In its own sizes: from how far away the direction is told in which a thing came, and what is no way at all."""


@dataclass(frozen=True)
class Stay:
    """An item seen at `box` from `since` to `until`; while it moves every sighting is a stay of its own."""

    box: Box
    since: float
    until: float
    hits: int = 1
    votes: float = 0.0

    @property
    def sure(self) -> float:
        return self.votes / self.hits

    def size(self, aspect: float) -> float:
        """In picture widths, as all lengths here."""
        return sqrt(self.box.area * aspect)


@dataclass(frozen=True)
class Path:
    """What the detector told of one track: the last stays, oldest first."""

    track: int
    key: str
    name: str
    stays: tuple[Stay, ...]

    @property
    def last(self) -> Stay:
        return self.stays[-1]

    def stand(self, number: int = -1) -> Stay:
        """Stay `number` with those before it at nearly the same place: boxes tremble."""
        stand = self.stays[number]
        for stay in reversed(self.stays[: number % len(self.stays)]):
            if stay.box.iou(stand.box) < NEARLY:
                break
            stand = replace(stand, since=stay.since, hits=stand.hits + stay.hits, votes=stand.votes + stay.votes)
        return stand

    def since(self, instant: float) -> Path:
        return replace(self, stays=tuple(stay for stay in self.stays if stay.since > instant))

    def stay_at(self, instant: float) -> int:
        """Number of the last stay that began until `instant`; -1 where all began later."""
        return sum(stay.since <= instant for stay in self.stays) - 1


def paths_step(paths: Sequence[Path], tracks: Sequence[Track], near: Sequence[Box], at: float) -> tuple[Path, ...]:
    """`near`: the parts of the picture that matter. Tracks without a name are blobs that move: those may be hands."""
    after = {path.track: path for path in paths if at - path.last.until <= KEPT_S}
    for track in tracks:
        if track.hidden or track.seen_at < at or not track.name:
            continue
        known = after.get(track.id)
        if known is None and not any(track.box.shared(area) for area in near):
            continue
        now = Stay(track.box, at, at, 1, track.last)
        stays = _stayed(known.stays, now) if known else (now,)
        after[track.id] = Path(track.id, track.key, track.name, stays[-LONGEST:])
    return tuple(after.values())


def _stayed(stays: tuple[Stay, ...], now: Stay) -> tuple[Stay, ...]:
    last = stays[-1]
    needed = SAME_PLACE if last.until - last.since >= STOOD_S else SAME_STAY
    if last.box.iou(now.box) < needed:
        return (*stays, now)
    return (*stays[:-1], replace(last, until=now.until, hits=last.hits + 1, votes=last.votes + now.votes))


def left_at(path: Path, number: int, doubtful: float) -> float:
    """When the item was no longer in the place of stay `number`, by the overlap that tells places apart.

    `doubtful` is what the look of the place says of it, for a way that was not seen.
    """
    place = path.stays[number].box
    before = path.stays[number]
    for stay in path.stays[number + 1 :]:
        overlap = place.iou(stay.box)
        if overlap >= IN_PLACE:
            before = stay
            continue
        if stay.since - before.until > HOLE_S:
            return min(max(doubtful, before.until), stay.since)
        return _between(before.until, stay.since, place.iou(before.box), overlap, IN_PLACE)
    return max(doubtful, before.until)


def came_at(path: Path, doubtful: float, aspect: float) -> float:
    """When the item stopped coming: a nudge across the direction it came from is not coming.

    `doubtful` is what the look of the place says of it, for a way that was not seen. `aspect` is height / width of the
    picture in pixels.
    """
    way, size = _way(path, aspect), path.last.size(aspect)
    across, down = _step(way[0], way[-1], aspect)
    length = hypot(across, down)
    if length < LEAST_WAY * size:
        return min(doubtful, way[0].since)
    unit = across / length, down / length
    reach = [_foremost(stay.box, unit, aspect) for stay in way]
    left = [(reach[-1] - one) / size for one in reach]
    for number in range(1, len(way)):
        if left[number] <= EXACT:
            return _between(way[number - 1].until, way[number].since, left[number - 1], left[number], EXACT)
    return way[-1].since


def _way(path: Path, aspect: float) -> Sequence[Stay]:
    """The stays by which it came to the last: back to where it was as far away as it is big, or to a hole."""
    end = path.last
    first = len(path.stays) - 1
    while first > 0:
        before, after = path.stays[first - 1], path.stays[first]
        if after.since - before.until > HOLE_S or hypot(*_step(after, end, aspect)) >= WAY * end.size(aspect):
            break
        first -= 1
    return path.stays[first:]


def _step(one: Stay, other: Stay, aspect: float) -> Point:
    (x1, y1), (x2, y2) = one.box.centre, other.box.centre
    return x2 - x1, (y2 - y1) * aspect


def _foremost(box: Box, unit: Point, aspect: float) -> float:
    """How far the box reaches in that direction: of what is carried the hand covers the other end."""
    x, y = (box.x2 if unit[0] > 0 else box.x1), (box.y2 if unit[1] > 0 else box.y1)
    return x * unit[0] + y * aspect * unit[1]


def _between(start: float, end: float, first: float, last: float, wanted: float) -> float:
    """The instant between `start` and `end` at which a figure that goes from `first` to `last` is `wanted`."""
    if first == last:
        return end
    return start + (end - start) * min(max((first - wanted) / (first - last), 0.0), 1.0)
