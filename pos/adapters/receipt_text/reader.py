"""Receipts of printed lines as events: a whole capture at once, or a stream in pieces."""

import hashlib

from lanes.domain.payload import Refused
from pos.adapters.drafts import Journal, TicketDraft
from pos.adapters.reading import DocumentNotUnderstood, Reading, size_checked
from pos.adapters.receipt_text.capture import Capture, Receipt
from pos.adapters.receipt_text.config import Config
from pos.adapters.receipt_text.lines import LineKind, ReadLine, instant_printed, line_read
from pos.adapters.receipt_text.tickets import ticket_write
from pos.adapters.values import code_plain, instant_checked
from pos.domain.events import PosType

SIZE_LIMIT = 8 * 2**20
NOT_A_TICKET = "not_a_ticket"
NOTHING_SAID = frozenset({NOT_A_TICKET, "truncated", "damaged"})
_TELLING = frozenset({LineKind.ITEM, LineKind.VOID, LineKind.TOTAL, LineKind.TENDER, LineKind.NO_SALE})


def read(document: bytes, config: Config | None = None) -> Reading:
    """The events of a whole capture. Raises DocumentNotUnderstood if no line of it tells of a ticket."""
    config = config or Config()
    size_checked(document, SIZE_LIMIT, "capture")
    stream = ReceiptStream(config)
    first, last = stream.feed(document, config.captured_at), stream.close(config.captured_at)
    refusals = (*first.refusals, *last.refusals)
    events = (*first.events, *last.events)
    if not events and all(refusal.code in NOTHING_SAID for refusal in refusals):
        raise DocumentNotUnderstood(
            "No printed line of the capture reads as an item, a void, a total, a tender or a no sale. If it holds "
            "receipts, describe their lines by patterns and their code page in this feed's configuration."
        )
    return Reading(events, refusals, (*first.declared, *last.declared))


class ReceiptStream:
    """A till's printer line, heard piece by piece. Where the pieces are cut makes no difference.

    A receipt is told when it has ended, for its number and its date may stand
    on its last line; its lines keep the instants at which they were printed.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._capture = Capture(config)
        self._journal = Journal(config)
        self._count = 0
        self._damaged = 0
        self._twins: dict[str, int] = {}
        self._last_at = ""

    @property
    def idle(self) -> bool:
        """Whether no receipt is begun, so that what was fed so far need not be kept."""
        return self._capture.idle

    @property
    def resume(self) -> bytes:
        """What to feed a fresh stream for it to go on as this one, while this one is idle: its code page and mask."""
        return self._capture.resume

    def feed(self, data: bytes, at: str) -> Reading:
        """``data`` that arrived at ``at`` (RFC 3339; "" to rely on printed dates): what ended with it."""
        self._capture.feed(data, at)
        return self._told()

    def close(self, at: str = "") -> Reading:
        """The line went dead: what was printed so far, as it is."""
        part = f"Receipt[{self._count + 1}]"
        if self._capture.unfinished:
            self._journal.refuse(
                part, "truncated", "The bytes end inside a printer command. Capture until the receipt is cut."
            )
        self._capture.close()
        return self._told()

    def _told(self) -> Reading:
        receipts, self._capture.receipts = self._capture.receipts, []
        for receipt in receipts:
            self._count += 1
            part = f"Receipt[{self._count}]"
            with self._journal.part(part):
                if receipt.lines:
                    self._receipt_read(part, receipt)
                else:
                    self._drawer_read(part, receipt)
        if self._capture.damaged > self._damaged:
            self._damaged = self._capture.damaged
            self._journal.refuse(
                f"Receipt[{self._count + 1}]",
                "damaged",
                "A printer command declares a length that cannot be true; it was not believed, so some lines may be "
                "noise. Look at the cable and the serial settings.",
            )
        return self._journal.reading()

    def _receipt_read(self, part: str, receipt: Receipt) -> None:
        read = [found for line in receipt.lines for found in line_read(line, self._config.patterns)]
        if not any(line.kind in _TELLING for line in read):
            raise Refused(
                NOT_A_TICKET,
                f"None of its {len(receipt.lines)} printed lines reads as an item, a void, a total, a tender or a no "
                "sale. Nothing to do if it is a slip; else describe its lines by patterns.",
            )
        printed = self._printed_at(part, read)
        at = receipt.lines[0].at or printed
        if not at:
            raise Refused(
                "no_time", "It was captured without an instant and no date pattern reads on it. Give one of the two."
            )
        self._last_at = receipt.lines[-1].at or printed
        draft = TicketDraft(
            self._config,
            transaction=self._number(receipt, read, at),
            terminal=self._config.terminal,
            at=instant_checked(at, "captured_at"),
            operator=next((line.groups.get("who", "") for line in read if line.kind == LineKind.OPERATOR), ""),
        )
        ticket_write(self._journal, draft, read, part, self._config)
        for drawer_at in receipt.drawer_at:
            draft.add(PosType.DRAWER_OPEN, at=drawer_at or receipt.lines[-1].at or printed)
        if receipt.too_long:
            self._journal.refuse(
                part, "too_long", "It is longer than any receipt; the rest was left out. Check the masks."
            )
        self._journal.take(part, draft)

    def _printed_at(self, part: str, read: list[ReadLine]) -> str:
        said = [instant_printed(line.groups) for line in read if line.kind == LineKind.DATE]
        return self._journal.instant(f"{part}/date", *said)

    def _number(self, receipt: Receipt, read: list[ReadLine], at: str) -> str:
        """The printed number of the day and the terminal; without one, what was printed and when is its name."""
        said = (line.groups.get("number", "") for line in read if line.kind == LineKind.TICKET)
        number = next((code_plain(text)[:32] for text in said if text), "")
        prefix = f"R{self._config.terminal}"
        if number:
            return f"{prefix}-{at[:10].replace('-', '')}-{number}"
        content = "\n".join([at, *(" ".join(line.text.split()) for line in receipt.lines)])
        name = hashlib.sha256(content.encode()).hexdigest()[:20]
        return f"{prefix}-x{self._twin(name)}"

    def _drawer_read(self, part: str, receipt: Receipt) -> None:
        """The drawer was opened between two receipts."""
        at = receipt.drawer_at[0] or self._last_at
        if not at:
            raise Refused(
                "no_time", "The drawer was opened between receipts at an instant nobody noted. Capture it live."
            )
        name = self._twin(f"R{self._config.terminal}-{at}")
        draft = TicketDraft(
            self._config, transaction=name, terminal=self._config.terminal, at=instant_checked(at, "captured_at")
        )
        draft.transaction = ""
        draft.add(PosType.DRAWER_OPEN, id=f"{name}.{PosType.DRAWER_OPEN}")
        self._journal.take(part, draft, key=name)

    def _twin(self, name: str) -> str:
        """``name``, with a count where it comes again: two equal receipts stay two."""
        self._twins[name] = self._twins.get(name, 0) + 1
        count = self._twins[name]
        if len(self._twins) > 1_000:
            del self._twins[next(iter(self._twins))]
        return name if count == 1 else f"{name}~{count}"
