"""Which detections are the same object, over time and behind hands. A step is a pure function of its arguments.

Two kinds of thing are followed. Items get identities, because an identity carries the evidence of a crossing. Hands
get just enough memory to say where an item went that a hand has covered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import exp, hypot, inf, log

from vision.domain.hands import Hand, hands_step
from vision.domain.types import Box, Detection, Label

Point = tuple[float, float]
Lab = tuple[float, float, float]
CLEAR = 0.05
KNOWN_HITS = 5
"""So many clear sightings tell a thing's colour well enough to tell it from others."""
CLEAR_MEMORY = 15
"""Sightings that the mean look remembers."""
_Item = tuple[Detection, bool]
"""A sighting of an item, and whether no hand lies over it."""
STILL = 0.02
"""Image widths a second; slower things lie."""
TRAIL = 15
"""Places of a carried thing that are remembered: those of a second or more."""
HIDDEN_S = 0.3
"""Detectors blink: what they lost in a picture at rest comes back in one of the next."""


@dataclass(frozen=True)
class TrackerConfig:
    """Lengths in image widths, times in seconds."""

    reach_n_s: float = 0.9
    """How fast an item may depart from where it was expected."""
    reach_cap_s: float = 0.6
    grip_slack_n: float = 0.12
    lost_slack_n: float = 0.1
    confirm_hits: int = 3
    hidden_cost: float = 0.6
    """What is in view is believed to be where it was before what is out of sight is believed to be back."""
    hidden_cost_s: float = 0.3
    """And what has just been covered before what went into a bag a second ago."""
    birth_confidence: float = 0.3
    """Fainter sightings continue a track and never begin one."""
    faint_s: float = 0.9
    """Nor do they bring back what has been out of sight for longer."""
    tentative_s: float = 0.35
    hidden_s: float = 1.5
    still_s: float = 4.0
    """An item that lay still before it was lost may come back for so long: detectors blink."""
    carried_s: float = 2.0
    """How long a hand may cover what it carries."""
    colour_far: float = 45.0
    """Lab distance at which two things are surely different."""
    hidden_colour_far: float = 28.0
    """The same for what has been out of sight."""
    velocity_tau_s: float = 0.15


@dataclass(frozen=True)
class Track:
    """`doubt`: product of (1 - confidence) over the hits, so 1 - doubt grows with every sighting."""

    id: int
    box: Box
    first_at: float
    seen_at: float
    velocity: Point = (0.0, 0.0)
    hits: int = 1
    doubt: float = 1.0
    votes: float = 0.0
    """Sum of the confidences."""
    best: float = 0.0
    last: float = 0.0
    """Confidence of the newest sighting."""
    rival: float = 0.0
    """Sum of the confidences with which it was taken for a bag."""
    colour: Lab | None = None
    clear_hits: int = 0
    """Sightings without a hand over it, and how it looked in them: a hand lends its own colour and size."""
    clear_colour: Lab | None = None
    clear_area: float = 0.0
    names: dict[str, float] = field(default_factory=dict)
    place: Point = (0.0, 0.0)
    """Where it is believed to be now: seen there, or carried there by a hand."""
    hidden: bool = False
    carrier: int = 0
    grip: Point = (0.0, 0.0)
    """From the carrier's tip to the item's centre."""
    trail: tuple[Point, ...] = ()
    """Where the carrier has been with it: it may have been left at any of these places."""
    confirmed: bool = False

    @property
    def name(self) -> str:
        return max(self.names, key=lambda name: self.names[name]) if self.names else ""

    @property
    def speed(self) -> float:
        return hypot(*self.velocity)

    @property
    def key(self) -> str:
        return f"{round(self.first_at * 1000):x}-{self.id}"


@dataclass(frozen=True)
class TrackerState:
    tracks: tuple[Track, ...] = ()
    hands: tuple[Hand, ...] = ()
    next_id: int = 1
    at: float = 0.0


