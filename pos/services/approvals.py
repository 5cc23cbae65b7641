"""Answering a till that asks before it acts, and keeping what became of the answer.

A till must never stand still: whatever fails in here, the answer is ``allow``, with the reason.
"""

import logging
import uuid
from datetime import datetime
from decimal import Decimal
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db import DatabaseError, IntegrityError, transaction

from lanes.domain.payload import Refused, text_clean, text_within
from lanes.models import Store
from lanes.permissions import check_may
from pos.domain.approvals.rules import Outcome
from pos.domain.approvals.verdict import Asked, verdict
from pos.domain.money import cents_of, money_read
from pos.domain.redaction import data_redacted
from pos.models import Approval, ApprovalPolicy, ApprovalStep
from pos.selectors.approvals import approval_known, rules_in_force
from pos.selectors.tickets import ticket_event
from pos.serializers import PosEventIn, PosEventRow, pos_event_row
from pos.services.deadline import TooSlow, answered_within
from pos.services.intake import intake_of
from privacy.audit import audit_record
from privacy.domain.roles import Permission
from privacy.models import User
from privacy.pseudonyms import pseudonym

BUDGET_S = 0.06
"""For finding out; with what comes before and after it an answer takes less than 100 ms."""
LOG_S = 0.03
KEPT_OF_DATA = [
    *("gtin", "description", "quantity", "unit_price", "amount", "reason"),
    *("voids_line", "overrides_line", "applies_to_line", "original_transaction"),
]
REASON_LONGEST = 500
_log = logging.getLogger(__name__)


class ApprovalIn(PosEventIn):
    """The POS event that is about to happen, and what the basket comes to so far."""

    basket_total: str | int | float | None = None


approval_decode = msgspec.json.Decoder(ApprovalIn).decode


def approval_answer(*, store: Store, sent: ApprovalIn, now: datetime) -> Approval:
    """The answer to ``sent``: the one given before where the same event was asked about already.

    Without a primary key where it could not be kept. Raises Refused for an event that cannot be read.
    """
    began = perf_counter()
    answer = Approval(store=store, asked_at=now, mode=ApprovalPolicy.Mode.SHADOW, outcome=Outcome.ALLOW)
    answer.would_be = Outcome.ALLOW
    try:
        with answered_within(BUDGET_S):
            row = pos_event_row(sent, intake_of(store, now))
            total = money_read(sent.basket_total, "basket_total")
            _describe(answer, row, total)
            earlier = Approval.objects.filter(terminal=row.terminal_id, external_id=row.external_id).first()
            if earlier is not None:
                return earlier
            _judge(answer, row, total, store, now)
    except Refused:
        raise
    except Exception as error:  # whatever it is: the till goes on
        _log.exception("a till of store %s could not be answered by the rules", store.code)
        _let_through(answer, error)
    answer.took_ms = round(1000 * (perf_counter() - began), 1)
    return _kept(answer)


def _describe(answer: Approval, row: PosEventRow, basket_total: Decimal | None) -> None:
    for name in ("lane_id", "terminal_id", "external_id", "type", "occurred_at", "transaction", "line", "operator"):
        setattr(answer, name, getattr(row, name))
    data = msgspec.json.decode(row.data)
    answer.asked = {name: data[name] for name in KEPT_OF_DATA if data.get(name) not in (None, "")}
    if basket_total is not None:
        answer.asked["basket_total"] = str(basket_total)


def _judge(answer: Approval, row: PosEventRow, basket_total: Decimal | None, store: Store, now: datetime) -> None:
    force = rules_in_force(store.pk)
    asked = Asked(
        event=ticket_event(row),
        at_local=now.astimezone(ZoneInfo(store.timezone)),
        currency=store.currency,
        basket_total=None if basket_total is None else cents_of(basket_total),
    )
    known = approval_known(
        asked=asked, store_id=store.pk, lane_id=row.lane_id, transaction=row.transaction, rules=force.rules
    )
    said = verdict(asked, known, force.rules)
    answer.mode, answer.rule_version = force.mode, force.version
    answer.would_be = said.outcome
    answer.outcome = said.outcome if force.mode == ApprovalPolicy.Mode.LIVE else Outcome.ALLOW
    answer.reasons = [*said.reasons, *said.broken]


def _let_through(answer: Approval, error: Exception) -> None:
    slow = isinstance(error, TooSlow | DatabaseError)
    why = "the database was too slow or away" if slow else "an error on our side, which is logged"
    answer.outcome = answer.would_be = Outcome.ALLOW
    answer.reasons = [f"It could not be checked ({why}), so it goes through."]


def _kept(answer: Approval) -> Approval:
    if answer.terminal_id is None:  # not even the terminal could be looked up
        answer.pk = None
        return answer
    try:
        return _stored(answer)
    except Exception:  # likewise
        _log.exception("an answer to terminal %s could not be kept: %s", answer.terminal_id, answer.reasons)
        answer.pk = None
        return answer


def _stored(answer: Approval) -> Approval:
    with answered_within(LOG_S):
        try:
            with transaction.atomic():
                answer.save(force_insert=True)
        except IntegrityError:  # asked twice at once: both get the answer of whoever was first
            return Approval.objects.get(terminal=answer.terminal_id, external_id=answer.external_id)
    return answer


def approval_override(
    *, store: Store, approval_id: uuid.UUID, approver: str, reason: str, actor: str, actor_kind: str, now: datetime
) -> Approval:
    """Somebody at the till lets it happen: always possible. The same again changes nothing.

    ``approver`` is the till's id of a person and becomes a pseudonym. Raises Approval.DoesNotExist, and Refused for
    texts that cannot be kept.
    """

    def person(value: str) -> str:
        return pseudonym(store.code, "operator", value)

    who = person(text_within(text_clean(approver).strip(), 200, "approver"))
    why = text_within(text_clean(reason).strip(), REASON_LONGEST, "reason")
    why = str(data_redacted({"reason": why}, person)["reason"])
    with transaction.atomic():
        approval = Approval.objects.select_for_update(of=("self",)).get(pk=approval_id, store=store)
        kind = ApprovalStep.Kind.OVERRIDDEN
        if not approval.steps.filter(kind=kind, by=who, reason=why).exists():
            _step(approval, kind, who, why, now)
            _audited(approval, store, actor, why, actor_kind)
    return approval


def approval_annotate(*, actor: User, approval: Approval, kind: str, reason: str, now: datetime) -> None:
    """A person withdraws an answer, or adds what was learnt later. ``kind``: of ApprovalStep."""
    check_may(actor, Permission.CASES_DECIDE, approval.store)
    with transaction.atomic():
        locked = Approval.objects.select_for_update(of=("self",)).select_related("store").get(pk=approval.pk)
        _step(locked, kind, actor.get_username(), reason, now)
        _audited(locked, locked.store, actor, reason)


def _step(approval: Approval, kind: str, by: str, reason: str, now: datetime) -> None:
    ApprovalStep.objects.create(approval=approval, kind=kind, by=by, reason=reason, at=now)
    approval.state = kind
    approval.save(update_fields=["state"])


def _audited(approval: Approval, store: Store, actor: User | str, reason: str, actor_kind: str | None = None) -> None:
    data: dict[str, Any] = {"type": approval.type, "would_be": approval.would_be, "outcome": approval.outcome}
    audit_record(
        actor=actor,
        actor_kind=actor_kind,
        action=f"approval.{approval.state}",
        object_type="approval",
        object_id=str(approval.pk),
        store_code=store.code,
        reason=reason,
        data=data,
    )
