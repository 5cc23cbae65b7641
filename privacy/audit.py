"""Writing history. Call inside the transaction of the act itself, so that
neither exists without the other."""

from datetime import datetime

from django.utils import timezone

from privacy.guard import audit_unguarded
from privacy.models import AuditEvent, User


def audit_record(
    *,
    actor: "User | str",
    action: str,
    object_type: str = "",
    object_id: str | int = "",
    store_code: str = "",
    reason: str = "",
    ip: str | None = None,
    actor_kind: str | None = None,
    data: dict | None = None,
) -> AuditEvent:
    """Record that ``actor`` did ``action``.

    ``actor`` is a User, or the name of a key or service (then say its
    ``actor_kind``; a bare string counts as the system).
    """
    return AuditEvent.objects.create(
        at=timezone.now(),
        actor_kind=actor_kind
        or (AuditEvent.ActorKind.USER if isinstance(actor, User) else AuditEvent.ActorKind.SYSTEM),
        actor=actor.get_username() if isinstance(actor, User) else actor,
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        store_code=store_code,
        reason=reason,
        ip=ip,
        data=data or {},
    )


def audit_expire(*, actor: "User | str", before: datetime) -> int:
    """Remove history older than ``before`` and record that, as the only way to
    remove any. How long history is kept is the caller's decision to answer for."""
    with audit_unguarded():
        removed = AuditEvent.objects.expire_before(before)
        if removed:
            data = {"before": before.isoformat(), "removed": removed}
            audit_record(actor=actor, action="audit.expired", object_type="audit_event", data=data)
    return removed
