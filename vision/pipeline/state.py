"""What seeing carries from one segment of a camera to the next, as bytes without pickle."""

from __future__ import annotations

from dataclasses import dataclass, field

from vision.domain.furniture import Spot
from vision.domain.presence import Presence
from vision.domain.shelf import Shelf
from vision.domain.tracker import TrackerState
from vision.domain.zone_events import ZoneState
from vision.pipeline.gate import GateState
from vision.pipeline.motion import Background
from vision.pipeline.packed import pack, unpack
from vision.pipeline.shelf_looks import Look

VERSION = 6


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
    looks: tuple[Look, ...] = ()
    shelf: Shelf = field(default_factory=Shelf)

    def to_bytes(self) -> bytes:
        return pack(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> LaneVision:
        """Raises StateUnreadable."""
        try:
            state = unpack(data, cls)
        except ValueError as error:
            raise StateUnreadable(f"Not a state of seeing: {error}") from error
        if state.version != VERSION:
            raise StateUnreadable(f"A state of version {state.version}, not {VERSION}.")
        return state
