"""Cameras: their papers, their zones on a picture, and their switch."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from lanes.admin.scoped import StoreScopedAdmin, WithHealth, actor_of
from lanes.admin.stores import OfLaneForm
from lanes.admin.zones import ZonesField
from lanes.domain.papers import papers_missing, papers_sentence
from lanes.domain.sources import HIDDEN, source_problem, source_redacted
from lanes.models import Camera
from lanes.selectors import has_history
from lanes.services.cameras import (
    PapersMissing,
    camera_papers,
    camera_switch,
    camera_switched_record,
    camera_zones_set,
)
from lanes.snapshots import snapshot_of
from privacy.audit import audit_record


class CameraForm(OfLaneForm):
    zones = ZonesField(
        required=False,
        help_text="Drag corners, or move the one in focus with the arrow keys (Shift: further). "
        "Click between two corners for a new one; Delete takes one away.",
    )

    class Meta:
        model = Camera
        fields = [
            "lane", "code", "source", "detector", "priority", "enabled",
            "purpose", "legal_basis", "assessment", "owner",
        ]  # fmt: skip
        help_texts = {
            "source": f"rtsp://, http(s):// or a path. A password is shown as {HIDDEN}; leave it so to keep it.",
            "detector": "Empty: the installation's default. Or one by name (lane, lane@2), motion, or a path.",
            "enabled": "Only with purpose, legal basis, assessment and owner.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored_source = self.instance.source
        if not self.instance.pk or "zones" not in self.fields:
            return
        self.initial["source"] = source_redacted(self.stored_source)
        self.initial["zones"] = [(zone.kind, zone.polygon) for zone in self.instance.zones.all()]
        self.fields["zones"].widget.snapshot_url = reverse("admin:lanes_camera_snapshot", args=[self.instance.pk])

    def clean_source(self) -> str:
        source = self.cleaned_data["source"].strip()
        if self.stored_source and source == source_redacted(self.stored_source):
            return self.stored_source
        if HIDDEN in source:
            raise forms.ValidationError(f"Write the password instead of {HIDDEN}: the address has changed.")
        if wrong := source_problem(source):
            raise forms.ValidationError(f"{wrong[0].upper()}{wrong[1:]}.")
        return source

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        missing = papers_missing({k: v for k, v in self.cleaned_data.items() if isinstance(v, str)})
        if self.cleaned_data.get("enabled") and missing:
            self.add_error("enabled", papers_sentence(self.cleaned_data.get("code", ""), missing))
        return cleaned


@admin.register(Camera)
class CameraAdmin(WithHealth, StoreScopedAdmin):
    form = CameraForm
    list_display = ["code", "lane", "enabled", "health", "source_shown", "zone_count", "papers"]
    list_filter = ["enabled", "lane__kind", ("store", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["code", "lane__code", "store__code", "store__name"]
    list_select_related = ["lane__store", "store"]
    actions = ["switch_on", "switch_off"]
    fieldsets = [
        (None, {"fields": ["lane", "code", "source", "detector", "priority", "enabled"]}),
        ("Papers", {"fields": ["purpose", "legal_basis", "assessment", "owner"]}),
        ("Zones", {"fields": ["zones"], "classes": ["zones-fieldset"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Camera]:
        return super().get_queryset(request).annotate(_zones=Count("zones"))

    def get_fieldsets(self, request: HttpRequest, obj: Camera | None = None) -> Any:
        """Who may only look sees no address and no editor."""
        if self.has_change_permission(request, obj):
            return self.fieldsets
        shown = ["lane", "code", "source_shown", "detector", "priority", "enabled"]
        return [(None, {"fields": shown}), self.fieldsets[1]]

    def get_readonly_fields(self, request: HttpRequest, obj: Camera | None = None) -> list[str]:
        return [] if self.has_change_permission(request, obj) else ["source_shown"]

    def has_delete_permission(self, request: HttpRequest, obj: Camera | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not has_history(obj))

    def save_model(self, request: HttpRequest, obj: Camera, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        camera_zones_set(camera=obj, zones=form.cleaned_data["zones"])
        if "enabled" in form.changed_data:
            camera_switched_record(actor=actor_of(request), camera=obj)

    @admin.display(description="source")
    def source_shown(self, camera: Camera) -> str:
        return source_redacted(camera.source)

    @admin.display(description="zones", ordering="_zones")
    def zone_count(self, camera: Any) -> int:
        return camera._zones

    @admin.display(description="papers")
    def papers(self, camera: Camera) -> str:
        missing = papers_missing(camera_papers(camera))
        return f"missing: {', '.join(missing)}" if missing else "complete"

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, cameras: QuerySet[Camera]) -> None:
        self._switch(request, cameras, on=True)

    @admin.action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, cameras: QuerySet[Camera]) -> None:
        self._switch(request, cameras, on=False)

    def _switch(self, request: HttpRequest, cameras: QuerySet[Camera], *, on: bool) -> None:
        """Each for itself: one without papers does not keep the others off."""
        switched = 0
        for camera in cameras.select_related("store"):
            try:
                switched += camera_switch(actor=actor_of(request), camera=camera, on=on)
            except (PapersMissing, PermissionDenied) as refused:
                self.message_user(request, str(refused), messages.ERROR)
        if switched:
            noun = "camera" if switched == 1 else "cameras"
            self.message_user(request, f"{switched} {noun} switched {'on' if on else 'off'}.", messages.SUCCESS)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.snapshot)
        return [path("<int:camera_id>/snapshot.jpg", view, name="lanes_camera_snapshot"), *super().get_urls()]

    def snapshot(self, request: HttpRequest, camera_id: int) -> HttpResponse:
        """The blurred picture to draw on. Looking at it is recorded."""
        camera = self.get_queryset(request).select_related("store").filter(pk=camera_id).first()
        picture = snapshot_of(camera) if camera else None
        if camera is None or picture is None:
            raise Http404("no picture of this camera yet")
        audit_record(
            actor=actor_of(request),
            action="camera.snapshot_viewed",
            object_type="camera",
            object_id=camera.code,
            store_code=camera.store.code,
            ip=request.META.get("REMOTE_ADDR"),
            data={"taken_at": picture.taken_at.isoformat() if picture.taken_at else None},
        )
        return HttpResponse(picture.jpeg, content_type="image/jpeg", headers={"Cache-Control": "no-store"})
