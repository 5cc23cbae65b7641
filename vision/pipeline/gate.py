"""The motion gate: whether a frame is worth a detector call. Blocks of the picture are compared, so noise averages out.

Never blind: the first second is always looked at; what changes slowly adds up against the last frame looked at; and
every so often a frame is looked at whatever it shows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

import cv2
import numpy as np

BLOCKS = 24
RESTING_FPS = 6.0
"""Pictures a second that are enough while nothing moves: what comes in is in view for longer than a sixth of one."""


@dataclass(frozen=True)
class GateConfig:
    step: float = 2.5
    """Least change of a block's mean, in grey levels, that counts as motion."""
    noise_times: float = 7.0
    hold_s: float = 0.6
    first_s: float = 1.0
    heartbeat_s: float = 2.0
    rest_after_s: float = 1.5


@dataclass(frozen=True)
class GateState:
    """`reference`: block means of the last frame looked at; `noise`: how much a quiet block changes by itself."""

    reference: np.ndarray | None = None
    previous: np.ndarray | None = None
    noise: float = 0.3
    opened_at: float = 0.0
    moved_at: float = 0.0
    looked_at: float = 0.0


@dataclass
class Attention:
    """What the eye tells the decoder on the way. `rests`: nothing moves, and RESTING_FPS pictures a second will do."""

    rests: bool = False


def luma_blocks(image: np.ndarray) -> np.ndarray:
    """Block means of the green channel (the nearest to brightness), float32 [about 24 on the longer side]."""
    # as floats: whole grey levels would be too coarse for means
    green = image[::2, ::2, 1].astype(np.float32)
    height, width = green.shape
    scale = BLOCKS / max(height, width)
    size = (max(4, round(width * scale)), max(4, round(height * scale)))
    return cv2.resize(green, size, interpolation=cv2.INTER_AREA)


def gate_step(
    state: GateState, blocks: np.ndarray, at: float, config: GateConfig, *, patience_s: float = inf
) -> tuple[GateState, bool]:
    """Whether to look at this frame. `patience_s`: for how long what is being followed may go without."""
    if state.reference is None or state.reference.shape != blocks.shape or not 0 <= at - state.looked_at < 60:
        return GateState(blocks, blocks, opened_at=at, moved_at=at, looked_at=at), True
    quiet = float(np.median(np.abs(blocks - state.previous)))
    noise = state.noise + 0.1 * (min(quiet, 2.0) - state.noise)
    threshold = max(config.step, config.noise_times * noise)
    moved_at = at if float(np.abs(blocks - state.reference).max()) > threshold else state.moved_at
    look = (
        at - moved_at <= config.hold_s
        or at - state.opened_at <= config.first_s
        or at - state.looked_at >= min(patience_s, config.heartbeat_s)
    )
    state = replace(state, previous=blocks, noise=noise, moved_at=moved_at)
    return (replace(state, reference=blocks, looked_at=at) if look else state), look


def gate_rests(state: GateState, at: float, config: GateConfig) -> bool:
    """Nothing has moved for a while."""
    return at - max(state.moved_at, state.opened_at) >= config.rest_after_s
