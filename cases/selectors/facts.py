"""From stored events to what the rules of exceptions read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q

from cases.domain.alignment.incidents.presence import MOVES
from cases.domain.alignment.types import Clock, Gap, Quality
from cases.domain.exceptions.fields import FREE, POS_TYPES, VISUAL_TYPES
from cases.domain.exceptions.stream import PATIENCE_S, Listening, Stream
from cases.domain.exceptions.types import Fact, Rule, Same, Value
from cases.domain.exceptions.video import GOODS
from lanes.models import Lane, Terminal
from pos.domain.events import REDUCES, PosType
from pos.domain.money import money_or_none
from pos.domain.ticket import LINE_NAMES, line_named
from pos.models import PosEvent
from pos.selectors.feed import pos_gaps
from vision.models import CameraFeed, VisualEvent
from vision.selectors import visual_feeds, visual_gaps

UNSIGNED = frozenset({*REDUCES, PosType.VOID, PosType.TICKET_VOID, PosType.TENDER_VOID})
"""Tills write what these take off with and without a sign."""
OWN_COLUMNS = frozenset({"gtin", "description", "quantity", "amount", "entry_method", *LINE_NAMES})


class _Told(NamedTuple):
    external_id: str
    terminal__code: str
    occurred_at: datetime
    type: str
    transaction: str
    line: int | None
    operator: str
    gtin: str
    description: str
    quantity: Decimal | None
    amount: Decimal | None
    entry_method: str
    data: dict[str, Any]
    other_ticket: str | None


class _Seen(NamedTuple):
    external_id: str
    camera__code: str
    occurred_at: datetime
    type: str
    confidence: float
    label: str
    track: str
    path: list[object]
    attributes: object


class Heard(NamedTuple):
    """How far each witness was heard, on the common clock, and what time it is."""

    pos_until: float | None
    vision_until: float | None
    now: float


def lane_stream(lane: Lane, rules: Sequence[Rule], since: float, until: float, clock: Clock, heard: Heard) -> Stream:
    """What both witnesses said at `lane` from `since` to `until` (common clock) of what any of `rules` asks for."""
    asked = frozenset(type_ for rule in rules for step in rule.steps for type_ in step.events)
    watched = frozenset(MOVES).union(*GOODS.values()) if any(rule.video for rule in rules) else frozenset()
    feeds = visual_feeds(lane) if watched or asked & VISUAL_TYPES else []
    facts = [
        *_told_facts(lane, asked & POS_TYPES, _followed(rules), since, until, clock.offset_s),
        *_seen_facts(lane, (asked & VISUAL_TYPES) | watched, since, until),
    ]
    listening = Listening(
        heard.pos_until,
        heard.vision_until,
        heard.now + 1e-3,  # instants are stored to the microsecond: what is due now is not due a rounding later
        tuple(_gaps(lane, rules, feeds, since, until, clock.offset_s, heard)),
        any(feed.state == CameraFeed.State.RUNNING for feed in feeds),
        None if clock.quality is Quality.BAD else 2 * clock.sd_s,
    )
    return Stream.of(facts, listening)


def _followed(rules: Sequence[Rule]) -> frozenset[str]:
    """What must not happen to a ticket, at whichever lane: it is put aside at one and paid at another."""
    steps = [step for rule in rules for step in rule.steps if step.absent and Same.TICKET in step.same]
    return POS_TYPES.intersection(type_ for step in steps for type_ in step.events)


def _told_facts(
    lane: Lane, types: Collection[str], followed: Collection[str], since: float, until: float, offset_s: float
) -> list[Fact]:
    """Tills that tell whole tickets at once tell no moments: they are left out, but for what is `followed`."""
    if not types:
        return []
    moments = Q(lane=lane, terminal__granularity=Terminal.Granularity.LINE)
    events = PosEvent.objects.filter(
        store_id=lane.store_id,
        occurred_at__gte=_instant(since + offset_s),
        occurred_at__lt=_instant(until + offset_s),
    )
    events = events.order_by()
    rows = [_Told(*row) for row in events.filter(moments, type__in=types).values_list(*_Told._fields)]
    tickets = {row.transaction for row in rows if row.transaction}
    training = _training(lane, tickets)
    facts = [_told_fact(row, row.transaction in training, offset_s) for row in rows]
    if followed and tickets:
        of_them = Q(transaction__in=tickets) | Q(other_ticket__in=tickets)
        others = events.filter(of_them, type__in=followed).exclude(moments)
        facts += [replace(_told_fact(_Told(*row), False, offset_s), elsewhere=True)
                  for row in others.values_list(*_Told._fields)]  # fmt: skip
    return facts


def _training(lane: Lane, tickets: Collection[str]) -> set[str]:
    """The tickets that say training mode: they sell nothing."""
    said = PosEvent.objects.filter(store_id=lane.store_id, type=PosType.TRAINING_MODE, transaction__in=tickets)
    return set(said.values_list("transaction", flat=True)) if tickets else set()


def _told_fact(row: _Told, training: bool, offset_s: float) -> Fact:
    about = line_named(row.data, row.line)
    amount = float(row.amount) if row.amount is not None else None
    values: dict[str, object] = {
        "amount": abs(amount) if amount is not None and row.type in UNSIGNED else amount,
        "quantity": float(row.quantity) if row.quantity is not None else None,
        "unit_price": float(price) if (price := money_or_none(row.data.get("unit_price"))) is not None else None,
        "line": float(about) if about is not None else None,
        "gtin": row.gtin,
        "description": row.description,
        "entry_method": row.entry_method,
        "reason": row.data.get("reason"),
        "approver": row.data.get("approver"),
    }
    values |= {f"{FREE}{name}": value for name, value in row.data.items() if name not in OWN_COLUMNS}
    return Fact(
        key=f"{row.terminal__code}/{row.external_id}",
        at=row.occurred_at.timestamp() - offset_s,
        type=row.type,
        terminal=row.terminal__code,
        ticket=row.transaction,
        operator=row.operator,
        training=training or row.data.get("training") is True,
        values=_plain(values),
        other_ticket=row.other_ticket or "",
    )


def _seen_facts(lane: Lane, types: Collection[str], since: float, until: float) -> Iterator[Fact]:
    if not types:
        return
    events = VisualEvent.objects.filter(
        lane=lane, type__in=types, occurred_at__gte=_instant(since), occurred_at__lt=_instant(until)
    )
    for row in map(_Seen._make, events.order_by().values_list(*_Seen._fields)):
        zone = row.attributes.get("zone") if isinstance(row.attributes, dict) else None
        path = [str(step) for step in row.path] or ([zone] if isinstance(zone, str) else [])
        values = {"confidence": row.confidence, "label": row.label.lower(), "track": row.track}
        yield Fact(
            key=f"{row.camera__code}/{row.external_id}",
            at=row.occurred_at.timestamp(),
            type=row.type,
            visual=True,
            values=_plain({**values, "path": " ".join(path), "zone": path[-1] if path else ""}),
        )


def _gaps(
    lane: Lane, rules: Sequence[Rule], feeds: Sequence[CameraFeed], since: float, until: float, offset_s: float,
    heard: Heard,
) -> Iterator[Gap]:  # fmt: skip
    """Where a witness was away, asked only of those whose silence any rule listens to, or what the till said cannot be
    believed."""
    steps = [step for rule in rules for step in rule.steps]
    shift = timedelta(seconds=offset_s)
    if any(not step.visual for step in steps):
        # Behind what was heard last silence says nothing until it has lasted.
        end = min(until, max(heard.pos_until or since, heard.now - PATIENCE_S))
        for gap in pos_gaps(lane, _instant(since) + shift, _instant(max(since, end)) + shift):
            start, end = gap.starts_at.timestamp() - offset_s, gap.ends_at.timestamp() - offset_s
            yield Gap("pos", start, end, gap.why, doubted=gap.doubted)
    if any(rule.video for rule in rules) or any(step.visual and step.absent for step in steps):
        end = min(until, max(heard.vision_until or since, since))
        for seen in visual_gaps(lane, _instant(since), _instant(end), feeds):
            yield Gap("vision", seen.starts_at.timestamp(), seen.ends_at.timestamp(), seen.reason, seen.camera)


def _plain(values: dict[str, object]) -> dict[str, Value]:
    """Texts and numbers that say something; numbers as floats, so that 1 and 1.0 are one."""
    kept: dict[str, Value] = {}
    for name, value in values.items():
        if isinstance(value, str) and value:
            kept[name] = value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            kept[name] = float(value)
    return kept


def _instant(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
