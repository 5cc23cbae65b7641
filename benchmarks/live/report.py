"""From what `benchmarks.live` saw to its figures, its table and its three verdicts."""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from benchmarks.live.watch import EVENTS, SEGMENTS, SERVERS, Database, Seen, Use, Verdict, instant

LAG_GOAL_S = 1.5
HOLE_S = 0.1
SAME_S = 0.01
"""Two roundings of one instant are nearer, two ends of segments are not."""
FLAT_SHARE = 0.03
"""Memory is flat where the last minute holds at most this much more than the first."""
STILL_S = 10.0
"""What was captured in the last seconds may wait still."""
EDGE_S = 8.0
"""Longer than any segment of the films."""
OWN = ("web", "capture", "work", "nursery", "other")


@dataclass(frozen=True, eq=False)
class Part:
    """One segment as it is written down. Times are Unix seconds."""

    camera: int
    began_at: float
    ended_at: float
    frames: int
    state: str
    created_at: float
    detail: str
    report: dict[str, Any]


def parts(database: Database) -> list[Part]:
    found = []
    for camera, started_at, duration_s, frames, state, created_at, detail, report in database.rows(SEGMENTS):
        began_at = instant(started_at)
        known = json.loads(report) if isinstance(report, str) else report
        ended_at = began_at + duration_s
        found.append(Part(camera, began_at, ended_at, frames, state, instant(created_at), detail, known))
    return found


