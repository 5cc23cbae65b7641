"""Rules of exceptions: read, written anew, tried on past days, and put into force by a person with a reason."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from cases.domain.exceptions.backtest import NEVER, totals_of
from cases.domain.exceptions.reading import RuleRefused
from cases.models import ExceptionRule, ExceptionRuleVersion, RuleBacktest
from cases.permissions import may_edit_rule, may_view_rules, rule_stores
from cases.selectors.rules import backtest_stores, rules_for, version_rule
from cases.services.backtests import MOST_DAYS, backtest_ask, backtest_cancel
from cases.services.rules import (
    LEAST_DAYS,
    RuleWaits,
    document_parse,
    document_write,
    rule_go_live,
    rule_retire,
    rule_roll_back,
    version_add,
    version_before,
)
from cases.tasks import run_backtest
from lanes.admin.scoped import actor_of
from lanes.models import Store

BACKTESTS = 10
EMPTY = """code: X01
title: What a person reads first
about: >-
  Why this is worth a look, and what innocently looks like it.
score: 0.5
steps:
  - event: [subtotal, tender]
  - event: void
    same: [ticket]
    within_s: 300
"""


@admin.register(ExceptionRule)
class ExceptionRuleAdmin(admin.ModelAdmin):
    """A rule's page shows its versions and trials; every act on it is a service's."""

    list_display = ("code", "title", "where", "state", "live")
    list_filter = ("state",)
    list_select_related = ("store", "live__rule")
    search_fields = ("code", "title")
    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_view_rules(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_view_rules(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return rule_stores(request.user).exists() or may_edit_rule(request.user, None)

    def has_change_permission(self, request: HttpRequest, obj: ExceptionRule | None = None) -> bool:
        return self.has_add_permission(request) if obj is None else may_edit_rule(request.user, obj.store_id)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExceptionRule]:
        return rules_for(request.user)

    @admin.display(description="store", ordering="store")
    def where(self, rule: ExceptionRule) -> str:
        return rule.store.code if rule.store else "all stores"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:rule_id>/decide/", view(require_POST(self.decide)), name="cases_exceptionrule_decide"),
            path("<int:rule_id>/export/<int:number>/", view(self.export), name="cases_exceptionrule_export"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Any document: a new rule, or the next version of one that is there."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        problems: tuple[str, ...] = ()
        if request.method == "POST":
            try:
                return HttpResponseRedirect(_url(_added(request, _store_of(request)).rule))
            except RuleRefused as refused:
                problems = refused.problems
            except RuleWaits as waits:
                problems = (str(waits),)
        context = {
            "stores": rule_stores(request.user),
            "everywhere": may_edit_rule(request.user, None),
            "document": request.POST.get("document", EMPTY),
            "problems": problems,
        }
        return self._page(request, "Add an exception rule", "admin/cases/exceptionrule/add.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self._rule_page(request, self._rule(request, object_id))

    def decide(self, request: HttpRequest, rule_id: int) -> HttpResponse:
        """What the button says; back to the page with what came of it."""
        rule = self._rule(request, str(rule_id))
        try:
            self.message_user(request, _decided(request, rule), messages.SUCCESS)
        except RuleRefused as refused:
            return self._rule_page(request, rule, request.POST.get("document", ""), refused.problems)
        except RuleWaits as waits:
            self.message_user(request, str(waits), messages.ERROR)
        return HttpResponseRedirect(_url(rule))

    def export(self, request: HttpRequest, rule_id: int, number: int) -> HttpResponse:
        rule = self._rule(request, str(rule_id))
        version = _version(rule, str(number))
        answer = HttpResponse(document_write(version.document), content_type="application/yaml; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{rule.code}.yaml"'
        return answer

    def _rule(self, request: HttpRequest, rule_id: str) -> ExceptionRule:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rule = self.get_object(request, rule_id)
        if rule is None:
            raise Http404("There is no such rule, or it is of a store that is not yours.")
        return rule

    def _rule_page(
        self, request: HttpRequest, rule: ExceptionRule, document: str = "", problems: tuple[str, ...] = ()
    ) -> HttpResponse:
        versions = list(rule.versions.select_related("rule"))
        tried = RuleBacktest.objects.filter(version__rule=rule, store__in=backtest_stores(request.user, rule))
        latest = versions[0]
        context = {
            "rule": rule,
            "said": version_rule(rule.live or latest),
            "versions": versions,
            "before": version_before(rule) if rule.live_id else None,
            "terms": rule.terms.select_related("version__rule")[:BACKTESTS],
            "backtests": [_tried(one) for one in tried.select_related("version__rule", "store")[:BACKTESTS]],
            "document": document or document_write(latest.document),
            "problems": problems,
            "stores": backtest_stores(request.user, rule),
            "most_days": MOST_DAYS,
            "least_days": LEAST_DAYS,
            "may": self.has_change_permission(request, rule),
        }
        return self._page(request, f"{rule}", "admin/cases/exceptionrule/rule.html", context)

    def _page(self, request: HttpRequest, title: str, template: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        return TemplateResponse(request, template, shared | context)


def _decided(request: HttpRequest, rule: ExceptionRule) -> str:
    act, actor, now = request.POST.get("act", ""), actor_of(request), timezone.now()
    reason, number = request.POST.get("reason", ""), request.POST.get("version", "")
    if act == "add":
        return f"{_added(request, rule.store, rule.code)} is there as a draft: try it on past days."
    if act == "try":
        version, store = _version(rule, number), _chosen(backtest_stores(actor, rule), request.POST.get("store", ""))
        first, last = _day(request.POST.get("first", "")), _day(request.POST.get("last", ""))
        asked = backtest_ask(actor=actor, version=version, store=store, first_day=first, last_day=last, now=now)
        run_backtest.delay_on_commit(asked.pk)
        return f"{asked} is being tried. Look again in a moment."
    if act == "cancel":
        backtest_cancel(actor=actor, backtest=_backtest(rule, request.POST.get("backtest", "")))
        return "Cancelled. What had been found stays to be read."
    if act == "live":
        term = rule_go_live(actor=actor, version=_version(rule, number), reason=reason, now=now)
        return f"In force from now on: {term.version}."
    if act == "roll_back":
        return f"In force again: {rule_roll_back(actor=actor, rule=rule, reason=reason, now=now)}."
    if act == "retire":
        rule_retire(actor=actor, rule=rule, reason=reason, now=now)
        return f"{rule.code} is not in force any more. What it found stays."
    raise RuleWaits("Press one of the buttons.")


def _added(request: HttpRequest, store: Store | None, code: str = "") -> ExceptionRuleVersion:
    """`code`: of the rule that it must be a version of."""
    document = document_parse(request.POST.get("document", ""))
    if code and document.get("code") != code:
        raise RuleRefused([f"code is not {code}: leave it as it is here, or add it as a rule of its own."])
    note, now = request.POST.get("note", ""), timezone.now()
    return version_add(actor=actor_of(request), document=document, store=store, note=note, now=now).version


def _store_of(request: HttpRequest) -> Store | None:
    code = request.POST.get("store", "")
    return _chosen(rule_stores(request.user), code) if code else None


def _chosen(stores: QuerySet[Store], code: str) -> Store:
    store = stores.filter(code=code).first()
    if store is None:
        raise RuleWaits("Choose one of your stores.")
    return store


def _version(rule: ExceptionRule, number: str) -> ExceptionRuleVersion:
    version = rule.versions.filter(number=number).select_related("rule").first() if number.isdigit() else None
    if version is None:
        raise RuleWaits("Choose a version of this rule.")
    return version


def _backtest(rule: ExceptionRule, number: str) -> RuleBacktest:
    found = RuleBacktest.objects.filter(version__rule=rule).select_related("version__rule", "store")
    backtest = found.filter(pk=number).first() if number.isdigit() else None
    if backtest is None:
        raise RuleWaits("There is no such trial.")
    return backtest


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RuleWaits("Choose the first and the last day.") from None


def _url(rule: ExceptionRule) -> str:
    return reverse("admin:cases_exceptionrule_change", args=[rule.pk])


def _tried(backtest: RuleBacktest) -> dict[str, Any]:
    result = backtest.result
    rows = result.get("days", [])
    totals = totals_of(rows)
    examples, zone = result.get("examples", []), ZoneInfo(backtest.store.timezone)
    return {
        "backtest": backtest,
        "days": (backtest.last_day - backtest.first_day).days + 1,
        "going": backtest.state in (RuleBacktest.State.WAITING, RuleBacktest.State.RUNNING),
        "rows": rows,
        "totals": totals,
        "examples": [(one, f"{datetime.fromtimestamp(one['at'], zone):%Y-%m-%d %H:%M:%S}") for one in examples],
        "never": totals[NEVER],
        "against": result.get("against"),
        "against_version": result.get("against_version", ""),
    }
