"""Bytes on their way from a socket to the store: cut anywhere, interrupted anywhere, stored exactly once."""

import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import OperationalError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos.adapters.options import OptionsRefused
from pos.adapters.reading import Event, Reading, Refusal
from pos.listening import streams
from pos.listening.spool import Piece, Spool, spool_read
from pos.listening.streams import How, Stream, stream_finish, stream_left
from pos.services.documents import Taken
from tests.factories.doors import CUT, receipt
from tests.media import MEDIA, needs_media

AT = 1_774_000_000_000_000
TEXT = How(source_id=1, store_id=1, terminal="T1", kind="receipt_text", options="{}")
DAY = b"".join(receipt(number) for number in range(1, 6)) + receipt("", item="Unnumbered") * 2


class Store:
    """Stands where the database does: what has an id twice is once in it."""

    def __init__(self, away: int = 0) -> None:
        self.events: dict[str, Event] = {}
        self.refusals: list[Refusal] = []
        self.away = away

    def keep(self, how: How, reading: Reading) -> Taken | None:
        if self.away:
            self.away -= 1
            raise OperationalError("the database is locked")
        self.events |= {event["id"]: event for event in reading.events}
        self.refusals += reading.refusals
        return None

    def told(self) -> list[tuple[object, ...]]:
        """Everything but ids and instants, which hang on when the bytes came."""
        return [
            (e["type"], e["line"], e["data"].get("amount"), e["data"].get("description")) for e in self.events.values()
        ]


def pieces_of(data: bytes, cuts: Sequence[int]) -> list[Piece]:
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [Piece(AT + n, data[a:b]) for n, (a, b) in enumerate(pairwise(places)) if a < b]


def whole(data: bytes, how: How = TEXT) -> list[tuple[object, ...]]:
    """What is understood of ``data`` in one piece."""
    store = Store()
    for reader in [how.reader()]:
        for reading in (reader.feed(data, streams.instant(AT)), reader.close(streams.instant(AT))):
            store.keep(how, reading)
    return store.told()


def passed(stream: Stream, pieces: Sequence[Piece]) -> None:
    for piece in pieces:
        stream.take([piece])
        stream.settle()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, len(DAY)), max_size=8))
def test_where_the_bytes_are_cut_makes_no_difference(tmp_path: Path, cuts: list[int]) -> None:
    store = Store()
    stream = Stream(tmp_path / "1-a.spool", TEXT, store.keep)
    passed(stream, [*pieces_of(DAY, cuts), Piece(AT + 99, ends=True)])
    assert store.told() == whole(DAY)
    assert stream.idle and stream.spool.size == 0


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, len(DAY)), min_size=1, max_size=6), killed=st.integers(0, 6), stored=st.booleans())
def test_killed_at_any_piece_everything_is_stored_once(
    tmp_path: Path, cuts: list[int], killed: int, stored: bool
) -> None:
    """``stored``: the kill falls between storing and letting go of the bytes, else between writing down and storing."""
    pieces, path, store = pieces_of(DAY, cuts), tmp_path / "1-line.spool", Store()
    path.unlink(missing_ok=True)
    killed = min(killed, len(pieces) - 1)
    stream = Stream(path, TEXT, store.keep)
    passed(stream, pieces[:killed])
    stream.take([pieces[killed]])
    if stored:
        left = shutil.copy(path, tmp_path / "copy")
        stream.settle()
        shutil.copy(left, path)
    stream.spool.close()
    after = stream_left(path, store.keep)
    assert after is not None
    after.settle()
    passed(after, [*pieces[killed + 1 :], Piece(AT + 99, ends=True)])
    assert store.told() == whole(DAY)


def test_the_code_page_of_a_printer_outlives_the_process(tmp_path: Path) -> None:
    store, path = Store(), tmp_path / "1-line.spool"
    stream = Stream(path, TEXT, store.keep)
    passed(stream, [Piece(AT, b"\x1bt\x10" + receipt(1)), Piece(AT + 1, b"Ticket 2\nK\xe4se                  1.20\n")])
    stream.spool.close()
    after = stream_left(path, store.keep)
    assert after is not None
    passed(after, [Piece(AT + 2, b"TOTAL                 1.20\n" + CUT)])
    assert [event["data"]["description"] for event in store.events.values() if event["type"] == "scan"] == [
        "Milk 1 l",
        "Käse",
    ]


def test_while_the_store_is_away_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path) -> None:
    store = Store(away=2)
    stream = Stream(tmp_path / "1-a.spool", TEXT, store.keep)
    stream.take([Piece(AT, receipt(1))])
    for _ in range(2):
        with pytest.raises(OperationalError):
            stream.settle()
    assert stream.spool.size > 0
    stream.settle()
    assert stream.spool.size == 0
    assert len(store.told()) == len(whole(receipt(1)))


def test_a_sender_that_never_pauses_does_not_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "TRIM_AT", 500)
    store = Store()
    stream = Stream(tmp_path / "1-a.spool", TEXT, store.keep)
    data = b"".join(receipt(number) for number in range(60))
    largest = 0
    for piece in pieces_of(data, range(30, len(data), 90)):  # never at the end of a receipt alone
        stream.take([piece])
        stream.settle()
        largest = max(largest, stream.spool.size)
    assert store.told() == whole(data)
    assert largest < 2_000


