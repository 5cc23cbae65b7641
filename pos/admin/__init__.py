"""The till in the administration."""

from pos.admin import events, feeds, refused, unknown

__all__ = ["events", "feeds", "refused", "unknown"]
