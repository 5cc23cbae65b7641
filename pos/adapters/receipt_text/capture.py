"""From the bytes of a line between till and printer to receipts of timed lines."""

import re
from dataclasses import dataclass, field

from pos.adapters.receipt_text.config import Config
from pos.adapters.receipt_text.escpos import ESC, EscPos, Printer

LINE_BYTES = 512  # longer lines are cut, no printer has them
LINES_LIMIT = 2_000
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """``number`` counts from 1 within the receipt; ``at`` is when its end was captured, "" if that is not known."""

    number: int
    text: str
    at: str


@dataclass(slots=True)
class Receipt:
    """What was printed between a start and a stop. ``drawer_at``: when the drawer was opened within, "" for each
    opening whose time is not known. ``too_long``: lines were left out."""

    lines: list[PrintedLine] = field(default_factory=list)
    drawer_at: list[str] = field(default_factory=list)
    too_long: bool = False


class Capture:
    """Feed it bytes; ``receipts`` are those that ended, for the caller to take away."""

    def __init__(self, config: Config) -> None:
        self.receipts: list[Receipt] = []
        self._config = config
        self._escpos = EscPos(Printer(self._byte, self._line, self._cut, self._drawer, self._code_page))
        self._dropped = frozenset(config.dropped_bytes)
        self._codec = config.code_page
        self._page: int | None = None  # as the printer was told last
        self._line_bytes = bytearray()
        self._pieces: list[str] = []  # of the line, decoded in the code page that was in force
        self._printed = 0  # bytes of the line, those already decoded too
        self._tail = b""  # the last bytes printed, to find masks that cross pieces
        self._at = ""
        self._open = Receipt()
        self._inside = not config.start_masks
        masks = (*config.start_masks, *config.stop_masks)
        self._mask_ends = frozenset(mask[-1] for mask in masks if mask)
        self._mask_length = max((len(mask) for mask in masks), default=0)

    @property
    def damaged(self) -> int:
        """Printer commands whose length was not believed."""
        return self._escpos.damaged

    @property
    def unfinished(self) -> bool:
        """Whether the bytes so far end inside a printer command."""
        return self._escpos.inside

    @property
    def idle(self) -> bool:
        """Whether nothing is begun: what comes next says all about itself, but for what ``resume`` holds."""
        begun = self._open.lines or self._open.drawer_at or self._line_bytes or self._pieces or self._tail
        return not begun and not self._escpos.inside

    @property
    def resume(self) -> bytes:
        """What to feed a fresh capture for it to go on where this one is, if this one is idle."""
        page = b"" if self._page is None else bytes((ESC, ord("t"), self._page))
        return page + (self._config.start_masks[0] if self._inside and self._config.start_masks else b"")

    def feed(self, data: bytes, at: str) -> None:
        self._at = at
        self._escpos.feed(data)

    def close(self) -> None:
        """The connection ended: what was printed so far is a receipt."""
        self._line()
        self._end()

    # -- what the printer was told ---------------------------------------------------------------------

    def _byte(self, byte: int) -> None:
        if self._mask_length:
            self._tail = (self._tail + bytes((byte,)))[-self._mask_length :]
        if byte not in self._dropped and self._printed < LINE_BYTES:
            self._line_bytes.append(byte)
            self._printed += 1
        if byte in self._mask_ends:
            self._masks_seen()

    def _masks_seen(self) -> None:
        for mask in self._config.stop_masks:
            if mask and self._inside and self._tail.endswith(mask):
                self._cut_off(mask)
                self._line()
                self._end()
                self._inside = not self._config.start_masks
                self._tail = b""
                return
        for mask in self._config.start_masks:
            if mask and self._tail.endswith(mask):
                self._end()
                self._inside = True
                self._line_begun()
                self._tail = b""
                return

    def _cut_off(self, mask: bytes) -> None:
        printed = bytes(byte for byte in mask if byte not in self._dropped)
        if printed and self._line_bytes.endswith(printed):
            del self._line_bytes[-len(printed) :]

    def _line(self) -> None:
        self._decode()
        text = _CONTROLS.sub("", "".join(self._pieces)).rstrip()
        self._line_begun()
        self._tail = b""  # a mask stands within a line
        if not self._inside or not text.strip():
            return
        if len(self._open.lines) >= LINES_LIMIT:
            self._open.too_long = True
            return
        self._open.lines.append(PrintedLine(len(self._open.lines) + 1, text, self._at))

    def _line_begun(self) -> None:
        self._line_bytes.clear()
        self._pieces.clear()
        self._printed = 0

    def _decode(self) -> None:
        if self._line_bytes:
            self._pieces.append(self._line_bytes.decode(self._codec, "replace"))
            self._line_bytes.clear()

    def _cut(self) -> None:
        self._line()
        if self._config.ends_at_cut:
            self._end()

    def _drawer(self) -> None:
        if self._open.lines or self._line_bytes:
            self._open.drawer_at.append(self._at)
        else:  # between receipts: nobody can say which of them it belongs to, if any
            self.receipts.append(Receipt(drawer_at=[self._at]))

    def _code_page(self, number: int) -> None:
        self._decode()
        self._page = number
        self._codec = self._config.code_pages.get(number, self._config.code_page)

    def _end(self) -> None:
        if self._open.lines:
            self.receipts.append(self._open)
        self._open = Receipt()
