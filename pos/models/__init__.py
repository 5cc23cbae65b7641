"""What the till said, what is known of its feed, and what it asked before it acted."""

from pos.models.approvals import Approval, ApprovalPolicy, ApprovalRule, ApprovalStep
from pos.models.connections import Connection, PosPoll, PosWebhook, RefusedDocument
from pos.models.events import PosEvent
from pos.models.feed_worth import FeedDay, FeedGrade, FeedMark, FeedTicket, MissingTickets, QuarantinedTicket
from pos.models.peers import PeerComparison
from pos.models.sources import PosSource, SourcePreview
from pos.models.unknown import HeldEvent, UnknownTerminal

__all__ = [
    "Approval",
    "ApprovalPolicy",
    "ApprovalRule",
    "ApprovalStep",
    "Connection",
    "FeedDay",
    "FeedGrade",
    "FeedMark",
    "FeedTicket",
    "HeldEvent",
    "MissingTickets",
    "PeerComparison",
    "PosEvent",
    "PosPoll",
    "PosSource",
    "PosWebhook",
    "QuarantinedTicket",
    "RefusedDocument",
    "SourcePreview",
    "UnknownTerminal",
]
