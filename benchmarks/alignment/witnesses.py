"""What camera and till make of what happened: events with errors, on clocks of their own. Keys only count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from benchmarks.alignment.catalogue import BACKGROUND_LAB, look_area, look_lab
from benchmarks.alignment.day import TillClock
from benchmarks.alignment.level import Level
from benchmarks.alignment.records import Entry, Item, Motion
from cases.domain.alignment.types import Gap, PosLine, Sighting

CAMERA, TERMINAL = "L1-top", "T1"
DOUBLE_S = (0.1, 0.8)
PATHS = {
    "item_pass": ("belt", "scanner", "bagging"),
    "item_return": ("bagging", "scanner", "belt"),
    "item_presented": ("belt", "scanner", "belt"),
}
UNLABELLED, LOOKS_LIKE_BAG, BAG_SEEN = 0.1, 0.03, 0.35
IDLE_SHARE = 0.15
"""Of spurious events: while nobody is served."""
PAYING_LAST_S = 60.0


@dataclass(frozen=True, slots=True)
class Seen:
    """`causes`: key -> cause, and the motion it shows (None: nothing was there)."""

    sightings: list[Sighting]
    causes: dict[str, tuple[str, Motion | None]]


@dataclass(frozen=True, slots=True)
class Told:
    lines: list[PosLine]
    entries: dict[str, Entry]
    gaps: list[Gap]


@dataclass(frozen=True, slots=True)
class _Event:
    at: float
    cause: str
    rng: np.random.Generator
    motion: Motion | None
    type: str
    sure: float


class Camera:
    """Sees motions late, early, twice, not at all, and some that are not there. Each motion brings its own luck."""

    def __init__(self, level: Level, rng: np.random.Generator) -> None:
        self._level, self._rng = level, rng

    def watch(self, motions: Sequence[Motion], busy: Sequence[tuple[float, float]], start: float) -> Seen:
        events = [event for motion in motions for event in self._look(motion)]
        goods = sum(not motion.doubtful for motion in motions)
        events += [self._imagined(busy) for _ in range(int(self._rng.poisson(self._level.spurious * goods)))]
        events.sort(key=lambda event: event.at)
        keys = [f"v{number:06d}" for number in range(len(events))]
        sightings = [self._sighting(key, event, start) for key, event in zip(keys, events, strict=True)]
        return Seen(sightings, {key: (event.cause, event.motion) for key, event in zip(keys, events, strict=True)})

    def _look(self, motion: Motion) -> list[_Event]:
        rng = np.random.default_rng(motion.luck)
        at = motion.at + self._level.jitter_sd * float(rng.normal())
        missed, doubled = rng.random(2) < (self._level.missed, self._level.duplicates)
        sure = self._confidence(rng, motion.doubtful)
        if missed and not motion.doubtful:
            return []
        found = [_Event(at, motion.cause, rng, motion, motion.type, sure)]
        if doubled and motion.type == "item_pass" and not motion.doubtful:
            again = at + float(rng.uniform(*DOUBLE_S))
            found.append(_Event(again, "double", rng, motion, "item_pass", self._confidence(rng, rng.random() < 0.5)))
        return found

    def _imagined(self, busy: Sequence[tuple[float, float]]) -> _Event:
        rng = self._rng
        if rng.random() < IDLE_SHARE or not busy:
            low, high = (busy[0][0], busy[-1][1]) if busy else (0.0, 1.0)
        else:
            lengths = np.array([end - begin for begin, end in busy])
            low, high = busy[int(rng.choice(len(busy), p=lengths / lengths.sum()))]
        return _Event(float(rng.uniform(low, high)), "spurious", rng, None, "item_pass", self._confidence(rng, True))

    def _confidence(self, rng: np.random.Generator, doubtful: bool) -> float:
        return float(rng.beta(*(self._level.doubtful_confidence if doubtful else self._level.item_confidence)))

    def _sighting(self, key: str, event: _Event, start: float) -> Sighting:
        item = event.motion.item if event.motion else None
        label = self._label(event, item)
        look = _appearance(event.rng, item) if self._level.appearance else {}
        return Sighting(
            key, round(start + event.at, 3), event.type, round(event.sure, 4), label,
            track=f"s{key[1:]}", camera=CAMERA, path=PATHS[event.type], **look,  # type: ignore[arg-type]
        )  # fmt: skip

    def _label(self, event: _Event, item: Item | None) -> str:
        """Of goods the detector says 'item', or what kind where looks count; of a bag it says so now and then."""
        roll = event.rng.random()
        if event.cause == "own_bag":
            return "bag" if roll < BAG_SEEN else "" if roll < BAG_SEEN + 0.4 else "item"
        if roll < UNLABELLED:
            return ""
        if roll < UNLABELLED + LOOKS_LIKE_BAG:
            return "bag"
        return item.article.label if item and self._level.appearance and roll < 0.9 else "item"


def _appearance(rng: np.random.Generator, item: Item | None) -> dict[str, object]:
    hits = 2 + int(rng.poisson(6))
    if item is None:
        lab = rng.normal(BACKGROUND_LAB, (15, 8, 10))
        colour = (round(float(lab[0]), 1), round(float(lab[1]), 1), round(float(lab[2]), 1))
        return {"colour": colour, "area_n": look_area(rng, 0.015), "clear_hits": hits}
    return {"colour": look_lab(rng, item.lab), "area_n": look_area(rng, item.article.area_n), "clear_hits": hits}


def till_lines(
    level: Level, entries: Sequence[Entry], clock: TillClock, start: float, gap: tuple[float, float] | None
) -> Told:
    """The entries as the till tells them. `gap`: what happened in it, on the camera's clock, is lost."""
    at = {id(entry): start + entry.at for entry in entries}
    if level.burst:
        at |= _at_total(entries, at)
    ordered = sorted(entries, key=lambda entry: at[id(entry)])
    numbers = _line_numbers(ordered)
    heard = [entry for entry in ordered if gap is None or not gap[0] <= at[id(entry)] < gap[1]]
    lines = []
    for place, entry in enumerate(heard):
        shown = at[id(entry)] + clock.offset_at(at[id(entry)])
        lines.append(_line(f"p{place:06d}", _cut(shown, level.resolution_s), entry, numbers, start, level.burst))
    lines.sort(key=lambda line: line.at)  # a step of the clock may put them the other way round
    silent = [at + clock.offset_at(at) for at in gap] if gap else []
    gaps = [Gap("pos", silent[0], silent[1], "reported")] if silent else []
    return Told(lines, {f"p{place:06d}": entry for place, entry in enumerate(heard)}, gaps)


