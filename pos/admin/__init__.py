"""The till in the administration."""

from pos.admin import events, sources, unknown

__all__ = ["events", "sources", "unknown"]
