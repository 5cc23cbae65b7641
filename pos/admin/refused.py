"""Documents of which something could not be read, to look at."""

from django.contrib import admin

from lanes.admin.scoped import NeverEdited, StoreScopedAdmin
from pos.models import RefusedDocument


@admin.register(RefusedDocument)
class RefusedDocumentAdmin(NeverEdited, StoreScopedAdmin):
    list_display = ["received_at", "store", "connection", "reason", "times"]
    list_select_related = ["store"]
    search_fields = ["connection", "reason"]
    readonly_fields = ["store", "connection", "reason", "excerpt", "received_at", "times"]
    fields = [*readonly_fields]
