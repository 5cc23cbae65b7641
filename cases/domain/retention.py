"""How long a case's pictures may live (GDPR Art. 5(1)(e); EDPB 3/2019 para 121; P21)."""

from datetime import datetime, timedelta

# Until somebody decides, three days: beyond 72 h the EDPB wants a justification per store.
UNDECIDED = timedelta(hours=72)
REFUTED = timedelta(hours=24)
CONFIRMED = timedelta(days=30)

LIFETIMES: dict[str, timedelta] = {
    "open": UNDECIDED,
    "in_review": UNDECIDED,
    "needs_context": UNDECIDED,
    "confirmed": CONFIRMED,
    "dismissed": REFUTED,
    "withdrawn": REFUTED,
}


def evidence_expires_at(*, status: str, created_at: datetime, resolved_at: datetime | None) -> datetime:
    """When the pictures of a case must be gone. Raises KeyError for a status that is not in the table."""
    return (resolved_at or created_at) + LIFETIMES[status]
