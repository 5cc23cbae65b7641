"""How a store's lanes, and where governance allows it its operators, compare with their peers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lanes.models import Store
from lanes.permissions import stores_for
from lanes.selectors import operator_views_allowed
from pos.domain.peers.chart import Chart, chart_of
from pos.domain.peers.seen import KINDS, Kind
from pos.models import PeerComparison
from pos.services.peers import peers_looked_at
from pos.tasks import compare_peers
from privacy.domain.roles import Permission
from privacy.requests import SignedInRequest

WIDE, NARROW = (880, 320), (340, 270)
By = PeerComparison.By


@never_cache
@login_required
@require_safe
def peers(request: SignedInRequest) -> HttpResponse:
    stores = list(stores_for(request.user, Permission.REPORTS_VIEW).order_by("code"))
    if not stores:
        return render(request, "pos/peers.html", {"page": "peers", "stores": []}, status=403)
    store = _chosen(stores, request.GET.get("store", ""))
    by = By.OPERATOR if request.GET.get("by") == By.OPERATOR else By.LANE
    allowed = operator_views_allowed(store)
    found = PeerComparison.objects.filter(store=store, by=by).first() if by is By.LANE or allowed else None
    if found is not None:
        peers_looked_at(actor=request.user, comparison=found)
    return render(request, "pos/peers.html", _context(request, stores, store, by, allowed, found))


@login_required
@require_POST
def again(request: SignedInRequest) -> HttpResponse:
    """Work the comparisons of a store out anew."""
    store = get_object_or_404(stores_for(request.user, Permission.REPORTS_VIEW), code=request.POST.get("store", ""))
    compare_peers.delay_on_commit(store.pk)
    messages.info(request, "The comparison is being worked out. Look again in a minute.")
    return redirect(f"{reverse('peers')}?{urlencode({'store': store.code})}")


def _chosen(stores: list[Store], code: str) -> Store:
    return next((store for store in stores if store.code == code), stores[0])


def _context(
    request: SignedInRequest, stores: list[Store], store: Store, by: By, allowed: bool, found: PeerComparison | None
) -> dict[str, Any]:
    kind = next((kind for kind in KINDS if kind.name == request.GET.get("kind")), KINDS[0])
    report = found.report if found else {"scores": [], "unsaid": [], "funnels": {}}
    return {
        "page": "peers",
        "stores": stores,
        "store": store,
        "by": by,
        "allowed": allowed,
        "found": found,
        "outdated": found is not None and (timezone.now() - found.made_at).days >= 2,
        "kinds": [(one, sum(score["unusual"] for score in _of(report["scores"], one))) for one in KINDS],
        "kind": kind,
        "rows": _of(report["scores"], kind),
        "unsaid": _of(report["unsaid"], kind),
        "charts": _charts(report["funnels"].get(kind.name)),
    }


def _of(rows: list[dict[str, Any]], kind: Kind) -> list[dict[str, Any]]:
    return [row for row in rows if row["kind"] == kind.name]


def _charts(funnel: dict[str, Any] | None) -> list[tuple[str, Chart]]:
    """The same twice, for a screen and for a telephone."""
    sizes = (("wide", WIDE), ("narrow", NARROW))
    drawn = [(size, chart_of(funnel, width=w, height=h)) for size, (w, h) in sizes] if funnel else []
    return [(size, chart) for size, chart in drawn if chart is not None]
