"""What seeing carries from one segment of a camera to the next, as bytes without pickle."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from vision.domain.furniture import Spot
from vision.domain.presence import Presence
from vision.domain.tracker import TrackerState
from vision.domain.zone_events import ZoneState
from vision.pipeline.gate import GateState
from vision.pipeline.motion import Background

VERSION = 4


class StateUnreadable(Exception):
    """The bytes are not a state of this version. Start without one: a second of evidence is lost, nothing else."""


@dataclass(frozen=True)
class LaneVision:
    """`layout` names the zones and picture size it belongs to: with others it is worthless and dropped."""

    version: int = VERSION
    layout: str = ""
    at: float = 0.0
    gate: GateState = field(default_factory=GateState)
    background: Background | None = None
    tracker: TrackerState = field(default_factory=TrackerState)
    zones: ZoneState = field(default_factory=ZoneState)
    presence: tuple[Presence, ...] = ()
    furniture: tuple[Spot, ...] = ()

    def to_bytes(self) -> bytes:
        return zlib.compress(msgspec.msgpack.encode(self, enc_hook=_array_out), 1)

    @classmethod
    def from_bytes(cls, data: bytes) -> LaneVision:
        """Raises StateUnreadable."""
        try:
            state = msgspec.msgpack.decode(zlib.decompress(data), type=cls, dec_hook=_array_in)
        except (zlib.error, msgspec.DecodeError, ValueError, TypeError) as error:
            raise StateUnreadable(f"Not a state of seeing: {error}") from error
        if state.version != VERSION:
            raise StateUnreadable(f"A state of version {state.version}, not {VERSION}.")
        return state


def _array_out(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [value.dtype.str, list(value.shape), value.tobytes()]
    raise TypeError(type(value))


def _array_in(kind: type, value: Any) -> Any:
    if kind is np.ndarray:
        dtype, shape, data = value
        return np.frombuffer(data, dtype=dtype).reshape(shape)
    raise TypeError(kind)
