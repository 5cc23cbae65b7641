"""The till in the administration."""

from pos.admin import approval_log, approval_rules, events, feeds, refused, sources, unknown

__all__ = [
    "approval_log",
    "approval_rules",
    "events",
    "feeds",
    "refused",
    "sources",
    "unknown",
]
