"""History, to read only: what was done, and how configuration changed."""

from typing import Any

from auditlog.admin import LogEntryAdmin
from auditlog.models import LogEntry
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from lanes.admin.scoped import NeverEdited
from lanes.permissions import may_somewhere, stores_for
from privacy.domain.roles import Permission
from privacy.models import AuditEvent
from privacy.presenters import audit_sentence


class ReadOnly(NeverEdited):
    """Mixin of ModelAdmin: to whoever may see the audit of some store, and then only that."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_somewhere(request.user, Permission.AUDIT_VIEW)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_somewhere(request.user, Permission.AUDIT_VIEW)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["at", "sentence", "store_code", "ip"]
    list_filter = ["actor_kind", "store_code", "action"]
    search_fields = ["actor", "object_id", "action", "reason"]
    date_hierarchy = "at"
    show_full_result_count = False
    fields = ["sentence", "at", "actor_kind", "actor", "action", "object_type", "object_id"]
    fields += ["store_code", "reason", "ip", "data"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        events = super().get_queryset(request)
        if request.user.is_superuser:
            return events
        return events.filter(store_code__in=stores_for(request.user, Permission.AUDIT_VIEW).values("code"))

    @admin.display(description="what happened", ordering="action")
    def sentence(self, event: AuditEvent) -> str:
        return audit_sentence(event)


admin.site.unregister(LogEntry)


@admin.register(LogEntry)
class ConfigurationAdmin(ReadOnly, LogEntryAdmin):
    """auditlog's own pages, limited to the stores whose audit this person may see."""

    list_display = ["created", "resource_url", "action", "msg_short", "who"]
    list_filter = ["action", ("content_type", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["object_repr", "actor__username"]
    readonly_fields = ["created", "resource_url", "action", "who", "msg"]
    fieldsets = [(None, {"fields": ["created", "who", "resource_url", "action", "msg"]})]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[LogEntry]:
        entries = super().get_queryset(request)
        if request.user.is_superuser:
            return entries
        codes = stores_for(request.user, Permission.AUDIT_VIEW).values_list("code", flat=True)
        return entries.filter(additional_data__store__in=list(codes))

    @admin.display(description="who")
    def who(self, entry: LogEntry) -> str:
        if entry.actor:
            return str(entry.actor)
        return str((entry.additional_data or {}).get("actor") or "the system")
