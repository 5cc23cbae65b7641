"""Comparing a store's lanes, or its operators, with their peers, and keeping the latest comparison.

`report` of a PeerComparison: `scores` (subject, kind, observed, expected, ratio, low, high, unusual, sentence), the
most remarkable first; `unsaid` (subject, kind, sentence); `funnels` by kind: `points` (subject, expected, ratio,
unusual) and `limits` (expected, coverage, low, high).
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from lanes.models import Store
from lanes.selectors import operator_views_allowed
from pos.domain.peers.funnel import Funnel, funnel_of
from pos.domain.peers.score import VERSION, PeerReport, Score, Standing, peer_scores
from pos.domain.peers.seen import KINDS
from pos.domain.peers.tally import tally
from pos.models import PeerComparison
from pos.selectors.peers import doings
from privacy.audit import audit_record
from privacy.models import User

WINDOW = timedelta(days=28)
"""Four weeks: every weekday equally often."""


def peers_compare(*, store: Store, now: datetime) -> list[PeerComparison]:
    """Work out the store's comparisons over the last four weeks. By operator only where governance allows it; one that
    was made before goes when it no longer does."""
    made = [_compared(store, PeerComparison.By.LANE, now)]
    if operator_views_allowed(store):
        made.append(_compared(store, PeerComparison.By.OPERATOR, now))
    else:
        peers_forget(store=store)
    return made


def peers_forget(*, store: Store) -> None:
    """Nobody is to see its operators compared any more."""
    PeerComparison.objects.filter(store=store, by=PeerComparison.By.OPERATOR).delete()


def peers_looked_at(*, actor: User, comparison: PeerComparison) -> None:
    """Looking at people's figures is recorded as looking at cases is."""
    if comparison.by == PeerComparison.By.OPERATOR:
        store_code = comparison.store.code
        audit_record(
            actor=actor, action="peers.viewed", object_type="store", object_id=store_code, store_code=store_code
        )


def _compared(store: Store, by: PeerComparison.By, now: datetime) -> PeerComparison:
    start = now - WINDOW
    report = peer_scores(tally(doings(store=store, start=start, end=now, by=by)))
    values = {"starts_at": start, "ends_at": now, "made_at": now, "version": VERSION, "report": report_stored(report)}
    with transaction.atomic():
        return PeerComparison.objects.update_or_create(store=store, by=by, defaults=values)[0]


def report_stored(report: PeerReport) -> dict[str, Any]:
    """As it is kept and shown: rounded, in plain words."""
    ranked = sorted(report.scores, key=lambda score: (score.q_value, score.chance, score.subject))
    return {
        "scores": [_score(score) for score in ranked],
        "unsaid": [{"subject": one.subject, "kind": one.kind.name, "sentence": one.sentence} for one in report.unsaid],
        "funnels": {kind.name: _funnel(funnel_of(report, kind)) for kind in KINDS},
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "subject": score.subject,
        "kind": score.kind.name,
        "observed": score.observed,
        "expected": round(score.expected, 2),
        "ratio": round(score.ratio, 3),
        "low": round(score.low, 3),
        "high": round(score.high, 3),
        "unusual": score.standing is Standing.UNUSUAL,
        "sentence": score.sentence,
    }


def _funnel(funnel: Funnel) -> dict[str, Any]:
    return {
        "points": [
            {
                "subject": point.subject,
                "expected": round(point.expected, 3),
                "ratio": round(point.ratio, 3),
                "unusual": point.standing is Standing.UNUSUAL,
            }
            for point in funnel.points
        ],
        "limits": [
            {
                "expected": round(limit.expected, 3),
                "coverage": limit.coverage,
                "low": round(limit.low, 3),
                "high": round(limit.high, 3),
            }
            for limit in funnel.limits
        ],
    }
