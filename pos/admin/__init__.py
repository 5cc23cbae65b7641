"""The till in the administration."""

from pos.admin import approval_log, approval_rules, connections, events, refused, sources, unknown

__all__ = [
    "approval_log",
    "approval_rules",
    "connections",
    "events",
    "refused",
    "sources",
    "unknown",
]
