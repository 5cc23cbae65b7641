"""What a source's installer is told: how it fares, what came last, what was understood of it."""

import threading
from collections import deque
from datetime import datetime, timedelta
from typing import Any

from pos.adapters.options import OptionsRefused, config_read
from pos.adapters.reading import Reading
from pos.adapters.receipt_text import Config
from pos.adapters.receipt_text.escpos import EscPos, Printer
from pos.domain.preview import Printed, bytes_redacted, printed_redacted
from pos.listening.spool import Piece
from pos.listening.streams import EPOCH
from pos.services.documents import Taken
from pos.services.sources import PreviewSeen, SourceNews

RAW_KEPT = 4_096
SENDERS_KEPT = 8
EVENTS_SHOWN = 40
REFUSALS_SHOWN = 20


class Ring:
    """The last few KiB of one sender, from the beginning of a line: the middle of a number is never shown alone."""

    def __init__(self) -> None:
        self.raw = bytearray()
        self._cut = False

    def add(self, data: bytes) -> None:
        self.raw += data
        if self._cut or len(self.raw) > RAW_KEPT:
            self._begin(max(0, len(self.raw) - RAW_KEPT))

    def _begin(self, at: int) -> None:
        ends = [place for place in (self.raw.find(b"\n", at), self.raw.find(b"\r", at)) if place >= 0]
        self._cut = not ends
        del self.raw[: min(ends) + 1 if ends else len(self.raw)]


class Monitor:
    """Of one source. Called from any thread."""

    def __init__(self, source_id: int, config: Config | None) -> None:
        """``config``: of receipts as text. The bytes of all other documents are not shown, only what was understood."""
        self.source_id, self._config = source_id, config
        self._lock = threading.Lock()
        self._rings: dict[str, Ring] = {}
        self._latest = ""
        self._understood: deque[dict[str, Any]] = deque(maxlen=EVENTS_SHOWN)
        self._refused: deque[dict[str, Any]] = deque(maxlen=REFUSALS_SHOWN)
        self._changed = False
        self._clear()

    def _clear(self) -> None:
        self._heard_us = 0
        self._error: str | None = None
        self._events = self._refusals = self._strangers = 0
        self._preview_due = False

    def heard(self, sender: str, pieces: list[Piece]) -> None:
        with self._lock:
            self._heard_us = pieces[-1].at_us
            self._changed = True
            if self._config is None:
                return
            ring = self._rings.pop(sender, None) or Ring()
            self._rings[sender] = ring  # the latest last
            self._latest, self._preview_due = sender, True
            if len(self._rings) > SENDERS_KEPT:
                del self._rings[next(iter(self._rings))]
            for piece in pieces:
                ring.add(piece.data)
                if piece.ends and not ring.raw.endswith((b"\n", b"\r")):
                    ring.add(b"\n")  # a message is over: the next must not look like more of its last line

    def kept(self, reading: Reading, taken: Taken) -> None:
        with self._lock:
            self._changed = self._preview_due = True
            self._events += len(reading.events)
            self._refusals += len(reading.refusals) + len(taken.rejected)
            self._understood.extend(event_shown(event) for event in reading.events[-EVENTS_SHOWN:])
            refused = [(one.part, one.code, one.detail) for one in reading.refusals]
            self._refused.extend(refusal_shown(*one) for one in (*refused, *taken.rejected)[-REFUSALS_SHOWN:])

    def fine(self) -> None:
        """Its door is open."""
        self._say("")

    def failed(self, sentence: str) -> None:
        self._say(sentence)

    def stranger(self, sentence: str) -> None:
        with self._lock:
            self._strangers += 1
            self._error, self._changed = sentence, True

    def _say(self, sentence: str) -> None:
        shown = printed_redacted(sentence)  # an error may hold words of the till
        with self._lock:
            self._error, self._changed = shown, True

    @property
    def changed(self) -> bool:
        return self._changed

    def news(self) -> SourceNews | None:
        """What is new since the last call; None for nothing."""
        with self._lock:
            if not self._changed:
                return None
            heard_at = EPOCH + timedelta(microseconds=self._heard_us) if self._heard_us else None
            told = (self._error, self._events, self._refusals, self._strangers)
            raw = bytes(self._rings[self._latest].raw) if self._latest in self._rings else b""
            rows = (list(self._understood), list(self._refused)) if self._preview_due else None
            self._changed = False
            self._clear()
        preview = PreviewSeen(self._redacted(raw), *rows) if rows is not None else None
        return SourceNews(self.source_id, heard_at, *told, preview=preview)

    def _redacted(self, raw: bytes) -> bytes:
        return bytes_redacted(raw, self._config.code_page, printed_of_printer()) if self._config else b""


def printed_of_printer() -> Printed:
    """What a printer would put on paper, to find a number that has commands between its digits."""
    paper = bytearray()

    def nothing(*_: object) -> None:
        return

    machine = EscPos(Printer(paper.append, nothing, nothing, nothing, nothing))

    def printed(data: bytes) -> bytes:
        paper.clear()
        machine.feed(data)
        return bytes(paper)

    return printed


def monitor_of(source_id: int, kind: str, options: Any) -> Monitor:
    try:
        config = config_read(kind, options)
    except OptionsRefused:
        config = None  # the door says what is wrong with them
    return Monitor(source_id, config if isinstance(config, Config) else None)


def event_shown(event: dict[str, Any]) -> dict[str, Any]:
    data = event.get("data") or {}
    return {
        "at": event["occurred_at"],
        "type": str(event["type"]),
        "transaction": str(event.get("transaction") or ""),
        "line": event.get("line"),
        "description": printed_redacted(str(data.get("description") or "")),
        "amount": str(data.get("amount") or ""),
    }


def refusal_shown(part: str, code: str, detail: str) -> dict[str, str]:
    return {"part": printed_redacted(part), "code": code, "detail": printed_redacted(detail)}


def now_us(now: datetime) -> int:
    """Microseconds since 1970."""
    return (now - EPOCH) // timedelta(microseconds=1)
