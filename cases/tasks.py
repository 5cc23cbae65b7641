"""Doors for background work: ids in, one service call."""

from __future__ import annotations

import uuid
from datetime import timedelta

from celery import Task, shared_task
from django.utils import timezone

from cases.selectors import cases_without_evidence
from cases.services.evidence import EvidenceOutcome, evidence_build
from cases.services.judging import lane_judge, lanes_due

ROUNDS = 5
"""A lane that keeps talking is looked at again at once, but not for ever: others wait."""


@shared_task(name="cases.lane_judge", queue="judge", acks_late=True, ignore_result=True)
def judge_lane(lane_id: int) -> None:
    for _ in range(ROUNDS):
        looked = lane_judge(lane_id=lane_id, now=timezone.now())
        if looked is None or looked.again_at is None or looked.again_at > timezone.now():
            return


@shared_task(name="cases.lanes_look", queue="judge", acks_late=True, ignore_result=True)
def look_at_lanes() -> None:
    """Each second: lanes whose waiting is over, and what a worker that died left behind."""
    for lane_id in lanes_due(now=timezone.now()):
        judge_lane(lane_id)


@shared_task(
    name="cases.evidence_build", queue="default", acks_late=True, ignore_result=True, bind=True, max_retries=40
)
def build_evidence(self: Task, case_id: str) -> None:
    """The seconds after the pass may still be on their way: then ask again in a second."""
    if evidence_build(case_id=uuid.UUID(case_id), now=timezone.now()) is EvidenceOutcome.WAITING:
        raise self.retry(countdown=1)


@shared_task(name="cases.evidence_sweep", queue="default", acks_late=True, ignore_result=True)
def sweep_evidence() -> None:
    """Each half minute: what a worker that died left without pictures."""
    for case_id in cases_without_evidence(now=timezone.now(), older_than=timedelta(seconds=30)):
        build_evidence.delay(str(case_id))
