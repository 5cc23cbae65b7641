"""Events from outside, by whatever door: read one by one, what is good stored, what is a stranger's held."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import msgspec

from lanes.batches import BatchReply, batch_read
from lanes.domain.payload import Refused
from lanes.models import Store, Terminal
from pos.serializers import Intake, PosEventIn, PosEventRow, UnknownTerminalCode, pos_event_decode, pos_event_row
from pos.services.events import pos_events_record
from pos.services.unknown import unknown_terminals_note
from privacy.pseudonyms import pseudonym

TERMINAL_CODE_LONGEST = 64


def events_take(*, store: Store, items: Sequence[msgspec.Raw], now: datetime) -> BatchReply:
    """Store what can be stored of `items`, each a POS event as JSON (contract, section 2), and say what became of each.

    A bad event never costs the good ones beside it.
    """
    intake = intake_of(store, now)
    strangers: list[tuple[str, PosEventRow]] = []
    refused: Counter[int] = Counter()
    rows, rejected = batch_read(items, pos_event_decode, lambda sent: _row(sent, intake, strangers, refused))
    accepted = pos_events_record(rows=rows, refused=refused)
    if strangers:
        unknown_terminals_note(store_id=store.pk, rows=strangers, now=now)
    return BatchReply(accepted, len(rows) - accepted, rejected)


def _row(
    sent: PosEventIn, intake: Intake, strangers: list[tuple[str, PosEventRow]], refused: Counter[int]
) -> PosEventRow:
    """The event as a row. One of an unknown terminal is refused, but held if nothing else is wrong with it; one of a
    known terminal is counted as `refused` of that."""
    try:
        return pos_event_row(sent, intake)
    except UnknownTerminalCode as unknown:
        if 0 < len(unknown.terminal) <= TERMINAL_CODE_LONGEST:
            with suppress(Refused):
                whose = {unknown.terminal: (0, 0)}
                strangers.append((unknown.terminal, pos_event_row(sent, replace(intake, terminals=whose))))
        raise
    except Refused:
        known = intake.terminals.get(str(sent.terminal).strip())
        if known is not None:
            refused[known[0]] += 1
        raise


def intake_of(store: Store, now: datetime) -> Intake:
    """What reading an event of ``store`` needs to know, in one query."""
    terminals = Terminal.objects.filter(store=store).values_list("code", "id", "lane_id")
    return Intake(
        store_id=store.pk,
        zone=ZoneInfo(store.timezone),
        received_at=now,
        terminals={code: (terminal_id, lane_id) for code, terminal_id, lane_id in terminals},
        person=_person(store.code),
    )


def _person(store_code: str) -> Callable[[str], str]:
    """Operators' pseudonyms in this store, each made once per batch."""

    @cache
    def of(value: str) -> str:
        return pseudonym(store_code, "operator", value)

    return of
