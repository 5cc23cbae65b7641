"""A lane's clock over time as shapes: what a template needs to draw it, and nothing of how it looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from math import ceil, floor, log10

GAP_S = 2 * 3600.0
"""Readings further apart are not joined: nobody measured what was between."""
LEAST_RANGE_S = 1.0
LEAST_SPAN_S = 3600.0
LEFT, RIGHT, TOP, BOTTOM = 64, 14, 26, 48
"""Room for the axes' labels around the plot."""
HOURS = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 72, 96)
LABEL_W, LETTER_W = 76, 7
"""Room for a label of the time axis, and for a letter, about."""
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Reading:
    """The clock as it was known at an instant (Unix seconds). Till minus camera."""

    at: float
    offset_s: float
    sd_s: float
    quality: str


@dataclass(frozen=True, slots=True)
class Step:
    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Tick:
    place: float
    words: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """Readings that belong together. `points`, `band`: as SVG wants them."""

    quality: str
    points: str
    band: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A step. `anchor`: on which side of its line there is room for its words."""

    x: float
    words: str
    anchor: str
    words_x: float


@dataclass(frozen=True, slots=True)
class Chart:
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    zero: float | None
    """Where both clocks agree; None where that is outside."""
    strokes: tuple[Stroke, ...]
    dots: tuple[tuple[float, float, str], ...]
    """Readings that stand alone, and those of a clock that was not known: x, y, quality."""
    marks: tuple[Mark, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    """From instants and seconds to places in the picture."""

    start: float
    end: float
    low: float
    high: float
    width: int
    height: int

    def x(self, at: float) -> float:
        return round(LEFT + (at - self.start) / (self.end - self.start) * (self.width - LEFT - RIGHT), 1)

    def y(self, seconds: float) -> float:
        inside = min(max(seconds, self.low), self.high)
        return round(TOP + (self.high - inside) / (self.high - self.low) * (self.height - TOP - BOTTOM), 1)


def chart_of(
    readings: Sequence[Reading], steps: Sequence[Step], *, zone: tzinfo, width: int = 860, height: int = 320
) -> Chart | None:
    """None where there is nothing to draw. `readings` in order of time."""
    if not readings:
        return None
    scale = _scale(readings, width, height)
    inside = [step for step in steps if scale.start <= step.at <= scale.end]
    runs = list(_runs(readings, inside))
    return Chart(
        width=width,
        height=height,
        left=LEFT,
        right=width - RIGHT,
        top=TOP,
        bottom=height - BOTTOM,
        zero=scale.y(0.0) if scale.low < 0.0 < scale.high else None,
        strokes=tuple(_stroke(run, scale) for run in runs if len(run) > 1),
        dots=tuple((scale.x(r.at), scale.y(r.offset_s), r.quality) for run in runs if len(run) == 1 for r in run),
        marks=tuple(_marks(inside, scale)),
        x_ticks=tuple(_x_ticks(scale, zone)),
        y_ticks=tuple(_y_ticks(scale)),
    )


def _scale(readings: Sequence[Reading], width: int, height: int) -> _Scale:
    start, end = readings[0].at, readings[-1].at
    if end - start < LEAST_SPAN_S:
        middle = (start + end) / 2
        start, end = middle - LEAST_SPAN_S / 2, middle + LEAST_SPAN_S / 2
    # A clock that is not known may be anywhere: its band would press all that is known into one line.
    known = [r for r in readings if r.quality != "bad"] or list(readings)
    low = min(r.offset_s - 2 * r.sd_s for r in known)
    high = max(r.offset_s + 2 * r.sd_s for r in known)
    missing = max(0.0, LEAST_RANGE_S - (high - low))
    margin = missing / 2 + 0.06 * (high - low)
    return _Scale(start, end, low - margin, high + margin, width, height)


def _runs(readings: Sequence[Reading], steps: Sequence[Step]) -> Iterator[list[Reading]]:
    """Readings that one line may join: no gap and no step between, and of one quality. Where only the quality changes,
    the next run begins with the last reading of this, so that the line has no hole."""
    run: list[Reading] = []
    for reading in readings:
        if run and _apart(run[-1], reading, steps):
            yield run
            run = []
        elif run and reading.quality != run[-1].quality:
            last = run[-1]
            yield run
            run = [replace(last, quality=reading.quality)]
        run.append(reading)
    if run:
        yield run


def _apart(one: Reading, other: Reading, steps: Sequence[Step]) -> bool:
    if "bad" in (one.quality, other.quality):
        return True  # where it was not known nothing led to it
    return other.at - one.at > GAP_S or any(one.at < step.at <= other.at for step in steps)


def _stroke(run: Sequence[Reading], scale: _Scale) -> Stroke:
    upper = [(scale.x(r.at), scale.y(r.offset_s + 2 * r.sd_s)) for r in run]
    lower = [(scale.x(r.at), scale.y(r.offset_s - 2 * r.sd_s)) for r in reversed(run)]
    line = [(scale.x(r.at), scale.y(r.offset_s)) for r in run]
    return Stroke(run[-1].quality, _points(line), _points([*upper, *lower]))


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)


def _marks(steps: Sequence[Step], scale: _Scale) -> Iterator[Mark]:
    """In order of time. Words that would run into the last ones are left out."""
    taken = float("-inf")
    for step in steps:
        x, words = scale.x(step.at), f"set by {signed(step.seconds)} s"
        late = x > (LEFT + scale.width - RIGHT) / 2
        words_x = x - 5 if late else x + 5
        length = LETTER_W * len(words)
        start = words_x - length if late else words_x
        if start < taken:
            words = ""
        else:
            taken = start + length
        yield Mark(x, words, "end" if late else "start", words_x)


def signed(seconds: float, digits: int = 1) -> str:
    """`seconds` with its sign in print."""
    rounded = round(seconds, digits)
    return f"{MINUS if rounded < 0 else '+'}{abs(rounded):.{digits}f}"


def _y_ticks(scale: _Scale) -> Iterator[Tick]:
    """At round numbers, four or five of them."""
    span = scale.high - scale.low
    power = 10.0 ** floor(log10(span / 4))
    step = next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if span / (m * power) <= 5.0)
    digits = max(0, -floor(log10(step)) + (1 if step / power == 2.5 else 0))
    for number in range(ceil(scale.low / step), floor(scale.high / step) + 1):
        seconds = number * step
        yield Tick(scale.y(seconds), signed(seconds, digits) if number else "0")


def _x_ticks(scale: _Scale, zone: tzinfo) -> Iterator[Tick]:
    """At whole hours of the store's day; midnight says which day begins."""
    most = max(2, (scale.width - LEFT - RIGHT) // LABEL_W)
    hours = next((h for h in HOURS if (scale.end - scale.start) / 3600 / h <= most), HOURS[-1])
    first = datetime.fromtimestamp(scale.start, zone)
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    for number in range(int((scale.end - scale.start) / 3600 / hours) + ceil(24 / hours) + 2):
        # Counted in the store's own hours, so that midnight stays midnight when summer time begins.
        local = midnight + timedelta(hours=number * hours)
        at = local.astimezone(UTC).timestamp()
        if scale.start <= at <= scale.end:
            yield Tick(scale.x(at), f"{local:%a} {local.day} {local:%b}" if _is_midnight(local) else f"{local:%H:%M}")


def _is_midnight(local: datetime) -> bool:
    return (local.hour, local.minute) == (0, 0)