@dataclass(frozen=True)
class Tracked:
    """One step's outcome: every live track, and those that ended in it."""

    live: tuple[Track, ...]
    ended: tuple[Track, ...]


def tracker_step(
    state: TrackerState, detections: Sequence[Detection], at: float, aspect: float, config: TrackerConfig
) -> tuple[TrackerState, Tracked]:
    """`detections` of one frame, `at` its instant, `aspect` height / width of the picture in pixels."""
    items = [found for found in detections if found.label is Label.ITEM]
    boxes = [found.box for found in detections if found.label is Label.HAND]
    hands, next_id = hands_step(state.hands, boxes, at, state.next_id)
    expected = [_expect(track, at, hands, config) for track in state.tracks]
    plain = [_is_plain(found, boxes) for found in items]
    pairs = _pair_twice(expected, list(zip(items, plain, strict=True)), at, aspect, config)
    seen = {i: _seen(expected[i], items[j], at, config, plain=plain[j]) for i, j in pairs}
    taken = {j for _, j in pairs}
    live, ended = list[Track](), list[Track]()
    for i, track in enumerate(expected):
        now = seen.get(i) or _unseen(track, hands)
        (live if i in seen or _may_return(now, at, config) else ended).append(now)
    for j, found in enumerate(items):
        sure = found.confidence >= config.birth_confidence
        if sure and j not in taken and not _is_double(found, [items[k] for k in taken]):
            live.append(_born(next_id, found, at))
            next_id += 1
    confirmed_ended = tuple(track for track in ended if track.confirmed)
    return TrackerState(tuple(live), hands, next_id, at), Tracked(tuple(live), confirmed_ended)


def tracker_rest(state: TrackerState, at: float) -> TrackerState:
    """Nothing moved since the last step: what was in view then is in view now."""
    rested = at - state.at
    tracks = tuple(
        track if track.hidden else replace(track, seen_at=track.seen_at + rested, velocity=(0.0, 0.0))
        for track in state.tracks
    )
    return replace(
        state, tracks=tracks, hands=tuple(replace(h, seen_at=h.seen_at + rested) for h in state.hands), at=at
    )


def patience_s(state: TrackerState) -> float:
    """For how long a picture that does not change need not be looked at: not at all while something moves, for a
    moment while something that lay still is out of sight."""
    if state.hands or any(not track.confirmed or track.speed > STILL for track in state.tracks):
        return 0.0
    return HIDDEN_S if any(track.hidden for track in state.tracks) else inf


def _born(number: int, found: Detection, at: float) -> Track:
    names = {found.name: found.confidence} if found.name else {}
    return Track(
        number,
        found.box,
        at,
        at,
        doubt=1 - found.confidence,
        votes=found.confidence,
        best=found.confidence,
        last=found.confidence,
        rival=found.rival,
        colour=found.colour,
        names=names,
        place=found.box.centre,
    )


def _expect(track: Track, at: float, hands: Sequence[Hand], config: TrackerConfig) -> Track:
    """The track with `place` where it should be at `at` if it moves on, or goes with the hand that covers it."""
    if track.carrier:
        hand = next((hand for hand in hands if hand.id == track.carrier), None)
        if hand is None:
            return track
        return replace(track, place=(hand.tip[0] + track.grip[0], hand.tip[1] + track.grip[1]))
    ahead = min(at - track.seen_at, config.reach_cap_s)
    (x, y), (vx, vy) = track.box.centre, track.velocity
    return replace(track, place=(x + vx * ahead, y + vy * ahead))


