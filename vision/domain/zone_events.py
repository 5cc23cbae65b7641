"""From where things are to what happened: passes, bypasses, returns, and things shown and taken back.

A crossing is decided by what was seen of an item over time: where it was at home, whether it was in the scanner zone,
and where it came to rest. A step is a pure function; what it remembers of each item is a Passage.

How sure an event is (`confidence`): with a calibrated detector the probability that goods crossed
(vision/domain/belief.py). Otherwise the chance that the thing was an item at all, 1 - prod(1 - c) ** 0.5 over the
confidences c of its sightings (half weight, as neighbouring frames err together), times how completely its way was
seen: 1 when seen before, in and after the scanner; FROM_ABOVE when first seen over the scanner; JOINED when its parts
were put together from two tracks; INFERRED when it crossed unseen; CARRIED when it never reappeared from the hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vision.domain.belief import Belief, Evidence
from vision.domain.geometry import LaneGeometry, Region
from vision.domain.joining import JOIN_S, JOINED, Passed, join
from vision.domain.passage import Passage, advance, carried, follow
from vision.domain.tracker import Track, Tracked
from vision.domain.types import Box, Label, VisualEventDraft, VisualType

FROM_ABOVE, INFERRED, CARRIED = 0.9, 0.7, 0.6
SETTLED_S = 0.12
SETTLED_HITS = 2
SHOWN_S = 0.25
TWIN_S = 0.4
BAG_SHARE, BAG_SHARE_KNOWN = 0.12, 2.5
"""How many votes for a shopper's bag the votes for an item on its way may carry; more where it lay there as an item
before: gripped goods look like bags, and only a bag that has taken over an item's track is called one throughout."""
KNOWN_VOTES = 8.0
FRESH_MEAN = 0.5
FRESH_HITS = 5
"""What was never seen on the belt must at least be seen well: receipts and fingers turn up over the scanner too."""
RETURN_HITS = 3
"""What goes back must be seen over the scanner: a hand that puts one item into a bag and fetches the next seems to
carry the first one back."""
LEAST_BELIEF = 0.35
"""What is less probable than this is not said at all."""
JUDGED = (VisualType.ITEM_PASS, VisualType.ITEM_BYPASS)
CLEAR_HITS = 3
"""Sightings without a hand that tell a thing's look; with fewer it is what was seen last."""


@dataclass(frozen=True)
class ZoneState:
    """`passages` of live tracks; `lost`: passages that ended on their way, with the track's last look, for joining."""

    passages: tuple[Passage, ...] = ()
    lost: tuple[tuple[Passage, Track], ...] = ()
    passed: tuple[Passed, ...] = ()
    """The last passes."""


@dataclass(frozen=True)
class _Candidate:
    """A crossing before it is believed. `by_rule`: whether the rules for detectors without a calibration do."""

    event: VisualEventDraft
    evidence: Evidence
    by_rule: bool
    box: Box
    entered_at: float | None

    @property
    def inferred(self) -> bool:
        return bool(self.event.attributes["inferred"])


def zone_step(
    state: ZoneState,
    tracked: Tracked,
    at: float,
    lane: LaneGeometry,
    young_mean: float = 0.0,
    belief: Belief | None = None,
) -> tuple[ZoneState, list[VisualEventDraft]]:
    """`tracked`: the tracker's outcome for the frame at `at`. `belief`: the detector's calibration, if it has one.

    `young_mean`: mean confidence that a track needs which began but a moment before it crossed. A model with a class
    for goods is sure of most goods, so a young and faint track is a part of one or a hand; others are never sure.
    """
    known = {passage.track: passage for passage in state.passages}
    ended = [(known[track.id], track) for track in tracked.ended if track.id in known]
    lost = [pair for pair in state.lost if at - pair[1].seen_at <= JOIN_S] + ended
    followed = ((track, follow(known.get(track.id), track, at, lane)) for track in tracked.live)
    passages = {track.id: passage for track, passage in followed if passage is not None}
    found = [one for passage, track in ended if (one := _end(passage, track, lane, young_mean))]
    for track in tracked.live:
        if track.id in passages and track.confirmed and not track.hidden:
            lost = join(track, tracked.live, passages, lost, state.passed, lane)
            passages[track.id], one = _settle(passages[track.id], track, at, lane, young_mean)
            found += [one] if one else []
    events, passed = _believed(found, state.passed, belief)
    said = {event.track for event in events}
    lost = [pair for pair in lost if pair[1].key not in said]
    recent = tuple(one for one in passed if at - one.at < 2 * JOIN_S)
    return ZoneState(tuple(passages.values()), tuple(lost), recent), events


