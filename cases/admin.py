"""Evidence of what was judged and decided, to be read. Business is done on the desk, not here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from cases.models import Case, Decision, Discrepancy, LaneJudgement


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(LaneJudgement)
class LaneJudgementAdmin(ReadOnly):
    list_display = ("lane", "correlated_until", "clock_offset_s", "clock_sd_s", "clock_quality", "next_look_at")
    list_filter = ("clock_quality",)
    list_select_related = ("lane__store",)


@admin.register(Discrepancy)
class DiscrepancyAdmin(ReadOnly):
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
class CaseAdmin(ReadOnly):
    list_display = ("created_at", "lane", "kind", "status", "risk", "transaction", "assignee", "resolved_at")
    list_filter = ("status", "kind", "store")
    list_select_related = ("lane__store", "store", "assignee")
    search_fields = ("transaction",)
    inlines = (DecisionInline,)