def _pair_twice(
    tracks: Sequence[Track], items: Sequence[_Item], at: float, aspect: float, config: TrackerConfig
) -> list[tuple[int, int]]:
    """Sure sightings first, then faint ones for the tracks still without (as ByteTrack): they prolong, never begin."""
    sure = [j for j, (found, _) in enumerate(items) if found.confidence >= config.birth_confidence]
    pairs = [(i, sure[k]) for i, k in _pair(tracks, [items[j] for j in sure], at, aspect, config)]
    paired = {i for i, _ in pairs}
    left = [
        i
        for i, track in enumerate(tracks)
        if track.confirmed and i not in paired and at - track.seen_at <= config.faint_s
    ]
    faint = [j for j in range(len(items)) if j not in sure]
    again = _pair([tracks[i] for i in left], [items[j] for j in faint], at, aspect, config)
    return pairs + [(left[i], faint[j]) for i, j in again]


def _pair(
    tracks: Sequence[Track], items: Sequence[_Item], at: float, aspect: float, config: TrackerConfig
) -> list[tuple[int, int]]:
    """Greedy by cost: the lanes hold a dozen things at most, and close calls are settled by colour and size."""
    costs = []
    for i, track in enumerate(tracks):
        for j, (found, plain) in enumerate(items):
            cost = _cost(track, found, at, aspect, config, plain=plain)
            if cost is not None:
                costs.append((cost, i, j))
    pairs: list[tuple[int, int]] = []
    used_i: set[int] = set()
    used_j: set[int] = set()
    for _, i, j in sorted(costs):
        if i not in used_i and j not in used_j:
            used_i.add(i)
            used_j.add(j)
            pairs.append((i, j))
    return pairs


def _cost(
    track: Track, found: Detection, at: float, aspect: float, config: TrackerConfig, *, plain: bool
) -> float | None:
    """None where the two cannot be the same. A covered item may be with the hand or still where it lay."""
    away_s = at - track.seen_at
    size = hypot(found.box.width + track.box.width, (found.box.height + track.box.height) * aspect) / 2
    nearness = min(_places(track, away_s, size, found.box.centre, aspect, config))
    if nearness > 1:
        return None
    hidden = away_s > config.tentative_s
    known = plain and track.clear_hits >= KNOWN_HITS
    look = track.clear_colour if known else track.colour
    off = unlike(look, found.colour) / (config.hidden_colour_far if hidden or known else config.colour_far)
    if off > 1 and (hidden or known):
        return None
    resized = abs(log(max(found.box.area, 1e-6) / max(track.box.area, 1e-6)))
    overlap = track.box.moved(track.place[0] - track.box.centre[0], track.place[1] - track.box.centre[1]).iou(found.box)
    out_of_sight = config.hidden_cost + config.hidden_cost_s * min(away_s, config.carried_s) if track.hidden else 0.0
    cost = nearness - 0.5 * overlap + 0.5 * min(off, 1) + 0.15 * resized + out_of_sight
    return cost + (0.3 if not track.confirmed else 0.0)


def _places(
    track: Track, away_s: float, size: float, point: Point, aspect: float, config: TrackerConfig
) -> list[float]:
    """How far `point` is from each place where the track may be, as a share of how far off it may be there.

    In view it may have been snatched away at full reach. Out of view it is with the hand that covers it, or has been
    left where it lay, or has gone on as it went.
    """

    def share(place: Point, gate: float) -> float:
        return hypot(place[0] - point[0], (place[1] - point[1]) * aspect) / gate

    if track.carrier:
        left = min(share(place, 0.5 * size) for place in (track.box.centre, *track.trail))
        return [share(track.place, 0.6 * size + config.grip_slack_n), left]
    reach = config.reach_n_s * min(away_s, config.reach_cap_s)
    if away_s > config.tentative_s:
        reach = min(reach, config.lost_slack_n + track.speed * away_s)
    return [share(track.place, 0.6 * size + reach)]


def unlike(one: Lab | None, other: Lab | None) -> float:
    """Lightness counts half: hands shade what they carry."""
    if one is None or other is None:
        return 0.0
    return hypot(0.5 * (one[0] - other[0]), one[1] - other[1], one[2] - other[2])


