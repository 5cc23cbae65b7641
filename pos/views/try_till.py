"""A till to try: for who connects one, and wants to see what it sends and what is answered."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from rest_framework.exceptions import APIException

from lanes.batches import MAX_EVENTS, body_read
from lanes.models import Store, Terminal
from lanes.permissions import may_somewhere, stores_for
from pos.adapters.catalogue import ADAPTERS
from pos.adapters.reading import DocumentNotUnderstood, Refusal
from pos.services.trying import SOURCE, try_batch_take, try_document_read
from privacy.domain.roles import Permission
from privacy.models import User
from privacy.requests import SignedInRequest


class Article(NamedTuple):
    """`cents`: of a piece, or of a kilogram where it is weighed."""

    gtin: str
    name: str
    cents: int
    weighed: bool = False


# Numbers of the ranges that are kept for use inside a shop.
ARTICLES = (
    Article("2000000000015", "Olive oil 1 l", 795),
    Article("2000000000022", "Milk 1 l", 115),
    Article("2000000000039", "Bread rolls", 240),
    Article("2000000000046", "Chocolate", 189),
    Article("2000000000053", "Red wine", 649),
    Article("2000000000060", "Razor blades", 1799),
    Article("2000000000077", "Apples", 299, weighed=True),
    Article("2000000000084", "Tomatoes", 349, weighed=True),
)


@never_cache
@login_required
@require_safe
def page(request: SignedInRequest) -> HttpResponse:
    stores = _stores(request.user)
    context = {
        "page": "till",
        "terminals": Terminal.objects.filter(store__in=stores)
        .select_related("store", "lane")
        .order_by("store", "code"),
        "articles": ARTICLES,
        "adapters": sorted(ADAPTERS.values(), key=lambda adapter: adapter.title),
        "source": SOURCE,
        "most_events": MAX_EVENTS,
    }
    return render(request, "pos/try_till.html", context)


@login_required
@require_POST
def send(request: SignedInRequest, store_code: str) -> HttpResponse:
    """The body as `POST pos/events` takes it, and its answer."""
    store = get_object_or_404(_stores(request.user), code=store_code)
    try:
        reply = try_batch_take(actor=request.user, store=store, body=body_read(request), now=timezone.now())
    except APIException as refused:
        return _problem(refused.status_code, str(refused.get_codes()), str(refused.detail))
    return JsonResponse(reply.as_dict())


@login_required
@require_POST
def read(request: SignedInRequest) -> HttpResponse:
    """What is understood of the body: `{events, refused}`. Nothing is stored."""
    _check_may_try(request.user)
    asked = {name: request.GET.get(name, "") for name in ("kind", "terminal", "currency")}
    try:
        reading = try_document_read(document=body_read(request), **asked)
    except APIException as refused:
        return _problem(refused.status_code, str(refused.get_codes()), str(refused.detail))
    except DocumentNotUnderstood as error:
        return _problem(400, "not_understood", str(error))
    except KeyError:
        return _problem(400, "unknown_kind", f"There are these kinds: {', '.join(sorted(ADAPTERS))}.")
    return JsonResponse({"events": reading.events, "refused": [_refusal(one) for one in reading.refusals]})


def _check_may_try(user: User) -> None:
    if not may_somewhere(user, Permission.MAP_EDIT):
        raise PermissionDenied("Trying a till is for those who may map tills: installers and administrators.")


def _stores(user: User) -> QuerySet[Store]:
    """Where this person may map tills. Raises PermissionDenied where nowhere."""
    _check_may_try(user)
    return stores_for(user, Permission.MAP_EDIT)


def _refusal(refused: Refusal) -> dict[str, str]:
    return {"part": refused.part, "code": refused.code, "detail": refused.detail}


def _problem(status: int, code: str, detail: str) -> JsonResponse:
    return JsonResponse({"status": status, "code": code, "detail": detail}, status=status)
