"""What tills asked before they acted."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q, QuerySet

from pos.domain.approvals.rules import KEPT_FOR
from pos.models import Approval, ApprovalStep
from privacy.registry import PersonalData, Subject, personal_data_register


def _asked_by(subject: Subject) -> QuerySet[Approval]:
    """What an operator asked, or let happen as the approver."""
    if subject.kind != "operator" or not subject.value:
        return Approval.objects.none()
    mine = Q(operator=subject.value) | Q(pk__in=_let_happen(subject).values("approval"))
    return Approval.objects.filter(mine, store__code=subject.store_code)


def _let_happen(subject: Subject) -> QuerySet[ApprovalStep]:
    return ApprovalStep.objects.filter(
        approval__store__code=subject.store_code, kind=ApprovalStep.Kind.OVERRIDDEN, by=subject.value
    )


def _approvals_export(subject: Subject) -> Iterator[dict]:
    for row in _asked_by(subject).prefetch_related("steps"):
        yield {
            "id": str(row.pk),
            "asked_at": row.asked_at.isoformat(),
            "type": row.type,
            "asked": row.asked,
            "outcome": row.outcome,
            "reasons": row.reasons,
            "overridden": [step.reason for step in row.steps.all() if step.by == subject.value],
        }


def _approvals_erase(subject: Subject) -> int:
    """The question stays as a figure; whoever asked or approved is no longer in it."""
    if subject.kind != "operator" or not subject.value:
        return 0
    approved = _let_happen(subject).update(by="", reason="")
    asked = Approval.objects.filter(store__code=subject.store_code, operator=subject.value)
    return approved + asked.update(operator="", asked={})


def _approvals_expire(now: datetime) -> int:
    old = Approval.objects.filter(asked_at__lt=now - KEPT_FOR)
    count = old.count()
    old.delete()
    return count


personal_data_register(
    PersonalData(
        name="pos.approvals",
        description=f"What tills asked before acting, and who let it happen, as pseudonyms, for {KEPT_FOR.days} days.",
        export=_approvals_export,
        erase=_approvals_erase,
        expire=_approvals_expire,
    )
)
