"""One item's way through the regions of a lane, sighting by sighting; what it means is decided in zone_events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot

from vision.domain.geometry import LaneGeometry, Point, Region
from vision.domain.tracker import Track

STEP_N = 0.005
PUT_AWAY_S = 0.5
"""What was at home beyond the scanner and out of sight for so long has not come back: it is in a bag."""


@dataclass(frozen=True)
class Passage:
    """What is known of one item's way. `home`: the side it last rested on. `region`, `since`, `hits`: where it is now.

    `entered_at`, `left_at`: of the scanner zone in the present excursion from home; `hidden`: places a hand took it to
    since it was last seen, which count only if it did not stay where it was.
    """

    track: int
    at: float
    point: Point
    region: Region
    since: float
    hits: int = 1
    home: Region | None = None
    path: tuple[Region, ...] = ()
    entered_at: float | None = None
    left_at: float | None = None
    scanned_hits: int = 0
    factor: float = 1.0
    axis: Point | None = None
    hidden: tuple[tuple[float, Point], ...] = ()
    started_at: float = 0.0
    rest_votes: float = 0.0
    """The track's votes, those for a bag, and its hits when it was last at rest: the rest was seen on the way."""
    rest_rival: float = 0.0
    rest_hits: int = 0
    first_at: float = 0.0
    base_votes: float = 0.0
    """The track's votes and hits when this passage began: not of this item, where the track had another before."""
    base_hits: int = 0
    way_best: float = 0.0
    unseen_hits: int = 0
    scanned_votes: float = 0.0


def follow(passage: Passage | None, track: Track, at: float, lane: LaneGeometry) -> Passage | None:
    if track.hidden:
        if passage is None:
            return None
        hidden = (*passage.hidden, (at, track.place))[-60:] if track.carrier else passage.hidden
        return replace(passage, hidden=hidden, unseen_hits=passage.unseen_hits + 1)
    point = track.box.centre
    if lane.is_ignored(point):
        return None
    if passage is None or _is_another(passage, at, lane.region(point)):
        region = lane.region(point)
        entered = at if region is Region.SCANNER else None
        return Passage(
            track.id,
            at,
            point,
            region,
            at,
            path=(region,),
            entered_at=entered,
            started_at=at,
            scanned_hits=int(region is Region.SCANNER),
            scanned_votes=track.last if region is Region.SCANNER else 0.0,
            way_best=track.last,
            first_at=at if passage else track.first_at,
            base_votes=track.votes - track.last,
            base_hits=track.hits - 1,
            rest_votes=track.votes - track.last,
            rest_rival=track.rival,
            rest_hits=track.hits - 1,
        )
    stayed_beyond = passage.region is Region.AFTER and _region(lane, passage.axis, point) is Region.AFTER
    way = _way(replace(passage, hidden=()) if stayed_beyond else passage, point, at)
    passage = along(passage, way, lane)
    hits = passage.hits + 1 if passage.since < at else 1
    over = passage.region is Region.SCANNER
    return replace(
        passage,
        hits=hits,
        scanned_hits=passage.scanned_hits + over,
        scanned_votes=passage.scanned_votes + (track.last if over else 0.0),
        way_best=max(passage.way_best, track.last),
        hidden=(),
    )


def _is_another(passage: Passage, at: float, region: Region) -> bool:
    """Whether what turns up under this track's name is something else.

    A hand that put an item away and fetches the next seems to have carried the first one all the time.
    """
    return passage.home is Region.AFTER and region is not Region.AFTER and at - passage.at > PUT_AWAY_S


def _way(passage: Passage, point: Point, at: float) -> list[tuple[float, Point]]:
    """Instants and places from the last sighting to this one: through the hand's way if it went with the hand."""
    stayed = hypot(point[0] - passage.point[0], point[1] - passage.point[1]) < 0.05
    between = [] if stayed else _until_left([corner for corner in passage.hidden if passage.at < corner[0] < at], point)
    way = []
    t0, (x0, y0) = passage.at, passage.point
    for t1, (x1, y1) in [*between, (at, point)]:
        steps = max(1, round(max(abs(x1 - x0), abs(y1 - y0)) / STEP_N))
        shares = [(k + 1) / steps for k in range(steps)]
        way += [(t0 + s * (t1 - t0), (x0 + s * (x1 - x0), y0 + s * (y1 - y0))) for s in shares]
        t0, x0, y0 = t1, x1, y1
    return way


def _until_left(way: list[tuple[float, Point]], point: Point) -> list[tuple[float, Point]]:
    """The hand's way as far as it went with the item: up to where it came nearest to the place it was left at."""
    if not way:
        return way
    off = [hypot(x - point[0], y - point[1]) for _, (x, y) in way]
    return way[: len(off) - off[::-1].index(min(off))]


def advance(passage: Passage, at: float, point: Point, lane: LaneGeometry) -> Passage:
    """One small move of the item, with the crossings of the scanner's border that it makes."""
    axis = passage.axis
    if lane.axis is None and axis is None and passage.region is not lane.region(point):
        came = passage.region is not Region.SCANNER
        axis = lane.entered_from(passage.point).axis if came else lane.left_towards(point).axis
    region = _region(lane, axis, point)
    moved = replace(passage, at=at, point=point, axis=axis)
    if region is passage.region:
        return moved
    if region is Region.SCANNER:
        moved = replace(moved, entered_at=at if passage.entered_at is None else passage.entered_at, left_at=None)
    elif passage.region is Region.SCANNER:
        moved = replace(moved, left_at=at)
    path = passage.path if passage.path[-1] is region else (*passage.path, region)[-12:]
    return replace(moved, region=region, since=at, hits=0, path=path)


def along(passage: Passage, way: Sequence[tuple[float, Point]], lane: LaneGeometry) -> Passage:
    """All the small moves of `way`."""
    for moment, place in way:
        passage = advance(passage, moment, place, lane)
    return passage


def _region(lane: LaneGeometry, axis: Point | None, point: Point) -> Region:
    """Where only the scanner is drawn, whatever leaves it other than where it came from has gone on."""
    if lane.axis is not None or axis is None:
        return lane.region(point)
    region = lane.along(axis).region(point)
    return Region.AFTER if region is Region.AROUND else region


def carried(passage: Passage, left_at: Point | None = None) -> list[tuple[float, Point]]:
    """The way that a hand took since the last sighting, up to where it came nearest to `left_at`."""
    corners = _until_left(list(passage.hidden), left_at) if left_at else passage.hidden
    if not corners:
        return []
    at, point = corners[-1]
    return _way(replace(passage, hidden=tuple(corners[:-1])), point, at)
