"""What the till said, and what is known of its feed."""

from pos.models.events import PosEvent
from pos.models.sources import PosSource, SourcePreview
from pos.models.unknown import HeldEvent, UnknownTerminal

__all__ = ["HeldEvent", "PosEvent", "PosSource", "SourcePreview", "UnknownTerminal"]
