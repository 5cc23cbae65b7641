"""Gathering for the judge what both witnesses of a lane said, from where it left off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet

from cases.domain.alignment.looks import Look
from cases.domain.alignment.slots import ATTEMPTS, RETURNS, SALES, SOFT
from cases.domain.alignment.state import LaneState
from cases.domain.alignment.tally import Tally
from cases.domain.alignment.types import Clock, Gap, PosLine, Sighting
from cases.domain.readiness import Heard, silent_spans
from cases.models import ItemLook, LaneCheckpoint, LaneJudgement, LaneMark, TaughtRates
from cases.selectors.witnesses import SeenRow, ToldRow, lines_of, seen_rows, sighting_of, told_rows
from lanes.models import Lane, Terminal
from pos.models import PosEvent
from pos.selectors.feed import pos_gaps, pos_watermark
from vision.models import CameraFeed, VisualEvent
from vision.selectors import visual_feeds, visual_gaps, visual_watermark

ALIGNED_TYPES = frozenset({"item_pass", "item_bypass", "item_return", "item_presented"})
PRESENCE_TYPES = frozenset({"hand_in_drawer", "person_enter", "person_leave", "zone_enter", "zone_leave", "zone_dwell"})
LINE_TYPES = SALES | ATTEMPTS | SOFT | RETURNS | {"void", "quantity_change"}
"""Of these an item may have been seen."""
TICKET_TYPES = frozenset(
    {"ticket_open", "subtotal", "tender", "tender_void", "ticket_suspend", "ticket_resume", "ticket_cancel",
     "ticket_void", "ticket_close", "price_override", "discount", "override", "drawer_open", "no_sale",
     "cash_movement", "sco_intervention", "operator_sign_on", "operator_sign_off", "pause_begin", "pause_end", "gap",
     "heartbeat"}
)  # fmt: skip
"""What else the till says of a ticket, and that it is there."""
NEAR = timedelta(seconds=130)
ZONES = timedelta(hours=14)
BACK = timedelta(seconds=1800)
"""An incident is told by what happened up to a quarter of an hour before and after it, and asked of for as long."""
PHASES_BACK = timedelta(seconds=500)
"""What is aligned needs the ticket that is open; what ranks a case, what was told five minutes before it."""
RECENT = timedelta(seconds=380)
"""With the time above less than the quarter of an hour of a silent till: with one line in it, it was not silent."""
SLACK = timedelta(seconds=1.5)
"""Tills cut their seconds, clocks wander: so much earlier may a line belong than its instant says."""
OFFSETS = 30
"""Of so many checkpoints back, some hours."""
CHUNK = timedelta(hours=2)
AHEAD = timedelta(minutes=10)
LOOKS = 100
LOOKS_FOR = timedelta(days=60)
MANY = 40_000


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the judge is given. `state`: where it left off; `seen`, `told`: from a while before; `until`: so far this
    helping goes, camera clock; `more_from`: where the next begins. `incidents_from`: from when on they are to be asked
    about, camera clock (Unix s); None: this helping does not reach back far enough."""

    state: LaneState | None
    seen: list[Sighting]
    told: list[PosLine]
    gaps: list[Gap]
    heard: Heard
    looks: dict[str, list[Look]]
    priors: list[tuple[float, Tally]]
    until: datetime
    more_from: datetime | None
    coarse: bool
    incidents_from: float | None

    @property
    def aligned(self) -> tuple[list[Sighting], list[PosLine]]:
        """What is aligned: passes, and lines that an item may have been seen for."""
        return (
            [s for s in self.seen if s.type in ALIGNED_TYPES],
            [line for line in self.told if line.type in LINE_TYPES],
        )


@dataclass(frozen=True, slots=True)
class _Span:
    """From `since` on is loaded, from `begin` on something is new; `end`: if there is `more` after it, later."""

    since: datetime
    begin: datetime
    end: datetime
    more: bool
    incidents_from: float | None

    @property
    def until(self) -> datetime:
        return self.end + (AHEAD if self.more else timedelta(days=400))


