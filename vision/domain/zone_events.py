"""From where things are to what happened: passes, bypasses, returns, and things shown and taken back.

A crossing is decided by what was seen of an item over time: where it was at home, whether it was in the scanner zone,
and where it came to rest. A step is a pure function; what it remembers of each item is a Passage.

How sure an event is (`confidence`): the chance that the thing was an item at all, 1 - prod(1 - c) ** 0.5 over the
confidences c of its sightings (half weight, as neighbouring frames err together), times how completely its way was
seen: 1 when seen before, in and after the scanner; FROM_ABOVE when first seen over the scanner; JOINED when its parts
were put together from two tracks; INFERRED when it crossed unseen; CARRIED when it never reappeared from the hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot

from vision.domain.geometry import LaneGeometry, Point, Region
from vision.domain.tracker import Track, Tracked
from vision.domain.types import Label, VisualEventDraft, VisualType

FROM_ABOVE, JOINED, INFERRED, CARRIED = 0.9, 0.8, 0.7, 0.6
SETTLED_S = 0.12
SETTLED_HITS = 2
SHOWN_S = 0.25
JOIN_S = 3.0
TWIN_S = 0.4
BAG_SHARE, BAG_SHARE_KNOWN = 0.12, 2.5
"""How many votes for a shopper's bag the votes for an item on its way may carry; more where it lay there as an item
before: gripped goods look like bags, and only a bag that has taken over an item's track is called one throughout."""
KNOWN_VOTES = 8.0
FRESH_MEAN = 0.5
FRESH_HITS = 5
"""What was never seen on the belt must at least be seen well: receipts and fingers turn up over the scanner too."""
STEP_N = 0.005


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
    """The track's votes, and those for a bag, when it was last at rest: what came later was seen on the way."""
    rest_rival: float = 0.0


@dataclass(frozen=True)
class ZoneState:
    """`passages` of live tracks; `lost`: passages that ended on their way, with the track's last look, for joining."""

    passages: tuple[Passage, ...] = ()
    lost: tuple[tuple[Passage, Track], ...] = ()
    passed: tuple[float, ...] = ()
    """Instants of the last passes."""


def zone_step(
    state: ZoneState, tracked: Tracked, at: float, lane: LaneGeometry, young_mean: float = 0.0
) -> tuple[ZoneState, list[VisualEventDraft]]:
    """`tracked`: the tracker's outcome for the frame at `at`.

    `young_mean`: mean confidence that a track needs which began but a moment before it crossed. A model with a class
    for goods is sure of most goods, so a young and faint track is a part of one or a hand; others are never sure.
    """
    known = {passage.track: passage for passage in state.passages}
    ended = [(known[track.id], track) for track in tracked.ended if track.id in known]
    lost = [pair for pair in state.lost if at - pair[1].seen_at <= JOIN_S] + ended
    followed = ((track, _follow(known.get(track.id), track, at, lane)) for track in tracked.live)
    passages = {track.id: passage for track, passage in followed if passage is not None}
    events = [event for passage, track in ended if (event := _end(passage, track, lane, young_mean))]
    for track in tracked.live:
        if track.id in passages and track.confirmed and not track.hidden:
            lost = _join(track, tracked.live, passages, lost)
            passages[track.id], event = _settle(passages[track.id], track, at, lane, young_mean)
            events += [event] if event else []
    events, passed = _without_twins(events, state.passed, at)
    return ZoneState(tuple(passages.values()), tuple(lost), passed), events


def _without_twins(
    events: Sequence[VisualEventDraft], passed: tuple[float, ...], at: float
) -> tuple[list[VisualEventDraft], tuple[float, ...]]:
    """Where two tracks changed places under a hand, both seem to cross at once, one of them unseen: it did not."""
    kept = []
    for event in sorted(events, key=lambda event: bool(event.attributes["inferred"])):
        if event.type is VisualType.ITEM_PASS:
            if event.attributes["inferred"] and any(abs(event.at - other) < TWIN_S for other in passed):
                continue
            passed = (*passed, event.at)
        kept.append(event)
    return kept, tuple(moment for moment in passed if at - moment < 2 * JOIN_S)


def _follow(passage: Passage | None, track: Track, at: float, lane: LaneGeometry) -> Passage | None:
    if track.hidden:
        if passage is not None and track.carrier:
            return replace(passage, hidden=(*passage.hidden, (at, track.place))[-60:])
        return passage
    point = track.box.centre
    if lane.is_ignored(point):
        return None
    if passage is None:
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
        )
    way = _way(passage, point, at)
    for moment, place in way:
        passage = _advance(passage, moment, place, lane)
    hits = passage.hits + 1 if passage.since < at else 1
    seen_in = passage.scanned_hits + (passage.region is Region.SCANNER)
    return replace(passage, hits=hits, scanned_hits=seen_in, hidden=())


