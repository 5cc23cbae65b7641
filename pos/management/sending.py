"""`manage.py pos send`: what it may be told, and doing it."""

from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import CommandError, CommandParser

from lanes.batches import MAX_EVENTS
from pos.adapters.catalogue import ADAPTERS
from pos.adapters.options import OptionsRefused, config_read
from pos.adapters.reading import AdapterConfig, Event, Reading
from pos.replay.event_file import events_read
from pos.replay.pacing import due_s, renamed, shifted
from pos.replay.sending import Pace, Sent, in_batches, post, send, when_due

MAX_SPEED = 10_000.0


def sending_arguments(parser: CommandParser) -> None:
    parser.add_argument("path", type=Path, metavar="FILE", help="JSON list, JSON lines, or a document of --kind")
    parser.add_argument(
        "--url", required=True, type=_address, help="the server, for example https://shrink.example.org"
    )
    parser.add_argument("--key", required=True, help="a key with the scope pos.write")
    parser.add_argument("--kind", choices=sorted(ADAPTERS), help="what the document is, where it is none of our events")
    parser.add_argument("--speed", type=_speed, help="1 as it happened, 10 ten times as fast, or max, which is usual")
    parser.add_argument("--shift", choices=["now"], help="move all times so that the earliest is now")
    parser.add_argument("--run", default="", help="put before every id and ticket: the same file once more, as new")
    parser.add_argument("--batch", type=_size, default=200, metavar="N", help=f"events at once, 1 to {MAX_EVENTS}")


def documents_config(options: dict[str, Any], kind: str) -> AdapterConfig:
    """What the adapter `kind` is told: the file of options, and before it what the command line says. Raises
    CommandError."""
    told = _options_read(options["options"])
    if options["currency"]:
        told = {**told, "currency": options["currency"]}
    try:
        return config_read(kind, told, terminal=options["terminal"])
    except OptionsRefused as error:
        raise CommandError(str(error)) from error


def _options_read(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CommandError(f"The options in {path} cannot be read: {error}") from error
    if not isinstance(told, dict):
        raise CommandError("The file of options must hold names and values, like 'decimal: \",\"'.")
    return told


def replay(options: dict[str, Any], *, now: datetime, pace: Pace, told: Callable[[str], None]) -> tuple[Reading, Sent]:
    """Read the file and send it. Raises DocumentNotUnderstood, Refused, GaveUp, OSError."""
    reading = _read(options)
    events: Sequence[Event] = reading.events
    if options["run"]:
        events = renamed(events, options["run"])
    if options["shift"]:
        events = shifted(events, now)
    url, key = options["url"], options["key"]
    batches = _batches(events, options, now, pace)
    return reading, send(batches, post=lambda batch: post(url, key, batch), pace=pace, told=told)


def _read(options: dict[str, Any]) -> Reading:
    document = options["path"].read_bytes()
    if options["kind"] is None:
        return _with_terminal(events_read(document), options["terminal"])
    kind = options["kind"]
    return ADAPTERS[kind].read(document, documents_config(options, kind))


def _with_terminal(reading: Reading, terminal: str) -> Reading:
    """Events that name no terminal get this one, as an adapter's do."""
    if not terminal:
        return reading
    named = (event if event.get("terminal") else event | {"terminal": terminal} for event in reading.events)
    return replace(reading, events=tuple(named))


def _batches(events: Sequence[Event], options: dict[str, Any], now: datetime, pace: Pace) -> Iterator[Sequence[Event]]:
    size, speed = options["batch"], options["speed"]
    if speed is None:
        return in_batches(events, size)
    return when_due(events, due_s(events, now), speed=speed, size=size, pace=pace)


def _address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ArgumentTypeError("write the address with http:// or https://")
    return text.rstrip("/").removesuffix("/api/v1")


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= MAX_SPEED:
        raise ArgumentTypeError("write 1, 10 or max")
    return speed


def _size(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_EVENTS):
        raise ArgumentTypeError(f"write a number from 1 to {MAX_EVENTS}")
    return int(text)
