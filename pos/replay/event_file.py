"""Events as they stand in a file of ours: a JSON list, `{"events": [...]}`, one event, or JSON lines."""

import json
import math
from collections.abc import Iterator
from typing import Any

from pos.adapters.reading import DocumentNotUnderstood, Event, Reading, Refusal, size_checked

MOST_BYTES = 64 * 2**20
WRITE = "Send a JSON list of events, or one event to a line."


def events_read(document: bytes) -> Reading:
    """What is no event at all is refused by its place; what is wrong with an event the server says, not we.

    Raises DocumentNotUnderstood.
    """
    size_checked(document, MOST_BYTES, "file")
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentNotUnderstood(f"The file is not UTF-8 ({error.reason} at byte {error.start}). {WRITE}") from error
    events: list[Event] = []
    refusals: list[Refusal] = []
    for part, found in _parts(text):
        if isinstance(found, dict):
            events.append(found)
        else:
            refusals.append(found if isinstance(found, Refusal) else _no_event(part))
    if not events:
        raise DocumentNotUnderstood(f"There is no event in the file. {refusals[0].detail if refusals else WRITE}")
    return Reading(tuple(events), tuple(refusals), ())


def _parts(text: str) -> Iterator[tuple[str, Any]]:
    try:
        whole = _decoded(text)
    except ValueError:
        yield from _lines(text)
        return
    found = whole.get("events", [whole]) if isinstance(whole, dict) else whole
    for place, each in enumerate(found if isinstance(found, list) else [found]):
        yield f"[{place}]", each


def _lines(text: str) -> Iterator[tuple[str, Any]]:
    # Not splitlines: U+2028 may stand inside a text.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield f"line {number}", _decoded(line)
        except ValueError as error:
            yield f"line {number}", Refusal(f"line {number}", "not_json", f"It is not JSON: {error}. {WRITE}")


def _decoded(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=str, parse_float=_number)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _number(text: str) -> float | str:
    """What is no number (`1e999`; NaN likewise) stays a text: whoever reads on can say what is wrong with it."""
    number = float(text)
    return number if math.isfinite(number) else text


def _no_event(part: str) -> Refusal:
    return Refusal(part, "not_an_event", f"An event is a JSON object, and this is none. {WRITE}")
