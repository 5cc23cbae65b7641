"""What the way events arrive says about two clocks, without looking at what they tell: a second opinion.

An event that is sent at once arrives with the smallest delay of the network after the instant it names. So the least
lags of a witness show how far its clock is behind the server's, that delay apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ENOUGH = 20
"""Arrivals of each witness: of fewer the least lag is chance."""
STEADY_S = 3.0
"""The middle lag is at most this much over the least; in a backlog, an import or a slow poll it is more."""
LEAST = 0.05
"""This quantile is taken for the least lag: a few events of a clock gone wild do not matter."""
BEGINS_S, ENDS_S = 2.0, 1.5
"""Clocks disagree from here on, and until here: at the limit they do not do so again each minute."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """`spans`: (instant on the witness's own clock, instant of arrival on the server's), Unix seconds.
    `said_s`: by how much its clock is ahead of the server's, where the device measured it itself."""

    spans: tuple[tuple[float, float], ...] = ()
    said_s: float | None = None


def clock_ahead(arrivals: Arrivals) -> float | None:
    """By how many seconds the witness's clock is ahead of the server's; None where the arrivals do not say.

    Too small by the least delay of the network, unless the device has measured it itself.
    """
    if arrivals.said_s is not None:
        return arrivals.said_s
    if len(arrivals.spans) < ENOUGH:
        return None
    lags = sorted(arrived - occurred for occurred, arrived in arrivals.spans)
    least, middle = _quantile(lags, LEAST), _quantile(lags, 0.5)
    return -least if middle - least < STEADY_S else None


def protocol_offset(vision: Arrivals, pos: Arrivals) -> float | None:
    """Till clock minus camera clock. The delays of both networks nearly cancel out."""
    camera_ahead, till_ahead = clock_ahead(vision), clock_ahead(pos)
    return till_ahead - camera_ahead if camera_ahead is not None and till_ahead is not None else None


def disagrees(*, judged_s: float, sd_s: float, protocol_s: float, already: bool) -> bool:
    """Whether the offset found by matching scans and the one of the protocols cannot both be right."""
    return abs(judged_s - protocol_s) > (ENDS_S if already else BEGINS_S) + 3 * sd_s


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Between the two nearest, as usual."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])
