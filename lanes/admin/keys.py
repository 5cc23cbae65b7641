"""API keys: made, shown once, revoked."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from lanes.admin.scoped import StoreScopedAdmin, actor_of
from lanes.models import ApiKey
from lanes.services.keys import api_key_create, api_key_revoke, api_key_scopes_set


class ApiKeyForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(choices=ApiKey.Scope.choices, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = ApiKey
        fields = ["store", "name", "scopes", "expiry_date"]


@admin.register(ApiKey)
class ApiKeyAdmin(StoreScopedAdmin):
    form = ApiKeyForm
    list_display = ["prefix", "name", "store", "scopes_shown", "created", "last_used_at", "expiry_date", "revoked"]
    list_filter = ["revoked", ("store", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["prefix", "name", "store__code"]
    list_select_related = ["store"]
    actions = ["revoke"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Revoked, not deleted: history names keys by their prefix."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        return ["store", "name", "prefix", "created", "last_used_at", "revoked"] if obj else []

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        written = ["store", "name", "scopes", "expiry_date"]
        return [*written, "prefix", "created", "last_used_at", "revoked"] if obj else written

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        scopes = form.cleaned_data.get("scopes", obj.scopes)
        if change:
            obj.save(update_fields=["expiry_date"])
            api_key_scopes_set(actor=actor_of(request), key=obj, scopes=scopes)
            return
        made, secret = api_key_create(actor=actor_of(request), store=obj.store, name=obj.name, scopes=scopes)
        made.expiry_date = obj.expiry_date
        made.save(update_fields=["expiry_date"])
        obj.pk, obj.prefix, obj.shown_once = made.pk, made.prefix, secret

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """The secret goes into this one answer: not into a message, which waits in a cookie."""
        context = {**self.admin_site.each_context(request), "title": "API key created", "key": obj, "opts": self.opts}
        return TemplateResponse(request, "lanes/api_key_created.html", context, headers={"Cache-Control": "no-store"})

    @admin.display(description="scopes")
    def scopes_shown(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @admin.action(description="Revoke for good", permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        for key in keys.filter(revoked=False).select_related("store"):
            api_key_revoke(actor=actor_of(request), key=key)
            self.message_user(request, f"Key {key.name} ({key.prefix}) is revoked.", messages.SUCCESS)
