"""Evidence of what was judged and decided, to be read. Business is done on the desk, not here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from cases.desk.clock import clock_page
from cases.domain.clock_chart import signed
from cases.models import Case, Decision, Discrepancy, LaneCheckpoint, LaneJudgement, TaughtRates
from lanes.admin.scoped import NeverEdited

NBSP = "\N{NO-BREAK SPACE}"


@admin.register(LaneJudgement)
class LaneJudgementAdmin(NeverEdited, admin.ModelAdmin):
    list_display = (
        "lane",
        "offset",
        "uncertainty",
        "skew",
        "clock_quality",
        "support",
        "protocol",
        "correlated_until",
    )
    list_filter = ("clock_quality", ("lane__store", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("lane__store",)
    readonly_fields = ("offset", "uncertainty", "skew", "support", "protocol")
    fieldsets = (
        (None, {"fields": ("lane", "correlated_until", "judged_from", "next_look_at")}),
        (
            "Clock",
            {
                "fields": (
                    "offset",
                    "uncertainty",
                    "skew",
                    "clock_quality",
                    "support",
                    "protocol",
                    "protocol_at",
                    "disagrees_since",
                )
            },
        ),
        ("At work", {"fields": ("claimed_by", "claimed_until", "state"), "classes": ("collapse",)}),
    )

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if judgement := kwargs.get("obj"):
            context["clock"] = clock_page(judgement.lane, timezone.now())
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="till minus camera", ordering="clock_offset_s")
    def offset(self, judgement: LaneJudgement) -> str | None:
        return f"{signed(judgement.clock_offset_s, 2)}{NBSP}s" if judgement.clock_sd_s is not None else None

    @admin.display(description="known to", ordering="clock_sd_s")
    def uncertainty(self, judgement: LaneJudgement) -> str | None:
        return f"±{judgement.clock_sd_s:.2f}{NBSP}s" if judgement.clock_sd_s is not None else None

    @admin.display(description="till gains", ordering="clock_skew_ppm")
    def skew(self, judgement: LaneJudgement) -> str | None:
        return f"{signed(judgement.clock_skew_ppm)}{NBSP}ppm" if judgement.clock_sd_s is not None else None

    @admin.display(description="rests on", ordering="clock_support")
    def support(self, judgement: LaneJudgement) -> str:
        return f"{judgement.clock_support:.0f}{NBSP}scans"

    @admin.display(description="by arrival", ordering="protocol_offset_s")
    def protocol(self, judgement: LaneJudgement) -> str | None:
        known = judgement.protocol_offset_s
        return f"{signed(known, 2)}{NBSP}s" if known is not None else None


@admin.register(LaneCheckpoint)
class LaneCheckpointAdmin(NeverEdited, admin.ModelAdmin):
    list_display = ("lane", "until", "free_from", "clock_offset_s", "clock_sd_s", "clock_quality")
    list_filter = ("clock_quality",)
    list_select_related = ("lane__store",)


@admin.register(TaughtRates)
class TaughtRatesAdmin(NeverEdited, admin.ModelAdmin):
    list_display = ("effective_from", "store", "lanes", "items", "created_at")
    list_filter = ("store",)
    list_select_related = ("store",)


@admin.register(Discrepancy)
class DiscrepancyAdmin(NeverEdited, admin.ModelAdmin):
    list_display = ("occurred_at", "lane", "kind", "score", "alerted", "withdrawn_at", "transaction")
    list_filter = ("kind", "alerted", "store")
    list_select_related = ("lane__store", "store")
    search_fields = ("transaction", "visual_event")
    date_hierarchy = "occurred_at"


class DecisionInline(admin.TabularInline):
    model = Decision
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Case)
class CaseAdmin(NeverEdited, admin.ModelAdmin):
    list_display = ("created_at", "lane", "kind", "status", "risk", "transaction", "assignee", "resolved_at")
    list_filter = ("status", "kind", "store")
    list_select_related = ("lane__store", "store", "assignee")
    search_fields = ("transaction",)
    inlines = (DecisionInline,)
