"""The till in the administration."""

from pos.admin import events, feed, unknown

__all__ = ["events", "feed", "unknown"]
