"""Tills that nobody has mapped, to map."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from lanes.admin.scoped import StoreScopedAdmin, actor_of
from lanes.models import Lane, Terminal
from pos.models import UnknownTerminal
from pos.services.unknown import HELD_FOR, unknown_terminal_map


class MappingForm(forms.ModelForm):
    """The lane that an unknown terminal belongs to."""

    lane = forms.ModelChoiceField(Lane.objects.none(), help_text="The lane whose till it is.")
    granularity = forms.ChoiceField(
        choices=Terminal.Granularity.choices, help_text="How it sends: line by line, or whole tickets at once."
    )

    class Meta:
        model = UnknownTerminal
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "lane" in self.fields:  # not where the page is only to be read
            lanes = Lane.objects.filter(store_id=self.instance.store_id).select_related("store")
            self.fields["lane"].queryset = lanes  # type: ignore[attr-defined]  # the field above

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if Terminal.objects.filter(store_id=self.instance.store_id, code=self.instance.code).exists():
            raise forms.ValidationError("It has been mapped meanwhile; what it sent is being let in.")
        return cleaned


@admin.register(UnknownTerminal)
class UnknownTerminalAdmin(StoreScopedAdmin):
    """Tills that send without belonging to a lane: saving the page with a lane maps one and lets its events in."""

    form = MappingForm
    list_display = ["code", "store", "held_events", "passed_over", "first_seen_at", "last_seen_at"]
    list_select_related = ["store"]
    readonly_fields = ["store", "code", "held_events", "passed_over", "first_seen_at", "last_seen_at"]
    fields = [*readonly_fields, "lane", "granularity"]
    search_fields = ["=code"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[UnknownTerminal]:
        return super().get_queryset(request).annotate(_held=Count("held"))

    @admin.display(description=f"events held, for {HELD_FOR.days} days", ordering="_held")
    def held_events(self, terminal: Any) -> int:
        return terminal._held

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: UnknownTerminal, form: Any, change: bool) -> None:
        """Nothing of it changes: it becomes a terminal."""
        lane, granularity = form.cleaned_data["lane"], form.cleaned_data["granularity"]
        unknown_terminal_map(unknown=obj, lane=lane, granularity=granularity, actor=actor_of(request))

    def response_change(self, request: HttpRequest, obj: UnknownTerminal) -> HttpResponse:
        messages.success(request, f"Terminal {obj.code} is mapped. What it sent before is being let in.")
        return HttpResponseRedirect(reverse("admin:pos_unknownterminal_changelist"))
