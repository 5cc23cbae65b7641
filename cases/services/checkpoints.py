"""Keeping where the judge left off, so that what is new costs no more late in the day than early."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cases.domain.alignment.judge import Judgement
from cases.domain.alignment.state import LaneState
from cases.models import LaneCheckpoint
from cases.selectors.gathering import Gathered
from lanes.models import Lane

RECENT_S = 900.0
"""Of this long every state is kept: what comes now mostly bears on the last minute or two."""
APART_S = 600.0
"""Older ones this far apart are enough: what lies between is judged again in no time."""
KEPT = timedelta(days=8)
"""For what is told later than this, one checkpoint a day remains."""


def checkpoints_store(*, lane: Lane, gathered: Gathered, judged: Judgement, waiting: float | None) -> None:
    """Replace the lane's checkpoints after the one that was gone on from. In the caller's transaction.

    Only states behind which nothing waits any more are kept.
    """
    since = gathered.state.until if gathered.state else float("-inf")
    limits = [waiting] if waiting is not None else []
    limits += [gathered.more_from.timestamp()] if gathered.more_from else []
    final = [state for state in judged.states if state.until <= min(limits, default=float("inf"))]
    kept = _sparse(final, since)
    wanted = {_instant(state.until): state for state in kept}
    later = LaneCheckpoint.objects.filter(lane=lane)
    if gathered.state:
        later = later.filter(until__gt=_instant(since))
    later.delete()
    LaneCheckpoint.objects.bulk_create([_row(lane, until, state) for until, state in wanted.items()])
    if kept and kept[-1].until // APART_S > since // APART_S:
        _thin(lane, _instant(kept[-1].until))
        _forget(lane, _instant(kept[-1].until))


def _sparse(states: list[LaneState], since: float) -> list[LaneState]:
    """The recent ones, and of those before one every ten minutes."""
    kept: list[LaneState] = []
    for state in states:
        recent = state.until > states[-1].until - RECENT_S
        if recent or state.until - (kept[-1].until if kept else since) >= APART_S:
            kept.append(state)
    return kept


def _thin(lane: Lane, now: datetime) -> None:
    """Leave one every ten minutes of those that are no longer recent by the lane's own time."""
    end = now - timedelta(seconds=RECENT_S)
    old = LaneCheckpoint.objects.filter(lane=lane, until__lt=end, until__gte=end - timedelta(seconds=3 * APART_S))
    last: datetime | None = None
    needless = []
    for pk, until in old.order_by("until").values_list("pk", "until"):
        if last is not None and until - last < timedelta(seconds=APART_S):
            needless.append(pk)
        else:
            last = until
    if needless:
        LaneCheckpoint.objects.filter(pk__in=needless).delete()


def _forget(lane: Lane, now: datetime) -> None:
    """Thin out what is old by the lane's own time: the last of each day stays."""
    old = LaneCheckpoint.objects.filter(lane=lane, until__lt=now - KEPT).order_by("until")
    days: dict[object, int] = {}
    for pk, until in old.values_list("pk", "until"):
        days[until.date()] = pk
    if len(days) < old.count():
        old.exclude(pk__in=list(days.values())).delete()


def _row(lane: Lane, until: datetime, state: LaneState) -> LaneCheckpoint:
    clock = state.track.clock() if state.track else None
    return LaneCheckpoint(
        lane=lane,
        until=until,
        free_from=_instant(state.free_from),
        clock_offset_s=clock.offset_s if clock else None,
        clock_sd_s=clock.sd_s if clock else None,
        clock_skew_ppm=clock.skew_ppm if clock else None,
        clock_quality=clock.quality.value if clock else "",
        state=state.dump(),
    )


def _instant(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
