"""More video than machine: first fewer pictures a second are looked at, then fewer cameras, each step by name.

A step is taken when video has waited too long and the last step has had time to work; it is taken back after a calm,
which must be longer each time the way back proved to be too early.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

SHARES = (1.0, 0.7, 0.5)
"""Of the usual pictures a second. With fewer than half things are no longer followed from picture to picture."""
LATE_S = 6.0
"""Video that waits longer than this makes verdicts late for whoever stands at the lane."""
CALM_LATE_S = 3.0
SETTLES_S = 12.0
CALM_S, LONGEST_CALM_S = 60.0, 1800.0
TOO_EARLY_S = 120.0


@dataclass(frozen=True, slots=True)
class Load:
    """`step`: 0 is all; up to 2 fewer pictures; from 3 on `step - 2` cameras rest as well. Times are Unix s."""

    step: int = 0
    changed_at: float = 0.0
    calm_since: float | None = None
    calm_s: float = CALM_S
    eased_at: float = 0.0

    @property
    def share(self) -> float:
        """Of the usual pictures a second."""
        return SHARES[min(self.step, len(SHARES) - 1)]

    @property
    def resting(self) -> int:
        """How many cameras rest."""
        return max(0, self.step - len(SHARES) + 1)


def load_step(load: Load, waits_s: float, cameras: int, at: float) -> Load:
    """`waits_s`: how long the oldest video of any camera that is looked at has waited. `cameras`: that give video."""
    most = len(SHARES) - 1 + max(0, cameras - 1)
    if load.step > most:
        return replace(load, step=most, changed_at=at, calm_since=None)
    if waits_s > LATE_S:
        load = replace(load, calm_since=None)
        if load.step >= most or at - load.changed_at < SETTLES_S:
            return load
        early = load.eased_at > 0.0 and at - load.eased_at < TOO_EARLY_S
        calm_s = min(LONGEST_CALM_S, 2 * load.calm_s) if early else load.calm_s
        return replace(load, step=load.step + 1, changed_at=at, calm_s=calm_s)
    if load.step == 0 and at - load.eased_at >= TOO_EARLY_S:
        return replace(load, calm_since=None, calm_s=CALM_S)
    if waits_s > CALM_LATE_S or load.step == 0:
        return replace(load, calm_since=None)
    since = at if load.calm_since is None else load.calm_since
    if at - since < load.calm_s:
        return replace(load, calm_since=since)
    return replace(load, step=load.step - 1, changed_at=at, calm_since=None, eased_at=at)


def resting(load: Load, cameras: Sequence[tuple[int, int]]) -> list[int]:
    """Ids of the cameras that rest, of `cameras` (id, priority): those of the least priority, of equals the newest."""
    return [key for key, _ in sorted(cameras, key=lambda camera: (camera[1], -camera[0]))[: load.resting]]


def load_sentence(load: Load, fps: float) -> str:
    """What is done about it, in words; empty where all is looked at. `fps`: the usual pictures a second."""
    if load.step == 0:
        return ""
    done = f"{load.share * fps:.0f} instead of {fps:.0f} pictures a second"
    if load.resting:
        done += f" and {load.resting} camera{'s rest' if load.resting > 1 else ' rests'}"
    return f"More video than this machine can look at: {done}."
