"""The till's word, to read. Nobody edits a witness."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from lanes.admin.scoped import StoreScopedAdmin, actor_of
from lanes.models import Lane, Terminal
from lanes.permissions import may, may_somewhere, stores_for
from pos.models import PosEvent, UnknownTerminal
from pos.services.unknown import HELD_FOR, unknown_terminal_map
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
class PosEventAdmin(admin.ModelAdmin):
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
    search_fields = ["=external_id", "=transaction", "=gtin", "=operator"]
    search_help_text = "An id, a ticket, a GTIN or an operator's pseudonym, written out."
    ordering = ["-id"]  # occurred_at has no index of its own: readers go by lane
    show_full_result_count = False
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[PosEvent]:
        return super().get_queryset(request).filter(store__in=stores_for(request.user, Permission.CASES_VIEW))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_somewhere(request.user, Permission.CASES_VIEW)

    def has_view_permission(self, request: HttpRequest, obj: PosEvent | None = None) -> bool:
        if obj is None:
            return may_somewhere(request.user, Permission.CASES_VIEW)
        return may(request.user, Permission.CASES_VIEW, obj.store_id)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MappingForm(forms.ModelForm):
    """The lane that an unknown terminal belongs to."""

    lane = forms.ModelChoiceField(Lane.objects.none(), help_text="The lane whose till it is.")
    granularity = forms.ChoiceField(
        choices=Terminal.Granularity.choices, help_text="How it sends: line by line, or whole tickets at once."
    )

    class Meta:
        model = UnknownTerminal
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "lane" in self.fields:  # not where the page is only to be read
            lanes = Lane.objects.filter(store_id=self.instance.store_id).select_related("store")
            self.fields["lane"].queryset = lanes  # type: ignore[attr-defined]  # the field above

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if Terminal.objects.filter(store_id=self.instance.store_id, code=self.instance.code).exists():
            raise forms.ValidationError("It has been mapped meanwhile; what it sent is being let in.")
        return cleaned


@admin.register(UnknownTerminal)
class UnknownTerminalAdmin(StoreScopedAdmin):
    """Tills that send without belonging to a lane: saving the page with a lane maps one and lets its events in."""

    form = MappingForm
    list_display = ["code", "store", "held_events", "passed_over", "first_seen_at", "last_seen_at"]
    list_select_related = ["store"]
    readonly_fields = ["store", "code", "held_events", "passed_over", "first_seen_at", "last_seen_at"]
    fields = [*readonly_fields, "lane", "granularity"]
    search_fields = ["=code"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[UnknownTerminal]:
        return super().get_queryset(request).annotate(_held=Count("held"))

    @admin.display(description=f"events held, for {HELD_FOR.days} days", ordering="_held")
    def held_events(self, terminal: Any) -> int:
        return terminal._held

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: UnknownTerminal, form: Any, change: bool) -> None:
        """Nothing of it changes: it becomes a terminal."""
        lane, granularity = form.cleaned_data["lane"], form.cleaned_data["granularity"]
        unknown_terminal_map(unknown=obj, lane=lane, granularity=granularity, actor=actor_of(request))

    def response_change(self, request: HttpRequest, obj: UnknownTerminal) -> HttpResponse:
        messages.success(request, f"Terminal {obj.code} is mapped. What it sent before is being let in.")
        return HttpResponseRedirect(reverse("admin:pos_unknownterminal_changelist"))
