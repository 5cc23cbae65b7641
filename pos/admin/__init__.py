"""The till in the administration."""

from pos.admin import approval_log, approval_rules, connections, events, feed_worth, refused, sources, unknown

__all__ = [
    "approval_log",
    "approval_rules",
    "connections",
    "events",
    "feed_worth",
    "refused",
    "sources",
    "unknown",
]