def gather(
    lane: Lane, judgement: LaneJudgement, marks: Sequence[LaneMark], now: datetime, *, incidents: bool = True
) -> Gathered | None:
    """Everything that bears on what is new or still waits at `lane`, in one helping. None: nothing is.

    `incidents`: far enough back that they can be asked about too; else only where little is known of the lane.
    """
    begin, state = _begin(lane, judgement, marks)
    if begin is None:
        return None
    offset, more = timedelta(seconds=judgement.clock_offset_s), False
    if now - begin >= CHUNK:
        begin = _first_event(lane, begin, offset)
        more = _goes_on(lane, begin + CHUNK, offset)
    until = datetime.fromtimestamp(state.until, UTC) if state else None
    if not incidents and state and state.track and until and now - until < RECENT:
        span = _Span(until - PHASES_BACK, begin, begin + CHUNK, more, None)
        near = _helping(lane, judgement, state, span)
        if any(line.at >= (span.since + offset).timestamp() for line in near.told):
            return near
    asked = min([at for at in (until, judgement.incidents_from) if at is not None], default=begin)
    since = (asked if state else _beginning(lane, begin)) - BACK
    incidents_from = asked.timestamp() if state else float("-inf")
    return _helping(lane, judgement, state, _Span(since, begin, begin + CHUNK, more, incidents_from))


def _helping(lane: Lane, judgement: LaneJudgement, state: LaneState | None, span: _Span) -> Gathered:
    feeds = visual_feeds(lane)
    # Before the events: what comes in between must not be taken for silence.
    heard_until = pos_watermark(lane), visual_watermark(lane, feeds=feeds)
    offset = timedelta(seconds=judgement.clock_offset_s)
    moved = VisualEvent.objects.filter(
        lane=lane, type__in=ALIGNED_TYPES | PRESENCE_TYPES, occurred_at__gte=span.since, occurred_at__lt=span.until
    )
    events = list(seen_rows(moved.order_by("occurred_at", "id")[:MANY]))
    entries = _told_rows(lane, events, span.begin, span.since, span.until, offset)
    seen, told = [sighting_of(row) for row in events], lines_of(entries)
    times = [s.at for s in seen] + [ln.at - offset.total_seconds() for ln in told]
    last = datetime.fromtimestamp(max(times, default=span.begin.timestamp()), UTC)
    return Gathered(
        state,
        seen,
        told,
        _gaps(lane, feeds, seen, told, span.since, last, offset),
        _heard(heard_until, feeds, events, entries, offset),
        _looks(lane, told, span.begin),
        _taught(lane, span.since, span.until),
        span.end if span.more else span.until,
        span.end if span.more else None,
        _coarse(lane),
        span.incidents_from,
    )


def _begin(lane: Lane, judgement: LaneJudgement, marks: Sequence[LaneMark]) -> tuple[datetime | None, LaneState | None]:
    """Common clock: the earliest that is new or still waits, and the last state that it cannot have changed."""
    offset = timedelta(seconds=judgement.clock_offset_s)
    seen = [m.earliest_at for m in marks if m.witness == LaneMark.Witness.VISION]
    told = [m.earliest_at for m in marks if m.witness == LaneMark.Witness.POS]
    if judgement.judged_from is not None:
        seen.append(judgement.judged_from)
    touched = seen + [at - offset for at in told]
    untouched = checkpoints = LaneCheckpoint.objects.filter(lane=lane).order_by("-until")
    if touched:
        ahead = _offsets(checkpoints, judgement) if told else timedelta()
        untouched = checkpoints.filter(free_from__lte=min([*seen, *(at - ahead - SLACK for at in told)]))
    elif judgement.incidents_from is not None:
        touched = [judgement.incidents_from]
    else:
        return None, None
    # A state is some kilobytes, and the first one nearly always does.
    for checkpoint in untouched.iterator(chunk_size=2):
        state = LaneState.load(checkpoint.state)
        if state is not None:
            return max(min(touched), checkpoint.until), state
    return min(touched), None


