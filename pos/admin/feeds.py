"""Systems that call us and systems that we ask, to set up. Secrets are entered here and shown nowhere."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from lanes.admin.scoped import StoreScopedAdmin, actor_of
from pos.adapters.options import OptionsRefused, config_read
from pos.domain.addresses import address_problem
from pos.models import Feed, PosPoll, PosWebhook
from pos.services.feed_settings import SECRETS, feed_delete, feed_save

HEARD = ["last_heard_at", "received", "refused", "last_error"]
LOCATIONS_MOST = 10  # Square: SearchOrders takes no more at once
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


class FeedForm(forms.ModelForm):
    """Options are tried when they are entered. A secret that is left empty stays as it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in SECRETS & self.fields.keys():
            self.fields[name].widget = forms.PasswordInput(attrs={"autocomplete": "off"})
            self.fields[name].required = self.instance.pk is None
            if self.instance.pk is not None:
                self.fields[name].help_text = "It is stored and not shown. Empty: it stays as it is."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in SECRETS & self.fields.keys():
            cleaned[name] = cleaned.get(name) or getattr(self.instance, name)
        if "options" in self.fields:
            cleaned["options"] = self._options(cleaned.get("options") or {})
        return cleaned

    @property
    def written(self) -> list[str]:
        """The fields that are not what they were."""
        return [name for name in self.changed_data if self.initial.get(name) != self.cleaned_data.get(name)]

    def _options(self, options: Any) -> Any:
        provider = self.cleaned_data.get("provider") or self.instance.provider
        try:
            if provider:
                config_read(provider, options)
        except OptionsRefused as error:
            self.add_error("options", str(error))
        return options


class WebhookForm(FeedForm):
    class Meta:
        model = PosWebhook
        fields = ["store", "name", "provider", "secret", "signature_header", "notification_url", "terminal", "options"]
        fields += ["enabled"]

    def clean_signature_header(self) -> str:
        header = self.cleaned_data["signature_header"]
        if not _HEADER.fullmatch(header):
            raise forms.ValidationError("A header's name has letters, digits and hyphens, like X-Signature.")
        return header


class PollForm(FeedForm):
    class Meta:
        model = PosPoll
        fields = ["store", "name", "provider", "base_url", "access_token", "locations", "cursor", "terminal", "options"]
        fields += ["enabled"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "cursor" in self.fields and self.instance.pk is None:
            self.fields["cursor"].initial = timezone.now()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        provider = cleaned.get("provider") or self.instance.provider
        problem = address_problem(cleaned.get("base_url", ""), provider, loopback=settings.DEBUG) if provider else ""
        if problem:
            self.add_error("base_url", problem)
        cleaned["locations"] = cleaned.get("locations") or []
        if provider == PosPoll.Provider.SQUARE and not _are_locations(cleaned["locations"]):
            self.add_error("locations", f'Write 1 to {LOCATIONS_MOST} location ids, like ["L1"].')
        return cleaned


class FeedAdmin(StoreScopedAdmin):
    list_filter = ["provider", "enabled"]
    list_select_related = ["store"]
    search_fields = ["name", "store__code"]

    written: list[str] = []
    computed: list[str] = HEARD

    def get_fields(self, request: HttpRequest, obj: Feed | None = None) -> Any:
        """Whoever may only look is shown no field that holds a secret: it would be written out."""
        if obj is None:
            return self.written
        shown = self.written if self.has_change_permission(request, obj) else set(self.written) - SECRETS
        return [*(name for name in self.written if name in shown), *self.computed]

    def get_readonly_fields(self, request: HttpRequest, obj: Feed | None = None) -> list[str]:
        return ["store", "name", "provider", *self.computed] if obj else []

    def save_model(self, request: HttpRequest, obj: Feed, form: Any, change: bool) -> None:
        feed_save(actor=actor_of(request), feed=obj, changed=form.written)

    def delete_model(self, request: HttpRequest, obj: Feed) -> None:
        feed_delete(actor=actor_of(request), feed=obj)


@admin.register(PosWebhook)
class PosWebhookAdmin(FeedAdmin):
    form = WebhookForm
    list_display = ["name", "store", "provider", "enabled", *HEARD]
    written = WebhookForm.Meta.fields
    computed = ["address", *HEARD]

    @admin.display(description="address to register at the provider")
    def address(self, webhook: PosWebhook) -> str:
        return reverse("api-pos-webhook", args=[webhook.token])


@admin.register(PosPoll)
class PosPollAdmin(FeedAdmin):
    form = PollForm
    list_display = ["name", "store", "provider", "enabled", "cursor", *HEARD]
    written = PollForm.Meta.fields


def _are_locations(value: Any) -> bool:
    return (
        isinstance(value, list) and 1 <= len(value) <= LOCATIONS_MOST and all(isinstance(v, str) and v for v in value)
    )
