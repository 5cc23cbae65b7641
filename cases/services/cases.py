"""What people do with a case. Each act moves it by a conditional update, with its audit row in the same transaction."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from cases.domain.lifecycle import (
    AUDIT_ACTIONS,
    OUTCOME_STATUS,
    UNDECIDED,
    NotAllowed,
    check_can_decide,
    check_can_take,
)
from cases.models import Case, Decision, Evidence
from cases.signals import case_changed
from lanes.permissions import may
from privacy.audit import audit_record
from privacy.domain.roles import Permission
from privacy.models import AuditEvent, User

# Reloading a page is not another look.
ONE_VIEWING = timedelta(minutes=10)
REASON_LIMIT, ACTION_LIMIT = 64, 64


class CaseMoved(NotAllowed):
    """Somebody else was first; the message says who and what."""


def case_decide(
    *,
    actor: User | str,
    case_id: uuid.UUID | str,
    outcome: str,
    reason: str = "",
    note: str = "",
    action: str = "",
    actor_kind: str | None = None,
    now: datetime | None = None,
) -> Case:
    """Decide a case. Raises NotAllowed with a sentence, CaseMoved where another decided meanwhile,
    PermissionDenied for a person without the role, Case.DoesNotExist.

    `actor`: a User, or the name of a key (then say `actor_kind`; the caller has checked its scope and store).
    """
    now = now or timezone.now()
    with transaction.atomic():
        case = Case.objects.select_related("store").get(pk=case_id)
        _check_may_decide(actor, case)
        _check_decidable(case, outcome, reason)
        status = OUTCOME_STATUS[outcome]
        resolved = now if status in ("confirmed", "dismissed") else None
        moved = Case.objects.filter(pk=case.pk, status=case.status).update(status=status, resolved_at=resolved)
        if not moved:
            raise CaseMoved(_who_moved(Case.objects.get(pk=case.pk)))
        Decision.objects.create(
            case=case,
            outcome=outcome,
            reason=reason[:REASON_LIMIT],
            note=note,
            action=action[:ACTION_LIMIT],
            decided_by=_name(actor),
            decided_at=now,
        )
        _audit(actor, actor_kind, AUDIT_ACTIONS[status], case, reason, {"action": action} if action else {})
        case.status, case.resolved_at = status, resolved
        case_changed.send(sender=Case, case_id=case.pk, store_id=case.store_id, what="decided")
    return case


def case_take(*, actor: User, case_id: uuid.UUID | str) -> Case:
    """Start reviewing: the case is theirs until they decide. Taking one's own again changes nothing."""
    with transaction.atomic():
        case = Case.objects.select_related("store", "assignee").get(pk=case_id)
        _check_may_decide(actor, case)
        if case.status == Case.Status.IN_REVIEW:
            if case.assignee_id == actor.pk:
                return case
            raise CaseMoved(f"{case.assignee or 'Somebody'} is reviewing this case.")
        check_can_take(case.status)
        taken = Case.objects.filter(pk=case.pk, status=case.status)
        if not taken.update(status=Case.Status.IN_REVIEW, assignee=actor):
            raise CaseMoved(_who_moved(Case.objects.select_related("assignee").get(pk=case.pk)))
        _audit(actor, None, AUDIT_ACTIONS["in_review"], case)
        case.status, case.assignee = Case.Status.IN_REVIEW, actor
        case_changed.send(sender=Case, case_id=case.pk, store_id=case.store_id, what="changed")
    return case


def case_viewed(
    *,
    actor: User | str,
    case_id: uuid.UUID | str,
    actor_kind: str | None = None,
    now: datetime | None = None,
    ip: str | None = None,
) -> bool:
    """Record that somebody looks at a case; whether that is a new look."""
    now = now or timezone.now()
    case = Case.objects.select_related("store").get(pk=case_id)
    seen = AuditEvent.objects.filter(
        object_type="case", object_id=str(case.pk), at__gt=now - ONE_VIEWING, actor=_name(actor), action="case.viewed"
    )
    if seen.exists():
        return False
    _audit(actor, actor_kind, "case.viewed", case, ip=ip)
    return True


def evidence_fetched(
    *, actor: User | str, evidence: Evidence, actor_kind: str | None = None, ip: str | None = None
) -> None:
    """Record that a program or person took a clip or key frame through the API: each time, before it is given."""
    _audit(
        actor,
        actor_kind,
        f"{evidence.kind}.viewed",
        evidence.case,
        ip=ip,
        data={"evidence": str(evidence.pk), "sha256": evidence.sha256},
    )


def _check_may_decide(actor: User | str, case: Case) -> None:
    if isinstance(actor, User) and not may(actor, Permission.CASES_DECIDE, case.store):
        raise PermissionDenied("Your role in this store does not allow deciding cases.")


def _check_decidable(case: Case, outcome: str, reason: str) -> None:
    """The lifecycle's own sentence, or who was first where a person has decided."""
    try:
        check_can_decide(case.status, outcome, reason)
    except NotAllowed:
        if case.status not in UNDECIDED and outcome in OUTCOME_STATUS and case.decisions.exists():
            raise CaseMoved(_who_moved(case)) from None
        raise


def _who_moved(case: Case) -> str:
    last = case.decisions.order_by("-decided_at", "-id").first()
    status = case.get_status_display().lower()
    if last is not None and OUTCOME_STATUS[last.outcome] == case.status:
        return f"This case has been {status} by {_shown(last.decided_by)} already; a decision stands as it was made."
    return f"This case is {status} meanwhile; look at it again."


def _shown(name: str) -> str:
    user = User.objects.filter(username=name).first()
    return str(user) if user else name


def _name(actor: User | str) -> str:
    return actor.get_username() if isinstance(actor, User) else str(actor)


def _audit(
    actor: User | str,
    actor_kind: str | None,
    action: str,
    case: Case,
    reason: str = "",
    data: dict | None = None,
    ip: str | None = None,
) -> None:
    audit_record(
        actor=actor,
        actor_kind=actor_kind,
        action=action,
        object_type="case",
        object_id=str(case.pk),
        store_code=case.store.code,
        reason=reason,
        data=data or {},
        ip=ip,
    )