def test_a_receipt_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SPOOL_MOST", 10_000)
    store = Store()
    stream = Stream(tmp_path / "1-a.spool", TEXT, store.keep)
    passed(stream, [Piece(AT + n, b"Milk 1 l              1.20\n" * 20) for n in range(60)])
    assert stream.spool.size < 12_000
    assert {refusal.code for refusal in store.refusals} == {"no_total"}


def test_a_document_is_what_came_until_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "DOCUMENT_MOST", 100)
    store = Store()
    stream = Stream(tmp_path / "1-a.spool", How(1, 1, "T1", "poslog", "{}"), store.keep)
    passed(stream, [Piece(AT, b"<html>"), Piece(AT, b"</html>", False), Piece(AT, ends=True)])
    passed(stream, [Piece(AT, b"x" * 99), Piece(AT, b"yy"), Piece(AT, ends=True), Piece(AT, ends=True)])
    assert [refusal.code for refusal in store.refusals] == ["not_understood", "too_large"]
    assert stream.idle


def test_what_an_adapter_fails_over_is_set_aside_and_the_next_receipt_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store()
    stream = Stream(tmp_path / "1-a.spool", TEXT, store.keep)
    monkeypatch.setattr(streams.ReceiptStream, "feed", lambda *_: 1 / 0)
    passed(stream, [Piece(AT, receipt(1))])
    monkeypatch.undo()
    passed(stream, [Piece(AT + 1, receipt(2))])
    assert [refusal.code for refusal in store.refusals] == ["failed"]
    assert len(store.told()) == len(whole(receipt(2)))
    [aside] = (tmp_path / "failed").iterdir()
    assert receipt(1) in aside.read_bytes()


def test_what_can_never_be_stored_does_not_keep_the_rest_waiting(tmp_path: Path) -> None:
    store = Store()

    def keep(how: How, reading: Reading) -> Taken | None:
        if any(event["transaction"].endswith("-1") for event in reading.events):
            raise ValueError("no such number as Maria's")
        return store.keep(how, reading)

    stream = Stream(tmp_path / "1-a.spool", TEXT, keep)
    passed(stream, [Piece(AT, receipt(1)), Piece(AT + 1, receipt(2))])
    assert [refusal.code for refusal in store.refusals] == ["failed"]
    assert "(ValueError)" in store.refusals[0].detail and "Maria" not in store.refusals[0].detail
    assert len(store.told()) == len(whole(receipt(2)))
    assert len(list((tmp_path / "failed").iterdir())) == 1


def test_what_was_left_by_a_version_that_read_otherwise_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "1-line.spool"
    Spool(path, How(1, 1, "T1", "receipt_text", '{"gone": 1}').about(b"")).append([Piece(AT, receipt(1))])
    assert stream_left(path, Store().keep) is None
    assert not path.exists() and len(list((tmp_path / "failed").iterdir())) == 1
    with pytest.raises(OptionsRefused):
        Stream(path, How(1, 1, "T1", "receipt_text", '{"gone": 1}'), Store().keep)


def test_what_a_process_died_over_a_second_time_is_set_aside_and_the_next_receipt_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, store = tmp_path / "1-line.spool", Store()
    Spool(path, TEXT.about(b"")).append([Piece(AT, receipt(1))])

    class Death(BaseException):
        """Ends the process, as whoever kills one that hangs does."""

    def die(*_: object) -> Reading:
        raise Death

    monkeypatch.setattr(streams.ReceiptStream, "feed", die)
    with pytest.raises(Death):
        stream_left(path, store.keep)
    after = stream_left(path, store.keep)
    assert after is not None
    after.settle()
    assert "died over it twice" in store.refusals[0].detail
    monkeypatch.undo()
    passed(after, [Piece(AT + 1, receipt(2))])
    assert len(store.told()) == len(whole(receipt(2)))
    [aside] = (tmp_path / "failed").iterdir()
    assert receipt(1) in aside.read_bytes()
    assert not path.with_suffix(streams.BEGUN).exists()


@given(lost=st.integers(0, 200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_record_cut_short_ends_what_is_read_and_costs_none_before_it(tmp_path: Path, lost: int) -> None:
    path = tmp_path / "1-a.spool"
    spool = Spool(path, b"about")
    written = [Piece(AT, b"one"), Piece(AT + 1, b"two" * 20), Piece(AT + 2, ends=True)]
    spool.append(written)
    spool.close()
    content = path.read_bytes()
    path.write_bytes(content[: max(0, len(content) - lost)])
    about, pieces, size = spool_read(path)
    assert pieces == written[: len(pieces)]
    assert size <= len(content) - lost or size == 0
    assert (about == b"about") == (size > 0)


def test_what_is_left_empty_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "1-a.spool"
    path.touch()
    assert stream_left(path, Store().keep) is None
    assert not path.exists()


@needs_media
@pytest.mark.media
@pytest.mark.parametrize("name", ["demo.bin", "receipt-with-logo.bin", "character-encodings.bin"])
def test_real_printers_bytes_in_any_pieces(tmp_path: Path, name: str) -> None:
    data, store, path = (MEDIA / "pos" / "escpos" / name).read_bytes(), Store(), tmp_path / "1-line.spool"
    stream = Stream(path, TEXT, store.keep)
    for n in range(0, len(data), 997):
        stream.take([Piece(AT + n, data[n : n + 997])])
        stream.settle()
    stream.spool.close()
    left = stream_left(path, store.keep) if path.exists() else None
    stream_finish(left or stream, now_us=AT + len(data))
    assert store.told() == whole(data)
