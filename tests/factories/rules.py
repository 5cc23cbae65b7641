"""Exception rules as people have them: written, tried on past days, in force."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cases.models import ExceptionRuleVersion, RuleBacktest, RuleTerm
from cases.services.backtests import backtest_ask, backtest_step
from cases.services.rules import LEAST_DAYS, catalogue_documents, rule_go_live, version_add
from lanes.models import Store
from privacy.models import User
from tests.factories.stores import SmallStore

UNPAID: dict[str, Any] = {
    "code": "X02",
    "title": "Card without payment",
    "about": "A card is loaded and never paid.",
    "score": 0.6,
    "steps": [
        {"event": "gift_card_activation"},
        {"event": "tender", "absent": True, "same": ["ticket"], "within_s": 120},
    ],
}


def shipped(code: str) -> dict[str, Any]:
    return next(document for document in catalogue_documents() if document["code"] == code)


def written(document: dict[str, Any], at: datetime, store: Store | None = None) -> ExceptionRuleVersion:
    return version_add(actor="test", document=document, store=store, note="", now=at).version


def tried(version: ExceptionRuleVersion, shop: SmallStore, at: datetime, days: int = 1) -> RuleBacktest:
    """Tried on the days before `at`."""
    last = (at - timedelta(days=1)).date()
    first = last - timedelta(days=days - 1)
    asked = backtest_ask(actor="test", version=version, store=shop.store, first_day=first, last_day=last, now=at)
    while backtest_step(backtest_id=asked.pk, now=at):
        pass
    asked.refresh_from_db()
    return asked


def tried_long(version: ExceptionRuleVersion, shop: SmallStore, at: datetime, days: int = LEAST_DAYS) -> RuleBacktest:
    """As if it had been tried for so many days before `at`, which nobody looks at here."""
    last = (at - timedelta(days=1)).date()
    return RuleBacktest.objects.create(
        version=version, store=shop.store, first_day=last - timedelta(days=days - 1), last_day=last, days_done=days,
        state=RuleBacktest.State.DONE, asked_by="test", asked_at=at, seen_at=at,
    )  # fmt: skip


def in_force(document: dict[str, Any], shop: SmallStore, at: datetime, store: Store | None = None) -> RuleTerm:
    version = written(document, at, store)
    tried_long(version, shop, at)
    boss = User.objects.filter(username="boss").first() or User.objects.create_superuser("boss", password="x")
    return rule_go_live(actor=boss, version=version, reason="It finds what it should.", now=at)
