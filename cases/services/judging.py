"""Judging a lane: gather what both witnesses said, ask the pure judge, write down what changed.

New events leave a mark beside them (``lane_mark``). ``lane_judge`` claims the lane, judges what the marks touch and
deletes them with the same transaction that stores the verdicts. A worker that dies leaves the marks, and
a claim that its own machine knows to be void: the next look takes both over. Only the events decide what is said in the
end, not the order or the number of the looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from cases.domain.alignment.judge import judge
from cases.domain.alignment.looks import SURE_MATCH, is_telling
from cases.domain.alignment.params import Params
from cases.domain.alignment.types import Clock, Kind, Sighting, Verdicts
from cases.domain.readiness import Readiness, readiness
from cases.models import ItemLook, LaneJudgement, LaneMark
from cases.selectors import ZONES, Gathered, clock_of, gather
from cases.services.reconcile import verdicts_reconcile
from lanes.holders import holder_gone, holder_new
from lanes.models import Lane

PARAMS = Params()
CLAIM = timedelta(seconds=60)
KNOWN_CLOCK = 6.0


class ClaimLost(Exception):
    """Another worker judges this lane by now, on more than we have read; nothing of ours is kept."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look at a lane came to. `again_at`: when to look next; None: when something new is said."""

    verdicts: int
    again_at: datetime | None


def lane_mark(*, lane_ids: Iterable[int], witness: str, earliest: datetime) -> None:
    """Say that there is something new. Inside the transaction that stores it."""
    LaneMark.objects.bulk_create(
        LaneMark(lane_id=lane_id, witness=witness, earliest_at=earliest) for lane_id in lane_ids
    )


def lane_judge(*, lane_id: int, now: datetime) -> Looked | None:
    """Judge what is new at a lane. None: another worker is at it, or there is nothing to look at."""
    lane = Lane.objects.select_related("store").filter(pk=lane_id).first()
    holder = holder_new()
    if lane is None or not _is_due(lane) or not _claim(lane, holder, now):
        return None
    try:
        return _looked(lane, holder, now)
    except ClaimLost:
        return None
    finally:
        LaneJudgement.objects.filter(lane=lane, claimed_by=holder).update(claimed_until=None, claimed_by="")


def lanes_due(*, now: datetime) -> list[int]:
    """Lanes with something new, or whose waiting is over."""
    marked = set(LaneMark.objects.values_list("lane_id", flat=True).distinct())
    due = LaneJudgement.objects.filter(next_look_at__lte=now).values_list("lane_id", flat=True)
    return sorted(marked | set(due))


def _is_due(lane: Lane) -> bool:
    waiting = LaneJudgement.objects.filter(lane=lane, judged_from__isnull=False)
    return LaneMark.objects.filter(lane=lane).exists() or waiting.exists()


def _claim(lane: Lane, holder: str, now: datetime) -> bool:
    """Of two who try, one gets True. A claim of a process that died is free at once, not only when it runs out."""
    judgement, _ = LaneJudgement.objects.get_or_create(lane=lane)
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    if holder_gone(judgement.claimed_by):
        free |= Q(claimed_by=judgement.claimed_by)
    taken = LaneJudgement.objects.filter(free, lane=lane)
    return taken.update(claimed_until=now + CLAIM, claimed_by=holder) == 1


def _looked(lane: Lane, holder: str, now: datetime) -> Looked | None:
    judgement = LaneJudgement.objects.get(lane=lane)
    marks = list(LaneMark.objects.filter(lane=lane))
    start = _start(judgement, marks)
    if start is None:
        return None
    gathered = gather(lane, start, judgement, PARAMS)
    ready = readiness(gathered.seen, gathered.told, gathered.heard, clock_of(judgement), now.timestamp())
    answer = judge(
        gathered.seen,
        gathered.told,
        gaps=gathered.gaps,
        looks=gathered.looks,
        params=PARAMS,
        window=gathered.window,
        ready=ready.ready,
        coarse=gathered.coarse,
    )
    _store(lane, holder, judgement, marks, gathered, ready, answer, now)
    more = LaneMark.objects.filter(lane=lane).exists()  # said while we were judging
    return Looked(len(answer.verdicts), now if more else judgement.next_look_at)


def _start(judgement: LaneJudgement, marks: Sequence[LaneMark]) -> datetime | None:
    """Common clock: the earliest that is new or still waiting."""
    offset = timedelta(seconds=judgement.clock_offset_s)
    touched = [m.earliest_at - (offset if m.witness == LaneMark.Witness.POS else timedelta()) for m in marks]
    if judgement.judged_from is not None:
        touched.append(judgement.judged_from)
    if not touched:
        return None
    start = min(touched)
    if judgement.clock_support < KNOWN_CLOCK and any(m.witness == LaneMark.Witness.POS for m in marks):
        start -= ZONES  # the till may be in another time zone: nothing is known yet
    return start


