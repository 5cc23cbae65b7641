"""Goods taken from a shelf and put there: where its look has changed for good, and what the detector saw stand there.

The look of a place tells that something happened (vision/pipeline/shelf_looks.py), whatever the goods are; hands and
shoppers have left it by then, or it is not known yet. What was taken and what was put is told by the items that the
detector saw there before and after; of goods that it does not know, by the outline: who is gone has left none.

How sure an event is (`confidence`): the chance that one of two witnesses is right, the detector with the mean
confidence of its sightings of the item where it stood, and the outline with OUTLINE times how one-sided it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from vision.domain.shelf_paths import SEEN_S, Path, Stay, came_at, left_at, paths_step
from vision.domain.tracker import Track
from vision.domain.types import Box, Label, VisualEventDraft, VisualType

OUTLINE = 0.8
"""How often a one-sided outline is right: print, a patch of sun and a shadow have outlines too."""
LEAST_OUTLINE = 0.3
LEAST_HITS = 3
STOOD_BEFORE_S = 5.0
"""What the detector saw there so long before the change stood there; it need not see it in every picture."""
SAME_IOU = 0.4
PART = 0.6
EXPLAINED, WHOLE = 0.5, 0.25
"""Share of a change that items must cover to be what changed, all of them and each: a neck or a lid is but a part."""


@dataclass(frozen=True)
class Change:
    """A place in a shelf zone that looks different for good, with nobody over it.

    `outline`: 1 where only the old look has an outline there, -1 where only the new one has. `lit`: it may be
    the same thing in another light. `began_at`: when a first part of the old look went, maybe behind a hand; `left_at`:
    when most of it had gone; `came_at`: since when most of the new one has been there.
    """

    zone: int
    box: Box
    outline: float
    lit: bool
    began_at: float
    left_at: float
    came_at: float


@dataclass(frozen=True)
class Shelf:
    """Items near the shelf zones, and how many events were said: each gets a name of its own."""

    paths: tuple[Path, ...] = ()
    said: int = 0


@dataclass(frozen=True)
class _Move:
    """`path`: of the item, where the detector knows it."""

    kind: VisualType
    at: float
    confidence: float
    change: Change
    path: Path | None = None
    place: Box | None = None


def shelf_step(
    state: Shelf,
    areas: Mapping[int, Box],
    changes: Sequence[Change],
    tracks: Sequence[Track],
    at: float,
    aspect: float,
) -> tuple[Shelf, list[VisualEventDraft]]:
    """`areas`: for the number of each shelf zone the part of the picture it takes; `aspect`: its height / width."""
    paths = paths_step(state.paths, tracks, list(areas.values()), at)
    moves = [move for change in changes for move in _moves(change, paths, areas[change.zone], at, aspect)]
    events = [_event(move, state.said + number) for number, move in enumerate(moves)]
    for move in moves:
        if move.kind is VisualType.ZONE_LEAVE:
            paths = tuple(left for path in paths if (left := _without(path, move, at)).stays)
    return Shelf(paths, state.said + len(events)), events


def _without(path: Path, leave: _Move, at: float) -> Path:
    """What has been said to have left stood there no more, nor did its parts."""
    if leave.path and path.track == leave.path.track:
        return path.since(leave.at)
    if at - path.last.until <= SEEN_S:
        return path
    return replace(path, stays=tuple(stay for stay in path.stays if not _is_at(stay, leave.change.box)))


def _moves(change: Change, paths: Sequence[Path], area: Box, at: float, aspect: float) -> list[_Move]:
    before = {path.track: number for path in paths if (number := _stood(path, change)) is not None}
    stood = [path.stand(before[path.track]) for path in paths if path.track in before]
    standing = [path for path in paths if at - path.last.until <= SEEN_S and path.stand().hits >= LEAST_HITS]
    after = [path for path in standing if _is_at(path.last, change.box)]
    gone = [path for path in paths if path.track in before and not _is_here(path.stays[before[path.track]], after)]
    gone = [path for path in gone if path not in standing or path.last.box.covered_by(area) < PART]
    come = [path for path in after if not _was_there(path, change, area, stood)]
    lost, won = [path.stand(before[path.track]) for path in gone], [path.stand() for path in come]
    taken = [path for path, stay in zip(gone, lost, strict=True) if _share(change, stay) >= WHOLE]
    placed = [path for path, stay in zip(come, won, strict=True) if _share(change, stay) >= WHOLE]
    if _explain(change, lost) or _explain(change, won):
        leaves = [_taken(change, path, before[path.track]) for path in taken]
        return leaves + [_put(change, path, aspect) for path in placed]
    if stood and _explain(change, [path.last for path in after]):
        return []  # it was turned, or lit
    return _unknown(change, sum(stay.sure for stay in lost) - sum(stay.sure for stay in won))


def _explain(change: Change, stays: Sequence[Stay]) -> bool:
    """Whether these items are what changed."""
    return sum(share for stay in stays if (share := _share(change, stay)) >= WHOLE) >= EXPLAINED


def _share(change: Change, stay: Stay) -> float:
    return change.box.covered_by(stay.box)


def _stood(path: Path, change: Change) -> int | None:
    """Number of the stay in which the item stood where the change is, before it began."""
    for number in range(path.stay_at(change.began_at), -1, -1):
        stand = path.stand(number)
        if stand.until < change.began_at - STOOD_BEFORE_S:
            return None
        if _is_at(stand, change.box) and stand.hits >= LEAST_HITS and stand.until - stand.since >= SEEN_S:
            return number
    return None


def _is_at(stay: Stay, place: Box) -> bool:
    return stay.box.iou(place) >= SAME_IOU or stay.box.covered_by(place) >= PART


def _is_here(stay: Stay, after: Sequence[Path]) -> bool:
    """The item is there still, maybe under another track's name."""
    return any(path.last.box.iou(stay.box) >= SAME_IOU for path in after)


