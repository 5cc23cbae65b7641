"""What the admin shows of a lane's clock: its last week as a picture, and the last readings in figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cases.domain.clock_chart import Chart, Reading, Step, chart_of, signed
from cases.models import LaneCheckpoint
from cases.selectors.clocks import clock_readings, clock_steps, lane_clock_name
from lanes.models import Lane

SHOWN = timedelta(days=7)
ROWS = 12
WIDE, NARROW = (880, 320), (340, 270)


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A reading in the table, in print."""

    at: datetime
    offset: str
    band: str
    skew: str
    quality: str


@dataclass(frozen=True, slots=True)
class StepRow:
    at: datetime
    seconds: str


@dataclass(frozen=True, slots=True)
class ClockPage:
    """`charts`: the same twice, for a screen and for a telephone; empty where nothing was measured."""

    zone: str
    sentence: str
    charts: tuple[tuple[str, Chart], ...]
    qualities: tuple[str, ...]
    rows: tuple[ReadingRow, ...]
    steps: tuple[StepRow, ...]


def clock_page(lane: Lane, now: datetime) -> ClockPage:
    zone = ZoneInfo(lane.store.timezone)
    since = now - SHOWN
    kept = list(clock_readings(lane, since))
    readings = [_reading(row) for row in kept]
    name = lane_clock_name(lane)
    steps = clock_steps([name], since).get(name, [])
    sizes = (("wide", WIDE), ("narrow", NARROW))
    drawn = ((size, chart_of(readings, steps, zone=zone, width=w, height=h)) for size, (w, h) in sizes)
    return ClockPage(
        zone=lane.store.timezone,
        sentence=_sentence(readings, steps),
        charts=tuple((size, chart) for size, chart in drawn if chart is not None),
        qualities=tuple(word for word in ("good", "degraded", "bad") if any(r.quality == word for r in readings)),
        rows=tuple(_row(row, zone) for row in reversed(kept[-ROWS:])),
        steps=tuple(StepRow(datetime.fromtimestamp(s.at, zone), signed(s.seconds)) for s in reversed(steps)),
    )


def _reading(row: LaneCheckpoint) -> Reading:
    assert row.clock_offset_s is not None and row.clock_sd_s is not None  # the selector leaves others out
    return Reading(row.until.timestamp(), row.clock_offset_s, row.clock_sd_s, row.clock_quality)


def _row(row: LaneCheckpoint, zone: ZoneInfo) -> ReadingRow:
    reading = _reading(row)
    return ReadingRow(
        at=row.until.astimezone(zone),
        offset=signed(reading.offset_s, 2),
        band=f"±{2 * reading.sd_s:.2f}",
        skew=signed(row.clock_skew_ppm) if row.clock_skew_ppm is not None else "",
        quality=reading.quality,
    )


def _sentence(readings: list[Reading], steps: list[Step]) -> str:
    """The picture in words, for whoever does not see it."""
    if not readings:
        return "Nothing was measured in the last seven days."
    known = [r.offset_s for r in readings if r.quality != "bad"] or [r.offset_s for r in readings]
    low, high = min(known), max(known)
    often = {0: "It was never set", 1: "It was set once", 2: "It was set twice"}
    times = often.get(len(steps), f"It was set {len(steps)} times")
    return (
        f"In {len(known)} readings the till's clock minus the camera's lay between {signed(low)} s and "
        f"{signed(high)} s; it was last {signed(known[-1])} s. {times}."
    )
