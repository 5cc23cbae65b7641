"""Items that turn up beyond the scanner without a past, and those that went out of sight on their way there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vision.domain.geometry import LaneGeometry, Region
from vision.domain.passage import Passage, along, carried
from vision.domain.tracker import Track, unlike
from vision.domain.types import Box

JOIN_S = 3.0
"""So long after it was last seen an item may turn up again."""
BESIDE_S = 1.5
"""Two that went in one hand are let go of within this time."""
JOINED = 0.8
"""How sure a crossing is of which only both ends were seen."""
GROWN = 2.0
"""How much boxes are enlarged to tell whether they lie beside each other."""
ALIKE_LAB, ALIKE_AREA = 20.0, 2.5


@dataclass(frozen=True)
class Passed:
    """A pass that has been said: when, and where the item was when it was said."""

    at: float
    box: Box
    entered_at: float | None = None


def join(
    track: Track,
    live: Sequence[Track],
    passages: dict[int, Passage],
    lost: list[tuple[Passage, Track]],
    passed: Sequence[Passed],
    lane: LaneGeometry,
) -> list[tuple[Passage, Track]]:
    """An item that turns up beyond the scanner without a past takes that of one that was lost on its way there.

    Changes `passages` and gives back what is still lost: what has been joined must not cross a second time.
    """
    new = passages[track.id]
    if new.home is not None or new.path != (Region.AFTER,):
        return lost
    away = [(passages[t.id], t) for t in live if t.hidden and t.confirmed and t.id in passages] + lost
    alike = [pair for pair in away if pair[0].home is not Region.AFTER and _resembles(pair[1], track)]
    likely = [pair for pair in alike if _is_on_its_way(pair[0], lane)]
    beside = _beside(track, passed)
    if not likely and beside is not None:
        likely = [(_taken_along(past, beside), old) for past, old in alike]
    if not likely:
        return lost
    past, old = max(likely, key=lambda pair: pair[1].seen_at)
    passages[track.id] = _inherited(along(past, carried(past, new.point), lane), new)
    if old.id in passages:
        passages[old.id] = replace(past, home=Region.AFTER, path=(Region.AFTER,), entered_at=None, left_at=None)
    return [pair for pair in lost if pair[1].id != old.id]


def _beside(track: Track, passed: Sequence[Passed]) -> Passed | None:
    """What has just crossed the scanner and come to lie beside this."""
    return next(
        (
            other
            for other in passed
            if other.entered_at is not None
            and abs(track.first_at - other.at) < BESIDE_S
            and other.box.grown(GROWN).shared(track.box.grown(GROWN)) > 0
        ),
        None,
    )


def _taken_along(past: Passage, beside: Passed) -> Passage:
    """Two in one hand: what was covered all the way has crossed with what was seen."""
    return replace(past, path=(*past.path, Region.SCANNER), entered_at=beside.entered_at, left_at=beside.at, hidden=())


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
        scanned_votes=past.scanned_votes,
        base_votes=new.rest_votes - (past.rest_votes - past.base_votes),
        base_hits=new.rest_hits - (past.rest_hits - past.base_hits),
        factor=JOINED,
    )


def _is_on_its_way(passage: Passage, lane: LaneGeometry) -> bool:
    """Over the scanner, around it, or with a hand that has been beyond it."""
    reached = passage.entered_at is not None or passage.region is Region.AROUND
    return reached or any(lane.region(place) is Region.AFTER for _, place in passage.hidden)


def _resembles(old: Track, new: Track) -> bool:
    """In colour and size as seen without a hand, where they have been seen so."""
    if old.seen_at > new.first_at or new.first_at - old.seen_at > JOIN_S:
        return False
    ratio = (new.clear_area or new.box.area) / max(old.clear_area or old.box.area, 1e-6)
    if not 1 / ALIKE_AREA < ratio < ALIKE_AREA:
        return False
    return unlike(old.clear_colour or old.colour, new.clear_colour or new.colour) < ALIKE_LAB
