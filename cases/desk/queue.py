"""The queue: which cases, in which order, by filters that are a URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum

from cases.models import Case, Evidence
from lanes.models import Lane, Store
from lanes.permissions import stores_for
from privacy.domain.roles import Permission
from privacy.models import User

PAGE = 40
UNDECIDED = (Case.Status.OPEN, Case.Status.IN_REVIEW, Case.Status.NEEDS_CONTEXT)
STATUSES: dict[str, tuple[str, ...]] = {
    "open": UNDECIDED,
    "confirmed": (Case.Status.CONFIRMED,),
    "dismissed": (Case.Status.DISMISSED,),
    "withdrawn": (Case.Status.WITHDRAWN,),
    "all": tuple(Case.Status.values),
}
ORDERS = ("newest", "risk")


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What the address asks for. Anything it does not understand counts as not asked."""

    store: str = ""
    lane: str = ""
    kind: str = ""
    status: str = "open"
    order: str = "newest"
    after: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> QueueFilter:
        status, order = query.get("status", ""), query.get("order", "")
        return cls(
            store=query.get("store", "")[:32],
            lane=query.get("lane", "")[:32],
            kind=query.get("kind", "")[:32],
            status=status if status in STATUSES else "open",
            order=order if order in ORDERS else "newest",
            after=query.get("after", "")[:80],
        )

    def query(self, **changes: str) -> str:
        """The same filter as a query string, with `?`; empty where nothing differs from the default."""
        asked = replace(self, **{"after": "", **changes})
        default = QueueFilter()
        pairs = {name: getattr(asked, name) for name in asked.__slots__}
        kept = {name: value for name, value in pairs.items() if value and value != getattr(default, name)}
        return f"?{urlencode(kept)}" if kept else ""

    @property
    def narrowed(self) -> bool:
        return bool(self.store or self.lane or self.kind)


def cases_visible(user: User) -> QuerySet[Case]:
    """Every case this person may see, and no other."""
    return Case.objects.filter(store__in=stores_for(user, Permission.CASES_VIEW))


def queue_filtered(user: User, asked: QueueFilter) -> QuerySet[Case]:
    wanted = Q(status__in=STATUSES[asked.status])
    for field, value in (("store__code", asked.store), ("lane__code", asked.lane), ("kind", asked.kind)):
        if value:
            wanted &= Q(**{field: value})
    return cases_visible(user).filter(wanted)


def queue_page(user: User, asked: QueueFilter) -> tuple[list[Case], str]:
    """One page of cards with their stores, lanes and key frames, and the mark the next page starts after."""
    cases = with_cards(queue_filtered(user, asked))
    cases = _after(cases, asked)[: PAGE + 1]
    page = list(cases)
    mark = queue_mark(page[PAGE - 1], asked.order) if len(page) > PAGE else ""
    return page[:PAGE], mark


def with_cards(cases: QuerySet[Case]) -> QuerySet[Case]:
    frames = Evidence.objects.filter(kind=Evidence.Kind.KEY_FRAME).only("case_id", "kind", "position")
    return (
        cases.select_related("store", "lane")
        .annotate(score=F("discrepancy__score"))
        .prefetch_related(Prefetch("evidence", queryset=frames, to_attr="key_frames"))
    )


def queue_mark(case: Case, order: str) -> str:
    """A card's place in the order; marks of one order compare as text, later in the list is smaller."""
    created = case.created_at.isoformat(timespec="microseconds")
    return f"{case.risk:.6f}_{created}_{case.pk}" if order == "risk" else f"{created}_{case.pk}"


def _after(cases: QuerySet[Case], asked: QueueFilter) -> QuerySet[Case]:
    ordering = ("-risk", "-created_at", "-id") if asked.order == "risk" else ("-created_at", "-id")
    cases = cases.order_by(*ordering)
    mark = asked.after.split("_")
    try:
        created, pk = datetime.fromisoformat(mark[-2]), mark[-1]
        later = Q(created_at__lt=created) | Q(created_at=created, id__lt=pk)
        if asked.order == "risk":
            risk = float(mark[0])
            later = Q(risk__lt=risk - 5e-7) | (Q(risk__gte=risk - 5e-7, risk__lte=risk + 5e-7) & later)
        return cases.filter(later)
    except (ValueError, IndexError):
        return cases


def queue_counts(user: User, asked: QueueFilter) -> dict[str, object]:
    """How many cases the filter finds and what they may be worth, in one query."""
    return queue_filtered(user, asked).aggregate(count=Count("id"), amount=Sum("amount_at_risk"))


def queue_next(user: User, asked: QueueFilter, *, but: Case) -> Case | None:
    """The case a reviewer sees after deciding `but`: the one below it, or else the first of the list."""
    waiting = queue_filtered(user, replace(asked, status="open")).exclude(pk=but.pk)
    below = _after(waiting, replace(asked, after=queue_mark(but, asked.order))).first()
    return below or _after(waiting, replace(asked, after="")).first()


def queue_previous(user: User, asked: QueueFilter, *, but: Case) -> Case | None:
    """The undecided case just above this one."""
    above = Q(created_at__gt=but.created_at) | Q(created_at=but.created_at, id__gt=but.pk)
    ordering: tuple[str, ...] = ("created_at", "id")
    if asked.order == "risk":
        above = Q(risk__gt=but.risk) | (Q(risk=but.risk) & above)
        ordering = ("risk", *ordering)
    return queue_filtered(user, replace(asked, status="open")).filter(above).order_by(*ordering).first()


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer: stores, their lanes with `open_cases` and judgement, and kinds met so far."""

    stores: list[Store]
    lanes: list[Lane]
    kinds: list[str]


def queue_choices(user: User) -> Choices:
    stores = list(stores_for(user, Permission.CASES_VIEW))
    lanes = (
        Lane.objects.filter(store__in=stores)
        .select_related("store", "judgement")
        .annotate(open_cases=Count("cases", filter=Q(cases__status__in=UNDECIDED)))
        .order_by("store__code", "code")
    )
    kinds = Case.objects.filter(store__in=stores).order_by("kind").values_list("kind", flat=True).distinct()
    return Choices(stores, list(lanes), list(kinds))
