"""By which rules a store answers its tills, and whether for good."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from lanes.admin.scoped import StoreScopedAdmin, actor_of
from lanes.permissions import stores_for
from pos.domain.approvals.rules import Condition, Outcome, Rule, Subject, rule_problem
from pos.models import ApprovalPolicy, ApprovalRule
from pos.services.approval_rules import approval_mode_set, approval_policy_create, approval_rule_set
from privacy.domain.roles import Permission

RULE_FIELDS = ["subject", "condition", "limit", "minutes", "opens_at", "closes_at", "outcome"]


class PolicyForm(forms.ModelForm):
    reason = forms.CharField(max_length=500, help_text="Why: who decided it, and on what grounds. Kept as history.")

    class Meta:
        model = ApprovalPolicy
        fields = ["mode", "reason"]


@admin.register(ApprovalPolicy)
class ApprovalPolicyAdmin(StoreScopedAdmin):
    """Adding one gives a store the shipped drafts as rules of its own; live is a second step, with a reason."""

    edit_permission = Permission.GOVERNANCE_EDIT
    list_display = ["store", "mode", "version", "changed_by", "changed_at"]
    list_select_related = ["store"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if change:
            kwargs["form"] = PolicyForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return ["store", "mode", "reason", "version", "changed_by", "changed_at"] if obj else ["store"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["store", "version", "changed_by", "changed_at"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ApprovalPolicy, form: Any, change: bool) -> None:
        actor, now = actor_of(request), timezone.now()
        if change:
            approval_mode_set(actor=actor, policy=obj, mode=obj.mode, reason=form.cleaned_data["reason"], now=now)
        else:
            obj.pk = approval_policy_create(actor=actor, store=obj.store, now=now).pk


class RuleForm(forms.ModelForm):
    class Meta:
        model = ApprovalRule
        fields = ["policy", *RULE_FIELDS]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if not self.errors and (problem := rule_problem(rule_from(cleaned))):
            raise forms.ValidationError(problem)
        return cleaned


def rule_from(cleaned: dict[str, Any]) -> Rule:
    return Rule(
        subject=Subject(cleaned["subject"]),
        condition=Condition(cleaned["condition"]),
        outcome=Outcome(cleaned["outcome"]),
        limit=cleaned.get("limit"),
        minutes=cleaned.get("minutes"),
        opens_at=cleaned.get("opens_at"),
        closes_at=cleaned.get("closes_at"),
    )


class Past(admin.SimpleListFilter):
    """What is in force, unless the past is asked for."""

    title = "versions"
    parameter_name = "past"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("yes", "Earlier ones too")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApprovalRule]) -> QuerySet[ApprovalRule]:
        return queryset if self.value() else queryset.filter(until_version=None)


@admin.register(ApprovalRule)
class ApprovalRuleAdmin(StoreScopedAdmin):
    """Saving a rule ends its row and writes a new one; deleting it ends it."""

    form = RuleForm
    store_path = "policy__store"
    edit_permission = Permission.GOVERNANCE_EDIT
    list_display = ["__str__", "policy", "limit", "minutes", "hours", "outcome", "since_version", "until_version"]
    list_filter = [Past]
    list_select_related = ["policy__store"]
    written = ["since_version", "until_version", "made_by", "made_at"]

    @admin.display(description="open")
    def hours(self, rule: ApprovalRule) -> str:
        return f"{rule.opens_at:%H:%M}-{rule.closes_at:%H:%M}" if rule.opens_at and rule.closes_at else "-"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return ["policy", *RULE_FIELDS, *(self.written if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["policy", *self.written] if obj else []

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The policies of the stores in which this person may set rules."""
        stores = stores_for(request.user, self.edit_permission)
        kwargs["queryset"] = ApprovalPolicy.objects.filter(store__in=stores).select_related("store")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: ApprovalRule | None = None) -> bool:
        in_force = obj is None or obj.until_version is None
        return in_force and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: ApprovalRule | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: ApprovalRule, form: Any, change: bool) -> None:
        replaced = ApprovalRule.objects.get(pk=obj.pk) if change else None
        new = approval_rule_set(
            actor=actor_of(request),
            policy=obj.policy,
            rule=rule_from(form.cleaned_data),
            replaces=replaced,
            now=timezone.now(),
        )
        assert new is not None
        obj.pk = new.pk

    def delete_model(self, request: HttpRequest, obj: ApprovalRule) -> None:
        approval_rule_set(actor=actor_of(request), policy=obj.policy, rule=None, replaces=obj, now=timezone.now())