def _was_there(path: Path, change: Change, area: Box, stood: Sequence[Stay]) -> bool:
    """It stood in this zone before, here or aside of it, under its own name or another's."""
    if any(path.last.box.iou(stay.box) >= SAME_IOU for stay in stood):
        return True
    first = path.stay_at(change.began_at)
    earlier = path.stays[: first + 1]
    return any(s.hits >= LEAST_HITS and s.until - s.since > SEEN_S and s.box.covered_by(area) >= PART for s in earlier)


def _taken(change: Change, path: Path, number: int) -> _Move:
    stay = path.stays[number]
    sure = _sure(path.stand(number).sure, change.outline)
    return _Move(VisualType.ZONE_LEAVE, left_at(path, number, change.left_at), sure, change, path, stay.box)


def _put(change: Change, path: Path, aspect: float) -> _Move:
    sure = _sure(path.stand().sure, -change.outline)
    return _Move(VisualType.ZONE_ENTER, came_at(path, change.came_at, aspect), sure, change, path, path.last.box)


def _unknown(change: Change, leaning: float) -> list[_Move]:
    """Of goods that the detector does not know. `leaning`: what it saw parts of before, less what it does now."""
    outline = change.outline
    if change.lit or abs(outline) < LEAST_OUTLINE:
        return []
    agreed = min(abs(leaning), 1.0) if leaning * outline > 0 else 0.0
    sure = _sure(agreed, abs(outline))
    if outline > 0:
        return [_Move(VisualType.ZONE_LEAVE, change.left_at, sure, change)]
    return [_Move(VisualType.ZONE_ENTER, change.came_at, sure, change)]


def _sure(seen: float, outline: float) -> float:
    return 1 - (1 - seen) * (1 - OUTLINE * max(outline, 0.0))


def _event(move: _Move, number: int) -> VisualEventDraft:
    path, box = move.path, move.place or move.change.box
    x, y = box.centre
    attributes = {
        "position": move.change.zone,
        "x_n": round(x, 4),
        "y_n": round(y, 4),
        "area_n": round(box.area, 5),
        "seen_by": "detector" if path else "look",
        "outline": round(move.change.outline, 3),
    }
    track = path.key if path else f"{round(move.at * 1000):x}-s{number}"
    label = path.name if path else Label.ITEM.value
    return VisualEventDraft(move.kind, move.at, round(move.confidence, 4), track, ("shelf",), label, attributes)
