"""Detectors as versions: what looks, what looks in its shadow, and the decision between them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from lanes.admin.scoped import actor_of
from vision.models import Detector, DetectorVersion
from vision.pipeline.openvino_detector import WeightsUnusable
from vision.selectors.detectors import cameras_using, shadow_compared
from vision.services.detectors import (
    VersionRefused,
    detector_promote,
    detector_roll_back,
    shadow_start,
    shadow_stop,
)

DIFFERENCES = 20
"""Of what only one of two versions saw, the latest are named, to look the video up by."""


@admin.register(Detector)
class DetectorAdmin(admin.ModelAdmin):
    """Of the whole installation, so for those who run it. Weights are registered on the machine: `manage.py model`."""

    list_display = ("name", "used", "used_since", "chosen_by", "shadow", "cameras")
    list_select_related = ("used__detector", "shadow__detector")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="cameras that look with it")
    def cameras(self, detector: Detector) -> int:
        return len(cameras_using(detector))

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(require_POST(self.decide))
        return [path("<int:detector_id>/decide/", decide, name="vision_detector_decide"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        detector = self.get_object(request, object_id)
        if detector is None:
            raise Http404("no such detector")
        if not self.has_view_permission(request, detector):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": f"Detector {detector.name}",
            "opts": self.opts,
            "detector": detector,
            "versions": [_row(detector, version) for version in detector.versions.all()],
            "cameras": cameras_using(detector),
            "compared": _compared(detector),
            "may": self.has_change_permission(request, detector),
        }
        return TemplateResponse(request, "vision/detector.html", context)

    def decide(self, request: HttpRequest, detector_id: int) -> HttpResponse:
        """Promote, roll back, start or end a shadow, as the button says; back to the page with what came of it."""
        detector = self.get_object(request, str(detector_id))
        if detector is None:
            raise Http404("no such detector")
        if not self.has_change_permission(request, detector):
            raise PermissionDenied
        try:
            self.message_user(request, _decided(request, detector), messages.SUCCESS)
        except (VersionRefused, WeightsUnusable, OSError) as refused:
            self.message_user(request, str(refused), messages.ERROR)
        return HttpResponseRedirect(reverse("admin:vision_detector_change", args=[detector.pk]))


def _decided(request: HttpRequest, detector: Detector) -> str:
    act, actor, now = request.POST.get("act", ""), actor_of(request), timezone.now()
    reason = request.POST.get("reason", "")
    if act == "roll_back":
        return f"In use again: {detector_roll_back(detector=detector, actor=actor, reason=reason, now=now)}."
    if act == "shadow_stop":
        shadow_stop(detector=detector, actor=actor)
        return "Nothing looks in the shadow any more."
    number = request.POST.get("version", "")
    version = detector.versions.filter(number=number).first() if number.isdigit() else None
    if version is None:
        raise VersionRefused("Choose a version of this detector.")
    if act == "promote":
        detector_promote(version=version, actor=actor, reason=reason, now=now)
        return f"From the next segment on in use: {version}."
    if act == "shadow":
        shadow_start(version=version, cameras=(), actor=actor, now=now)
        return f"In the shadow of {detector.used} looks {version}."
    raise VersionRefused("Press one of the buttons.")


def _row(detector: Detector, version: DetectorVersion) -> dict[str, Any]:
    told = version.measured.get("per_label_map50") or version.told.get("per_label_map50") or {}
    return {
        "version": version,
        "used": version.pk == detector.used_id,
        "before": version.pk == detector.used_before_id,
        "shadow": version.pk == detector.shadow_id,
        "classes": ", ".join(list(version.classes.values())[:8]) + (" …" if len(version.classes) > 8 else ""),
        "precision": ", ".join(f"{label} {value:.2f}" for label, value in told.items()),
        "ms": version.measured.get("ms"),
    }


def _compared(detector: Detector) -> dict[str, Any] | None:
    """What the present shadow saw, or the version in use while it was one."""
    for version in (detector.shadow, detector.used):
        found = shadow_compared(version) if version is not None else None
        if found is not None and (found.seconds or found.failures):
            only = [one for kind in found.by_type.values() for one in (*kind.only_used, *kind.only_shadow)]
            latest = sorted(only, key=lambda one: one.at, reverse=True)[:DIFFERENCES]
            return {"found": found, "minutes": found.seconds / 60, "latest": [(one, one.instant) for one in latest]}
    return None