def _way(passage: Passage, point: Point, at: float) -> list[tuple[float, Point]]:
    """Instants and places from the last sighting to this one: through the hand's way if it went with the hand."""
    stayed = hypot(point[0] - passage.point[0], point[1] - passage.point[1]) < 0.05
    between = [] if stayed else [corner for corner in passage.hidden if passage.at < corner[0] < at]
    way = []
    t0, (x0, y0) = passage.at, passage.point
    for t1, (x1, y1) in [*between, (at, point)]:
        steps = max(1, round(max(abs(x1 - x0), abs(y1 - y0)) / STEP_N))
        shares = [(k + 1) / steps for k in range(steps)]
        way += [(t0 + s * (t1 - t0), (x0 + s * (x1 - x0), y0 + s * (y1 - y0))) for s in shares]
        t0, x0, y0 = t1, x1, y1
    return way


def _advance(passage: Passage, at: float, point: Point, lane: LaneGeometry) -> Passage:
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


def _region(lane: LaneGeometry, axis: Point | None, point: Point) -> Region:
    """Where only the scanner is drawn, whatever leaves it other than where it came from has gone on."""
    if lane.axis is not None or axis is None:
        return lane.region(point)
    region = lane.along(axis).region(point)
    return Region.AFTER if region is Region.AROUND else region


def _settle(
    passage: Passage, track: Track, at: float, lane: LaneGeometry, young_mean: float
) -> tuple[Passage, VisualEventDraft | None]:
    """An item that has been on one side for a moment is at home there; how it came there is the event."""
    if passage.region not in (Region.BEFORE, Region.AFTER):
        return passage, None
    if passage.hits < SETTLED_HITS or at - passage.since < SETTLED_S:
        return passage, None
    kind = crossing(passage.home, passage.region, passage.path, passage.entered_at, passage.left_at)
    event = _event(kind, passage, track, lane) if kind and is_believed(passage, track, young_mean) else None
    if passage.home is passage.region and passage.path == (passage.region,):
        return replace(passage, rest_votes=track.votes, rest_rival=track.rival), event
    rested = replace(
        passage,
        home=passage.region,
        path=(passage.region,),
        entered_at=None,
        left_at=None,
        scanned_hits=0,
        factor=1.0,
        started_at=at,
        rest_votes=track.votes,
        rest_rival=track.rival,
    )
    return rested, event


def is_believed(passage: Passage, track: Track, young_mean: float) -> bool:
    """Whether what was seen on the way was an item: a bag on the way may have taken over an item's track."""
    votes, rival = track.votes - passage.rest_votes, track.rival - passage.rest_rival
    lay_there = passage.rest_votes >= KNOWN_VOTES and passage.rest_rival <= 0.2 * passage.rest_votes
    if rival > (BAG_SHARE_KNOWN if lay_there else BAG_SHARE) * votes:
        return False
    if _came_from_belt(passage) and (track.votes >= KNOWN_VOTES or track.votes >= young_mean * track.hits):
        return True
    return track.votes >= FRESH_MEAN * track.hits and track.hits >= FRESH_HITS


def _came_from_belt(passage: Passage) -> bool:
    return passage.home is not None or passage.path[0] is Region.BEFORE


def crossing(
    home: Region | None, now: Region, path: Sequence[Region], entered_at: float | None, left_at: float | None
) -> VisualType | None:
    """The event of an item at rest at `now`, at home at `home` before (None: never seen at rest), by way of `path`."""
    dwell_s = left_at - entered_at if entered_at is not None and left_at is not None else None
    scanned = dwell_s is not None
    origin = home or (path[0] if path[0] in (Region.BEFORE, Region.AFTER) and path[0] is not now else None)
    if origin is None:
        fresh = path[0] in (Region.SCANNER, Region.AROUND)
        return VisualType.ITEM_PASS if scanned and now is Region.AFTER and fresh else None
    if origin is now:
        shown = dwell_s is not None and home is not None and dwell_s >= SHOWN_S
        return VisualType.ITEM_PRESENTED if shown else None
    if now is Region.AFTER:
        return VisualType.ITEM_PASS if scanned else VisualType.ITEM_BYPASS
    return VisualType.ITEM_RETURN if scanned else None


