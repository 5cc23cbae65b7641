"""What the till said, and what is known of its feed."""

from pos.models.events import PosEvent
from pos.models.feeds import Feed, PosPoll, PosWebhook, RefusedDocument
from pos.models.peers import PeerComparison
from pos.models.unknown import HeldEvent, UnknownTerminal

__all__ = [
    "Feed",
    "HeldEvent",
    "PeerComparison",
    "PosEvent",
    "PosPoll",
    "PosWebhook",
    "RefusedDocument",
    "UnknownTerminal",
]
