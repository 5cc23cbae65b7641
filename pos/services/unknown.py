"""Terminals that send events before anybody has mapped them: found, their events held, and released once mapped.

A batch still answers `unknown_terminal` for them (contract, section 2): whether a code is a new till or a slip of the
integrator's a person decides. What is held is bounded in number and time, for nobody has asked for it yet.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F

from lanes.models import Lane, Terminal
from pos.models import HeldEvent, UnknownTerminal
from pos.serializers import PosEventRow
from pos.services.events import pos_events_record
from privacy.audit import audit_record
from privacy.models import User

HELD_MOST = 20_000
"""Events held of one terminal: a day of a busy lane."""
TERMINALS_MOST = 50
"""Unknown terminals of one store; a sender that makes up codes fills no disk."""
HELD_FOR = timedelta(days=7)
AT_ONCE = 1_000


def unknown_terminals_note(*, store_id: int, rows: Sequence[tuple[str, PosEventRow]], now: datetime) -> None:
    """Remember the terminals of `rows` (code, and the event as it would be stored) and hold their events."""
    by_code: dict[str, list[PosEventRow]] = {}
    for code, row in rows:
        by_code.setdefault(code, []).append(row)
    with transaction.atomic():
        for code, found in sorted(by_code.items()):
            terminal = _terminal_noted(store_id, code, now)
            if terminal is not None:
                _hold(terminal, found)


def unknown_terminal_map(*, unknown: UnknownTerminal, lane: Lane, granularity: str, actor: User) -> Terminal:
    """Make it a terminal of `lane`. Its events follow, see `held_release`. `lane` must be of its store."""
    if lane.store_id != unknown.store_id:
        raise ValueError(f"Lane {lane} is not of store {unknown.store}.")
    with transaction.atomic():
        terminal = Terminal.objects.create(store=unknown.store, lane=lane, code=unknown.code, granularity=granularity)
        audit_record(
            actor=actor,
            action="terminal.mapped",
            object_type="terminal",
            object_id=unknown.code,
            store_code=unknown.store.code,
            data={"lane": lane.code, "held": unknown.held.count()},
        )
    return terminal


def held_release(*, terminal: Terminal) -> int:
    """Store what was held of this terminal before it was mapped; gives how many events were new.

    A thousand at a time, each with the events it takes away in one transaction: cut short, it goes on where it was.
    """
    unknown = UnknownTerminal.objects.filter(store_id=terminal.store_id, code=terminal.code).first()
    if unknown is None:
        return 0
    released = 0
    while True:
        with transaction.atomic():
            held = list(unknown.held.select_for_update(of=("self",)).order_by("id")[:AT_ONCE])
            if not held:
                unknown.delete()
                return released
            released += pos_events_record(rows=[_row(one.row, terminal) for one in held])
            HeldEvent.objects.filter(pk__in=[one.pk for one in held]).delete()


def held_expire(*, now: datetime) -> int:
    """What nobody has mapped in a week goes, and the terminal with it once nothing of it is held."""
    count, _ = HeldEvent.objects.filter(received_at__lt=now - HELD_FOR).delete()
    UnknownTerminal.objects.filter(last_seen_at__lt=now - HELD_FOR, held=None).delete()
    return count


def _terminal_noted(store_id: int, code: str, now: datetime) -> UnknownTerminal | None:
    known = UnknownTerminal.objects.filter(store_id=store_id)
    found = known.filter(code=code).first()
    if found is None:
        if known.count() >= TERMINALS_MOST:
            return None
        return known.get_or_create(store_id=store_id, code=code, defaults={"first_seen_at": now, "last_seen_at": now})[
            0
        ]
    UnknownTerminal.objects.filter(pk=found.pk).update(last_seen_at=now)
    return found


def _hold(terminal: UnknownTerminal, rows: Sequence[PosEventRow]) -> None:
    left = max(0, HELD_MOST - terminal.held.count())
    held = [
        HeldEvent(terminal=terminal, external_id=row.external_id, received_at=row.received_at, row=_stored(row))
        for row in rows[:left]
    ]
    HeldEvent.objects.bulk_create(held, ignore_conflicts=True)
    if len(rows) > left:
        UnknownTerminal.objects.filter(pk=terminal.pk).update(passed_over=F("passed_over") + len(rows) - left)


def _stored(row: PosEventRow) -> dict[str, Any]:
    columns = row._asdict()
    for name in ("store_id", "lane_id", "terminal_id"):
        del columns[name]
    return msgspec.to_builtins(columns)


def _row(stored: dict[str, Any], terminal: Terminal) -> PosEventRow:
    whose = {"store_id": terminal.store_id, "lane_id": terminal.lane_id, "terminal_id": terminal.pk}
    columns = stored | whose
    return msgspec.convert([columns[name] for name in PosEventRow._fields], PosEventRow)
