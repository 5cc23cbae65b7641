"""Looking at evidence, recorded before it is shown (GDPR Art. 32; P30)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from cases.models import Evidence
from privacy.audit import audit_record
from privacy.models import AuditEvent, User

# A player asks for one clip in many ranges and a page for three stills: within this time it is one viewing.
ONE_VIEWING = timedelta(minutes=10)
ACTIONS = {Evidence.Kind.CLIP: "clip.viewed", Evidence.Kind.KEY_FRAME: "key_frame.viewed"}


def evidence_viewed(*, actor: User, evidence: Evidence, now: datetime, ip: str | None = None) -> bool:
    """Record that `actor` looks at this clip or key frame; whether that began a new viewing."""
    action = ACTIONS[Evidence.Kind(evidence.kind)]
    if _seen_lately(actor, evidence, action, now):
        return False
    with transaction.atomic():
        Evidence.objects.select_for_update().filter(pk=evidence.pk).first()  # two ranges at once are one viewing
        if _seen_lately(actor, evidence, action, now):
            return False
        audit_record(
            actor=actor,
            action=action,
            object_type="case",
            object_id=str(evidence.case_id),
            store_code=evidence.case.store.code,
            ip=ip,
            data={"evidence": str(evidence.pk), "sha256": evidence.sha256},
        )
    return True


def _seen_lately(actor: User, evidence: Evidence, action: str, now: datetime) -> bool:
    return AuditEvent.objects.filter(
        object_type="case",
        object_id=str(evidence.case_id),
        at__gt=now - ONE_VIEWING,
        actor=actor.get_username(),
        actor_kind=AuditEvent.ActorKind.USER,
        action=action,
    ).exists()
