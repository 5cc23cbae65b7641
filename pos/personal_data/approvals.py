"""What tills asked before they acted."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Model, Q, QuerySet

from pos.domain.approvals.rules import KEPT_FOR
from pos.models import Approval, ApprovalPolicy, ApprovalRule, ApprovalStep
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


def _worked_on(subject: Subject) -> Iterator[tuple[QuerySet[Model], str]]:
    """Where a user's name stands, and in which column. An override is by a pseudonym instead."""
    if subject.kind != "user" or not subject.value:
        return
    steps = ApprovalStep.objects.exclude(kind=ApprovalStep.Kind.OVERRIDDEN)
    for rows, column in (
        (steps.all(), "by"),
        (ApprovalRule.objects.all(), "made_by"),
        (ApprovalPolicy.objects.select_related("store"), "changed_by"),
    ):
        yield rows.filter(**{column: subject.value}), column


def _work_export(subject: Subject) -> Iterator[dict]:
    for rows, column in _worked_on(subject):
        for row in rows:
            what = {"what": row._meta.verbose_name, "which": str(row), "as": column}
            yield what | ({"reason": row.reason} if hasattr(row, "reason") else {})


def _work_erase(subject: Subject) -> int:
    return sum(rows.update(**{column: "erased"}) for rows, column in _worked_on(subject))


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
personal_data_register(
    PersonalData(
        name="pos.approval_work",
        description="Who wrote approval rules, switched them live, and withdrew or annotated answers.",
        export=_work_export,
        erase=_work_erase,
        # The steps go with their answers; rules and mode are kept as long as they say who answers for them.
        expire=lambda now: 0,
    )
)
