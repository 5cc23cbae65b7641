"""Documents of which something could not be read, to look at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from lanes.admin.scoped import StoreScopedAdmin
from pos.models import RefusedDocument


@admin.register(RefusedDocument)
class RefusedDocumentAdmin(StoreScopedAdmin):
    list_display = ["received_at", "store", "feed", "reason", "times"]
    list_select_related = ["store"]
    search_fields = ["feed", "reason"]
    readonly_fields = ["store", "feed", "reason", "excerpt", "received_at", "times"]
    fields = [*readonly_fields]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
