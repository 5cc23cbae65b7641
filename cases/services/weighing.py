"""What each undecided case asks for attention: worked out again whenever something near it was judged.

From what was told and stated around it, never from the look that happened to be the last: the same events rank alike
whatever order they came in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from cases.domain.alignment.types import PosLine, Sighting, Verdicts
from cases.domain.lifecycle import DECIDED
from cases.domain.risk import REACH_S, Context, Stated, context_of, risk_of
from cases.models import Case, Discrepancy
from cases.signals import case_changed
from lanes.models import Lane


def cases_weigh(*, lane: Lane, answers: Sequence[Verdicts], seen: Sequence[Sighting], told: Sequence[PosLine]) -> None:
    """Weigh again every undecided case that what was judged may bear on. In the caller's transaction, after the
    discrepancies were stored."""
    if span := _span(answers, seen, told):
        _weigh(lane, span, told)


def cases_weigh_around(*, lane: Lane, at: float, told: Sequence[PosLine]) -> None:
    """Weigh again the cases around `at` (common clock), where what is stated has changed; `told`: as far as those
    reach. In the caller's transaction."""
    _weigh(lane, (at - REACH_S, at + REACH_S), told)


def _weigh(lane: Lane, span: tuple[float, float], told: Sequence[PosLine]) -> None:
    cases = list(_cases(lane, *span))
    if not cases:
        return
    stated = [_stated(row) for row in _stands(lane, *span)]
    for case in cases:
        asked = _stated(case.discrepancy)
        _store(case, context_of(asked, told, stated))


def risk_first(score: float, amount: Decimal | None) -> float:
    """Of a case that is only being opened: what is around it is weighed with all others."""
    return risk_of(score, _cents(amount), Context()).value


def _span(answers: Sequence[Verdicts], seen: Sequence[Sighting], told: Sequence[PosLine]) -> tuple[float, float] | None:
    """Common clock: as far as anything that was judged can reach."""
    times = [s.at for answer in answers for s in seen if s.key in answer.judged]
    times += [line.at - answer.clock.offset_s for answer in answers for line in told if line.key in answer.judged]
    return (min(times) - REACH_S, max(times) + REACH_S) if times else None


def _cases(lane: Lane, low: float, high: float) -> Iterable[Case]:
    settled = [*DECIDED, Case.Status.WITHDRAWN]
    found = Case.objects.filter(lane=lane, occurred_at__gte=_instant(low), occurred_at__lte=_instant(high))
    return found.exclude(status__in=settled).select_related("discrepancy")


def _stands(lane: Lane, low: float, high: float) -> Iterable[Discrepancy]:
    """What stands around those cases, on any ticket."""
    return Discrepancy.objects.filter(
        lane=lane,
        withdrawn_at=None,
        occurred_at__gte=_instant(low - REACH_S),
        occurred_at__lte=_instant(high + REACH_S),
    ).exclude(transaction="")


def _stated(row: Discrepancy) -> Stated:
    clock = row.explanation.get("clock")
    return Stated(
        anchor=row.anchor,
        kind=row.kind,
        at=row.occurred_at.timestamp(),
        score=row.score,
        transaction=row.transaction,
        pos_ids=frozenset(row.pos_events),
        offset_s=float(clock.get("offset_s", 0.0)) if isinstance(clock, dict) else 0.0,
    )


def _store(case: Case, context: Context) -> None:
    risk = risk_of(case.discrepancy.score, _cents(case.amount_at_risk), context)
    parts = risk.dump()
    if case.risk == risk.value and case.explanation.get("risk") == parts:
        return
    explanation = {**case.explanation, "risk": parts}
    # A decision made meanwhile wins: what people saw when they decided stays as it was.
    if Case.objects.filter(pk=case.pk, status=case.status).update(risk=risk.value, explanation=explanation):
        case_changed.send(sender=Case, case_id=case.pk, store_id=case.store_id, what="changed")


def _cents(amount: Decimal | None) -> int | None:
    return int(amount * 100) if amount is not None else None


def _instant(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