def share_of(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def spread(values: list[float]) -> dict[str, float]:
    named = {"p50": share_of(values, 0.5), "p95": share_of(values, 0.95), "max": max(values, default=math.nan)}
    return {name: round(value, 3) for name, value in named.items()}


def figures(database: Database, seen: Seen, since: float, until: float, fps: float) -> dict[str, Any]:
    """`since`, `until`: the measured time; segments count that ended in it."""
    whole = [part for part in parts(database) if since <= part.ended_at <= until]
    due = [part for part in whole if part.ended_at <= until - STILL_S]
    return {
        "minutes": round((until - since) / 60, 2),
        "lag": lag(due, seen, since, until),
        "segments": segments(due, since, until - STILL_S, fps),
        "load": load(seen, since, until),
        "memory": memory(seen.uses, since, until),
        "cpu": processor(seen.uses, since, until),
        "events": events(database, since, until),
        "by_minute": by_minute(due, seen, since),
        "troubles": sorted(seen.troubles),
    }


@dataclass(frozen=True)
class Told:
    """When a segment's verdict was there. `exact`: by the system's own word; else by when the watch saw it, which is
    later by up to a look."""

    at: float
    exact: bool


def verdicts_told(found: list[Part], seen: Seen) -> dict[Part, Told]:
    told = {}
    for part in found:
        if part.state == "analysed":
            verdicts = seen.verdicts.get(part.camera, [])
            place = bisect_left(verdicts, part.ended_at - SAME_S, key=lambda verdict: verdict.ended_at)
            told[part] = _told(part, verdicts[place]) if place < len(verdicts) else Told(math.inf, False)
    return told


def _told(part: Part, verdict: Verdict) -> Told:
    """`verdict`: the first that the watch saw of this segment or a later one, where two came between its looks."""
    if verdict.lag_s is not None and verdict.ended_at < part.ended_at + SAME_S:
        return Told(part.created_at + verdict.lag_s, True)
    return Told(verdict.seen_at, False)


def lag(due: list[Part], seen: Seen, since: float, until: float) -> dict[str, Any]:
    told = verdicts_told(due, seen)
    return {
        "segment_end_to_verdict_s": spread([verdict.at - part.ended_at for part, verdict in told.items()]),
        "of_it_to_the_row_s": spread([part.created_at - part.ended_at for part in told]),
        "of_it_waiting_s": spread([v.at - part.created_at - part.report["took_s"] for part, v in told.items()]),
        "of_it_looking_s": spread([part.report["took_s"] for part in told]),
        "now_to_seen_until_s": spread([behind for at, _, behind in seen.behind if since <= at <= until]),
        "verdicts": len(told),
        "timed_by_the_watch_only": sum(not verdict.exact for verdict in told.values()),
    }


def segments(due: list[Part], since: float, until: float, fps: float) -> dict[str, Any]:
    by_camera: dict[int, list[Part]] = {}
    for part in due:
        by_camera.setdefault(part.camera, []).append(part)
    holes = [hole for row in by_camera.values() for hole in _holes(row, since, until)]
    missing = sum(round((part.ended_at - part.began_at) * fps) - part.frames for part in due)
    looked = [part for part in due if part.state == "analysed"]
    pictures = sum(part.report["analysed"] + part.report["gated"] for part in looked)
    return {
        "cameras": len(by_camera),
        "whole": len(due),
        "by_state": dict(Counter(part.state for part in due)),
        "details": dict(Counter(part.detail for part in due if part.detail).most_common(5)),
        "length_s": spread([part.ended_at - part.began_at for part in due]),
        "holes": len(holes),
        "longest_hole_s": round(max(map(abs, holes), default=0.0), 3),
        "pictures_missing": missing,
        "looked_at_a_second": round(pictures / max(1.0, sum(part.ended_at - part.began_at for part in looked)), 2),
        "to_the_model": round(sum(part.report["analysed"] for part in looked) / max(1, pictures), 3),
    }


def _holes(row: list[Part], since: float, until: float) -> Iterator[float]:
    """Between one camera's segments, and before the first and after the last of them."""
    yield from (hole for a, b in pairwise(row) if abs(hole := b.began_at - a.ended_at) > HOLE_S)
    yield from (hole for hole in (row[0].ended_at - since, until - row[-1].ended_at) if hole > EDGE_S)


def load(seen: Seen, since: float, until: float) -> dict[str, Any]:
    steps = [step for at, step in seen.steps if since <= at <= until]
    waiting = [count for at, count in seen.waiting if since <= at <= until]
    return {
        "worst_step": max(steps, default=0),
        "last_step": steps[-1] if steps else 0,
        "waiting": max(waiting, default=0),
    }


def memory(uses: list[Use], since: float, until: float) -> dict[str, Any]:
    """Proportional set sizes: what is shared is counted once. Slopes by least squares."""
    inside = [use for use in uses if since <= use.at <= until]
    edges = [use for use in inside if use.at <= since + 60], [use for use in inside if use.at >= until - 60]
    before, after = (_mean([_mb(use.mb, OWN) for use in some]) for some in edges)
    return {
        "first_minute_mb": round(before, 1),
        "last_minute_mb": round(after, 1),
        "growth": round(after / before - 1, 4),
        "slope_mb_an_hour": round(_slope([(use.at, _mb(use.mb, OWN)) for use in inside]), 1),
        "resident_first_and_last_mb": [round(_mean([_mb(use.rss_mb, OWN) for use in some]), 1) for some in edges],
        "servers_first_and_last_mb": [round(_mean([_mb(use.mb, SERVERS) for use in some]), 1) for some in edges],
        "last_mb": {role: round(inside[-1].mb.get(role, 0.0), 1) for role in (*OWN, *SERVERS)},
    }


def _mb(sizes: dict[str, float], roles: tuple[str, ...]) -> float:
    return sum(sizes.get(role, 0.0) for role in roles)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else math.nan


def _slope(points: list[tuple[float, float]]) -> float:
    """A hour."""
    middle_at, middle = _mean([at for at, _ in points]), _mean([mb for _, mb in points])
    wide = sum((at - middle_at) ** 2 for at, _ in points)
    return 3600 * sum((at - middle_at) * (mb - middle) for at, mb in points) / wide if wide else math.nan


def processor(uses: list[Use], since: float, until: float) -> dict[str, float]:
    """Shares of one core."""
    inside = [use for use in uses if since <= use.at <= until]
    first, last = inside[0], inside[-1]
    spent = {role: (last.cpu_s[role] - first.cpu_s.get(role, 0.0)) / (last.at - first.at) for role in last.cpu_s}
    known = sum(share for role, share in spent.items() if role != "whole machine")
    spent["others, and the kernel by itself"] = spent["whole machine"] - known
    return {role: round(share, 3) for role, share in spent.items()}


def events(database: Database, since: float, until: float) -> dict[str, Any]:
    rows = [(type_, instant(at), instant(told)) for type_, at, told in database.rows(EVENTS)]
    inside = [(type_, told - at) for type_, at, told in rows if since <= told <= until]
    cases = database.rows("SELECT kind, status, count(*) FROM cases_case GROUP BY kind, status")
    return {
        "count": len(inside),
        "by_type": dict(Counter(type_ for type_, _ in inside)),
        "happened_to_told_s": spread([late for _, late in inside]),
        "cases": {f"{kind}, {status}": count for kind, status, count in cases},
    }


def by_minute(due: list[Part], seen: Seen, since: float) -> list[dict[str, float]]:
    lags: dict[int, list[float]] = {}
    for part, verdict in verdicts_told(due, seen).items():
        lags.setdefault(int((part.ended_at - since) // 60), []).append(verdict.at - part.ended_at)
    rows = []
    for minute, found in sorted(lags.items()):
        mb = _mean([_mb(use.mb, OWN) for use in seen.uses if int((use.at - since) // 60) == minute])
        rows.append({"minute": minute, "lag_p95_s": round(share_of(found, 0.95), 3), "mb": round(mb, 1)})
    return rows


def goals(found: dict[str, Any], cameras: int) -> dict[str, bool]:
    cut, states = found["segments"], found["segments"]["by_state"]
    all_there = cut["cameras"] == cameras and set(states) == {"analysed"} and found["load"]["worst_step"] == 0
    return {
        f"lag p95 at most {LAG_GOAL_S} s": found["lag"]["segment_end_to_verdict_s"]["p95"] <= LAG_GOAL_S,
        "no segment dropped": all_there and not cut["holes"] and not cut["pictures_missing"],
        "memory flat": found["memory"]["growth"] <= FLAT_SHARE,
    }


def table(found: dict[str, Any], cameras: int, cores: int) -> str:
    lags, cut, held, spent = found["lag"], found["segments"], found["memory"], found["cpu"]
    told, loaded = found["events"], found["load"]

    def row(name: str, of: dict[str, float]) -> str:
        return f"  {name:44} p50 {of['p50']:6.2f}  p95 {of['p95']:6.2f}  max {of['max']:6.2f}"

    grown = f"{100 * held['growth']:+.1f} %, {held['slope_mb_an_hour']:.0f} MB an hour"
    lines = [
        f"{cameras} cameras, {found['minutes']} minutes measured, {lags['verdicts']} verdicts "
        f"({lags['timed_by_the_watch_only']} timed by the watch only)",
        row("last picture of a segment to its verdict, s", lags["segment_end_to_verdict_s"]),
        row("  of it until the segment is written down", lags["of_it_to_the_row_s"]),
        row("  of it waiting (and writing the verdict)", lags["of_it_waiting_s"]),
        row("  of it looking", lags["of_it_looking_s"]),
        row("now - seen_until, whenever asked, s", lags["now_to_seen_until_s"]),
        row("event happened to event told, s", told["happened_to_told_s"]),
        row("length of a segment, s", cut["length_s"]),
        f"  segments {cut['by_state']}, {cut['holes']} holes (longest {cut['longest_hole_s']} s), "
        f"{cut['pictures_missing']} pictures missing {cut['details'] or ''}",
        f"  {cut['looked_at_a_second']} pictures a second looked at, {100 * cut['to_the_model']:.0f} % by the model",
        f"  load: worst step {loaded['worst_step']}, last {loaded['last_step']}; "
        f"at most {loaded['waiting']} segments waiting",
        f"  events {told['count']} {told['by_type']}, cases {told['cases']}",
        f"  memory {held['first_minute_mb']} MB in the first minute, {held['last_minute_mb']} in the last ({grown}, "
        f"{held['slope_mb_an_hour'] / cameras:.1f} a camera); at the end {held['last_mb']}",
        f"  processor, of one core (there are {cores}): "
        + ", ".join(f"{role} {used:.2f}" for role, used in spent.items()),
        *[f"  TROUBLE {trouble}" for trouble in found["troubles"]],
    ]
    return "\n".join(lines)
