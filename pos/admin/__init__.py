"""The till in the administration."""

from pos.admin import events, unknown

__all__ = ["events", "unknown"]
