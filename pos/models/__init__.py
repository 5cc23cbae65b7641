"""What the till said, and what is known of its feed."""

from pos.models.events import PosEvent
from pos.models.feed import FeedDay, FeedGrade, FeedMark, FeedTicket, MissingTickets, QuarantinedTicket
from pos.models.unknown import HeldEvent, UnknownTerminal

__all__ = [
    "FeedDay",
    "FeedGrade",
    "FeedMark",
    "FeedTicket",
    "HeldEvent",
    "MissingTickets",
    "PosEvent",
    "QuarantinedTicket",
    "UnknownTerminal",
]