def _seen(track: Track, found: Detection, at: float, config: TrackerConfig, *, plain: bool) -> Track:
    elapsed = max(at - track.seen_at, 1e-3)
    (x, y), (old_x, old_y) = found.box.centre, track.box.centre
    share = 1 - exp(-elapsed / config.velocity_tau_s)
    vx, vy = track.velocity
    velocity = (vx + share * ((x - old_x) / elapsed - vx), vy + share * ((y - old_y) / elapsed - vy))
    names = dict(track.names)
    if found.name:
        names[found.name] = names.get(found.name, 0.0) + found.confidence
    hits = track.hits + 1
    seen = replace(
        track,
        box=found.box,
        place=(x, y),
        seen_at=at,
        velocity=velocity,
        hits=hits,
        names=names,
        hidden=False,
        carrier=0,
        trail=(),
        doubt=track.doubt * (1 - found.confidence),
        colour=_blend(track.colour, found.colour),
        confirmed=track.confirmed or hits >= config.confirm_hits,
        votes=track.votes + found.confidence,
        best=max(track.best, found.confidence),
        last=found.confidence,
        rival=track.rival + found.rival,
    )
    return _looked(seen, found) if plain else seen


def _is_plain(found: Detection, hands: Sequence[Box]) -> bool:
    """No hand lies over it."""
    return not any(found.box.shared(hand) > CLEAR * found.box.area for hand in hands)


def _looked(track: Track, found: Detection) -> Track:
    """Running means over the sightings in which no hand lies over the item."""
    if found.colour is None:
        return track
    n = min(track.clear_hits + 1, CLEAR_MEMORY)
    old = track.clear_colour or found.colour
    colour = tuple(a + (b - a) / n for a, b in zip(old, found.colour, strict=True))
    area = track.clear_area + (found.box.area - track.clear_area) / n
    return replace(track, clear_hits=n, clear_colour=(colour[0], colour[1], colour[2]), clear_area=area)


def _blend(old: Lab | None, new: Lab | None) -> Lab | None:
    if old is None or new is None:
        return old or new
    return (old[0] + 0.2 * (new[0] - old[0]), old[1] + 0.2 * (new[1] - old[1]), old[2] + 0.2 * (new[2] - old[2]))


def _unseen(track: Track, hands: Sequence[Hand]) -> Track:
    """Hidden from the first frame without it; a hand over its last place is believed to carry it."""
    if any(hand.id == track.carrier for hand in hands):
        return replace(track, trail=(*track.trail, track.place)[-TRAIL:])
    box = track.box.moved(track.place[0] - track.box.centre[0], track.place[1] - track.box.centre[1])
    over = [(box.covered_by(hand.box), hand) for hand in hands]
    share, hand = max(over, key=lambda pair: pair[0], default=(0.0, None))
    if hand is None or share < 0.25:
        return replace(track, hidden=True)
    x, y = track.place  # of the hand that let go of it, where there was one before
    return replace(track, hidden=True, carrier=hand.id, grip=(x - hand.tip[0], y - hand.tip[1]))


def _may_return(track: Track, at: float, config: TrackerConfig) -> bool:
    away_s = at - track.seen_at
    if not track.confirmed:
        return away_s <= config.tentative_s
    if _has_left_picture(track):
        return away_s <= config.tentative_s
    if track.carrier:
        return away_s <= config.carried_s
    return away_s <= (config.still_s if track.speed < 0.03 else config.hidden_s)


def _has_left_picture(track: Track) -> bool:
    """At a border and moving out of it."""
    box, (vx, vy) = track.box, track.velocity
    return (
        (box.x1 < 0.01 and vx < -0.05)
        or (box.x2 > 0.99 and vx > 0.05)
        or (box.y1 < 0.01 and vy < -0.05)
        or (box.y2 > 0.99 and vy > 0.05)
    )


def _is_double(found: Detection, others: Sequence[Detection]) -> bool:
    """A second box on a thing that has one."""
    return any(found.box.iou(other.box) > 0.6 or found.box.covered_by(other.box) > 0.85 for other in others)