def _end(passage: Passage, track: Track, lane: LaneGeometry, young_mean: float) -> VisualEventDraft | None:
    """A track that is over. What a hand took across the scanner and into a bag never reappears: that is a pass too."""
    for moment, place in _carried(passage):
        passage = _advance(passage, moment, place, lane)
    if passage.region is not Region.AFTER or passage.home is Region.AFTER or not _came_from_belt(passage):
        return None
    kind = crossing(passage.home, passage.region, passage.path, passage.entered_at, passage.left_at)
    factor = min(passage.factor, CARRIED if passage.hidden else INFERRED)
    if kind is None or not is_believed(passage, track, young_mean):
        return None
    return _event(kind, replace(passage, factor=factor), track, lane)


def _carried(passage: Passage) -> list[tuple[float, Point]]:
    if not passage.hidden:
        return []
    at, point = passage.hidden[-1]
    return _way(replace(passage, hidden=passage.hidden[:-1]), point, at)


def _join(
    track: Track, live: Sequence[Track], passages: dict[int, Passage], lost: list[tuple[Passage, Track]]
) -> list[tuple[Passage, Track]]:
    """An item that turns up beyond the scanner without a past takes that of one that was lost on its way there.

    Changes `passages` and gives back what is still lost: what has been joined must not cross a second time.
    """
    new = passages[track.id]
    if new.home is not None or new.path != (Region.AFTER,):
        return lost
    away = [(passages[t.id], t) for t in live if t.hidden and t.confirmed and t.id in passages] + lost
    likely = [pair for pair in away if _is_on_its_way(pair[0]) and _resembles(pair[1], track)]
    if not likely:
        return lost
    past, old = max(likely, key=lambda pair: pair[1].seen_at)
    passages[track.id] = _inherited(past, new)
    if old.id in passages:
        passages[old.id] = replace(past, home=Region.AFTER, path=(Region.AFTER,), entered_at=None, left_at=None)
    return [pair for pair in lost if pair[1].id != old.id]


def _inherited(past: Passage, new: Passage) -> Passage:
    """The new track's place with the old one's way to it."""
    path = past.path if past.path[-1] is Region.AFTER else (*past.path, Region.AFTER)
    left = past.left_at if past.left_at is not None else new.started_at
    return replace(
        new,
        path=path,
        home=past.home,
        entered_at=past.entered_at,
        left_at=left,
        axis=past.axis,
        scanned_hits=past.scanned_hits,
        factor=JOINED,
    )


def _is_on_its_way(passage: Passage) -> bool:
    return passage.home is not Region.AFTER and passage.entered_at is not None


def _resembles(old: Track, new: Track) -> bool:
    if old.seen_at > new.first_at or new.first_at - old.seen_at > JOIN_S:
        return False
    ratio = new.box.area / max(old.box.area, 1e-6)
    if not 0.4 < ratio < 2.5:
        return False
    if old.colour is None or new.colour is None:
        return True
    return (
        hypot(0.5 * (old.colour[0] - new.colour[0]), old.colour[1] - new.colour[1], old.colour[2] - new.colour[2]) < 20
    )


def _event(kind: VisualType, passage: Passage, track: Track, lane: LaneGeometry) -> VisualEventDraft:
    """For a pass the instant is that of leaving the scanner; else that of coming to the new side."""
    over_scanner = passage.entered_at is not None and passage.left_at is not None
    at = passage.left_at if over_scanner and passage.left_at is not None else passage.since
    factor = passage.factor
    if over_scanner and passage.scanned_hits == 0:
        factor = min(factor, INFERRED)
    if passage.home is None and passage.path[0] is not Region.BEFORE:
        factor = min(factor, FROM_ABOVE)
    return VisualEventDraft(
        kind,
        at,
        round((1 - track.doubt**0.5) * factor, 4),
        track.key,
        tuple(step.value for step in passage.path),
        track.name or Label.ITEM.value,
        _attributes(passage, track, lane, inferred=factor <= INFERRED),
    )


def _attributes(passage: Passage, track: Track, lane: LaneGeometry, *, inferred: bool) -> dict[str, object]:
    """`inferred`: the crossing itself was not seen."""
    axis = passage.axis or lane.axis
    attributes: dict[str, object] = {
        "inferred": inferred,
        "area_n": round(track.box.area, 5),
        "first_seen_at": track.first_at,
    }
    if track.colour is not None:
        attributes["colour"] = [round(part, 1) for part in track.colour]
    if axis is not None:
        attributes["direction"] = [round(part, 3) for part in axis]
    if passage.entered_at is not None and passage.left_at is not None:
        attributes |= {
            "entered_at": passage.entered_at,
            "left_at": passage.left_at,
            "dwell_s": round(passage.left_at - passage.entered_at, 3),
        }
    return attributes
