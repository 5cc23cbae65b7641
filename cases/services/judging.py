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
from django.db.models import Q, QuerySet

from cases.domain.alignment.judge import Judgement, judge_on
from cases.domain.alignment.looks import SURE_MATCH, is_telling
from cases.domain.alignment.params import Params
from cases.domain.alignment.types import Kind, Sighting, Verdicts
from cases.domain.readiness import Readiness, readiness
from cases.models import ItemLook, LaneJudgement, LaneMark
from cases.selectors.gathering import Gathered, clock_of, gather
from cases.selectors.rules import rules_known
from cases.services.checkpoints import checkpoints_store
from cases.services.clocks import clock_store
from cases.services.exceptions import Exceptions, exceptions_judge, exceptions_store
from cases.services.incidents import INCIDENT_KINDS, Incidents, incidents_judge
from cases.services.reconcile import Said, verdicts_reconcile
from cases.services.weighing import cases_weigh
from lanes.holders import holder_gone, holder_new
from lanes.models import Lane

PARAMS = Params()
CLAIM = timedelta(seconds=60)
APART = timedelta(seconds=5)
"""A lane that has just been looked at is not looked at again for each event: a line follows its pass, and the next item
both. What was due at an instant is not kept waiting, and nothing is due sooner."""
INCIDENTS_APART = timedelta(seconds=15)
"""The incidents listen half an hour: they are asked about so often, and when one is due."""
ALIGNED_KINDS = frozenset(Kind) - INCIDENT_KINDS
PROGRESS = [
    "judged_from", "next_look_at", "looked_at", "correlated_until", "state", "clock_offset_s", "clock_sd_s",
    "clock_quality", "clock_support", "clock_skew_ppm", "incidents_from", "incidents_at", "claimed_until", "claimed_by",
]  # fmt: skip


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
    lanes = Lane.objects.select_related("store").prefetch_related("cameras", "terminals")
    lanes = lanes.annotate(ruled=rules_known())
    lane = lanes.filter(pk=lane_id).first()
    holder, looked = holder_new(), None
    if lane is None or not _claim(lane, holder, now):
        return None
    try:
        looked = _looked(lane, holder, now)
        return looked
    except ClaimLost:
        return None
    finally:
        if looked is None:  # else it was given back with the verdicts
            LaneJudgement.objects.filter(lane=lane, claimed_by=holder).update(claimed_until=None, claimed_by="")


def lanes_due(*, now: datetime) -> list[int]:
    """Lanes with something new, or whose waiting is over."""
    marked = set(LaneMark.objects.values_list("lane_id", flat=True).distinct())
    due = LaneJudgement.objects.filter(next_look_at__lte=now).values_list("lane_id", flat=True)
    resting = _resting(now).values_list("lane_id", flat=True)
    return sorted((marked - set(resting)) | set(due))


def lane_rests(*, lane_id: int, now: datetime) -> bool:
    """Whether a lane was looked at a moment ago, so that what is new may wait for the next round."""
    return _resting(now).filter(lane=lane_id).exists()


def _resting(now: datetime) -> QuerySet[LaneJudgement]:
    return LaneJudgement.objects.filter(looked_at__gt=now - APART, looked_at__lte=now)


def _claim(lane: Lane, holder: str, now: datetime) -> bool:
    """Of two who try, one gets True, if there is anything to look at. A claim of a process that died is free at once,
    not only when it runs out."""
    judgement, _ = LaneJudgement.objects.get_or_create(lane=lane)
    waits = judgement.judged_from or judgement.incidents_from
    if waits is None and not LaneMark.objects.filter(lane=lane).exists():
        return False
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    if holder_gone(judgement.claimed_by):
        free |= Q(claimed_by=judgement.claimed_by)
    taken = LaneJudgement.objects.filter(free, lane=lane)
    return taken.update(claimed_until=now + CLAIM, claimed_by=holder) == 1


def _looked(lane: Lane, holder: str, now: datetime) -> Looked | None:
    judgement = LaneJudgement.objects.get(lane=lane)  # again: until it was claimed another may have judged
    marks = list(LaneMark.objects.filter(lane=lane))
    incidents_due = judgement.incidents_at is None or judgement.incidents_at <= now
    gathered = gather(lane, judgement, marks, now, incidents=incidents_due)
    if gathered is None:
        return None
    passes, lines = gathered.aligned
    ready = readiness(passes, lines, gathered.heard, clock_of(judgement), now.timestamp())
    judged = judge_on(
        passes,
        lines,
        state=gathered.state,
        gaps=gathered.gaps,
        looks=gathered.looks,
        params=PARAMS,
        priors=gathered.priors,
        until=gathered.until.timestamp(),
        ready=ready.ready,
        coarse=gathered.coarse,
    )
    found = exceptions_judge(lane, gathered, judged.verdicts.clock, now) if getattr(lane, "ruled", False) else None
    answers = Answers(judged, incidents_judge(gathered, judged.verdicts, now), ready, found)
    _store(lane, holder, judgement, marks, gathered, answers, now)
    more = LaneMark.objects.filter(lane=lane).exists()  # said while we were judging
    again_at = _sooner(now + APART, judgement.next_look_at) if more else judgement.next_look_at
    return Looked(len(judged.verdicts.verdicts), again_at)


