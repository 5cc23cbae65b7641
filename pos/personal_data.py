"""What the till's side holds about people beside its events: those of terminals that nobody has mapped, and what tills
asked before they acted."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q, QuerySet

from pos.domain.approvals.rules import KEPT_FOR
from pos.models import Approval, ApprovalStep, HeldEvent
from pos.services.unknown import held_expire
from privacy.registry import PersonalData, Subject, personal_data_register


def _of(subject: Subject) -> QuerySet[HeldEvent]:
    if subject.kind != "operator" or not subject.value:
        return HeldEvent.objects.none()
    return HeldEvent.objects.filter(terminal__store__code=subject.store_code, row__operator=subject.value)


def _export(subject: Subject) -> Iterator[dict]:
    for held in _of(subject).select_related("terminal"):
        yield {"terminal": held.terminal.code, "id": held.external_id, "type": held.row["type"]}


personal_data_register(
    PersonalData(
        name="pos.held",
        description="Events of terminals that no lane has yet, with operators' pseudonyms, for a week.",
        export=_export,
        erase=lambda subject: _of(subject).delete()[0],
        expire=lambda now: held_expire(now=now),
    )
)


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
