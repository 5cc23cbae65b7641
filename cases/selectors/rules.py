"""Reading the rules of exceptions, and which of them were in force where."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.domain.exceptions.reading import rule_read
from cases.domain.exceptions.terms import Term, terms_in_force
from cases.domain.exceptions.types import Rule
from cases.models import ExceptionRule, ExceptionRuleVersion, RuleBacktest, RuleTerm
from cases.permissions import Person, rule_stores
from lanes.models import Lane, Store
from lanes.permissions import stores_for
from lanes.selectors import operator_views_allowed
from pos.models import PosEvent
from privacy.domain.roles import Permission


def rules_known() -> Exists:
    """To annotate lanes with: whether any rule was ever in force at one. Costs no query of its own."""
    return Exists(RuleTerm.objects.filter(Q(rule__store=None) | Q(rule__store=OuterRef("store_id"))))


def lanes_beside(lane_ids: Collection[int], tickets: Collection[str]) -> list[int]:
    """The other lanes of their stores at which anything happened on `tickets`, where any rule was ever in force: what
    one says of a ticket may rest on what happens to it at another."""
    stores = Lane.objects.filter(pk__in=lane_ids).values("store_id")
    told = PosEvent.objects.filter(rules_known(), store_id__in=stores, transaction__in=tickets).order_by()
    return sorted(set(told.exclude(lane_id__in=lane_ids).values_list("lane_id", flat=True)))


def lane_terms(lane: Lane, since: float) -> list[Term]:
    """What was in force at `lane` at any time after `since` (Unix s), but for what its store's governance forbids."""
    terms = RuleTerm.objects.filter(Q(rule__store=None) | Q(rule__store=lane.store_id)).select_related("version__rule")
    ended = datetime.fromtimestamp(max(since, 0.0), UTC)
    known = terms_in_force(_term(row) for row in terms.filter(Q(until=None) | Q(until__gt=ended)))
    if not any(term.rule.about_operators for term in known) or operator_views_allowed(lane.store):
        return known
    return [term for term in known if not term.rule.about_operators]


def _term(row: RuleTerm) -> Term:
    until = row.until.timestamp() if row.until is not None else float("inf")
    own = row.version.rule.store_id is not None
    return Term(version_rule(row.version), str(row.version), row.since.timestamp(), until, own)


def version_rule(version: ExceptionRuleVersion) -> Rule:
    return _read(json.dumps(version.document, sort_keys=True))


@lru_cache(512)
def _read(text: str) -> Rule:
    return rule_read(json.loads(text))


def tried_days(version: ExceptionRuleVersion) -> set[date]:
    """The days on which it has been tried to the end, of those that were over when that was asked."""
    days: set[date] = set()
    for tried in version.backtests.filter(state=RuleBacktest.State.DONE).select_related("store"):
        today = tried.asked_at.astimezone(ZoneInfo(tried.store.timezone)).date()
        asked = (tried.first_day + timedelta(days=n) for n in range((tried.last_day - tried.first_day).days + 1))
        days |= {day for day in asked if day < today}
    return days


def rules_for(user: Person) -> QuerySet[ExceptionRule]:
    """Rules of all stores, and of those whose reports `user` may see."""
    seen = stores_for(user, Permission.REPORTS_VIEW)
    return ExceptionRule.objects.filter(Q(store=None) | Q(store__in=seen)).select_related("store", "live__rule")


def backtest_stores(user: Person, rule: ExceptionRule) -> QuerySet[Store]:
    """Where `user` may try `rule` out."""
    stores = rule_stores(user)
    return stores.filter(pk=rule.store_id) if rule.store_id is not None else stores
