"""Reading what was judged."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db.models import QuerySet

from cases.models import Case, Discrepancy
from lanes.models import Lane, Store

FOOTAGE_WAITS = timedelta(hours=1)
"""For so long raw video is held back from deletion for a case that has no pictures yet (cases/holds.py)."""


def discrepancies_of(stores: QuerySet[Store]) -> QuerySet[Discrepancy]:
    return Discrepancy.objects.filter(store__in=stores).select_related("store", "lane", "camera")


def cases_of(stores: QuerySet[Store]) -> QuerySet[Case]:
    return Case.objects.filter(store__in=stores).select_related("store", "lane").prefetch_related("evidence")


def cases_without_evidence(*, now: datetime, older_than: timedelta) -> list[uuid.UUID]:
    """Young cases that still have no pictures though somebody should have made them by now."""
    young = Case.objects.filter(created_at__gt=now - FOOTAGE_WAITS, created_at__lt=now - older_than)
    waiting = young.exclude(status=Case.Status.WITHDRAWN).filter(evidence__isnull=True)
    return list(waiting.values_list("pk", flat=True))


def lanes_judged(stores: QuerySet[Store]) -> QuerySet[Lane]:
    return Lane.objects.filter(store__in=stores).select_related("store", "judgement")