def _store(
    lane: Lane,
    holder: str,
    judgement: LaneJudgement,
    marks: Sequence[LaneMark],
    gathered: Gathered,
    ready: Readiness,
    answer: Verdicts,
    now: datetime,
) -> None:
    with transaction.atomic():
        if not LaneJudgement.objects.filter(lane=lane, claimed_by=holder).update(claimed_until=now + CLAIM):
            raise ClaimLost
        verdicts_reconcile(
            lane=lane,
            answer=answer,
            seen=gathered.seen,
            told=gathered.told,
            received=gathered.heard.received,
            now=now,
        )
        _looks_store(lane, gathered.seen, answer)
        _clock_store(judgement, answer.clock)
        waiting = ready.pending_from
        pending = [datetime.fromtimestamp(waiting, UTC)] if waiting is not None else []
        if gathered.more_from is not None:
            pending.append(gathered.more_from)
        judgement.judged_from = min(pending, default=None)
        judgement.next_look_at = _next_look(gathered, ready, now)
        judgement.correlated_until = _correlated_until(gathered, waiting)
        judgement.state = {
            "suppressed": [dict(part) for part in answer.suppressed],
            "rule": PARAMS.version,
            "certainty": round(answer.clock.certainty, 3),
            "jitter_s": round(answer.clock.jitter_s, 3),
        }
        judgement.save(
            update_fields=[
                "judged_from",
                "next_look_at",
                "correlated_until",
                "state",
                "clock_offset_s",
                "clock_sd_s",
                "clock_quality",
                "clock_support",
                "clock_skew_ppm",
            ]
        )
        LaneMark.objects.filter(pk__in=[mark.pk for mark in marks]).delete()


def _next_look(gathered: Gathered, ready: Readiness, now: datetime) -> datetime | None:
    if gathered.more_from is not None:
        return now
    return datetime.fromtimestamp(ready.look_again_at, UTC) if ready.look_again_at is not None else None


def _correlated_until(gathered: Gathered, waiting: float | None) -> datetime | None:
    """How far both witnesses have been compared: with our own video as far as it was seen, else as far as anybody
    spoke, and never past what still waits for the other."""
    heard = gathered.heard
    marks = [heard.vision_until] if heard.own_video else [heard.vision_until, heard.pos_until]
    known = [mark for mark in marks if mark is not None]
    if not known:
        return None
    limits = [max(known)]
    limits += [waiting] if waiting is not None else []
    limits += [gathered.more_from.timestamp()] if gathered.more_from is not None else []
    return datetime.fromtimestamp(min(limits), UTC)


def _clock_store(judgement: LaneJudgement, clock: Clock) -> None:
    judgement.clock_offset_s = round(clock.offset_s, 3)
    judgement.clock_sd_s = round(clock.sd_s, 3)
    judgement.clock_skew_ppm = clock.skew_ppm
    judgement.clock_support = round(clock.support, 1)
    judgement.clock_quality = clock.quality.value


def _looks_store(lane: Lane, seen: Sequence[Sighting], answer: Verdicts) -> None:
    """What surely paid passes looked like. Judged again, written again."""
    sightings = {s.key: s for s in seen}
    swapped = {verdict.sighting for verdict in answer.verdicts if verdict.kind is Kind.ITEM_SWAP}
    sure = [
        match
        for match in answer.matches
        if match.probability >= SURE_MATCH
        and match.gtin
        and match.sighting not in swapped
        and sightings[match.sighting].type == "item_pass"
        and is_telling(sightings[match.sighting])
    ]
    known = dict(ItemLook.objects.filter(lane=lane, sighting__in=answer.judged).values_list("sighting", "gtin"))
    wanted = {match.sighting: match for match in sure}
    stale = [key for key, gtin in known.items() if key not in wanted or wanted[key].gtin != gtin]
    if stale:
        ItemLook.objects.filter(lane=lane, sighting__in=stale).delete()
    ItemLook.objects.bulk_create(
        [_look(lane, sightings[key], match.gtin) for key, match in wanted.items() if key in stale or key not in known]
    )


def _look(lane: Lane, sighting: Sighting, gtin: str) -> ItemLook:
    return ItemLook(
        store_id=lane.store_id,
        lane=lane,
        sighting=sighting.key,
        gtin=gtin,
        seen_at=datetime.fromtimestamp(sighting.at, UTC),
        label=sighting.label,
        area_n=sighting.area_n,
        colour_lab=list(sighting.colour) if sighting.colour else None,
    )
