"""The queue: the page, and one card of it for the live updates."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cases.desk import queue as desk
from cases.desk.queue import STATUSES, QueueFilter
from cases.domain.words import STATUS_WORDS
from cases.models import Case, Evidence, LaneJudgement
from lanes.health import HealthItem, HealthLevel, health_of_many
from lanes.models import Lane
from privacy.requests import SignedInRequest

CLIP_EXPECTED_WITHIN = timedelta(minutes=2)
HEADINGS = {"open": "Open cases", "all": "All cases"}


@dataclass(frozen=True, slots=True)
class LaneLine:
    """A lane in the margin: how it is, in one sentence."""

    lane: Lane
    level: str
    sentence: str
    until: datetime | None
    query: str


@dataclass(frozen=True, slots=True)
class Card:
    """A case in the list. `mark`: its place in the order; `fresh`: its picture may still come."""

    case: Case
    thumb: Evidence | None
    mark: str
    fresh: bool


@never_cache
@login_required
@require_safe
def queue(request: SignedInRequest) -> HttpResponse:
    asked = QueueFilter.from_query(request.GET)
    cases, mark = desk.queue_page(request.user, asked)
    context = _card_context(asked) | _margin_context(request, asked)
    choices: desk.Choices = context["choices"]
    context |= {
        "page": "queue",
        "live": True,
        "asked": asked,
        "heading": HEADINGS.get(asked.status) or f"{STATUS_WORDS[asked.status]} cases",
        "cards": [_card(case, asked) for case in cases],
        "lane_codes": sorted({lane.code for lane in choices.lanes}),
        "tabs": [
            {"words": STATUS_WORDS.get(name, "All"), "query": asked.query(status=name), "current": name == asked.status}
            for name in STATUSES
        ],
        "first_page": not asked.after,
        "next_page": _next_page(asked, mark),
    }
    return render(request, "cases/queue.html", context)


@never_cache
@login_required
@require_safe
def margin(request: SignedInRequest) -> HttpResponse:
    """What stands around the list, as it is now: the counts and how the lanes are."""
    return render(request, "cases/_margin.html", _margin_context(request, QueueFilter.from_query(request.GET)))


@never_cache
@login_required
@require_safe
def card(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """The card as it is now, or the note that replaces it where the filter no longer finds it."""
    asked = QueueFilter.from_query(request.GET)
    case = get_object_or_404(desk.with_cards(desk.cases_visible(request.user)), pk=case_id)
    found = desk.queue_filtered(request.user, asked).filter(pk=case_id).exists()
    context = _card_context(asked) | {"case": case, "card": _card(case, asked), "note": _gone_note(case)}
    response = render(request, "cases/_card.html" if found else "cases/_gone.html", context)
    response["X-Case-Count"] = str(desk.queue_counts(request.user, asked)["count"])
    return response


def _next_page(asked: QueueFilter, mark: str) -> str:
    query = asked.query()
    return f"{query}{'&' if query else '?'}{urlencode({'after': mark})}" if mark else ""


def _margin_context(request: SignedInRequest, asked: QueueFilter) -> dict[str, Any]:
    choices = desk.queue_choices(request.user)
    currencies = {store.currency for store in choices.stores}
    return {
        "counts": desk.queue_counts(request.user, asked),
        "currency": currencies.pop() if len(currencies) == 1 else "",
        "choices": choices,
        "lanes": _lane_lines(choices.lanes),
    }


def _card_context(asked: QueueFilter) -> dict[str, Any]:
    return {"now": timezone.now(), "query": asked.query()}


def _card(case: Case, asked: QueueFilter) -> Card:
    frames: list[Evidence] = case.key_frames  # type: ignore[attr-defined]  # prefetched by with_cards
    return Card(
        case=case,
        thumb=frames[len(frames) // 2] if frames else None,
        mark=desk.queue_mark(case, asked.order),
        fresh=timezone.now() - case.created_at < CLIP_EXPECTED_WITHIN,
    )


def _gone_note(case: Case) -> str:
    if case.status == Case.Status.WITHDRAWN:
        reason = case.discrepancy.withdrawn_reason
        return f"withdrawn. {reason}" if reason else "withdrawn, an explanation arrived."
    if case.status in (Case.Status.CONFIRMED, Case.Status.DISMISSED):
        return f"{STATUS_WORDS[case.status].lower()} meanwhile."
    return "no longer in this list."


def _lane_lines(lanes: list[Lane]) -> list[LaneLine]:
    health = health_of_many(lanes)
    lines = []
    for lane in lanes:
        items = health[lane.pk]
        worst = items[0] if items else None
        judged: LaneJudgement | None = getattr(lane, "judgement", None)
        level = worst.level.value if worst else ("ok" if judged and judged.correlated_until else "unknown")
        sentence, until = _lane_sentence(worst, judged)
        lines.append(LaneLine(lane, level, sentence, until, QueueFilter(lane=lane.code, store=lane.store.code).query()))
    return lines


def _lane_sentence(worst: HealthItem | None, judged: LaneJudgement | None) -> tuple[str, datetime | None]:
    if worst is not None and worst.level != HealthLevel.OK:
        return worst.sentence, None
    if judged and judged.correlated_until:
        return "Camera and till compared until", judged.correlated_until
    return "Nothing compared yet", None
