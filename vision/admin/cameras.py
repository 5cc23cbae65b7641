"""How cameras are heard and what they gave, to look at. Nothing is changed here: what there is to set is on the map."""

import base64
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from lanes.admin.scoped import NeverEdited, StoreScopedAdmin
from vision.models import AnalysisLoad, CameraDay, CameraFault, CameraFeed, Segment, VisualEvent
from vision.services.faults import view_accept


class ReadOnlyAdmin(NeverEdited, StoreScopedAdmin):
    """Rows of the stores whose map the viewer may see."""

    store_path = "camera__store"
    show_full_result_count = False


@admin.register(CameraFeed)
class CameraFeedAdmin(ReadOnlyAdmin):
    list_display = ("camera", "state", "detail", "since", "clock_source", "fps", "seen_until", "lag_s")
    list_filter = ("state",)
    list_select_related = ("camera__lane__store",)
    # the address may hold a password, and the state of seeing and the picture are no text
    exclude = ("source", "vision_state", "picture_state", "snapshot", "playback")
    actions = ("accept_view",)

    @admin.action(description="The picture is as it should be: get to know it anew", permissions=["accept"])
    def accept_view(self, request: HttpRequest, queryset: QuerySet[CameraFeed]) -> None:
        for feed in queryset.select_related("camera"):
            view_accept(camera=feed.camera, actor=request.user, now=timezone.now())
        self.message_user(request, "What was wrong is closed; the cameras are got to know anew.")

    def has_accept_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("lanes.change_camera")


class LastsFilter(admin.SimpleListFilter):
    title = "whether it lasts"
    parameter_name = "lasts"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Lasts"), ("no", "Is over")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[CameraFault]) -> QuerySet[CameraFault]:
        wanted = self.value()
        return queryset.filter(ended_at__isnull=wanted == "yes") if wanted else queryset


@admin.register(CameraFault)
class CameraFaultAdmin(ReadOnlyAdmin):
    list_display = ("camera", "kind", "began_at", "ended_at", "sentence")
    list_filter = (LastsFilter, "kind")
    list_select_related = ("camera__lane__store",)
    exclude = ("picture",)
    readonly_fields = ("shown",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CameraFault]:
        found: QuerySet[CameraFault] = super().get_queryset(request)
        return (
            found if request.resolver_match and "object_id" in request.resolver_match.kwargs else found.defer("picture")
        )

    @admin.display(description="Picture, blurred")
    def shown(self, fault: CameraFault) -> str:
        if not fault.picture:
            return "None: the video was gone, or it is older than thirty days."
        data = base64.b64encode(bytes(fault.picture)).decode()
        return format_html(
            '<img src="data:image/jpeg;base64,{}" alt="What the camera showed" class="fault-picture">', data
        )


@admin.register(AnalysisLoad)
class AnalysisLoadAdmin(NeverEdited, admin.ModelAdmin):
    """Of the whole installation, so for those who run it."""

    list_display = ("__str__", "waits_s", "resting")


@admin.register(CameraDay)
class CameraDayAdmin(ReadOnlyAdmin):
    list_display = ("camera", "day", "sharpness", "luma", "fps", "drift", "losses", "hours")
    list_select_related = ("camera__lane__store",)
    ordering = ("-day", "camera")


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
