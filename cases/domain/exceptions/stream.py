"""What both witnesses of one lane said over a stretch, in order of time, and how well each was heard meanwhile."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from cases.domain.alignment.incidents.scene import ITEM_RANK, RANKS
from cases.domain.alignment.types import Gap
from cases.domain.exceptions.types import Fact

PATIENCE_S = 120.0
"""Who has said nothing for so long after a span has nothing to say about it: a closed till, a camera that hangs."""


class Hearing(Enum):
    """How well a witness was heard over a span."""

    HEARD = "heard"
    GAP = "gap"
    NOT_YET = "not yet"


@dataclass(frozen=True, slots=True)
class Listening:
    """How far each witness was heard (common clock; None: never), where not, and what time it is.

    `gaps` are on the common clock. `goods`: whether a camera of ours looks at the lane. `doubt_s`: how far a till event
    may really be from where it is put in the picture; None: the clocks are not known well enough.
    """

    pos_until: float | None
    vision_until: float | None
    now: float
    gaps: tuple[Gap, ...] = ()
    goods: bool = False
    doubt_s: float | None = 0.0

    def pos(self, start: float, end: float) -> Hearing:
        """A till that has fallen silent for good had nothing more to say."""
        return self._heard("pos", self.pos_until, start, end, late=Hearing.HEARD)

    def vision(self, start: float, end: float) -> Hearing:
        """A camera that has not come so far does not know."""
        return self._heard("vision", self.vision_until, start, end, late=Hearing.GAP)

    def doubted(self, at: float) -> Gap | None:
        """Where what the till said at that instant is not to be believed."""
        return next((gap for gap in self.gaps if gap.doubted and gap.start <= at <= gap.end), None)

    def gap(self, witness: str, start: float, end: float) -> Gap | None:
        """The first over that span."""
        away = (gap for gap in self.gaps if gap.witness == witness and gap.start < end and gap.end > start)
        return next(away, None)

    def _heard(self, witness: str, until: float | None, start: float, end: float, *, late: Hearing) -> Hearing:
        if self.gap(witness, start, end) is not None:
            return Hearing.GAP
        if until is not None and until >= end:
            return Hearing.HEARD
        return Hearing.NOT_YET if self.now < end + PATIENCE_S else late


@dataclass(frozen=True, slots=True)
class Stream:
    """`facts` in order; `places`: where in it each type stands."""

    facts: tuple[Fact, ...]
    listening: Listening
    times: tuple[float, ...] = ()
    places: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @staticmethod
    def of(facts: Iterable[Fact], listening: Listening) -> Stream:
        """The same whatever the order of `facts`, and however often each is told."""
        ordered = tuple(sorted({fact.key: fact for fact in facts}.values(), key=stream_order))
        places: dict[str, list[int]] = {}
        for place, fact in enumerate(ordered):
            places.setdefault(fact.type, []).append(place)
        return Stream(ordered, listening, tuple(fact.at for fact in ordered), places)

    def after(self, types: Iterable[str], place: int, until: float) -> Iterator[int]:
        """Places of events of `types` behind `place`, up to the instant `until`, the nearest first."""
        end = bisect_right(self.times, until)
        return iter(sorted(p for type_ in types for p in self._cut(type_, place + 1, end)))

    def before(self, types: Iterable[str], place: int, since: float) -> Iterator[int]:
        """Places of events of `types` ahead of `place`, back to the instant `since`, the nearest first."""
        start = bisect_left(self.times, since)
        return iter(sorted((p for type_ in types for p in self._cut(type_, start, place)), reverse=True))

    def between(self, types: Iterable[str], start: float, end: float) -> list[int]:
        """Places of events of `types` from `start` to `end`, in order."""
        low, high = bisect_left(self.times, start), bisect_right(self.times, end)
        return sorted(p for type_ in types for p in self._cut(type_, low, high))

    def _cut(self, type_: str, start: int, end: int) -> Sequence[int]:
        places = self.places.get(type_, ())
        return places[bisect_left(places, start) : bisect_left(places, end)]


def stream_order(fact: Fact) -> tuple[float, int, str]:
    """At one instant of a till that tells whole seconds a ticket opens, has lines, has them changed, then is paid."""
    return fact.at, RANKS.get(fact.type, ITEM_RANK), fact.key
