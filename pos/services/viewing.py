"""Looking at tickets, recorded before they are shown (GDPR Art. 32; P30)."""

from datetime import datetime, timedelta

from lanes.models import Store
from privacy.audit import audit_record
from privacy.models import AuditEvent, User

# Going to and fro between a list and a ticket is one look.
ONE_VIEWING = timedelta(minutes=10)
OBJECT_ID_LONGEST = 64


def ticket_viewed(*, actor: User, store: Store, transaction: str, now: datetime, ip: str | None = None) -> bool:
    """Record that ``actor`` looks at a ticket; whether that is a new look."""
    return _viewed(actor, "ticket.viewed", "ticket", transaction, store, now, ip, {"transaction": transaction})


def operator_searched(*, actor: User, store: Store, operator: str, now: datetime, ip: str | None = None) -> bool:
    """Record that ``actor`` looks at what one operator did; whether that is a new look."""
    return _viewed(actor, "tickets.operator_searched", "operator", operator, store, now, ip, {})


def _viewed(
    actor: User, action: str, kind: str, name: str, store: Store, now: datetime, ip: str | None, data: dict[str, str]
) -> bool:
    about = {"object_type": kind, "object_id": name[:OBJECT_ID_LONGEST], "store_code": store.code}
    lately = AuditEvent.objects.filter(
        **about,
        at__gt=now - ONE_VIEWING,
        actor=actor.get_username(),
        actor_kind=AuditEvent.ActorKind.USER,
        action=action,
        data=data,
    )
    if lately.exists():
        return False
    audit_record(actor=actor, action=action, ip=ip, data=data, **about)
    return True
