"""The clock of a camera and a till followed over the day: offset and skew with what is not known of them.

A Kalman filter with the state (offset, skew), one measurement a stretch (Kalman 1960; two-state clock model: Galleani
2008). What does not fit it is a step: of an NTP correction, of daylight saving, of a technician.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from cases.domain.alignment.clock import Prior
from cases.domain.alignment.types import Clock

WANDER = 1.0e-6
"""Variance by which an offset wanders, s^2 per s: 0.02 s in five minutes with a skew that is known."""
SKEW_WANDER = (0.5e-6) ** 2 / 3600
SKEW_SD = 60e-6
"""Cheap quartz: some 60 ppm either way before anything is known."""
REST_SD_S = 1.0
"""However long a lane rests, its clock is looked for this near to where it should be; elsewhere it has stepped."""
STEP_SD = 4.0
LEAST_STEP_S = 0.5
"""Less is called drift."""
STEP_NATS, MOST_NATS = 18.0, 12.0
"""What must speak for a step before it is as probable as none; what one stretch may say."""
STEP_SUPPORT = 5.0
"""Scans that must agree on a new offset before it is believed."""
WEAK = 0.5
"""A stretch that rests on fewer scans does not move the clock."""


@dataclass(frozen=True, slots=True)
class Track:
    """At camera time `at`: till minus camera is `offset` s, growing by `skew` s/s. `p`: covariance, by rows.
    `stepped_at`, `step_s`: the last step; `previous`: until it, that was the offset."""

    at: float
    offset: float
    skew: float
    p: tuple[float, float, float]
    jitter_s: float
    support: float
    certainty: float
    stepped_at: float | None = None
    step_s: float = 0.0
    rival: tuple[float, float] | None = None
    """Another offset, and the nats by which the stretches so far speak for it."""

    def dump(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def load(cls, plain: Mapping[str, object]) -> Track:
        values: dict[str, Any] = dict(plain)
        values["p"] = tuple(values["p"])
        values["rival"] = tuple(values["rival"]) if values.get("rival") else None
        return cls(**values)

    def clock(self) -> Clock:
        sd = float(np.sqrt(self.p[0]))
        return Clock(self.offset, sd, self.jitter_s, self.skew * 1e6, self.support, self.certainty)


def begun(clock: Clock, at: float) -> Track:
    """From the first clock that was found. The cut of whole seconds and the scan's mean delay are in it."""
    variance = max(clock.sd_s, 0.02) ** 2
    return Track(at, clock.offset_s, 0.0, (variance, 0.0, SKEW_SD**2), clock.jitter_s, clock.support, clock.certainty)


def predicted(track: Track, at: float) -> Track:
    """`track` carried on to camera time `at`."""
    dt = at - track.at
    if dt <= 0:
        return track
    a, b, c = track.p
    return replace(
        track,
        at=at,
        offset=track.offset + track.skew * dt,
        p=(a + 2 * b * dt + c * dt * dt + WANDER * dt, b + c * dt, c + SKEW_WANDER * dt),
    )


def prior_of(track: Track, wild: float) -> Prior:
    sd = min(REST_SD_S, float(np.sqrt(track.p[0])) + 0.02)
    wild = wild if track.certainty >= 0.8 else 50 * wild
    return Prior(track.offset, sd, track.jitter_s, track.support, wild, followed=True)


def updated(track: Track, found: Clock, at: float, sd_before: float) -> Track:
    """`found`: the clock of a stretch at `at`, estimated with a prior of `sd_before` about the prediction `track`."""
    move = found.offset_s - track.offset
    own = found.support - track.support
    if abs(move) > max(LEAST_STEP_S, STEP_SD * sd_before):
        if found.support < STEP_SUPPORT:
            return replace(track, certainty=min(found.certainty, 0.5))
        return _stepped(track, found, at, move)
    if own < WEAK:
        return replace(track, certainty=found.certainty)
    gain = min(0.999, max(0.0, 1 - (found.sd_s / sd_before) ** 2))  # the pull of the prior is in `found` already
    if gain <= 0.0:
        return replace(track, certainty=found.certainty, support=found.support)
    a, b, c = track.p
    noise = max(1e-6, sd_before**2 * (1 - gain) / gain)
    seen, total = move / gain, a + noise
    k0, k1 = a / total, b / total
    return replace(
        track,
        offset=track.offset + k0 * seen,
        skew=float(np.clip(track.skew + k1 * seen, -300e-6, 300e-6)),
        p=((1 - k0) * a, (1 - k0) * b, c - k1 * b),
        jitter_s=found.jitter_s,
        support=found.support,
        certainty=found.certainty,
    )


def contested(track: Track, said: tuple[float, float] | None) -> Track:
    """`track` with what a stretch `said` of its rival: (offset, nats). Evidence adds up over stretches; a rival that is
    spoken against goes (sequential test, Wald 1945)."""
    if said is None:
        return track
    offset, gain = said
    gain = float(np.clip(gain, -MOST_NATS, MOST_NATS))
    nats = gain + (track.rival[1] if track.rival else 0.0)
    return replace(track, rival=(offset, nats) if nats > 0.0 else None)


def doubt(track: Track) -> float:
    """Posterior probability that the clock has been set to where its rival says."""
    return 1 / (1 + float(np.exp(STEP_NATS - track.rival[1]))) if track.rival else 0.0


def _stepped(track: Track, found: Clock, at: float, move: float) -> Track:
    variance = max(found.sd_s, 0.03) ** 2
    return replace(
        track,
        offset=found.offset_s,
        p=(variance, 0.0, track.p[2]),
        jitter_s=found.jitter_s,
        support=found.support,
        certainty=found.certainty,
        stepped_at=at,
        step_s=move,
        rival=None,
    )
