"""Where the admin's zone editor gets the picture to draw on.

Whoever holds camera pictures (the vision app) registers a provider; the map
itself holds none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lanes.models import Camera


@dataclass(frozen=True)
class Snapshot:
    """A blurred JPEG of a camera's view and the instant it shows."""

    jpeg: bytes
    taken_at: datetime | None


SnapshotProvider = Callable[[Camera], Snapshot | None]

_provider: list[SnapshotProvider] = []


def snapshot_register(provider: SnapshotProvider) -> None:
    """Set the one provider; it answers None while a camera has no picture yet."""
    _provider[:] = [provider]


def snapshot_of(camera: Camera) -> Snapshot | None:
    return _provider[0](camera) if _provider else None
