"""Tills' sources: the doors that are open, how they fare, and what comes through them as it comes."""

import json
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_POST

from lanes.admin.scoped import StoreScopedAdmin, actor_of
from pos.adapters.catalogue import ADAPTERS
from pos.adapters.options import OptionsRefused, config_read
from pos.adapters.reading import DocumentNotUnderstood
from pos.adapters.receipt_text import Config
from pos.admin.source_form import TEXT, SourceForm, options_checked, options_shown
from pos.domain.controls import controls_shown
from pos.listening.monitor import event_shown, refusal_shown
from pos.models import PosSource, SourcePreview
from pos.selectors.sources import source_preview
from privacy.audit import audit_record

FARES = PosSource.FARES
LOOKING = "pos_source_looked_at"
"""In the session: the sources whose page this person has opened, which is what is recorded."""
TRIED_MOST = 200
NETWORK = ["door-tcp_listen", "door-tcp_connect", "door-udp", "door-mqtt"]
SHOWN = ["store", "name", "terminal", "door", "enabled", "place", "adapter"]


@admin.register(PosSource)
class PosSourceAdmin(StoreScopedAdmin):
    form = SourceForm
    list_display = ["name", "enabled", "fares", "preview_link", "last_heard_at"]
    list_display += ["store", "terminal", "door", "place", "events"]
    list_filter = ["enabled", "door", "adapter", ("store", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["store", "terminal__lane__store"]
    search_fields = ["name", "terminal__code", "host", "device", "topic", "folder"]
    readonly_fields = FARES
    fieldsets = [
        (None, {"fields": ["store", "name", "terminal", "door", "enabled"]}),
        ("Network", {"fields": ["host", "port", "allowed"], "classes": NETWORK}),
        ("Serial line", {"fields": ["device", "baud", "parity"], "classes": ["door-serial"]}),
        ("MQTT", {"fields": ["topic", "username", "password", "tls"], "classes": ["door-mqtt"]}),
        ("Folder", {"fields": ["folder"], "classes": ["door-folder"]}),
        ("How it is read", {"fields": ["adapter", "options", "quiet_s"]}),
        ("How it fares", {"fields": ["preview_link", *FARES]}),
    ]

    class Media:
        css = {"all": ["pos/source.css"]}
        js = ["pos/source.js"]

    def get_fieldsets(self, request: HttpRequest, obj: PosSource | None = None) -> Any:
        """Who may only look sees no secret."""
        if self.has_change_permission(request, obj):
            return self.fieldsets
        return [(None, {"fields": SHOWN}), ("How it fares", {"fields": FARES})]

    def get_readonly_fields(self, request: HttpRequest, obj: PosSource | None = None) -> list[str]:
        kept = ["store"] if obj is not None else []  # what came belongs to it
        return [*self.readonly_fields, "place", "preview_link", *kept]

    def save_model(self, request: HttpRequest, obj: PosSource, form: Any, change: bool) -> None:
        """The listener writes how it fares meanwhile, so a change touches only what the form has."""
        if change:
            obj.save(update_fields=[name for name in SourceForm.Meta.fields if name != "store"])
        else:
            obj.save()
        if "enabled" in form.changed_data:
            self._recorded(request, obj, "source.on" if obj.enabled else "source.off")

    def _recorded(self, request: HttpRequest, source: PosSource, action: str) -> None:
        audit_record(
            actor=actor_of(request),
            action=action,
            object_type="pos_source",
            object_id=source.name,
            store_code=source.store.code,
            ip=request.META.get("REMOTE_ADDR"),
        )

    @admin.display(description="where")
    def place(self, source: PosSource) -> str:
        network = f"{source.host or '*'}:{source.port}"
        return {"serial": source.device, "folder": source.folder, "mqtt": f"{network} {source.topic}"}.get(
            source.door, network
        )

    @admin.display(description="how it fares")
    def fares(self, source: PosSource) -> str:
        return source.last_error or ("good" if source.enabled else "switched off")

    @admin.display(description="what comes")
    def preview_link(self, source: PosSource) -> SafeString | str:
        if source.pk is None:
            return "to be seen once it is saved"
        return format_html('<a href="{}">preview</a>', reverse("admin:pos_possource_preview", args=[source.pk]))

    # -- what comes, as it comes ---------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("<int:source_id>/preview/", guarded(require_GET(self.preview_page)), name="pos_possource_preview"),
            path("<int:source_id>/preview/data/", guarded(require_GET(self.preview_data)), name="pos_possource_data"),
            path("<int:source_id>/preview/try/", guarded(require_POST(self.preview_try)), name="pos_possource_try"),
            *super().get_urls(),
        ]

    def _source(self, request: HttpRequest, source_id: int) -> PosSource:
        """Raises Http404 or PermissionDenied: only who may set the masks sees what they are set on."""
        source = self.get_queryset(request).select_related("store", "terminal").filter(pk=source_id).first()
        if source is None:
            raise Http404("no such source")
        if not self.has_change_permission(request, source):
            raise PermissionDenied
        return source

    def preview_page(self, request: HttpRequest, source_id: int) -> HttpResponse:
        """Opening it is recorded, once for all that it then shows."""
        source = self._source(request, source_id)
        self._recorded(request, source, "source.previewed")
        request.session[LOOKING] = sorted({*request.session.get(LOOKING, []), source.pk})
        context = {
            **self.admin_site.each_context(request),
            "title": f"What {source.name} sends",
            "opts": self.opts,
            "source": source,
            "text": source.adapter == TEXT,
            "options": json.dumps(source.options, indent=2, ensure_ascii=False),
            "known": options_shown(source.adapter),
        }
        return TemplateResponse(request, "pos/source_preview.html", context)

    def preview_data(self, request: HttpRequest, source_id: int) -> JsonResponse:
        source = self._source(request, source_id)
        if source.pk not in request.session.get(LOOKING, []):
            raise PermissionDenied("Open the page of the source first: that is what is recorded.")
        seen = source_preview(source, now=timezone.now())
        return _answer(
            {
                "text": _text(source, seen),
                "understood": seen.understood if seen else [],
                "refused": seen.refused if seen else [],
                "heard_at": source.last_heard_at,
                "error": source.last_error,
                "events": source.events,
                "refusals": source.refusals,
                "strangers": source.strangers,
            }
        )

    def preview_try(self, request: HttpRequest, source_id: int) -> JsonResponse:
        """What other options make of the text that is shown. Nothing is stored."""
        source = self._source(request, source_id)
        seen = source_preview(source, now=timezone.now())
        try:
            return _answer(_tried(source, seen, request.POST.get("options", "")))
        except (OptionsRefused, DocumentNotUnderstood) as refused:
            return _answer({"problem": str(refused), "understood": [], "refused": []})


def _tried(source: PosSource, seen: SourcePreview | None, text: str) -> dict[str, Any]:
    try:
        options = json.loads(text or "{}")
    except ValueError as error:
        raise OptionsRefused([f"The options are no JSON: {error}."]) from error
    options_checked(source.adapter, options)
    if seen is None or not seen.raw:
        raise OptionsRefused(["Nothing has come within the hour to try them on. The options themselves are in order."])
    terminal = source.terminal.code if source.terminal else ""
    config = config_read(source.adapter, options, terminal=terminal, captured_at=seen.updated_at.isoformat())
    reading = ADAPTERS[source.adapter].read(bytes(seen.raw), config)
    return {
        "problem": "",
        "understood": [event_shown(event) for event in reading.events[:TRIED_MOST]],
        "refused": [refusal_shown(one.part, one.code, one.detail) for one in reading.refusals[:TRIED_MOST]],
    }


def _text(source: PosSource, seen: SourcePreview | None) -> str:
    """In the code page that is set, with each control character as it can be told in the options."""
    if seen is None:
        return ""
    codec = source.options.get("code_page", Config().code_page) if source.adapter == TEXT else "latin-1"
    return controls_shown(bytes(seen.raw).decode(codec, "replace"))


def _answer(data: dict[str, Any]) -> JsonResponse:
    return JsonResponse(data, headers={"Cache-Control": "no-store"})
