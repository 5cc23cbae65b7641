"""What the till's side holds about people beside its events."""

from pos.personal_data import approvals, documents, held, peers, refused

__all__ = [
    "approvals",
    "documents",
    "held",
    "peers",
    "refused",
]
