"""ESC/POS taken apart: what is printed, and the few commands that mean something here.

Lengths are those of Epson's ESC/POS command reference. A command is skipped by
the length it declares, so that pictures, barcodes and fonts never reach the
text. The reader is fed byte by byte and keeps its place between them: where
the stream is cut into pieces makes no difference.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

ESC, FS, GS, DLE = 0x1B, 0x1C, 0x1D, 0x10
PAYLOAD_LIMIT = 4 * 2**20  # a length beyond is noise on the line: believing it would swallow hours of receipts
_Bytes = Generator[None, int, None]
_Byte = Generator[None, int, int]


@dataclass(slots=True)
class Printer:
    """Where the pieces go; all of them may be called at any time.

    ``byte(b)``: one printed or control byte. ``line()``: the end of a line.
    ``cut()``, ``drawer()``, ``code_page(n)``: what was commanded.
    """

    byte: Callable[[int], None]
    line: Callable[[], None]
    cut: Callable[[], None]
    drawer: Callable[[], None]
    code_page: Callable[[int], None]


# Commands whose parameters have a fixed length: {second byte: number of parameter bytes}.
_ESC_FIXED = {
    **dict.fromkeys(b"@2<LSimv\x0c", 0),
    **dict.fromkeys(b"!-EGMRadeJKU{V3 =Tru%?", 1),
    **dict.fromkeys(b"$\\cBf", 2),
    ord("W"): 8,
}
_GS_FIXED = {
    **dict.fromkeys(b":c", 0),
    **dict.fromkeys(b"!BHhwfarITb/E", 1),
    **dict.fromkeys(b"LWP\\$", 2),
    **dict.fromkeys(b"^z", 3),
    ord("g"): 4,
}
_FS_FIXED = {**dict.fromkeys(b"&.", 0), **dict.fromkeys(b"!CW-", 1), **dict.fromkeys(b"pS", 2), ord("2"): 74}
_DLE_FIXED = {0x04: 1, 0x05: 1}
# GS V m: with m of these a further byte says how far to feed before the cut.
_FEEDING_CUTS = frozenset({65, 66, 97, 98, 103, 104})


@dataclass(slots=True)
class EscPos:
    """Feed it bytes. ``inside``: a command has begun and is not whole yet. ``damaged``: commands with a length that
    cannot be true, which was not believed."""

    printer: Printer
    inside: bool = False
    damaged: int = 0
    _machine: _Bytes = field(init=False)

    def __post_init__(self) -> None:
        self._machine = self._run()
        next(self._machine)

    def feed(self, data: bytes) -> None:
        send = self._machine.send
        for byte in data:
            send(byte)

    def _run(self) -> _Bytes:
        commands = {ESC: self._esc, GS: self._gs, FS: self._fs, DLE: self._dle}
        after_return = False
        while True:
            self.inside = False
            byte = yield
            if byte in commands:
                self.inside = True
                yield from commands[byte]()
            elif byte == 0x0A:
                if not after_return:
                    self.printer.line()
            elif byte in (0x0D, 0x0C):
                self.printer.line()
            elif byte == 0x09:
                self.printer.byte(0x20)
            else:
                self.printer.byte(byte)
            after_return = byte == 0x0D  # CR LF is one end of a line

    def _esc(self) -> _Bytes:
        kind = yield
        if kind in _ESC_FIXED:
            yield from _skip(_ESC_FIXED[kind])
            if kind in b"im":
                self.printer.cut()
            elif kind in b"dJ":
                self.printer.line()
        elif kind == ord("t"):
            self.printer.code_page((yield))
        elif kind == ord("p"):
            yield from _skip(3)
            self.printer.drawer()
        elif kind == ord("*"):
            dense = (yield) >= 32
            columns = yield from _little_endian(2)
            yield from self._payload(columns * (3 if dense else 1))
        elif kind == ord("D"):
            yield from _skip_to_nul(32)
        elif kind == ord("&"):
            yield from _user_characters()
        elif kind == ord("("):
            yield from _skip(1)
            yield from self._payload((yield from _little_endian(2)))

    def _gs(self) -> _Bytes:
        kind = yield
        if kind in _GS_FIXED:
            yield from _skip(_GS_FIXED[kind])
        elif kind == ord("V"):
            yield from _skip(1 if (yield) in _FEEDING_CUTS else 0)
            self.printer.cut()
        elif kind == ord("k"):
            symbology = yield
            if symbology >= 65:
                yield from _skip((yield))
            else:
                yield from _skip_to_nul(255)
        elif kind == ord("v") or kind == ord("Q"):
            yield from _skip(2)
            width = yield from _little_endian(2)
            yield from self._payload(width * (yield from _little_endian(2)))
        elif kind == ord("*"):
            width = yield
            yield from self._payload(width * (yield) * 8)
        elif kind == ord("("):
            yield from _skip(1)
            yield from self._payload((yield from _little_endian(2)))
        elif kind == ord("8"):
            yield from _skip(1)
            yield from self._payload((yield from _little_endian(4)))
        elif kind == ord("C"):
            yield from _skip(3)

    def _fs(self) -> _Bytes:
        kind = yield
        if kind in _FS_FIXED:
            yield from _skip(_FS_FIXED[kind])
        elif kind == ord("q"):
            for _ in range((yield)):
                width = yield from _little_endian(2)
                yield from self._payload(width * (yield from _little_endian(2)) * 8)
        elif kind == ord("("):
            yield from _skip(1)
            yield from self._payload((yield from _little_endian(2)))
        elif kind == ord("g"):
            written = (yield) == ord("1")
            yield from _skip(5)
            length = yield from _little_endian(2)
            yield from _skip(length if written else 0)

    def _dle(self) -> _Bytes:
        kind = yield
        if kind in _DLE_FIXED:
            yield from _skip(_DLE_FIXED[kind])
        elif kind == 0x14:
            function = yield
            if function == 1:
                yield from _skip(2)
                self.printer.drawer()
            else:
                yield from _skip({2: 2, 3: 6, 7: 1, 8: 7}.get(function, 0))

    def _payload(self, length: int) -> _Bytes:
        if length > PAYLOAD_LIMIT:
            self.damaged += 1
            return
        yield from _skip(length)


def _skip(count: int) -> _Bytes:
    for _ in range(count):
        yield


def _little_endian(count: int) -> _Byte:
    value = 0
    for place in range(count):
        value |= (yield) << (8 * place)
    return value


def _skip_to_nul(at_most: int) -> _Bytes:
    for _ in range(at_most):
        if (yield) == 0:
            return


def _user_characters() -> _Bytes:
    """ESC & y c1 c2, then for each character its width and that many columns of y bytes."""
    height = yield
    first = yield
    last = yield
    for _ in range(max(0, last - first + 1)):
        yield from _skip(height * (yield))
