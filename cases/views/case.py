"""The case page, its decision panel, and deciding."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cases.desk import queue as desk
from cases.desk.audit import case_history, history_lines
from cases.desk.casefile import case_file
from cases.desk.decision import choices_for, decision_made
from cases.desk.queue import QueueFilter
from cases.domain.lifecycle import NotAllowed
from cases.forms import DecisionForm
from cases.models import Case
from cases.services.cases import case_decide, case_viewed
from privacy.requests import SignedInRequest

DONE = {"confirm": "Confirmed.", "dismiss": "Dismissed.", "more_context": "Marked: needs context."}


@never_cache
@login_required
@require_safe
def case(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Opening the page is looking at the case, and is recorded as that."""
    found = _case(request, case_id)
    case_viewed(actor=request.user, case_id=found.pk)
    context = _panel_context(request, found) | {
        "page": "case",
        "live": True,
        "file": case_file(found, now=timezone.now()),
        "history": history_lines(case_history(found.pk)),
    }
    return render(request, "cases/case.html", context)


@never_cache
@login_required
@require_safe
def panel(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """The decision panel as it is now."""
    return render(request, "cases/_panel.html", _panel_context(request, _case(request, case_id)))


@login_required
@require_POST
def decide(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Decide and go on to the next case; where that is refused, back with the reason."""
    found = _case(request, case_id)
    asked = QueueFilter.from_query(request.GET)
    here = reverse("case", args=[case_id]) + asked.query()
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.first_error())
        return redirect(here)
    following = desk.queue_next(request.user, asked, but=found)
    try:
        case_decide(actor=request.user, case_id=found.pk, **form.cleaned_data)
    except (NotAllowed, PermissionDenied) as refused:
        messages.error(request, str(refused) or "You may look at cases of this store, not decide them.")
        return redirect(here)
    if following is None:
        messages.success(request, f"{DONE[form.cleaned_data['outcome']]} That was the last open case of this list.")
        return redirect(reverse("queue") + asked.query())
    messages.success(request, f"{DONE[form.cleaned_data['outcome']]} This is the next case.")
    return redirect(reverse("case", args=[following.pk]) + asked.query())


def _case(request: SignedInRequest, case_id: uuid.UUID) -> Case:
    cases = desk.cases_visible(request.user).select_related("store", "lane", "discrepancy", "assignee")
    return get_object_or_404(cases, pk=case_id)


def _panel_context(request: SignedInRequest, found: Case) -> dict[str, object]:
    asked = QueueFilter.from_query(request.GET)
    choices, refusal = choices_for(request.user, found)
    return {
        "case": found,
        "query": asked.query(),
        "choices": choices,
        "refusal": refusal,
        "decision": decision_made(found),
        "next": desk.queue_next(request.user, asked, but=found),
        "previous": desk.queue_previous(request.user, asked, but=found),
    }
