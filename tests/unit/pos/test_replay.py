"""A file of events, when each is due, and what is done about a server that is away."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.adapters.reading import DocumentNotUnderstood, Event
from pos.replay.event_file import events_read
from pos.replay.pacing import due_s, renamed, shifted
from pos.replay.sending import TRIES, GaveUp, Pace, Refused, in_batches, real_pace, send, when_due
from tests.factories.pos_documents import refused

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIRST = datetime(2026, 11, 21, 9, tzinfo=UTC)


class Clock:
    """Seconds that pass only while somebody waits; `late_s` is what every waiting takes too long."""

    def __init__(self, late_s: float = 0.0) -> None:
        self.at_s, self.late_s, self.waits = 100.0, late_s, 0
        self.pace = Pace(lambda: self.at_s, self.until)

    def until(self, at_s: float) -> None:
        self.waits += 1
        self.at_s = max(self.at_s, at_s) + self.late_s


def event(name: str, after_s: float = 0.0, **more: Any) -> Event:
    at = (FIRST + timedelta(seconds=after_s)).isoformat()
    return {"id": name, "terminal": "T1", "type": "scan", "occurred_at": at} | more


def ids(events: Sequence[Event]) -> list[str]:
    return [one["id"] for one in events]


TWO = [event("a"), event("b")]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(TWO),
        json.dumps({"events": TWO}),
        "\n".join(map(json.dumps, TWO)),
        "\r\n\r\n".join(map(json.dumps, TWO)) + "\r\n",
        "\ufeff" + json.dumps(TWO, indent=2),
    ],
    ids=["list", "object", "lines", "lines of Windows", "with a byte order mark"],
)
def test_events_are_read_however_they_stand_in_the_file(text: str) -> None:
    assert events_read(text.encode()).events == tuple(TWO)


def test_one_event_alone_is_a_file() -> None:
    assert ids(events_read(json.dumps(TWO[0]).encode()).events) == ["a"]


def test_a_line_separator_inside_a_text_parts_no_line() -> None:
    told = event("a", data={"description": "Oil\u2028olive"})
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in (told, event("b")))
    assert ids(events_read(lines.encode()).events) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('[{"id": "a"}, 7, "x", null, []]', [(f"[{k}]", "not_an_event") for k in (1, 2, 3, 4)]),
        ('{"id": "a"}\n{"id": \n7\n', [("line 2", "not_json"), ("line 3", "not_an_event")]),
        ('{"id": "a"}\n' + "[" * 100_000, [("line 2", "not_json")]),
    ],
)
def test_what_is_no_event_costs_no_other(text: str, parts: list[tuple[str, str]]) -> None:
    reading = events_read(text.encode())
    assert ids(reading.events) == ["a"]
    assert refused(reading.refusals) == parts


@pytest.mark.parametrize("document", [b"", b"\xff\xfe", b"7", b"[]", b'{"events": []}', b"<xml/>", b"[" * 100_000])
def test_a_file_without_any_event_is_told_apart(document: bytes) -> None:
    with pytest.raises(DocumentNotUnderstood, match=r"JSON|UTF-8"):
        events_read(document)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_not_understood(document: bytes) -> None:
    try:
        reading = events_read(document)
    except DocumentNotUnderstood:
        return
    assert all(isinstance(one, dict) for one in reading.events)


@given(st.lists(st.floats(-1e5, 1e5), min_size=1, max_size=20))
def test_moved_times_begin_now_and_keep_their_spacing(seconds: list[float]) -> None:
    before = [event(str(n), after_s) for n, after_s in enumerate(seconds)]
    after = shifted(before, NOW)
    at = [datetime.fromisoformat(one["occurred_at"]) for one in after]
    was = [datetime.fromisoformat(one["occurred_at"]) for one in before]
    assert min(at) == NOW
    assert [one - at[0] for one in at] == [one - was[0] for one in was]
    assert [one | {"occurred_at": 0} for one in after] == [one | {"occurred_at": 0} for one in before]


def test_a_gap_moves_with_its_ends() -> None:
    gap = event("g", type="gap", data={"from": "2026-11-21T08:00:00Z", "to": "2026-11-21T10:00:00+01:00", "why": "?"})
    moved = shifted([gap], NOW)[0]
    assert moved["data"] == {"from": "2026-11-22T11:00:00+00:00", "to": "2026-11-22T12:00:00+00:00", "why": "?"}


@pytest.mark.parametrize("sent", ["yesterday", "", None, 7, "1815-06-18T11:00:00Z"])
def test_a_time_that_cannot_be_read_stays_and_is_due_with_the_one_before(sent: object) -> None:
    told = [event("a"), event("b", 60.0), event("c") | {"occurred_at": sent}]
    assert shifted(told, NOW)[2]["occurred_at"] == sent
    assert due_s(told, NOW) == [0.0, 60.0, 60.0]
    assert shifted(told[2:], NOW) == told[2:]


def test_what_stands_later_in_the_file_is_never_sent_earlier() -> None:
    assert due_s([event("a"), event("b", 90.0), event("late", 30.0), event("c", 91.0)], NOW) == [0.0, 90.0, 90.0, 91.0]


def test_another_run_has_other_ids_and_tickets() -> None:
    told = [event("a", transaction="T1-1"), {"type": "scan"}, event("b", transaction=""), event(7)]
    again = renamed(told, "r2")
    assert [one.get("id") for one in again] == ["r2-a", None, "r2-b", "r2-7"]
    assert [one.get("transaction") for one in again] == ["r2-T1-1", None, "", None]


@pytest.mark.parametrize(("speed", "at_s"), [(1.0, [100.0, 110.0, 130.0]), (10.0, [100.0, 101.0, 103.0])])
def test_events_go_when_they_are_due(speed: float, at_s: list[float]) -> None:
    clock = Clock()
    told = [event("a"), event("b", 10.0), event("c", 10.0), event("d", 30.0)]
    went = [
        (clock.at_s, ids(batch)) for batch in when_due(told, due_s(told, NOW), speed=speed, size=9, pace=clock.pace)
    ]
    assert went == list(zip(at_s, [["a"], ["b", "c"], ["d"]], strict=True))


def test_what_fell_behind_goes_at_once_in_full_batches() -> None:
    clock = Clock(late_s=100.0)
    told = [event(str(n), n) for n in range(10)]
    went = [ids(batch) for batch in when_due(told, due_s(told, NOW), speed=1.0, size=4, pace=clock.pace)]
    assert went == [["0", "1", "2", "3"], ["4", "5", "6", "7"], ["8", "9"]]


class Server:
    """Answers after `failures` times it did not."""

    def __init__(self, failures: list[Exception]) -> None:
        self.failures, self.got = failures, []

    def __call__(self, batch: Sequence[Event]) -> dict[str, Any]:
        self.got.append(ids(batch))
        if self.failures:
            raise self.failures.pop(0)
        bad = [{"index": n, "code": "unknown_type", "detail": "?"} for n, one in enumerate(batch) if one["id"] == "bad"]
        return {"accepted": len(batch) - len(bad), "duplicates": 0, "rejected": bad}


def test_a_batch_is_sent_again_until_it_is_answered_and_then_the_next() -> None:
    clock, server, said = Clock(), Server([ConnectionError("gone"), TimeoutError("slow")]), []
    told = [event("a"), event("bad"), event("c")]
    sent = send(in_batches(told, 2), post=server, pace=clock.pace, told=said.append)
    assert server.got == [["a", "bad"], ["a", "bad"], ["a", "bad"], ["c"]]
    assert (sent.batches, sent.accepted, sent.rejected) == (2, 2, [("bad", "unknown_type", "?")])
    assert clock.at_s == 100.0 + 0.5 + 1.0
    assert len(said) == 2 and "gone" in said[0]


def test_a_server_that_stays_away_is_given_up_in_the_end() -> None:
    clock, server = Clock(), Server([OSError("away")] * 100)
    with pytest.raises(GaveUp, match="nothing doubles"):
        send(in_batches(TWO, 9), post=server, pace=clock.pace, told=lambda _: None)
    assert len(server.got) == TRIES
    assert clock.at_s > 100.0 + 7 * 60


def test_what_is_refused_as_a_whole_is_not_tried_again() -> None:
    server = Server([Refused(403, "no scope")])
    with pytest.raises(Refused, match="403: no scope"):
        send(in_batches(TWO, 9), post=server, pace=Clock().pace, told=lambda _: None)
    assert len(server.got) == 1


def test_the_real_clock_grows_and_does_not_wait_for_what_is_past() -> None:
    pace = real_pace()
    before = pace.now()
    pace.until(before - 3600.0)
    pace.until(before + 0.001)
    assert pace.now() >= before + 0.001
