"""Doors for background work: ids in, one service call."""

from __future__ import annotations

import uuid
from datetime import timedelta

from celery import Task, shared_task
from django.utils import timezone

from cases.selectors import cases_without_evidence
from cases.services.backtests import backtest_step
from cases.services.evidence import EvidenceOutcome, evidence_build
from cases.services.judging import lane_judge, lane_rests, lanes_due
from cases.services.pooling import rates_pool
from cases.services.protocol_clocks import clocks_compare

ROUNDS = 5
"""A lane that keeps talking is looked at again at once, but not for ever: others wait."""
STUCK_S = 600.0
"""Nothing here takes a tenth of that; see shrink/embedded/stuck.py."""


@shared_task(name="cases.lane_judge", queue="judge", acks_late=True, ignore_result=True, stuck_after_s=STUCK_S)
def judge_lane(lane_id: int) -> None:
    """Something new was said: looked at now, or, where the lane was looked at a moment ago, by the next round."""
    if not lane_rests(lane_id=lane_id, now=timezone.now()):
        _look(lane_id)


def _look(lane_id: int) -> None:
    for _ in range(ROUNDS):
        looked = lane_judge(lane_id=lane_id, now=timezone.now())
        if looked is None or looked.again_at is None or looked.again_at > timezone.now():
            return


@shared_task(name="cases.lanes_look", queue="judge", acks_late=True, ignore_result=True)
def look_at_lanes() -> None:
    """Each second: lanes whose waiting is over, and what a worker that died left behind."""
    for lane_id in lanes_due(now=timezone.now()):
        _look(lane_id)


@shared_task(
    name="cases.evidence_build", queue="default", acks_late=True, ignore_result=True, bind=True, max_retries=40,
    stuck_after_s=STUCK_S,
)  # fmt: skip
def build_evidence(self: Task, case_id: str) -> None:
    """The seconds after the pass may still be on their way: then ask again in a second."""
    if evidence_build(case_id=uuid.UUID(case_id), now=timezone.now()) is EvidenceOutcome.WAITING:
        raise self.retry(countdown=1)


@shared_task(name="cases.evidence_sweep", queue="default", acks_late=True, ignore_result=True)
def sweep_evidence() -> None:
    """Each half minute: what a worker that died left without pictures."""
    for case_id in cases_without_evidence(now=timezone.now(), older_than=timedelta(seconds=30)):
        build_evidence.delay(str(case_id))


@shared_task(name="cases.rates_pool", queue="default", acks_late=True, ignore_result=True)
def pool_rates() -> None:
    """Each hour, though once a day is enough: a machine may have been off at midnight."""
    rates_pool(now=timezone.now())


@shared_task(name="cases.clocks_compare", queue="default", acks_late=True, ignore_result=True)
def compare_clocks() -> None:
    """Each minute: whether the clocks that the judge found can be squared with how events arrive."""
    clocks_compare(now=timezone.now())


@shared_task(
    name="cases.backtest_step", queue="default", acks_late=True, ignore_result=True, stuck_after_s=STUCK_S
)  # fmt: skip
def run_backtest(backtest_id: int) -> None:
    """One day of a rule's back-test; the next waits its turn like any other work, so that it can be cancelled."""
    if backtest_step(backtest_id=backtest_id, now=timezone.now()):
        run_backtest.delay(backtest_id)