def _at_total(entries: Sequence[Entry], at: dict[int, float]) -> dict[int, float]:
    """A till that sends the receipt: every line of it carries the instant of the total."""
    totals = {id(entry.ticket): at[id(entry)] for entry in entries if entry.type == "subtotal"}
    order = sorted((e for e in entries if e.ticket and _numbered(e)), key=lambda entry: at[id(entry)])
    return {id(entry): totals[id(entry.ticket)] - 1e-6 * (len(order) - n) for n, entry in enumerate(order)}


def _numbered(entry: Entry) -> bool:
    return entry.cause != "ticket"


def _line_numbers(ordered: Sequence[Entry]) -> dict[int, int]:
    """Entry -> number of its line on the receipt."""
    last: dict[int, int] = {}
    numbers: dict[int, int] = {}
    for entry in ordered:
        if entry.ticket and _numbered(entry) and entry.changes is None and entry.type != "price_inquiry":
            last[entry.ticket.number] = last.get(entry.ticket.number, 0) + 1
            numbers[id(entry)] = last[entry.ticket.number]
    return numbers


def _cut(at: float, resolution_s: float) -> float:
    """A clock shows the last whole step."""
    return round(float(np.floor(at / resolution_s + 1e-6)) * resolution_s, 3)


def _line(key: str, at: float, entry: Entry, numbers: dict[int, int], start: float, burst: bool) -> PosLine:
    named = entry.changes or entry
    day = datetime.fromtimestamp(start, UTC)
    return PosLine(
        key,
        at,
        entry.type,
        transaction=f"{TERMINAL}-{day:%Y%m%d}-{entry.ticket.number:04d}" if entry.ticket else "",
        line=numbers.get(id(named)),
        gtin=entry.article.gtin if entry.article else "",
        description=entry.description,
        quantity=entry.quantity,
        amount_cents=entry.cents,
        entry_method=entry.method,
        voids_line=numbers.get(id(entry.voids)) if entry.voids else None,
        granularity="transaction" if burst else "line",
    )
