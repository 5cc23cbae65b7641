"""The receipt as rows on the clip's clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from pos.domain.story import line_notes
from pos.domain.ticket import ReceiptLine, Ticket


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """One row. `at` on the camera's clock, `seek` seconds into the clip; a hole is where a line is missing."""

    at: datetime
    seek: str
    words: str
    key: str = ""
    amount: Decimal | None = None
    sub: str = ""
    look: str = ""
    hole: bool = False


def receipt_rows(
    ticket: Ticket | None,
    *,
    offset: timedelta,
    clip_start: datetime,
    holes: Iterable[tuple[datetime, str]],
    unmatched: frozenset[str],
) -> list[ReceiptRow]:
    """The lines and tenders of `ticket` in order of time, with the moments between them that no line tells of.

    `offset`: till clock minus camera clock. `holes`: instants on the camera's clock, and what happened.
    """
    rows = [ReceiptRow(at, _seek(at, clip_start), words, hole=True) for at, words in holes]
    if ticket is not None:
        rows += [_line_row(line, offset, clip_start, unmatched) for line in ticket.lines]
        rows += [
            _row(t.occurred_at - offset, clip_start, t.kind.capitalize(), t.event, t.amount, look="quiet")
            for t in ticket.tenders
            if not t.voided
        ]
    rows.sort(key=lambda row: row.at)
    if ticket is not None and rows and ticket.lines:
        ended = ticket.closed_at - offset if ticket.closed_at else rows[-1].at
        rows.append(_row(max(ended, rows[-1].at), clip_start, "Total", "total", ticket.total, look="total"))
    return rows


def _line_row(line: ReceiptLine, offset: timedelta, clip_start: datetime, unmatched: frozenset[str]) -> ReceiptRow:
    look = "struck" if line.voided else "quiet" if line.unmatched else ""
    if unmatched.intersection(line.events):
        look = "gap"
    notes = ", ".join(line_notes(line))
    return _row(line.occurred_at - offset, clip_start, line.text, line.events[0], line.amount, notes, look)


def _row(
    at: datetime,
    clip_start: datetime,
    words: str,
    key: str,
    amount: Decimal | None,
    sub: str = "",
    look: str = "",
) -> ReceiptRow:
    return ReceiptRow(at, _seek(at, clip_start), words, key, amount, sub, look)


def _seek(at: datetime, clip_start: datetime) -> str:
    return f"{(at - clip_start).total_seconds():.3f}"
