"""ESC/POS: commands are skipped by the length that they declare, whatever their payload looks like."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos.adapters.receipt_text.escpos import PAYLOAD_LIMIT, EscPos, Printer

TEXT = b"TOTAL 1.00\n"


def heard(*pieces: bytes) -> list[str]:
    """What the printer was told, printed runs as text."""
    said: list[str] = []
    printed = bytearray()

    def told(what: str) -> None:
        if printed:
            said.append(printed.decode("latin-1"))
            printed.clear()
        said.append(what)

    machine = EscPos(
        Printer(
            printed.append,
            lambda: told("LF"),
            lambda: told("CUT"),
            lambda: told("DRAWER"),
            lambda number: told(f"PAGE {number}"),
        )
    )
    for piece in pieces:
        machine.feed(piece)
    return [*said, *([printed.decode("latin-1")] if printed else [])]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (b"\x1b@", "initialise"),
        (b"\x1b!\x30", "print mode"),
        (b"\x1ba\x01", "align"),
        (b"\x1bE\x01", "bold"),
        (b"\x1b-\x02", "underline"),
        (b"\x1bM\x01", "font"),
        (b"\x1bR\x08", "international characters"),
        (b"\x1b$\x0a\x0a", "absolute position that looks like line feeds"),
        (b"\x1bD\x08\x10\x0a\x00", "tab stops up to NUL"),
        (b"\x1bW" + b"\x0a" * 8, "print area"),
        (b"\x1bc3\x0a", "paper sensor"),
        (b"\x1b*\x00\x03\x00\x0a\x0a\x0a", "bit image, 8 dots"),
        (b"\x1b*\x21\x02\x00" + TEXT[:6], "bit image, 24 dots, 3 bytes a column"),
        (b"\x1b&\x03\x41\x42\x01\x0a\x0a\x0a\x02" + b"\x0a" * 6, "two user characters, 1 and 2 columns of 3 bytes"),
        (b"\x1b(A\x04\x00\x30\x0a\x0a\x0a", "beeper"),
        (b"\x1d!\x11", "size"),
        (b"\x1dh\x0a", "barcode height"),
        (b"\x1dL\x0a\x0a", "left margin"),
        (b"\x1dk\x45\x03ABC", "barcode with a length"),
        (b"\x1dk\x04ABC\x00", "barcode up to NUL"),
        (b"\x1d(k\x06\x00\x31\x50\x30a\x0ab", "QR data"),
        (b"\x1d(L\x06\x00\x30\x70\x30\x01\x01\x31", "graphics"),
        (b"\x1d8L\x03\x00\x00\x00\x0a\x0a\x0a", "graphics, long"),
        (b"\x1dv0\x00\x02\x00\x03\x00" + b"\x0a" * 6, "raster image, 2 bytes by 3 rows"),
        (b"\x1d*\x01\x01" + b"\x0a" * 8, "downloaded image, 1 by 1 by 8"),
        (b"\x1dg0\x00\x0a\x0a", "counter"),
        (b"\x1cp\x01\x00", "stored image"),
        (b"\x1cq\x01\x01\x00\x01\x00" + b"\x0a" * 8, "store an image"),
        (b"\x1c.", "end of Kanji"),
        (b"\x1cg1\x00\x01\x02\x03\x04\x02\x00\x0a\x0a", "write user memory"),
        (b"\x1cg2\x00\x01\x02\x03\x04\x0a\x0a", "read user memory"),
        (b"\x10\x04\x01", "status"),
        (b"\x10\x05\x01", "recover"),
        (b"\x10\x14\x02\x01\x08", "power off"),
    ],
)
def test_a_command_is_skipped_whole(command: bytes, why: str) -> None:
    assert heard(b"A" + command + TEXT) == ["ATOTAL 1.00", "LF"], why


@pytest.mark.parametrize(
    ("sent", "said", "why"),
    [
        (b"A\nB\n", ["A", "LF", "B", "LF"], "lines"),
        (b"A\r\nB\rC", ["A", "LF", "B", "LF", "C"], "CR LF is one end of a line"),
        (b"A\x1bd\x02B", ["A", "LF", "B"], "print and feed"),
        (b"A\x1dV\x00", ["A", "CUT"], "full cut"),
        (b"A\x1dVA\x03", ["A", "CUT"], "feed and cut"),
        (b"A\x1bm", ["A", "CUT"], "old partial cut"),
        (b"\x1bp\x00\x3c\x78", ["DRAWER"], "drawer kick"),
        (b"\x10\x14\x01\x00\x01", ["DRAWER"], "drawer kick in real time"),
        (b"\x1bt\x10\xe9", ["PAGE 16", "\xe9"], "code page"),
        (b"A\tB", ["A B"], "tab"),
        (b"A\x02B", ["A\x02B"], "a control byte that is no command, as frames have it"),
    ],
)
def test_what_means_something(sent: bytes, said: list[str], why: str) -> None:
    assert heard(sent) == said, why


def test_a_length_that_cannot_be_true_is_not_believed() -> None:
    machine = EscPos(Printer(lambda _: None, lambda: None, lambda: None, lambda: None, lambda _: None))
    machine.feed(b"\x1d8L" + (PAYLOAD_LIMIT + 1).to_bytes(4, "little"))
    assert (machine.damaged, machine.inside) == (1, False)


def test_a_command_that_is_not_whole_is_known() -> None:
    machine = EscPos(Printer(lambda _: None, lambda: None, lambda: None, lambda: None, lambda _: None))
    machine.feed(b"\x1bW\x00")
    assert machine.inside


@settings(max_examples=50)
@given(data=st.binary(max_size=120), cut=st.integers(0, 120))
def test_where_the_stream_is_cut_makes_no_difference(data: bytes, cut: int) -> None:
    assert heard(data) == heard(data[:cut], data[cut:])