def _believed(
    found: Sequence[_Candidate], passed: tuple[Passed, ...], belief: Belief | None
) -> tuple[list[VisualEventDraft], tuple[Passed, ...]]:
    """The events that are said, and all passes so far.

    Where two tracks changed places under a hand, both seem to cross at once, one of them unseen: the surer one first.
    """
    kept = []
    for one in sorted(found, key=lambda one: (one.inferred, -one.evidence.way_mean)):
        event = _said(one, passed, belief)
        if event is None:
            continue
        if event.type is VisualType.ITEM_PASS:
            passed = (*passed, Passed(event.at, one.box, one.entered_at))
        kept.append(event)
    return kept, passed


def _said(one: _Candidate, passed: Sequence[Passed], belief: Belief | None) -> VisualEventDraft | None:
    twin = min(passed, key=lambda other: abs(one.event.at - other.at), default=None)
    twin_s = min(JOIN_S, abs(one.event.at - twin.at)) if twin else JOIN_S
    if belief is None or one.event.type not in JUDGED:
        unseen = one.inferred and not one.evidence.joined
        doubled = unseen and one.event.type is VisualType.ITEM_PASS and twin_s < TWIN_S
        return one.event if one.by_rule and not doubled else None
    overlap = max(one.box.covered_by(twin.box), twin.box.covered_by(one.box)) if twin else 0.0
    seen = replace(one.evidence, twin_s=twin_s, overlap=overlap)
    probability = belief.probability(seen)
    if probability < LEAST_BELIEF:
        return None
    attributes = {**one.event.attributes, "calibrated": True, "evidence": seen.stored()}
    return replace(one.event, confidence=round(probability, 4), attributes=attributes)


def _settle(
    passage: Passage, track: Track, at: float, lane: LaneGeometry, young_mean: float
) -> tuple[Passage, _Candidate | None]:
    """An item that has been on one side for a moment is at home there; how it came there is the event."""
    if passage.region not in (Region.BEFORE, Region.AFTER):
        return passage, None
    if passage.hits < SETTLED_HITS or at - passage.since < SETTLED_S:
        return passage, None
    passage, kind = _judged(passage)
    if kind is VisualType.ITEM_RETURN and passage.scanned_hits < RETURN_HITS:
        kind = None
    found = _candidate(kind, passage, track, lane, young_mean) if kind else None
    at_rest = replace(
        passage,
        rest_votes=track.votes,
        rest_rival=track.rival,
        rest_hits=track.hits,
        way_best=0.0,
        unseen_hits=0,
    )
    if passage.home is passage.region and passage.path == (passage.region,):
        return at_rest, found
    rested = replace(
        at_rest,
        home=passage.region,
        path=(passage.region,),
        entered_at=None,
        left_at=None,
        scanned_hits=0,
        scanned_votes=0.0,
        factor=1.0,
        started_at=at,
    )
    return rested, found


def _judged(passage: Passage) -> tuple[Passage, VisualType | None]:
    passage = _as_seen(passage)
    return passage, crossing(passage.home, passage.region, passage.path, passage.entered_at, passage.left_at)


def _as_seen(passage: Passage) -> Passage:
    """What is only supposed to have been over a corner of the scanner, on a way around it, has not been scanned."""
    if passage.scanned_hits or Region.AROUND not in passage.path:
        return passage
    return replace(passage, entered_at=None, left_at=None)


