"""Who saw and who did: for those who audit, and for everybody about themselves."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cases.desk.audit import audit_own, audit_page, audit_visible, history_lines
from lanes.permissions import may_somewhere
from privacy.domain.roles import Permission
from privacy.models import AuditEvent
from privacy.requests import SignedInRequest


@never_cache
@login_required
@require_safe
def audit(request: SignedInRequest) -> HttpResponse:
    """Everybody's history in the stores this person audits; others are led to their own."""
    if not may_somewhere(request.user, Permission.AUDIT_VIEW):
        return redirect("audit-mine")
    events = audit_visible(request.user)
    who, case = request.GET.get("actor", "")[:150], request.GET.get("case", "")[:64]
    if who:
        events = events.filter(actor=who)
    if case:
        events = events.filter(object_type="case", object_id=case)
    return _page(request, events, mine=False, who=who, case=case)


@never_cache
@login_required
@require_safe
def audit_mine(request: SignedInRequest) -> HttpResponse:
    return _page(request, audit_own(request.user), mine=True)


def _page(
    request: SignedInRequest, events: QuerySet[AuditEvent], *, mine: bool, who: str = "", case: str = ""
) -> HttpResponse:
    before = request.GET.get("before", "")
    page, older = audit_page(events, int(before) if before.isdigit() and len(before) < 19 else None)
    query = request.GET.copy()
    query["before"] = str(older)
    context = {
        "page": "audit",
        "lines": history_lines(page),
        "mine": mine,
        "who": who,
        "case": case,
        "may_audit": not mine or may_somewhere(request.user, Permission.AUDIT_VIEW),
        "older": query.urlencode() if older else "",
    }
    return render(request, "audit/audit.html", context)
