"""What the till's side holds about people beside its events."""

from pos.personal_data import accepted, approvals, documents, held, peers, refused

__all__ = [
    "accepted",
    "approvals",
    "documents",
    "held",
    "peers",
    "refused",
]
