"""Both witnesses on one axis, placed in percent of its width. Pure: Unix seconds on the camera's clock in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

# What is shown around the clip, so that the neighbours of the moment in question are seen too.
AROUND_S = 4.0
TICK_STEPS_S = (1, 2, 5, 10, 30, 60)
TICKS = 6
TEXT_NEAR_EDGE = 0.3

LineKind = Literal["item", "void", "other"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A pass: when the item left the scanner, and, where known, when it came."""

    key: str
    at: float
    words: str
    entered_at: float | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """A till line, already moved to the camera's clock."""

    key: str
    at: float
    words: str
    kind: LineKind = "item"


@dataclass(frozen=True, slots=True)
class Mark:
    """One event on the axis. `seek_s`: seconds into the clip, negative before it."""

    key: str
    x: str
    seek_s: float
    words: str
    kind: str
    unmatched: bool
    stay_x: str = ""
    stay_width: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    x: str
    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """`clip_x`, `clip_width`: the part that can be played. `text_anchor`: where the words of the gap have room."""

    starts_at: float
    ends_at: float
    clip_starts_at: float
    clip_s: float
    clip_x: str
    clip_width: str
    passes: tuple[Mark, ...]
    lines: tuple[Mark, ...]
    matches: tuple[tuple[str, str], ...]
    ticks: tuple[Tick, ...]
    gap_x: str
    gap_seek_s: float
    text_anchor: str


def timeline(
    *,
    clip: tuple[float, float],
    seen: Iterable[Seen],
    rung: Iterable[Rung],
    pairs: Iterable[tuple[str, str]],
    unmatched: frozenset[str],
    gap_at: float,
    clock_words: Callable[[float], str],
) -> Timeline:
    """Lay out what both witnesses said around `clip` (its start and end).

    `pairs`: keys of a pass and the line that paid for it. `unmatched`: keys the case is about. Marks outside the
    axis are left out, and so are match lines with an end out there. `clock_words`: an instant as a person reads it.
    """
    axis = _Axis(min(clip[0], gap_at) - AROUND_S, max(clip[1], gap_at) + AROUND_S, clip[0])
    passes = tuple(axis.mark(s.key, s.at, s.words, "pass", unmatched, s.entered_at) for s in seen if axis.holds(s.at))
    lines = tuple(axis.mark(r.key, r.at, r.words, r.kind, unmatched) for r in rung if axis.holds(r.at))
    return Timeline(
        starts_at=axis.start,
        ends_at=axis.end,
        clip_starts_at=clip[0],
        clip_s=clip[1] - clip[0],
        clip_x=axis.x(clip[0]),
        clip_width=axis.width(clip[1] - clip[0]),
        passes=passes,
        lines=lines,
        matches=_match_lines(passes, lines, pairs),
        ticks=axis.ticks(clock_words),
        gap_x=axis.x(gap_at),
        gap_seek_s=round(gap_at - clip[0], 3),
        text_anchor=axis.anchor(gap_at),
    )


def _match_lines(
    passes: Sequence[Mark], lines: Sequence[Mark], pairs: Iterable[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    """From x to x, for each pair whose ends are both on the axis."""
    seen_x = {mark.key: mark.x for mark in passes}
    rung_x = {mark.key: mark.x for mark in lines}
    return tuple((seen_x[s], rung_x[r]) for s, r in pairs if s in seen_x and r in rung_x)


@dataclass(frozen=True, slots=True)
class _Axis:
    start: float
    end: float
    origin: float

    def holds(self, at: float) -> bool:
        return self.start <= at <= self.end

    def share(self, at: float) -> float:
        return (at - self.start) / (self.end - self.start)

    def x(self, at: float) -> str:
        return f"{min(1.0, max(0.0, self.share(at))) * 100:.3f}%"

    def width(self, seconds: float) -> str:
        return f"{max(0.0, seconds) / (self.end - self.start) * 100:.3f}%"

    def mark(
        self, key: str, at: float, words: str, kind: str, unmatched: frozenset[str], since: float | None = None
    ) -> Mark:
        came = None if since is None or since >= at else max(since, self.start)
        return Mark(
            key=key,
            x=self.x(at),
            seek_s=round(at - self.origin, 3),
            words=words,
            kind=kind,
            unmatched=key in unmatched,
            stay_x="" if came is None else self.x(came),
            stay_width="" if came is None else self.width(at - came),
        )

    def ticks(self, words: Callable[[float], str]) -> tuple[Tick, ...]:
        step = next((s for s in TICK_STEPS_S if (self.end - self.start) / s <= TICKS), TICK_STEPS_S[-1])
        first = int(self.start // step + 1) * step
        instants = range(first, int(self.end) + 1, step)
        return tuple(Tick(self.x(at), float(at), words(at)) for at in instants if 0.05 < self.share(at) < 0.95)

    def anchor(self, at: float) -> str:
        share = self.share(at)
        if share < TEXT_NEAR_EDGE:
            return "start"
        return "end" if share > 1 - TEXT_NEAR_EDGE else "middle"
