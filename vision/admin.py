"""How cameras are heard and what they gave, to look at. Nothing is changed here: what there is to set is on the map."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from lanes.admin.scoped import StoreScopedAdmin
from vision.models import CameraFeed, Segment, VisualEvent


class ReadOnlyAdmin(StoreScopedAdmin):
    """Rows of the stores whose map the viewer may see."""

    store_path = "camera__store"
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CameraFeed)
class CameraFeedAdmin(ReadOnlyAdmin):
    list_display = ("camera", "state", "detail", "since", "clock_source", "fps", "seen_until", "lag_s")
    list_filter = ("state",)
    list_select_related = ("camera__lane__store",)
    # the address may hold a password, and the state of seeing and the picture are no text
    exclude = ("source", "vision_state", "snapshot", "playback")


@admin.register(Segment)
class SegmentAdmin(ReadOnlyAdmin):
    list_display = ("camera", "started_at", "duration_s", "clock_source", "state", "detail")
    list_filter = ("state", "clock_source")
    list_select_related = ("camera__lane__store",)
    date_hierarchy = None
    ordering = ("-pk",)


@admin.register(VisualEvent)
class VisualEventAdmin(ReadOnlyAdmin):
    store_path = "store"
    list_display = ("occurred_at", "lane", "camera", "type", "confidence", "label", "external_id")
    list_filter = ("type",)
    list_select_related = ("camera__lane__store", "lane__store")
    ordering = ("-pk",)
