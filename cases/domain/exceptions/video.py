"""What the video answers to a rule: yes, no, or that nobody was looking."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from cases.domain.alignment.incidents.presence import MOVES, customers_at, is_of_customer
from cases.domain.alignment.incidents.scene import Scene
from cases.domain.alignment.params import Params
from cases.domain.alignment.types import Clock, Ready, Sighting
from cases.domain.exceptions.stream import Hearing, Stream
from cases.domain.exceptions.types import WATCH_S, Fact, Rule, VideoCondition, VideoFact

GOODS = {
    VideoFact.GOODS_MOVED: ("item_pass", "item_bypass", "item_return", "item_presented"),
    VideoFact.ITEM_PRESENTED: ("item_presented", "item_return", "item_pass"),
}
"""An item that is carried over the scanner, or taken back over it, has been presented too."""
WORDS = {
    (VideoFact.CUSTOMER_PRESENT, True): "a customer was in the customer's place",
    (VideoFact.CUSTOMER_PRESENT, False): "nobody was in the customer's place",
    (VideoFact.ITEM_PRESENTED, True): "an item was shown at the till",
    (VideoFact.ITEM_PRESENTED, False): "no item was shown at the till",
    (VideoFact.GOODS_MOVED, True): "goods were moved",
    (VideoFact.GOODS_MOVED, False): "no goods were moved",
}
ASKS = {
    VideoFact.CUSTOMER_PRESENT: "whether a customer was there",
    VideoFact.ITEM_PRESENTED: "whether an item was shown",
    VideoFact.GOODS_MOVED: "whether goods were moved",
}


class Answer(Enum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_YET = "not yet"


@dataclass(frozen=True, slots=True)
class Told:
    """`words` of a condition: what was seen, or why that is not known. `end`: so far it asks, common clock."""

    answer: Answer
    words: str
    end: float


def told_of(condition: VideoCondition, stream: Stream, anchor: Fact) -> Told:
    """Whether `condition` holds around `anchor`. What was seen counts even where the video has a gap besides."""
    asks, doubt_s = ASKS[condition.fact], 0.0 if anchor.visual else stream.listening.doubt_s
    if doubt_s is None:
        why = f"{asks}: the clocks of till and camera are not known well enough"
        return Told(Answer.UNKNOWN, why, anchor.at + condition.to_s)
    start, end = anchor.at + condition.from_s - doubt_s, anchor.at + condition.to_s + doubt_s
    seen = _shown(condition.fact, stream, start, end, doubt_s)
    blind = None if seen else _blind(condition.fact, stream, start, end)
    if blind is not None:
        looks = _tells(condition.fact, stream, start, end)
        why = "the camera was not looking" if looks else "no camera of the lane tells of it"
        return Told(blind, f"{asks}: {why}", end)
    return Told(Answer.YES if seen is condition.holds else Answer.NO, WORDS[condition.fact, seen], end)


def _blind(fact: VideoFact, stream: Stream, start: float, end: float) -> Answer | None:
    """Why not having seen it means nothing; None: it means that it was not so."""
    hearing = stream.listening.vision(start, end)
    if hearing is Hearing.NOT_YET and stream.listening.vision_until is not None:
        return Answer.NOT_YET
    return None if hearing is Hearing.HEARD and _tells(fact, stream, start, end) else Answer.UNKNOWN


def _tells(fact: VideoFact, stream: Stream, start: float, end: float) -> bool:
    """Whether any camera tells of such things. Of people only if it did shortly before or after: that a place is mapped
    does not say that anybody looks for people there."""
    if fact is VideoFact.CUSTOMER_PRESENT:
        return any(map(is_of_customer, _moves(stream, start, end)))
    near = stream.between(GOODS[VideoFact.GOODS_MOVED], start - WATCH_S, end + WATCH_S)
    return stream.listening.goods or bool(near)


def _shown(fact: VideoFact, stream: Stream, start: float, end: float, doubt_s: float) -> bool:
    if fact is not VideoFact.CUSTOMER_PRESENT:
        return bool(stream.between(GOODS[fact], start, end))
    moves = _moves(stream, start, end)
    scene = Scene.of(moves, [], [], Clock(sd_s=doubt_s / 2), Ready(), Params())
    came = any(start <= move.at <= end and is_of_customer(move) for move in moves)
    return came or customers_at(scene, start).there


def _moves(stream: Stream, start: float, end: float) -> list[Sighting]:
    return [_sighting(stream.facts[place]) for place in stream.between(tuple(MOVES), start - WATCH_S, end + WATCH_S)]


def _sighting(fact: Fact) -> Sighting:
    """A visual fact as the incidents read it."""
    return Sighting(
        key=fact.key,
        at=fact.at,
        type=fact.type,
        label=str(fact.value("label") or ""),
        track=str(fact.value("track") or ""),
        camera=fact.key.partition("/")[0],
        path=tuple(str(fact.value("path") or fact.value("zone") or "").split()),
    )


def answers_of(rule: Rule, stream: Stream, anchor: Fact) -> list[Told]:
    return [told_of(condition, stream, anchor) for condition in rule.video]