def _sooner(at: datetime, other: datetime | None) -> datetime:
    return min(at, other) if other else at


@dataclass(frozen=True, slots=True)
class Answers:
    """What one look came to: the alignment's verdicts with the states after them, the incidents', if asked, and what
    the rules of exceptions found, if any was in force."""

    judged: Judgement
    incidents: Incidents | None
    ready: Readiness
    exceptions: Exceptions | None = None

    @property
    def waiting(self) -> float | None:
        """Common clock: the earliest pass or line that still waits for the other witness."""
        return self.ready.pending_from

    @property
    def asked_again(self) -> tuple[float | None, float | None]:
        """When the incidents and exceptions that wait are due (server's clock), and from where on (common clock)."""
        asked = [one for one in (self.incidents, self.exceptions) if one is not None]
        due = min((one.look_again_at for one in asked if one.look_again_at is not None), default=None)
        return due, min((one.waiting for one in asked if one.waiting is not None), default=None)


def _store(
    lane: Lane,
    holder: str,
    judgement: LaneJudgement,
    marks: Sequence[LaneMark],
    gathered: Gathered,
    answers: Answers,
    now: datetime,
) -> None:
    with transaction.atomic():
        if not LaneJudgement.objects.filter(lane=lane, claimed_by=holder).update(claimed_until=now + CLAIM):
            raise ClaimLost
        answer = answers.judged.verdicts
        said = [Said(answer, ALIGNED_KINDS)]
        if answers.incidents is not None:
            said.append(Said(answers.incidents.verdicts, INCIDENT_KINDS))
        verdicts_reconcile(
            lane=lane, said=said, seen=gathered.seen, told=gathered.told, received=gathered.heard.received, now=now
        )
        if answers.exceptions is not None:
            exceptions_store(lane=lane, found=answers.exceptions, gathered=gathered, now=now)
        cases_weigh(lane=lane, answers=[part.answer for part in said], seen=gathered.seen, told=gathered.told)
        _looks_store(lane, gathered.seen, answer)
        checkpoints_store(lane=lane, gathered=gathered, judged=answers.judged, waiting=answers.waiting)
        clock_store(lane=lane, judgement=judgement, answer=answer, now=now)
        _progress_store(judgement, gathered, answers, now)
        LaneMark.objects.filter(pk__in=[mark.pk for mark in marks]).delete()


def _progress_store(judgement: LaneJudgement, gathered: Gathered, answers: Answers, now: datetime) -> None:
    """How far the lane is judged, and when to look again. Gives the lane back."""
    answer, ready, waiting = answers.judged.verdicts, answers.ready, answers.waiting
    pending = [datetime.fromtimestamp(waiting, UTC)] if waiting is not None else []
    if gathered.more_from is not None:
        pending.append(gathered.more_from)
    judgement.judged_from = min(pending, default=None)
    again = [_instant(ready.look_again_at), *_incidents_progress(judgement, gathered, answers, now)]
    judgement.next_look_at = now if gathered.more_from else min((at for at in again if at), default=None)
    judgement.looked_at = now
    judgement.correlated_until = _correlated_until(gathered, waiting)
    judgement.claimed_until, judgement.claimed_by = None, ""
    judgement.state = {
        "suppressed": [{k: v for k, v in part.items() if k != "anchors"} for part in answer.suppressed],
        "rule": PARAMS.version,
        "certainty": round(answer.clock.certainty, 3),
        "jitter_s": round(answer.clock.jitter_s, 3),
    }
    judgement.save(update_fields=PROGRESS)


def _incidents_progress(
    judgement: LaneJudgement, gathered: Gathered, answers: Answers, now: datetime
) -> list[datetime | None]:
    """What the incidents were not asked about yet; when they are to be, if anything waits for it."""
    if answers.incidents is None:
        judged_on = _instant(gathered.state.until) if gathered.state else None
        judgement.incidents_from = min((at for at in (judgement.incidents_from, judged_on) if at), default=None)
        return [judgement.incidents_at]
    due, waiting = map(_instant, answers.asked_again)
    judgement.incidents_from = waiting
    judgement.incidents_at = _sooner(now + INCIDENTS_APART, due)
    return [due]


def _instant(at: float | None) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if at is not None else None


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
    if not any(is_telling(sightings[key]) for key in answer.judged & sightings.keys()):
        return  # neither was one of them before
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