def is_believed(passage: Passage, track: Track, young_mean: float) -> bool:
    """Whether what was seen on the way was an item: a bag on the way may have taken over an item's track."""
    votes, rival = track.votes - passage.rest_votes, track.rival - passage.rest_rival
    lay_there = (
        passage.rest_votes - passage.base_votes >= KNOWN_VOTES and passage.rest_rival <= 0.2 * passage.rest_votes
    )
    all_votes, all_hits = track.votes - passage.base_votes, track.hits - passage.base_hits
    if rival > (BAG_SHARE_KNOWN if lay_there else BAG_SHARE) * votes:
        return False
    if _came_from_belt(passage) and (all_votes >= KNOWN_VOTES or all_votes >= young_mean * all_hits):
        return True
    return all_votes >= FRESH_MEAN * all_hits and all_hits >= FRESH_HITS


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
        if now is Region.AFTER and scanned and Region.BEFORE in path:
            return VisualType.ITEM_PASS  # it was back on the belt, or another item goes by its name
        shown = dwell_s is not None and home is not None and dwell_s >= SHOWN_S
        return VisualType.ITEM_PRESENTED if shown else None
    if now is Region.AFTER:
        return VisualType.ITEM_PASS if scanned else VisualType.ITEM_BYPASS
    return VisualType.ITEM_RETURN if scanned else None


def _end(passage: Passage, track: Track, lane: LaneGeometry, young_mean: float) -> _Candidate | None:
    """A track that is over. What a hand took across the scanner and into a bag never reappears: that is a pass too."""
    if passage.region is not Region.AFTER:
        passage = _carried_on(passage, lane)
    if passage.region is not Region.AFTER or passage.home is Region.AFTER or not _came_from_belt(passage):
        return None
    passage, kind = _judged(passage)
    factor = min(passage.factor, CARRIED if passage.hidden else INFERRED)
    return _candidate(kind, replace(passage, factor=factor), track, lane, young_mean) if kind else None


def _carried_on(passage: Passage, lane: LaneGeometry) -> Passage:
    """To where the hand went with it: if the hand has come back from beyond the scanner, it has left it there."""
    beyond = passage
    for moment, place in carried(passage):
        passage = advance(passage, moment, place, lane)
        beyond = passage if passage.region is Region.AFTER else beyond
    return beyond if beyond.region is Region.AFTER else passage


def _candidate(kind: VisualType, passage: Passage, track: Track, lane: LaneGeometry, young_mean: float) -> _Candidate:
    event = _event(kind, passage, track, lane)
    votes, hits = track.votes - passage.rest_votes, track.hits - passage.rest_hits
    rest_hits = passage.rest_hits - passage.base_hits
    around = kind is VisualType.ITEM_BYPASS
    over_votes, over_hits = (votes, hits) if around else (passage.scanned_votes, passage.scanned_hits)
    dwell = event.attributes.get("dwell_s", 0.0)
    evidence = Evidence(
        way_mean=votes / hits if hits else 0.0,
        way_best=passage.way_best,
        way_hits=hits,
        unseen_hits=passage.unseen_hits,
        over_mean=over_votes / over_hits if over_hits else 0.0,
        over_hits=over_hits,
        rest_mean=(passage.rest_votes - passage.base_votes) / rest_hits if rest_hits else 0.0,
        rest_hits=rest_hits,
        rival=(track.rival - passage.rest_rival) / (votes + 0.1),
        dwell_s=float(dwell) if isinstance(dwell, float | int) else 0.0,
        steps=len(passage.path),
        around=around,
        fresh=not _came_from_belt(passage),
        joined=passage.factor == JOINED,
        inferred=bool(event.attributes["inferred"]),
        carried=passage.factor == CARRIED,
        twin_s=JOIN_S,
        overlap=0.0,
    )
    return _Candidate(event, evidence, is_believed(passage, track, young_mean), track.box, passage.entered_at)


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
    clear = track.clear_hits >= CLEAR_HITS
    colour = track.clear_colour if clear else track.colour
    attributes: dict[str, object] = {
        "inferred": inferred,
        "area_n": round(track.clear_area if clear else track.box.area, 5),
        "first_seen_at": passage.first_at,
        "clear_hits": track.clear_hits,
    }
    if colour is not None:
        attributes["colour"] = [round(part, 1) for part in colour]
    if axis is not None:
        attributes["direction"] = [round(part, 3) for part in axis]
    if passage.entered_at is not None and passage.left_at is not None:
        attributes |= {
            "entered_at": passage.entered_at,
            "left_at": passage.left_at,
            "dwell_s": round(passage.left_at - passage.entered_at, 3),
        }
    return attributes
