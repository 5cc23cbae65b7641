"""Tickets: the search, and one ticket."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lanes.domain.payload import text_clean
from lanes.models import Store, Terminal
from lanes.permissions import stores_for
from lanes.selectors import operator_views_allowed
from pos.forms import TicketSearchForm
from pos.selectors.ticket_page import ticket_page
from pos.selectors.ticket_search import Found, tickets_found
from pos.services.viewing import operator_searched, ticket_viewed
from privacy.domain.roles import Permission
from privacy.requests import SignedInRequest

OPERATORS_OFF = (
    "Searching by operator is off in this store: its governance must allow operator views first, with the notice to "
    "employees and the consultation of their representatives. Nothing was searched."
)


@never_cache
@login_required
@require_safe
def tickets(request: SignedInRequest) -> HttpResponse:
    """The tickets of one store, newest first, as the address asks for them."""
    stores = list(stores_for(request.user, Permission.CASES_VIEW))
    context: dict[str, Any] = {"page": "tickets", "stores": stores}
    if stores:
        chosen = request.GET.get("store", "")
        store = next((store for store in stores if store.code == chosen), stores[0])
        with timezone.override(ZoneInfo(store.timezone)):
            context |= _searched(request, store)
            return render(request, "pos/tickets.html", context)
    return render(request, "pos/tickets.html", context)


@never_cache
@login_required
@require_safe
def ticket(request: SignedInRequest, store_code: str) -> HttpResponse:
    """One ticket. Opening the page is looking at it, and is recorded as that."""
    store = get_object_or_404(stores_for(request.user, Permission.CASES_VIEW), code=store_code)
    transaction = text_clean(request.GET.get("transaction", ""))[:120]
    shown = ticket_page(store, transaction, _instant(request.GET.get("at", ""))) if transaction else None
    if shown is None:
        raise Http404("Nothing of this ticket is stored.")
    address = request.META.get("REMOTE_ADDR")
    ticket_viewed(actor=request.user, store=store, transaction=transaction, now=timezone.now(), ip=address)
    context = {
        "page": "ticket",
        "store": store,
        "shown": shown,
        "ticket": shown.ticket,
        "operator_views": operator_views_allowed(store),
    }
    return render(request, "pos/ticket.html", context)


def _instant(text: str) -> datetime | None:
    """Which of several tickets of one name is meant; what is no instant means the last of them."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _searched(request: SignedInRequest, store: Store) -> dict[str, Any]:
    terminals = list(Terminal.objects.filter(store=store).select_related("lane").order_by("code"))
    operator_views = operator_views_allowed(store)
    form = TicketSearchForm(request.GET, terminals=terminals, operator_views=operator_views)
    found, now = Found(), timezone.now()
    if request.GET.get("operator") and not operator_views:
        found = Found(limits=[OPERATORS_OFF])
    elif form.is_valid():
        asked = form.search()
        if asked.operator:
            address = request.META.get("REMOTE_ADDR")
            operator_searched(actor=request.user, store=store, operator=asked.operator, now=now, ip=address)
        found = tickets_found(store, asked, after=request.GET.get("after", "")[:80], now=now)
    return {
        "store": store,
        "form": form,
        "found": found,
        "narrowed": any(value for name, value in request.GET.items() if name not in ("store", "after")),
        "older": _older(request, found.mark),
    }


def _older(request: SignedInRequest, mark: str) -> str:
    kept = [(name, value) for name, value in request.GET.items() if value and name != "after"]
    return urlencode([*kept, ("after", mark)]) if mark else ""
