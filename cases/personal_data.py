"""What cases hold about people: blurred pictures, and who decided."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Model, QuerySet

from cases.domain.retention import evidence_expires_at
from cases.models import Case, Decision, Evidence, ExceptionRuleVersion, RuleBacktest, RuleTerm
from cases.services.backtests import backtests_expire
from cases.services.evidence import evidence_erase
from privacy.registry import PersonalData, Subject, personal_data_register


def _filmed(subject: Subject) -> QuerySet[Case]:
    """Cases whose clip may show whoever stood at a lane between two instants."""
    if subject.kind != "footage" or subject.starts_at is None or subject.ends_at is None:
        return Case.objects.none()
    cases = Case.objects.filter(
        store__code=subject.store_code,
        evidence__starts_at__range=(subject.starts_at, subject.ends_at),
    )
    return (cases.filter(lane__code=subject.lane_code) if subject.lane_code else cases).distinct()


def _evidence_export(subject: Subject) -> Iterator[dict]:
    for row in Evidence.objects.filter(case__in=_filmed(subject)).select_related("case"):
        yield {
            "case": str(row.case_id),
            "kind": row.kind,
            "starts_at": row.starts_at.isoformat(),
            "duration_s": row.duration_s,
            "sha256": row.sha256,
            "blur": row.blur,
        }


def _evidence_erase(subject: Subject) -> int:
    return sum(evidence_erase(case=case, reason="erasure request") for case in _filmed(subject))


def _evidence_expire(now: datetime) -> int:
    held = Case.objects.filter(evidence__isnull=False).select_related("store").distinct()
    past = [
        case
        for case in held
        if evidence_expires_at(status=case.status, created_at=case.created_at, resolved_at=case.resolved_at) <= now
    ]
    return sum(evidence_erase(case=case, reason="retention") for case in past)


def _decisions_export(subject: Subject) -> Iterator[dict]:
    if subject.kind == "user":
        for row in Decision.objects.filter(decided_by=subject.value):
            yield {
                "case": str(row.case_id),
                "outcome": row.outcome,
                "reason": row.reason,
                "note": row.note,
                "decided_at": row.decided_at.isoformat(),
            }


def _decisions_erase(subject: Subject) -> int:
    if subject.kind != "user":
        return 0
    return Decision.objects.filter(decided_by=subject.value).update(decided_by="erased")


RULE_NAMES: tuple[tuple[type[Model], str], ...] = (
    (ExceptionRuleVersion, "added_by"),
    (RuleTerm, "by"),
    (RuleBacktest, "asked_by"),
)


def _rules_export(subject: Subject) -> Iterator[dict]:
    if subject.kind == "user":
        for model, column in RULE_NAMES:
            for row in model._default_manager.filter(**{column: subject.value}):
                yield {"what": model._meta.verbose_name, "which": str(row), "as": column}


def _rules_erase(subject: Subject) -> int:
    if subject.kind != "user":
        return 0
    found = [(model._default_manager.filter(**{column: subject.value}), column) for model, column in RULE_NAMES]
    return sum(rows.update(**{column: "erased"}) for rows, column in found)


personal_data_register(
    PersonalData(
        name="cases.evidence",
        description="Blurred clips and key frames of cases.",
        export=_evidence_export,
        erase=_evidence_erase,
        expire=_evidence_expire,
    )
)
personal_data_register(
    PersonalData(
        name="cases.decisions",
        description="Who decided a case, with reason and note.",
        export=_decisions_export,
        erase=_decisions_erase,
        # Decisions are kept with the case as the record of human oversight (AI Act Art. 26(6)).
        expire=lambda now: 0,
    )
)
personal_data_register(
    PersonalData(
        name="cases.rules",
        description="Who wrote, tried and put into force exception rules; for half a year the tickets a trial names.",
        export=_rules_export,
        erase=_rules_erase,
        expire=lambda now: backtests_expire(now=now),
    )
)
