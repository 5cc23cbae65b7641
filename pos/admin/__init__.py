"""The till in the administration."""

from pos.admin import approval_log, approval_rules, events, feed_worth, feeds, refused, sources, unknown

__all__ = [
    "approval_log",
    "approval_rules",
    "events",
    "feed_worth",
    "feeds",
    "refused",
    "sources",
    "unknown",
]
