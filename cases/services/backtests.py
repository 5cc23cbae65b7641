"""Trying a rule's version out on a store's past days: asked for by a person, done day by day, ended at any time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from cases.domain.exceptions.backtest import EXAMPLES, against, compared, day_row, example_of, result_add
from cases.models import ExceptionRuleVersion, RuleBacktest
from cases.permissions import check_may_edit_rule
from cases.selectors.backtesting import day_found, day_span, past_cases
from cases.selectors.rules import version_rule
from cases.services.rules import RuleWaits, operators_refused
from lanes.models import Lane, Store
from lanes.selectors import operator_views_allowed
from privacy.audit import audit_record
from privacy.models import User

MOST_DAYS = 31
State = RuleBacktest.State
GOES_ON = Q(state__in=[State.WAITING, State.RUNNING])
KEPT = timedelta(days=180)
"""A trial names tickets as examples; what a rule finds half a year later has to be tried again anyway."""
STALE = timedelta(minutes=10)
"""A day takes seconds: what has not got on for so long was lost with its worker."""


def backtest_ask(
    *, actor: User | str, version: ExceptionRuleVersion, store: Store, first_day: date, last_day: date, now: datetime
) -> RuleBacktest:
    """Note that `version` is to be tried on these days. Raises RuleWaits, PermissionDenied."""
    check_may_edit_rule(actor, store.pk)
    if version.rule.store_id not in (None, store.pk):
        raise RuleWaits(f"{version} is a rule of another store.")
    said = version_rule(version)
    if said.unavailable:
        raise RuleWaits(f"{version} cannot be used: {said.unavailable}")
    _allowed(version, store)
    days = (last_day - first_day).days + 1
    if not 1 <= days <= MOST_DAYS:
        raise RuleWaits(f"Choose 1 to {MOST_DAYS} days, the first before the last.")
    if last_day >= now.astimezone(ZoneInfo(store.timezone)).date():
        raise RuleWaits(f"{last_day} is not over yet: choose past days.")
    with transaction.atomic():
        going = RuleBacktest.objects.select_for_update(of=("self",)).filter(GOES_ON, version=version, store=store)
        if going.filter(seen_at__gt=now - STALE).exists():
            raise RuleWaits(f"{version} is being tried at {store.code} now: wait for it, or cancel it.")
        going.update(state=State.FAILED, trouble="It was lost with its worker.")
        backtest = RuleBacktest.objects.create(
            version=version,
            store=store,
            first_day=first_day,
            last_day=last_day,
            asked_by=actor.get_username() if isinstance(actor, User) else actor,
            asked_at=now,
            seen_at=now,
        )
        _record(actor, "rule.backtested", backtest)
    return backtest


def backtest_cancel(*, actor: User | str, backtest: RuleBacktest) -> None:
    check_may_edit_rule(actor, backtest.store_id)
    with transaction.atomic():
        if not RuleBacktest.objects.filter(GOES_ON, pk=backtest.pk).update(state=State.CANCELLED):
            raise RuleWaits("It is not running any more.")
        _record(actor, "rule.backtest_cancelled", backtest)


def backtest_step(*, backtest_id: int, now: datetime) -> bool:
    """Do the next day. Returns whether there is another. Doing a day twice changes nothing."""
    found = RuleBacktest.objects.select_related("version__rule__live__rule", "store")
    backtest = found.filter(GOES_ON, pk=backtest_id).first()
    if backtest is None:
        return False
    day = backtest.first_day + timedelta(days=backtest.days_done)
    try:
        result = _day(backtest, day, now)
    except Exception as error:
        RuleBacktest.objects.filter(GOES_ON, pk=backtest_id).update(
            state=State.FAILED, trouble=f"{day} failed: {type(error).__name__}. Try again, or fewer days."
        )
        raise
    more = day < backtest.last_day
    mine = RuleBacktest.objects.filter(GOES_ON, pk=backtest_id, days_done=backtest.days_done)
    done = mine.update(
        result=result,
        days_done=backtest.days_done + 1,
        state=State.RUNNING if more else State.DONE,
        seen_at=now,
    )
    return bool(done) and more


def backtests_expire(*, now: datetime) -> int:
    return RuleBacktest.objects.filter(asked_at__lt=now - KEPT).delete()[0]


def _is_allowed(version: ExceptionRuleVersion, store: Store) -> bool:
    return not version_rule(version).about_operators or operator_views_allowed(store)


def _allowed(version: ExceptionRuleVersion, store: Store) -> None:
    """What a trial tells is about people as much as what is in force."""
    if not _is_allowed(version, store):
        raise RuleWaits(operators_refused(version, store))


def _day(backtest: RuleBacktest, day: date, now: datetime) -> dict[str, object]:
    """The result so far, with this day in it."""
    version, live = backtest.version, backtest.version.rule.live
    _allowed(version, backtest.store)
    rules = [version_rule(version)]
    if live is not None and live.pk != version.pk and _is_allowed(live, backtest.store):
        rules.append(version_rule(live))
    start, end = day_span(backtest.store, day)
    result: dict[str, object] = {**backtest.result, "against_version": str(live) if len(rules) > 1 else ""}
    for lane in Lane.objects.filter(store=backtest.store).select_related("store").prefetch_related("cameras"):
        found, *others = day_found(lane, rules, start, end, now)
        said = compared(found.findings, past_cases(lane, start, end)) if found.findings else []
        result = result_add(
            result,
            [day_row(day.isoformat(), lane.code, said, found.unanswered)],
            [example_of(lane.code, one) for one in said[:EXAMPLES]],
            against(found.findings, others[0].findings) if others else {},
        )
    return result


def _record(actor: User | str, action: str, backtest: RuleBacktest) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_type="exception_rule",
        object_id=str(backtest.version),
        store_code=backtest.store.code,
        data={"from": backtest.first_day.isoformat(), "to": backtest.last_day.isoformat()},
    )
