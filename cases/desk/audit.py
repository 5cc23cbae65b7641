"""History as lines to read."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from cases.domain.words import REASON_CODES, reason_words
from lanes.models import Store
from lanes.permissions import stores_for
from privacy.domain.roles import Permission
from privacy.models import AuditEvent, User
from privacy.presenters import audit_sentence

PAGE = 100


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One audit event as a sentence; `case_id` where it is about a case that can be opened."""

    at: datetime
    sentence: str
    case_id: str
    store_code: str
    timezone: str


def audit_visible(user: User) -> QuerySet[AuditEvent]:
    """What this person may read of everybody's history: their stores', and a superuser also what has no store."""
    codes = stores_for(user, Permission.AUDIT_VIEW).values("code")
    wanted = Q(store_code__in=codes)
    if user.is_superuser:
        wanted |= Q(store_code="")
    return AuditEvent.objects.filter(wanted)


def audit_own(user: User) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(actor_kind=AuditEvent.ActorKind.USER, actor=user.get_username())


def audit_page(events: QuerySet[AuditEvent], before: int | None) -> tuple[list[AuditEvent], int | None]:
    """One page, newest first, and the id the next page starts before."""
    if before is not None:
        events = events.filter(pk__lt=before)
    page = list(events.order_by("-id")[: PAGE + 1])
    return page[:PAGE], page[PAGE - 1].pk if len(page) > PAGE else None


def case_history(case_id: uuid.UUID, *, limit: int = 40) -> list[AuditEvent]:
    events = AuditEvent.objects.filter(object_type="case", object_id=str(case_id))
    return list(events.order_by("-at", "-id")[:limit])


def history_lines(events: Iterable[AuditEvent]) -> list[HistoryLine]:
    """The events as sentences in their store's time, in one query whatever their number."""
    events = list(events)
    codes = {event.store_code for event in events if event.store_code}
    zones = dict(Store.objects.filter(code__in=codes).values_list("code", "timezone"))
    return [
        HistoryLine(
            at=event.at,
            sentence=_sentence(event),
            case_id=event.object_id if event.object_type == "case" else "",
            store_code=event.store_code,
            timezone=zones.get(event.store_code, "UTC"),
        )
        for event in events
    ]


def _sentence(event: AuditEvent) -> str:
    """With the words of a reason code in place of the code."""
    event.reason = reason_words(event.reason) if event.reason in REASON_CODES else event.reason
    return audit_sentence(event)
