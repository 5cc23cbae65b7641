"""What may be stored of a free-form JSON object that a device sent."""

import math
from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 8
MAX_NODES = 500
MAX_TEXT = 2_000
LARGE = 10**30


class Refused(ValueError):
    """One event cannot be taken. ``code`` is for programs, ``detail`` says what to write instead."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def payload_checked(value: dict[str, Any]) -> dict[str, Any]:
    """``value`` without what no database keeps (NUL characters).

    Raises Refused: nested too deeply, too large, or numbers that are none.
    """
    if len(value) <= MAX_NODES and all(map(_is_ordinary, value.values())):
        return {text_clean(name): item for name, item in value.items()}
    budget = iter(range(MAX_NODES))
    return {text_clean(name): _checked(item, 1, budget) for name, item in value.items()}


def _is_ordinary(value: Any) -> bool:
    """Whether there is nothing to check: nearly every event holds short texts and small numbers alone."""
    kind = type(value)
    if kind is str:
        return len(value) <= MAX_TEXT and "\x00" not in value
    return value is None or kind is bool or (kind is int and -LARGE < value < LARGE)


def _checked(value: Any, depth: int, budget: Iterator[int]) -> Any:
    if next(budget, None) is None:
        raise Refused("too_long", f"The object holds more than {MAX_NODES} values: send only what the event is about.")
    if isinstance(value, str):
        return text_within(text_clean(value), MAX_TEXT, "a text")
    if isinstance(value, float) and not math.isfinite(value):
        raise Refused("bad_number", "A number must be finite: leave the field out where there is no value.")
    if isinstance(value, int) and abs(value) >= LARGE:
        raise Refused("bad_number", "A whole number has more than 30 digits: send it as a text.")
    if not isinstance(value, dict | list):
        return value
    if depth >= MAX_DEPTH:
        raise Refused("too_deep", f"The object is nested more than {MAX_DEPTH} levels deep: flatten it.")
    if isinstance(value, list):
        return [_checked(item, depth + 1, budget) for item in value]
    return {
        text_within(text_clean(name), 200, "a name"): _checked(item, depth + 1, budget) for name, item in value.items()
    }


def text_clean(text: str) -> str:
    """``text`` without NUL characters, which PostgreSQL refuses in any text."""
    return text.replace("\x00", "") if "\x00" in text else text


def text_within(text: str, longest: int, name: str) -> str:
    """``text`` itself. Raises Refused (``too_long``) if it has more than ``longest`` characters."""
    if len(text) > longest:
        raise Refused("too_long", f"{name} has {len(text)} characters; at most {longest} are kept. Shorten it.")
    return text
