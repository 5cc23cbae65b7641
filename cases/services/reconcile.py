"""From verdicts to rows: what is new is opened, what no longer holds is withdrawn, what people decided stays."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from cases.domain.alignment.params import Params
from cases.domain.alignment.types import Kind, PosLine, Sighting, Verdict, Verdicts
from cases.domain.lifecycle import DECIDED
from cases.models import Case, Discrepancy
from cases.services.weighing import risk_first
from cases.signals import case_changed
from lanes.models import Lane
from privacy.audit import audit_record

PAD = timedelta(seconds=200)
SHOWN_S = 20.0
SYSTEM = "judge"


RULE_ANCHOR = "rule."
"""So begins the anchor of what an exception rule found."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of the discrepancies of these `kinds`, and no others: of those that rules found, or of those that
    the judge did. `span`: the stretch (common clock), where the judged events alone do not tell it."""

    answer: Verdicts
    kinds: Collection[Kind]
    by_rule: bool = False
    span: tuple[float, float] | None = None

    def covers(self, row: Discrepancy) -> bool:
        return row.kind in self.kinds and row.anchor.startswith(RULE_ANCHOR) is self.by_rule


def verdicts_reconcile(
    *,
    lane: Lane,
    said: Sequence[Said],
    seen: Sequence[Sighting],
    told: Sequence[PosLine],
    received: Mapping[str, float],
    now: datetime,
) -> None:
    """Make the stored discrepancies of the judged stretch say what the verdicts say. In the caller's transaction.

    `received`: when each event came, by key, for the reasons that are given.
    """
    rows = list(Discrepancy.objects.filter(_bears_on(said, seen, told), lane=lane))
    cases = {case.discrepancy_id: case for case in Case.objects.filter(discrepancy__in=rows)} if rows else {}
    for part in said:
        stored = {row.anchor: row for row in rows if part.covers(row)}
        _part_reconcile(lane, part.answer, stored, cases, seen, received, now)


def _part_reconcile(
    lane: Lane,
    answer: Verdicts,
    stored: Mapping[str, Discrepancy],
    cases: Mapping[uuid.UUID, Case],
    seen: Sequence[Sighting],
    received: Mapping[str, float],
    now: datetime,
) -> None:
    wanted = {verdict.anchor: verdict for verdict in answer.verdicts}
    cameras = {camera.code: camera.pk for camera in lane.cameras.all()}
    for anchor, verdict in wanted.items():
        row = stored.get(anchor)
        values = _values(verdict, answer, cameras, seen)
        if row is None:
            row = Discrepancy.objects.create(store_id=lane.store_id, lane=lane, anchor=anchor, **values)
        elif any(getattr(row, name) != value for name, value in values.items()):
            Discrepancy.objects.filter(pk=row.pk).update(**values, updated_at=now)
            for name, value in values.items():
                setattr(row, name, value)
        _case_follow(cases.get(row.pk), row, verdict, lane, now)
    matched = {m.sighting: m.line for m in answer.matches} | {m.line: m.sighting for m in answer.matches}
    silenced = {anchor: str(gap["reason"]) for gap in answer.suppressed for anchor in _anchors(gap)}
    for anchor, row in stored.items():
        if anchor not in wanted and row.withdrawn_at is None and _was_judged(row, answer):
            _withdraw(row, silenced.get(anchor) or _reason(row, matched, received), lane, now)


def _anchors(gap: Mapping[str, object]) -> Iterable[str]:
    anchors = gap.get("anchors")
    return anchors if isinstance(anchors, list) else ()


def _bears_on(said: Sequence[Said], seen: Sequence[Sighting], told: Sequence[PosLine]) -> Q:
    """What was said before about any of the judged events, and about the same anchors."""
    found = Q(pk=None)
    for part in said:
        answer = part.answer
        times = [s.at for s in seen if s.key in answer.judged]
        times += [line.at - answer.clock.offset_s for line in told if line.key in answer.judged]
        times = list(part.span) if part.span else times
        near = Q(anchor__in=[verdict.anchor for verdict in answer.verdicts])
        if times:
            low, high = (datetime.fromtimestamp(t, UTC) for t in (min(times), max(times)))
            near |= Q(withdrawn_at=None, occurred_at__gte=low - PAD, occurred_at__lte=high + PAD)
        found |= near & Q(kind__in=[kind.value for kind in part.kinds])
    return found


def _was_judged(row: Discrepancy, answer: Verdicts) -> bool:
    """Whether this look covered the event that the row hangs on, and did not leave it waiting."""
    event = row.anchor.partition(":")[2]
    if event.startswith("ticket:"):
        return bool(answer.judged)
    return event in answer.judged and event not in answer.pending


def _values(verdict: Verdict, answer: Verdicts, cameras: dict[str, int], seen: Sequence[Sighting]) -> dict[str, object]:
    camera, _, visual_event = verdict.sighting.partition("/")
    return {
        "kind": verdict.kind.value,
        "occurred_at": datetime.fromtimestamp(round(verdict.at, 3), UTC),
        "score": round(verdict.score, 3),
        "alerted": verdict.alertable and verdict.score >= Params().alert_at,
        "withdrawn_at": None,
        "withdrawn_reason": "",
        "visual_event": visual_event,
        "camera_id": cameras.get(camera),
        "pos_events": [key.partition("/")[2] for key in verdict.pos_keys],
        "transaction": verdict.transaction,
        "explanation": {**verdict.explanation, "matches": _matches_near(verdict, answer, seen)},
        "rule_version": str(verdict.explanation.get("rule_version", "")),
    }


def _matches_near(verdict: Verdict, answer: Verdicts, seen: Sequence[Sighting]) -> list[dict[str, str]]:
    """Which pass belongs to which line around the moment: the page draws them on its timeline."""
    near = {s.key for s in seen if abs(s.at - verdict.at) <= SHOWN_S}
    return [{"sighting": m.sighting, "line": m.line} for m in answer.matches if m.sighting in near]


def _case_follow(case: Case | None, row: Discrepancy, verdict: Verdict, lane: Lane, now: datetime) -> None:
    """The case of a discrepancy: opened, refreshed, withdrawn or opened again; annotated once decided."""
    if case is None:
        if row.alerted:
            _open(row, verdict, lane)
    elif case.status in DECIDED:
        if not row.alerted:
            _annotate(case, f"The score fell to {row.score:.2f} as more came in.", now)
    elif not row.alerted:
        _case_withdraw(case, f"The score fell to {row.score:.2f} as more came in.", lane, now)
    else:
        _refresh(case, row, verdict, lane)


def _money(cents: int | None) -> Decimal | None:
    return Decimal(cents) / 100 if cents is not None else None


def _open(row: Discrepancy, verdict: Verdict, lane: Lane) -> None:
    amount = _money(verdict.amount_cents)
    case = Case.objects.create(
        store_id=lane.store_id,
        lane=lane,
        discrepancy=row,
        kind=row.kind,
        risk=risk_first(row.score, amount),
        occurred_at=row.occurred_at,
        transaction=row.transaction,
        amount_at_risk=amount,
        explanation=row.explanation,
    )
    case_changed.send(sender=Case, case_id=case.pk, store_id=case.store_id, what="created")


def _refresh(case: Case, row: Discrepancy, verdict: Verdict, lane: Lane) -> None:
    """Except its risk, which is weighed when everything around it has been said."""
    reopened = case.status == Case.Status.WITHDRAWN
    weighed = {"risk": case.explanation["risk"]} if "risk" in case.explanation else {}
    values = {
        "kind": row.kind,
        "occurred_at": row.occurred_at,
        "transaction": row.transaction,
        "amount_at_risk": _money(verdict.amount_cents),
        "explanation": {**row.explanation, **weighed},
    }
    if not reopened and all(getattr(case, name) == value for name, value in values.items()):
        return
    if reopened:
        values |= {"status": Case.Status.OPEN, "resolved_at": None, "assignee": None}
    # A decision made meanwhile wins: history is not refreshed.
    if Case.objects.filter(pk=case.pk, status=case.status).update(**values):
        if reopened:
            _audit(case, "case.reopened", "The explanation that withdrew it did not hold.", lane)
        case_changed.send(
            sender=Case, case_id=case.pk, store_id=case.store_id, what="created" if reopened else "changed"
        )


def _reason(row: Discrepancy, matched: Mapping[str, str], received: Mapping[str, float]) -> str:
    other = matched.get(row.anchor.partition(":")[2])
    if other is None:
        return "What arrived later explains it."
    name = other.partition("/")[2]
    if received.get(other, 0.0) > row.created_at.timestamp():
        return f"{name} arrived later and explains it."
    return f"{name} explains it, now that more has been heard."


def _withdraw(row: Discrepancy, reason: str, lane: Lane, now: datetime) -> None:
    Discrepancy.objects.filter(pk=row.pk).update(
        withdrawn_at=now, withdrawn_reason=reason[:300], alerted=False, updated_at=now
    )
    case = Case.objects.filter(discrepancy=row).first()
    if case is None or case.status == Case.Status.WITHDRAWN:
        return
    if case.status in DECIDED:
        _annotate(case, reason, now)
    else:
        _case_withdraw(case, reason, lane, now)


def _case_withdraw(case: Case, reason: str, lane: Lane, now: datetime) -> None:
    if case.status == Case.Status.WITHDRAWN:
        return
    undecided = Case.objects.filter(pk=case.pk).exclude(status__in=[*DECIDED, Case.Status.WITHDRAWN])
    if not undecided.update(status=Case.Status.WITHDRAWN, resolved_at=now):
        _annotate(case, reason, now)  # somebody decided just now
        return
    Discrepancy.objects.filter(pk=case.discrepancy_id).update(withdrawn_reason=reason[:300])
    _audit(case, "case.withdrawn", reason, lane)
    case_changed.send(sender=Case, case_id=case.pk, store_id=case.store_id, what="withdrawn")


def _annotate(case: Case, note: str, now: datetime) -> None:
    """What was learnt after a person decided: said once, beside the decision."""
    fresh = Case.objects.select_for_update().get(pk=case.pk)
    if any(known.get("note") == note for known in fresh.annotations):
        return
    fresh.annotations = [*fresh.annotations, {"at": now.isoformat(), "note": note}]
    fresh.save(update_fields=["annotations"])
    case_changed.send(sender=Case, case_id=case.pk, store_id=case.store_id, what="changed")


def _audit(case: Case, action: str, reason: str, lane: Lane) -> None:
    audit_record(
        actor=SYSTEM,
        action=action,
        object_type="case",
        object_id=str(case.pk),
        store_code=lane.store.code,
        reason=reason,
    )
