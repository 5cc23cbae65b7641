"""Tickets that do not add up: set aside, released by what comes later or by a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from lanes.models import Store, Terminal
from lanes.permissions import check_may
from pos.domain.reckoning import AROUND, Reckoning, rung_stretches, totals_believed
from pos.models import FeedTicket, PosEvent, QuarantinedTicket
from pos.selectors.told import ToldTicket, tickets_among, tickets_told
from pos.signals import pos_gaps_changed
from privacy.audit import audit_record
from privacy.domain.roles import Permission
from privacy.models import User

SETTLED = "By what came later nothing is wrong with it any more."
FIGURES = ("declared", "found", "tendered")
TOLD = ("transaction", "reason", *FIGURES, "starts_at", "ends_at")
Changed = list[tuple[int, datetime]]


class ReasonMissing(ValueError):
    """A person who takes a ticket as it is says why."""

    def __init__(self) -> None:
        super().__init__("Say why the ticket can be taken as it is, for example what the paper receipt shows.")


def quarantine_follow(*, store: Store, told: Sequence[ToldTicket], now: datetime) -> Changed:
    """Make the quarantine say what these tickets say; `(lane_id, since)` of each change. In the caller's transaction.

    What a person has released stays so while its figures stay the same.
    """
    wrong = [found for ticket in told if (found := _wrong(ticket)) is not None]
    wanted = {(event.terminal_id, event.external_id): (event, values) for event, values in wrong}
    rows = tickets_among(QuarantinedTicket.objects.filter(store=store), told)
    known = {(row.terminal_id, row.closing): row for row in rows}
    changed: Changed = []
    for key, (event, values) in wanted.items():
        changed += _hold(known.get(key), event, values, now)
    over = [row for key, row in known.items() if key not in wanted and row.released_at is None]
    released = QuarantinedTicket.objects.filter(pk__in=[row.pk for row in over])
    released.update(released_at=now, released_by="", release_reason=SETTLED)
    return changed + [change for row in over for change in _since(row)]


def quarantine_weigh(*, terminal: Terminal, told: Sequence[ToldTicket]) -> Changed:
    """Say of each ticket held around these whether the till's totals are worth doubting it; `(lane_id, since)` of each
    change. In the caller's transaction, after the tickets have been placed."""
    rung = [one for one in told if any(event.terminal_id == terminal.pk for event in one.events)]
    if not rung:
        return []
    since, until = min(one.starts_at for one in rung) - AROUND, max(one.ends_at for one in rung) + AROUND
    held = list(QuarantinedTicket.objects.filter(terminal=terminal, released_at=None, starts_at__range=(since, until)))
    if not held:
        return []
    around = FeedTicket.objects.filter(terminal=terminal, adds_up__isnull=False)
    known = around.filter(starts_at__range=(since - AROUND, until + AROUND)).values_list("starts_at", "adds_up")
    reckoned = [(at, bool(adds_up)) for at, adds_up in known]
    believed = totals_believed(reckoned, [row.starts_at for row in held])
    turned = [row for row, doubted in zip(held, believed, strict=True) if row.doubted is not doubted]
    for row in turned:
        row.doubted = not row.doubted
    QuarantinedTicket.objects.bulk_update(turned, ["doubted"])
    return [change for row in turned for change in _since(row)]


def quarantine_check(*, quarantined: QuarantinedTicket, actor: User, now: datetime) -> bool:
    """Add the ticket up again from what is stored; whether it is out of quarantine. Raises PermissionDenied."""
    check_may(actor, Permission.CASES_DECIDE, quarantined.store)
    with transaction.atomic():
        names = [quarantined.transaction]
        told = tickets_told(quarantined.store, names, quarantined.starts_at, quarantined.ends_at)
        _tell(quarantine_follow(store=quarantined.store, told=told, now=now))
    quarantined.refresh_from_db()
    return quarantined.released_at is not None


def quarantine_accept(*, quarantined: QuarantinedTicket, actor: User, reason: str, now: datetime) -> bool:
    """Take the ticket as it is: what was seen around it is judged by it. Gives whether it was in quarantine still.

    Raises PermissionDenied, and ReasonMissing where none is given.
    """
    check_may(actor, Permission.CASES_DECIDE, quarantined.store)
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        held = QuarantinedTicket.objects.filter(pk=quarantined.pk, released_at=None)
        released = {"released_by": actor.get_username(), "release_reason": reason.strip()[:300]}
        if not held.update(released_at=now, **released):
            return False
        _accepted_record(quarantined, actor, reason.strip())
        _tell(_since(quarantined))
    return True


def _accepted_record(quarantined: QuarantinedTicket, actor: User, reason: str) -> None:
    audit_record(
        actor=actor,
        action="ticket.accepted",
        object_type="ticket",
        object_id=quarantined.transaction[:64],
        store_code=quarantined.store.code,
        reason=reason,
        data={"terminal": quarantined.terminal.code} | {name: str(getattr(quarantined, name)) for name in FIGURES},
    )


def _tell(changed: Changed) -> None:
    for lane_id, since in changed:
        pos_gaps_changed.send(sender=QuarantinedTicket, lane_ids=[lane_id], earliest=since)


def _wrong(ticket: ToldTicket) -> tuple[PosEvent, dict[str, Any]] | None:
    """The event that closed the ticket, and the row to store, where it does not add up."""
    reckoning = ticket.reckoning
    if reckoning is None or not reckoning.reason:
        return None
    closing = reckoning.closing
    (event,) = [
        event
        for event in ticket.events
        if (event.terminal_id, event.external_id) == (closing.terminal_id, closing.external_id)
    ]
    return event, _values(ticket, reckoning)


def _values(ticket: ToldTicket, reckoning: Reckoning) -> dict[str, Any]:
    told = {name: getattr(reckoning, name) for name in TOLD if name != "transaction"}
    rung = rung_stretches((event.lane_id, event.type, event.occurred_at) for event in ticket.events)
    stretches = [[lane, first.isoformat(), last.isoformat()] for lane, first, last in rung]
    return {"transaction": ticket.transaction, "stretches": stretches, **told}


def _since(row: QuarantinedTicket) -> Changed:
    """The lanes where it was rung, and since when."""
    return [(lane_id, first) for lane_id, first, _ in row.rung]


def _hold(row: QuarantinedTicket | None, event: PosEvent, values: dict[str, Any], now: datetime) -> Changed:
    if row is None:
        whose = {"store_id": event.store_id, "lane_id": event.lane_id}
        key = {"terminal_id": event.terminal_id, "closing": event.external_id}
        held, _ = QuarantinedTicket.objects.update_or_create(
            **key, defaults=values, create_defaults=values | whose | {"found_at": now}
        )
        return _since(held)
    same = all(getattr(row, name) == values[name] for name in FIGURES)
    released = {} if same and row.released_by else {"released_at": None, "released_by": "", "release_reason": ""}
    new = values | released
    if all(getattr(row, name) == value for name, value in new.items()):
        return []
    before = _since(row)
    for name, value in new.items():
        setattr(row, name, value)
    row.save(update_fields=list(new))
    return before + _since(row)
