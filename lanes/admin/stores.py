"""Stores, lanes and terminals."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest

from lanes.admin.memberships import MembershipsRecorded, StoreMembershipInline
from lanes.admin.scoped import NeverEdited, StoreScoped, StoreScopedAdmin, WithHealth, actor_of
from lanes.domain.health import HealthItem
from lanes.domain.iso import COUNTRIES, CURRENCIES
from lanes.domain.papers import PAPERS
from lanes.domain.sources import source_redacted
from lanes.models import Camera, Governance, Lane, Store, Terminal
from lanes.permissions import may
from lanes.selectors import has_history
from lanes.services.cameras import cameras_follow_governance
from privacy.audit import audit_record
from privacy.domain.roles import Permission

RECORDED = (*PAPERS, "dpia", "operator_views", "consultation")


class GovernanceInline(StoreScoped, admin.StackedInline):
    model = Governance
    extra = 0
    can_delete = False
    edit_permission = Permission.GOVERNANCE_EDIT


class LaneInline(StoreScoped, admin.TabularInline):
    model = Lane
    extra = 0
    can_delete = False
    show_change_link = True


class StoreForm(forms.ModelForm):
    class Meta:
        model = Store
        fields = ["code", "name", "timezone", "currency", "country"]

    def clean_timezone(self) -> str:
        return self._known("timezone", available_timezones(), "an IANA name, for example Europe/Madrid")

    def clean_currency(self) -> str:
        return self._known("currency", CURRENCIES, "an ISO 4217 code, for example EUR")

    def clean_country(self) -> str:
        return self._known("country", COUNTRIES, "an ISO 3166 code, for example ES")

    def _known(self, name: str, allowed: Any, wanted: str) -> str:
        value = self.cleaned_data[name]
        if value not in allowed:
            raise forms.ValidationError(f"{value} is not known: write {wanted}.")
        return value


@admin.register(Store)
class StoreAdmin(MembershipsRecorded, WithHealth, StoreScopedAdmin):
    form = StoreForm
    store_path = "pk"
    list_display = ["code", "name", "health", "lane_count", "cameras_on", "timezone"]
    search_fields = ["code", "name"]
    list_filter = ["country"]
    inlines = [GovernanceInline, LaneInline, StoreMembershipInline]

    def store_of(self, obj: Store) -> Store:
        return obj

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Store | None = None) -> bool:
        return request.user.is_superuser and (obj is None or not has_history(obj))

    def has_change_permission(self, request: HttpRequest, obj: Store | None = None) -> bool:
        """Whoever may change any part of the page may save it; the parts ask again."""
        return any(self._may(request, p, obj) for p in (self.edit_permission, Permission.GOVERNANCE_EDIT))

    def get_readonly_fields(self, request: HttpRequest, obj: Store | None = None) -> list[str]:
        if obj and not may(request.user, Permission.MAP_EDIT, obj):
            return StoreForm.Meta.fields
        return ["code"] if obj else []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Store]:
        counted = (
            super().get_queryset(request).prefetch_related(Prefetch("lanes", Lane.objects.select_related("store")))
        )
        return counted.annotate(
            _lanes=Count("lanes", distinct=True),
            _cameras=Count("cameras", distinct=True),
            _on=Count("cameras", filter=Q(cameras__enabled=True), distinct=True),
        )

    @admin.display(description="lanes", ordering="_lanes")
    def lane_count(self, store: Any) -> int:
        return store._lanes

    @admin.display(description="cameras on", ordering="_on")
    def cameras_on(self, store: Any) -> str:
        return f"{store._on} of {store._cameras}"

    def health_lanes(self, row: Store) -> list[Lane]:
        return list(row.lanes.all())

    def health_about(self, row: Store, items: list[HealthItem]) -> list[HealthItem]:
        return items

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is not Governance:
            super().save_formset(request, form, formset, change)
            return
        before = Governance.objects.filter(store=form.instance).values(*PAPERS).first() or {}
        super().save_formset(request, form, formset, change)
        after = Governance.objects.filter(store=form.instance).values(*RECORDED).first()
        if after and formset.has_changed():
            self._governance_changed(request, form.instance, before, after)

    def _governance_changed(self, request: HttpRequest, store: Store, before: dict, after: dict) -> None:
        cameras_follow_governance(actor=actor_of(request), store=store, before=before, after=after)
        audit_record(
            actor=actor_of(request),
            action="governance.changed",
            object_type="store",
            object_id=store.code,
            store_code=store.code,
            ip=request.META.get("REMOTE_ADDR"),
            data=after,
        )


class OfLaneForm(forms.ModelForm):
    """A terminal or camera: its store is its lane's, and its code is once in that store."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        lane = self.cleaned_data.get("lane") or (self.instance.lane if self.instance.lane_id else None)
        if lane is None:
            return cleaned
        self.instance.store = lane.store
        same = type(self.instance)._default_manager.filter(store=lane.store, code=self.cleaned_data.get("code", ""))
        if same.exclude(pk=self.instance.pk).exists():
            noun = self.instance._meta.verbose_name
            self.add_error("code", f"Store {lane.store.code} has a {noun} with this code already: choose another.")
        return cleaned


class TerminalInline(StoreScoped, admin.TabularInline):
    model = Terminal
    form = OfLaneForm
    fields = ["code", "granularity"]
    extra = 0
    can_delete = False


class CameraInline(NeverEdited, StoreScoped, admin.TabularInline):
    """To see and to go to; a camera is edited on its own page."""

    model = Camera
    fields = ("code", "source_shown", "enabled")
    readonly_fields = fields
    extra = 0
    show_change_link = True

    @admin.display(description="source")
    def source_shown(self, camera: Camera) -> str:
        return source_redacted(camera.source)


@admin.register(Lane)
class LaneAdmin(WithHealth, StoreScopedAdmin):
    list_display = ["code", "store", "health", "kind", "terminal_codes", "camera_codes"]
    list_filter = ["kind", ("store", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["code", "store__code", "store__name"]
    list_select_related = ["store"]
    inlines = [TerminalInline, CameraInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lane]:
        return super().get_queryset(request).prefetch_related("terminals", "cameras")

    def get_readonly_fields(self, request: HttpRequest, obj: Lane | None = None) -> list[str]:
        return ["store"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Lane | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not has_history(obj))

    @admin.display(description="terminals")
    def terminal_codes(self, lane: Lane) -> str:
        return ", ".join(terminal.code for terminal in lane.terminals.all()) or "–"

    @admin.display(description="cameras")
    def camera_codes(self, lane: Lane) -> str:
        return ", ".join(camera.code for camera in lane.cameras.all()) or "–"

    def health_lanes(self, row: Lane) -> list[Lane]:
        return [row]

    def health_about(self, row: Lane, items: list[HealthItem]) -> list[HealthItem]:
        return items


@admin.register(Terminal)
class TerminalAdmin(WithHealth, StoreScopedAdmin):
    form = OfLaneForm
    fields = ["lane", "code", "granularity"]
    list_display = ["code", "lane", "health", "granularity"]
    list_filter = ["granularity", ("store", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["code", "lane__code", "store__code"]
    list_select_related = ["lane__store"]

    def has_delete_permission(self, request: HttpRequest, obj: Terminal | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not has_history(obj))