def _offsets(checkpoints: QuerySet[LaneCheckpoint], judgement: LaneJudgement) -> timedelta:
    """The most that the till was thought ahead lately: a clock that was taken for another must not hide that what is
    told now belongs to what was judged on it."""
    known = checkpoints.values_list("clock_offset_s", flat=True)[:OFFSETS]
    return timedelta(seconds=max([judgement.clock_offset_s, *(offset for offset in known if offset is not None)]))


def _beginning(lane: Lane, begin: datetime) -> datetime:
    """The first that is known of the lane at all, whichever clock it is on: without a state it begins there."""
    rows = (_seen(lane), _told(lane))
    firsts = [found.order_by("occurred_at").values_list("occurred_at", flat=True).first() for found in rows]
    return min([begin, *(at for at in firsts if at is not None)])


def _goes_on(lane: Lane, end: datetime, offset: timedelta) -> bool:
    later = _told(lane).filter(occurred_at__gte=end + offset)
    return _seen(lane).filter(occurred_at__gte=end).exists() or later.exists()


def _seen(lane: Lane) -> QuerySet[VisualEvent]:
    return VisualEvent.objects.filter(lane=lane, type__in=ALIGNED_TYPES)


def _told(lane: Lane) -> QuerySet[PosEvent]:
    return PosEvent.objects.filter(lane=lane, type__in=LINE_TYPES)


def _coarse(lane: Lane) -> bool:
    """Whether the lane's tills only tell whole tickets."""
    granularities = {terminal.granularity for terminal in lane.terminals.all()}
    return bool(granularities) and Terminal.Granularity.LINE not in granularities


def _first_event(lane: Lane, start: datetime, offset: timedelta) -> datetime:
    """The first event from `start` on: an empty day need not be walked through."""
    seen, told = _seen(lane).filter(occurred_at__gte=start), _told(lane).filter(occurred_at__gte=start + offset)
    first_seen = seen.order_by("occurred_at").values_list("occurred_at", flat=True).first()
    first_told = told.order_by("occurred_at").values_list("occurred_at", flat=True).first()
    known = [at for at in (first_seen, first_told - offset if first_told else None) if at is not None]
    return min(known, default=start)


def _told_rows(
    lane: Lane, seen: Sequence[SeenRow], begin: datetime, since: datetime, until: datetime, offset: timedelta
) -> list[ToldRow]:
    """The till's lines of that time; from other whole hours too while there are hardly any where they should be."""
    rows = PosEvent.objects.filter(lane=lane, type__in=LINE_TYPES | TICKET_TYPES)
    rows = rows.order_by("occurred_at", "id")
    low, high = min(since, since + offset) - NEAR, max(until, until + offset) + NEAR
    found = list(told_rows(rows.filter(occurred_at__gte=low, occurred_at__lt=high)[:MANY]))
    passes = [row.occurred_at for row in seen if row.type == "item_pass" and row.occurred_at >= begin - NEAR]
    lines = [row.occurred_at - offset for row in found if row.type in LINE_TYPES]
    near = [at for at in lines if any(abs(at - seen_at) <= NEAR for seen_at in passes[:1] + passes[-1:])]
    if len(passes) < 6 or len(near) >= 0.2 * min(len(passes), 200):
        return found
    away = Q(type__in=LINE_TYPES, occurred_at__gte=passes[0] - ZONES, occurred_at__lt=passes[-1] + ZONES)
    return list(told_rows(rows.filter(away | Q(occurred_at__gte=low, occurred_at__lt=high))[:MANY]))


def lines_around(lane: Lane, at: float, reach_s: float) -> list[PosLine]:
    """What the till told from `reach_s` before `at` to as long after it (the till's clock)."""
    low, high = (datetime.fromtimestamp(at + way * reach_s, UTC) for way in (-1, 1))
    rows = PosEvent.objects.filter(lane=lane, type__in=LINE_TYPES | TICKET_TYPES, occurred_at__range=(low, high))
    return lines_of(list(told_rows(rows.order_by("occurred_at", "id")[:MANY])))


