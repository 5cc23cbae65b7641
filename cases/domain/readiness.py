"""When enough has been heard to speak: what may be judged now, and when to look again for the rest.

A pass may be judged once its line would have come: the till has been heard past it by the delay of its entry methods,
or has been silent for long enough since the pass was there to be judged. A line likewise waits for the video.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cases.domain.alignment.slots import SALES
from cases.domain.alignment.types import Clock, PosLine, Ready, Sighting

SCAN_LATE_S = 3.5
KEYED_LATE_S = 7.5
MOVED_ON_S = 2.0
SILENT_S = 12.0
LAGS, LAG_SHARE, LEAST_MARGIN_S = 20, 0.95, 1.0
"""From so many lines it is known how long after its instant a line of this till is here."""
UNSEEN_S = 20.0
STALLED_S = 120.0
VIDEO_LATE_S = 3.0
BACKLOG_S = 60.0
QUIET_S = 1.0
ASKED = frozenset({"void", "ticket_cancel", "ticket_void", "no_sale", "drawer_open", "discount", "price_override"})


@dataclass(frozen=True, slots=True)
class Heard:
    """How far each witness has been heard, on the common clock, and whether the video comes from our own cameras.

    `received`: when each event came, by key, on the server's clock. `pos_received`: when the till last spoke.
    """

    pos_until: float | None
    vision_until: float | None
    own_video: bool
    received: Mapping[str, float]
    pos_received: float | None = None


@dataclass(frozen=True, slots=True)
class Readiness:
    ready: Ready
    look_again_at: float | None
    pending_from: float | None
    """Common clock: the earliest event that is still waiting."""


def readiness(seen: Sequence[Sighting], told: Sequence[PosLine], heard: Heard, clock: Clock, now: float) -> Readiness:
    now += 1e-3  # instants are stored to the microsecond: what is due now is not due a rounding later
    late = _late_s(told) + 2 * min(clock.sd_s, 1.0)
    sales = sorted(line.at - clock.offset_s for line in told if line.type in SALES)
    lag = _lag_s(told, heard, clock)
    due = {s.key: _pass_due(s, sales, heard, late, lag) for s in seen}
    due_lines = {line.key: _line_due(line, heard, clock) for line in told}
    waiting = [(s.at, due[s.key]) for s in seen if due[s.key] > now]
    waiting += [(ln.at - clock.offset_s, due_lines[ln.key]) for ln in told if due_lines[ln.key] > now]
    return Readiness(
        Ready(
            frozenset(key for key, at in due.items() if at <= now),
            frozenset(key for key, at in due_lines.items() if at <= now),
        ),
        min((at for _, at in waiting), default=None),
        min((at for at, _ in waiting), default=None),
    )


INCIDENT_LATE_S = {"void": 45.0, "ticket_cancel": 180.0, "ticket_void": 180.0}
OTHERS_LATE_S = 15.0
"""So long after it what the camera and the till say may still explain a drawer, a void, a discount."""


def incidents_ready(told: Sequence[PosLine], heard: Heard, clock: Clock, now: float) -> Readiness:
    """Which lines may be asked about: both witnesses have gone on for long enough, or time has passed."""
    now += 1e-3
    due = {line.key: _incident_due(line, heard, clock) for line in told if line.type in ASKED}
    waiting = [(ln.at - clock.offset_s, due[ln.key]) for ln in told if ln.key in due and due[ln.key] > now]
    return Readiness(
        Ready(None, frozenset(ln.key for ln in told if due.get(ln.key, 0.0) <= now)),
        min((at for _, at in waiting), default=None),
        min((at for at, _ in waiting), default=None),
    )


def _incident_due(line: PosLine, heard: Heard, clock: Clock) -> float:
    at, late = line.at - clock.offset_s, INCIDENT_LATE_S.get(line.type, OTHERS_LATE_S)
    came = heard.received.get(line.key, at)
    if came - at > BACKLOG_S:
        return came
    return max(came, at + late)


def _late_s(told: Sequence[PosLine]) -> float:
    by_hand = any(line.type in SALES and line.entry_method not in ("scanned", "") for line in told)
    return KEYED_LATE_S if by_hand else SCAN_LATE_S


def _lag_s(told: Sequence[PosLine], heard: Heard, clock: Clock) -> float | None:
    """From a line's instant on the common clock until it is here, on the server's, at the most; None: not known yet.

    How the server's clock differs from the camera's is in it, and cancels out where it is added to a camera's instant.
    """
    lags = sorted(heard.received[line.key] - (line.at - clock.offset_s) for line in told if line.key in heard.received)
    if len(lags) < LAGS:
        return None
    usual, most = lags[len(lags) // 2], lags[int(LAG_SHARE * (len(lags) - 1))]
    return most + max(LEAST_MARGIN_S, most - usual)


def _pass_due(sighting: Sighting, sales: Sequence[float], heard: Heard, late_s: float, lag_s: float | None) -> float:
    """Server time from which the pass may be judged."""
    came = heard.received.get(sighting.key, sighting.at)
    silent = max(sighting.at, came) + SILENT_S
    if lag_s is not None:  # by then its line would have been here
        silent = max(came, min(silent, sighting.at + late_s + lag_s))
    past = heard.pos_until is not None and heard.pos_until >= sighting.at + late_s
    moved_on = len(sales) - bisect_right(sales, sighting.at + MOVED_ON_S) >= 2
    if not (past or moved_on):
        return silent
    if came - sighting.at > BACKLOG_S and heard.pos_received is not None:
        return min(silent, heard.pos_received + QUIET_S)  # a backlog comes in parts, not always in order
    return came


def _line_due(line: PosLine, heard: Heard, clock: Clock) -> float:
    at = line.at - clock.offset_s
    came = heard.received.get(line.key, at)
    if heard.vision_until is not None and heard.vision_until >= at + VIDEO_LATE_S:
        return came
    return max(at, came) + (STALLED_S if heard.own_video else UNSEEN_S)


def silent_spans(passes: Sequence[float], signs: Sequence[float]) -> list[tuple[float, float]]:
    """Stretches in which many items crossed and the till gave no sign of life for a quarter of an hour either way.

    A till that rings nothing up for one item is a question; one that never speaks is a feed that is not there.
    """
    quarter, many = 900.0, 6
    spans: list[tuple[float, float]] = []
    ordered_signs = sorted(signs)
    ordered = sorted(passes)
    for at in ordered:
        heard = bisect_right(ordered_signs, at + quarter) - bisect_right(ordered_signs, at - quarter)
        around = bisect_right(ordered, at + quarter) - bisect_right(ordered, at - quarter)
        if not heard and around >= many:
            if spans and at - spans[-1][1] <= quarter:
                spans[-1] = (spans[-1][0], at)
            else:
                spans.append((at, at))
    return spans
