"""The till's word, to read. Nobody edits a witness."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from lanes.admin.scoped import NeverEdited
from lanes.models import Lane
from lanes.permissions import may, may_somewhere, stores_for
from lanes.selectors import operator_views_allowed
from pos.models import PosEvent
from privacy.domain.roles import Permission


class LaneFilter(admin.SimpleListFilter):
    """The lanes one may see, with their stores in one query (a lane's name is its store's and its own)."""

    title = "lane"
    parameter_name = "lane"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        stores = stores_for(request.user, Permission.CASES_VIEW)
        lanes = Lane.objects.filter(store__in=stores).select_related("store")
        return [(str(lane.pk), str(lane)) for lane in lanes]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PosEvent]) -> QuerySet[PosEvent]:
        chosen = self.value()
        return queryset.filter(lane_id=chosen) if chosen and chosen.isdecimal() else queryset


@admin.register(PosEvent)
class PosEventAdmin(NeverEdited, admin.ModelAdmin):
    """To whoever may see cases of a store, and then only that store's; the latest to arrive first."""

    list_display = [
        "occurred_at",
        "lane",
        "terminal",
        "type",
        "transaction",
        "line",
        "description",
        "quantity",
        "amount",
    ]
    list_display += ["flags"]
    list_filter = ["type", "entry_method", LaneFilter]
    list_select_related = ["lane__store", "terminal__lane__store"]
    search_fields = ["=external_id", "=transaction", "=gtin"]
    search_help_text = (
        "An id, a ticket or a GTIN, written out. Operators: on the tickets page, if governance allows it."
    )
    ordering = ["-id"]  # occurred_at has no index of its own: readers go by lane
    show_full_result_count = False
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[PosEvent]:
        return super().get_queryset(request).filter(store__in=stores_for(request.user, Permission.CASES_VIEW))

    def get_exclude(self, request: HttpRequest, obj: PosEvent | None = None) -> list[str]:
        """What one operator did is shown where governance allows it."""
        return [] if obj is not None and operator_views_allowed(obj.store) else ["operator"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_somewhere(request.user, Permission.CASES_VIEW)

    def has_view_permission(self, request: HttpRequest, obj: PosEvent | None = None) -> bool:
        if obj is None:
            return may_somewhere(request.user, Permission.CASES_VIEW)
        return may(request.user, Permission.CASES_VIEW, obj.store_id)
