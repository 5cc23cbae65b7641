"""What the till's side holds about people beside its events."""

from pos.personal_data import approvals, held, peers

__all__ = ["approvals", "held", "peers"]
