"""What tills asked and were answered, to read, to annotate and to withdraw."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from lanes.admin.scoped import StoreScoped, actor_of
from pos.models import Approval, ApprovalStep
from pos.services.approvals import approval_annotate
from privacy.domain.roles import Permission

KINDS = [("", "nothing"), (ApprovalStep.Kind.ANNOTATED, "annotate"), (ApprovalStep.Kind.WITHDRAWN, "withdraw")]


class StepForm(forms.ModelForm):
    """What a person makes of an answer. The answer itself stays as it was given."""

    add = forms.ChoiceField(choices=KINDS, required=False, help_text="Withdraw: the answer was wrong.")
    reason = forms.CharField(max_length=500, required=False, help_text="No names of employees or customers.")

    class Meta:
        model = Approval
        fields: list[str] = []

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if cleaned.get("add") and not cleaned.get("reason"):
            self.add_error("reason", "Say why.")
        return cleaned


class StepInline(admin.TabularInline):
    model = ApprovalStep
    fields = ["at", "kind", "who", "reason"]
    readonly_fields = ["at", "kind", "who", "reason"]
    extra = 0
    can_delete = False

    @admin.display(description="by")
    def who(self, step: ApprovalStep) -> str:
        """Whoever approved at the till is a pseudonym, and stays out of sight."""
        return "somebody at the till" if step.kind == ApprovalStep.Kind.OVERRIDDEN else step.by

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # of an answer that may be seen


@admin.register(Approval)
class ApprovalAdmin(StoreScoped, admin.ModelAdmin):
    """To whoever may see cases of a store. Operators are not shown: this is a list of acts, not of people."""

    form = StepForm
    inlines = [StepInline]
    view_permission = Permission.CASES_VIEW
    edit_permission = Permission.CASES_DECIDE
    list_display = ["asked_at", "lane", "terminal", "type", "would_be", "outcome", "mode", "state", "took_ms"]
    list_filter = ["would_be", "mode", "state", "type"]
    list_select_related = ["lane__store", "terminal__lane__store"]
    search_fields = ["=external_id", "=transaction"]
    search_help_text = "An event's id or a ticket, written out."
    show_full_result_count = False
    list_per_page = 50
    readonly_fields = ["asked_at", "store", "lane", "terminal", "external_id", "type", "occurred_at", "transaction"]
    readonly_fields += ["line", "asked", "mode", "would_be", "outcome", "reasons", "rule_version", "took_ms", "state"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        may_add = self.has_change_permission(request, obj)
        return [*self.readonly_fields, *(["add", "reason"] if may_add else [])]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Approval, form: Any, change: bool) -> None:
        """Nothing of the answer changes: a step is added."""
        if form.cleaned_data["add"]:
            approval_annotate(
                actor=actor_of(request),
                approval=obj,
                kind=form.cleaned_data["add"],
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
