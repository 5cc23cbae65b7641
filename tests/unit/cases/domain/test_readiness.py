"""When enough has been heard: rows of who was heard until when."""

from __future__ import annotations

import pytest

from cases.domain.alignment.types import Clock
from cases.domain.readiness import Heard, readiness, silent_spans
from tests.unit.cases.domain.alignment.scene import seen, told

CLOCK = Clock(0.0, 0.05)
AT = 1000.0


@pytest.mark.parametrize(
    ("why", "lines", "pos_until", "came", "now", "spoken"),
    [
        ("the till has gone on", [], 5.0, 0.0, 1.0, True),
        ("the till has hardly gone on", [], 2.0, 0.0, 4.0, False),
        ("keyed lines come later", [told("k", -20, entry_method="keyed")], 5.0, 0.0, 5.0, False),
        ("keyed lines have come by then", [told("k", -20, entry_method="keyed")], 8.0, 0.0, 5.0, True),
        ("two more items were rung up since", [told("1", 2.5), told("2", 3.0)], 3.0, 0.0, 3.0, True),
        ("a silent till, waited for", [], None, 0.0, 12.0, True),
        ("a silent till, not waited for", [], None, 0.0, 11.0, False),
        ("seen late: the wait begins when it is known", [], None, 8.0, 12.0, False),
        ("an old pass whose till is there", [], 900.0, 5000.0, 5001.5, True),
        ("an old pass, the till still pouring in", [], 900.0, 5000.0, 5000.5, False),
    ],
)
def test_a_pass(why: str, lines: list, pos_until: float | None, came: float, now: float, spoken: bool) -> None:
    heard = Heard(
        None if pos_until is None else AT + pos_until, AT, False, {"a": AT + came}, AT + came if came else None
    )
    found = readiness([seen("a", 0)], lines, heard, CLOCK, AT + now)
    assert found.ready.sighting("a") is spoken, why


@pytest.mark.parametrize(
    ("why", "vision_until", "own", "now", "spoken"),
    [
        ("the video is past it", 4.0, True, 0.5, True),
        ("our own video will come", 1.0, True, 60.0, False),
        ("our own video has stalled", 1.0, True, 121.0, True),
        ("an outside detector has nothing more to say", None, False, 21.0, True),
        ("an outside detector may yet speak", None, False, 10.0, False),
    ],
)
def test_a_line(why: str, vision_until: float | None, own: bool, now: float, spoken: bool) -> None:
    heard = Heard(AT, None if vision_until is None else AT + vision_until, own, {"l": AT}, AT)
    assert readiness([], [told("l", 0)], heard, CLOCK, AT + now).ready.line("l") is spoken, why


@pytest.mark.parametrize(
    ("why", "passes", "signs", "spans"),
    [
        ("a few passes are a question", [0, 5, 10], [], 0),
        ("many passes, no sign of life", list(range(0, 60, 5)), [], 1),
        ("many passes, a sign ten minutes ago", list(range(0, 60, 5)), [-600], 0),
        ("many passes, the last sign an hour ago", list(range(0, 60, 5)), [-3600], 1),
    ],
)
def test_a_till_that_is_not_there(why: str, passes: list[float], signs: list[float], spans: int) -> None:
    assert len(silent_spans(passes, signs)) == spans, why


@pytest.mark.parametrize(
    ("why", "lines", "lag_s", "server_ahead_s", "came", "due_s"),
    [
        ("lines are here at once: only their entry is waited for", 40, 0.3, 0.0, 1.5, 3.5 + 0.1 + 0.3 + 1.0),
        ("the server's clock is not the camera's", 40, 0.3, 60.0, 61.5, 60.0 + 3.5 + 0.1 + 0.3 + 1.0),
        ("nor behind it", 40, 0.3, -60.0, -58.5, -60.0 + 3.5 + 0.1 + 0.3 + 1.0),
        ("lines that come late", 40, 5.0, 0.0, 1.5, 3.5 + 0.1 + 5.0 + 1.0),
        ("lines that come in parcels: no longer than of any till", 40, 30.0, 0.0, 1.5, 13.5),
        ("seen late itself", 40, 0.3, 0.0, 9.0, 9.0),
        ("too few lines to know", 10, 0.3, 0.0, 1.5, 13.5),
    ],
)
def test_how_long_a_silent_till_is_waited_for(
    why: str, lines: int, lag_s: float, server_ahead_s: float, came: float, due_s: float
) -> None:
    sold = [told(str(n), -600.0 + 10.0 * n) for n in range(lines)]
    received = {line.key: line.at + server_ahead_s + lag_s for line in sold} | {"a": AT + came}
    heard = Heard(sold[-1].at, AT, False, received, max(received.values()))
    for wait, spoken in ((due_s - 0.05, False), (due_s + 0.05, True)):
        if wait > came:
            found = readiness([seen("a", 0)], sold, heard, CLOCK, AT + wait)
            assert found.ready.sighting("a") is spoken, f"{why}, after {wait:.2f} s"