def _taught(lane: Lane, since: datetime, until: datetime) -> list[tuple[float, Tally]]:
    """What other lanes had taught, and from when on: of this store, else of all; by `since` and up to `until`."""
    known = TaughtRates.objects.filter(Q(store_id=lane.store_id) | Q(store=None), effective_from__lt=until)
    found: dict[datetime, TaughtRates] = {}
    for row in known.order_by("effective_from", "store_id"):
        if row.store_id is not None or row.effective_from not in found:
            found[row.effective_from] = row
    days = sorted(found)
    first = next((n for n in range(len(days) - 1, -1, -1) if days[n] <= since), 0)
    return [(day.timestamp(), Tally.load(found[day].tally)) for day in days[first:]]


def _gaps(
    lane: Lane,
    feeds: Sequence[CameraFeed],
    seen: Sequence[Sighting],
    told: Sequence[PosLine],
    start: datetime,
    last: datetime,
    offset: timedelta,
) -> list[Gap]:
    margin = timedelta(seconds=6)
    gaps = [
        Gap("pos", gap.starts_at.timestamp(), gap.ends_at.timestamp(), gap.why, doubted=gap.doubted)
        for gap in pos_gaps(lane, start + offset - margin, last + offset + margin)
    ]
    gaps += [
        Gap("vision", gap.starts_at.timestamp(), gap.ends_at.timestamp(), f"{gap.camera}: {gap.reason}", gap.camera)
        for gap in visual_gaps(lane, start - margin, last + margin, feeds)
    ]
    passes = [s.at + offset.total_seconds() for s in seen if s.type == "item_pass"]
    if not silent_spans(passes, [line.at for line in told]):
        return gaps
    quarter = timedelta(minutes=15)
    signs = PosEvent.objects.filter(
        lane=lane, occurred_at__gte=start + offset - quarter, occurred_at__lte=last + offset + quarter
    ).values_list("occurred_at", flat=True)
    spans = silent_spans(passes, [at.timestamp() for at in signs])
    return gaps + [Gap("pos", a, b, "The till has not been heard for a quarter of an hour.") for a, b in spans]


def _heard(
    until: tuple[datetime | None, datetime | None],
    feeds: Sequence[CameraFeed],
    seen: Sequence[SeenRow],
    told: Sequence[ToldRow],
    offset: timedelta,
) -> Heard:
    pos_until, vision_until = until
    received = {row.key: row.received_at.timestamp() for row in seen}
    received |= {row.key: row.received_at.timestamp() for row in told}
    return Heard(
        (pos_until - offset).timestamp() if pos_until else None,
        vision_until.timestamp() if vision_until else None,
        any(feed.state == CameraFeed.State.RUNNING for feed in feeds),
        received,
        max((row.received_at.timestamp() for row in told), default=None),
    )


def _looks(lane: Lane, told: Sequence[PosLine], begin: datetime) -> dict[str, list[Look]]:
    """How the articles of these lines have looked in this store lately."""
    wanted = {ln.gtin for ln in told if ln.gtin}
    looks: dict[str, list[Look]] = {}
    rows = ItemLook.objects.filter(store_id=lane.store_id, gtin__in=wanted, seen_at__gte=begin - LOOKS_FOR)
    for row in rows.order_by("-seen_at")[: LOOKS * max(1, len(wanted))]:
        lab = tuple(row.colour_lab) if row.colour_lab else None
        looks.setdefault(row.gtin, []).append(Look(row.sighting, row.seen_at.timestamp(), row.label, row.area_n, lab))
    return looks


def clock_of(judgement: LaneJudgement) -> Clock:
    return Clock(judgement.clock_offset_s, judgement.clock_sd_s or 1.0, support=judgement.clock_support)
