"""The till in the administration."""

from pos.admin import approval_log, approval_rules, events, feed, sources, unknown

__all__ = [
    "approval_log",
    "approval_rules",
    "events",
    "feed",
    "sources",
    "unknown",
]
