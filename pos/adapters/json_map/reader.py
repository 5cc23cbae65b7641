"""JSON, JSON lines or a single object as events, by the configured paths."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jmespath.parser import ParsedResult

from lanes.domain.payload import Refused
from pos.adapters.json_map.config import Config
from pos.adapters.json_map.paths import path_compiled, value_at
from pos.adapters.mapped import MappedJournal, Row
from pos.adapters.reading import DocumentNotUnderstood, Reading
from pos.adapters.structured import json_read
from pos.adapters.values import text_plain

Paths = dict[str, ParsedResult]


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    each: ParsedResult
    fields: Paths


class _Plan:
    """The configuration with its paths compiled."""

    def __init__(self, config: Config) -> None:
        self.records = path_compiled("records", config.records) if config.records else None
        self.fields = _compiled(config.fields)
        self.parts = [
            _Part(text_plain(part["each"], 40), path_compiled("each", part["each"]), _compiled(part["fields"]))
            for part in config.parts
        ]


def read(document: bytes, config: Config | None = None) -> Reading:
    """The events of a document. Raises DocumentNotUnderstood."""
    config = config or Config()
    plan = _Plan(config)
    journal = MappedJournal(config)
    found = False
    for prefix, body in _bodies(journal, document):
        records: list[Any] = []
        with journal.journal.part(f"{prefix}records"):
            records = _records(plan, body)
        for place, record in enumerate(records):
            if journal.full:
                break
            found = True
            journal.rows_take(_rows(journal, plan, record, f"{prefix}record[{place}]"))
    reading = journal.reading()
    if not found and not reading.refusals:
        raise DocumentNotUnderstood(
            f"Nothing stands at {config.records or 'events'!r}. Set records to the path of the list in this feed."
        )
    return reading


def _bodies(journal: MappedJournal, document: bytes) -> Iterator[tuple[str, Any]]:
    """Where it stands and the value: the whole document, or each of its lines."""
    try:
        whole = json_read(document)
    except DocumentNotUnderstood:
        yield from _lines(journal, document)
        return
    yield "", whole


def _lines(journal: MappedJournal, document: bytes) -> Iterator[tuple[str, Any]]:
    """Raises DocumentNotUnderstood where not even the first line is JSON."""
    lines = [(number, line) for number, line in enumerate(document.split(b"\n"), start=1) if line.strip()]
    if len(lines) < 2 or not isinstance(json_read(lines[0][1]), dict | list):
        raise DocumentNotUnderstood("This is no JSON and no lines of JSON. Send the document as it came, whole.")
    for number, line in lines:
        with journal.journal.part(f"Line[{number}]"):
            try:
                value = json_read(line)
            except DocumentNotUnderstood as error:
                raise Refused("not_json", "The line is no JSON. Write every object whole, on one line.") from error
            yield f"Line[{number}]/", value


def _records(plan: _Plan, body: Any) -> list[Any]:
    """Raises Refused where the path cannot be followed."""
    found = body
    if plan.records is not None:
        found = value_at(plan.records, body, "records")
    elif isinstance(body, dict) and isinstance(body.get("events"), list):
        found = body["events"]
    return found if isinstance(found, list) else [] if found is None else [found]


def _rows(journal: MappedJournal, plan: _Plan, record: Any, part: str) -> Iterator[Row]:
    """The record's own row, or one for everything that its parts hold."""
    with journal.journal.part(part):
        if not isinstance(record, dict):
            raise Refused("not_an_object", "It is no object, so it has no fields. Check the path of records.")
        values = _values(plan.fields, record)
        if not plan.parts:
            yield part, values
        for kind in plan.parts:
            found = value_at(kind.each, record, kind.name)
            for place, inner in enumerate(found if isinstance(found, list) else [] if found is None else [found]):
                named = f"{part}/{kind.name}[{place}]"
                with journal.journal.part(named):
                    own = {name: value for name, value in _values(kind.fields, inner).items() if value is not None}
                    yield named, {**values, **own}


def _values(paths: Paths, holder: Any) -> Mapping[str, Any]:
    return {name: value_at(path, holder, name) for name, path in paths.items()}


def _compiled(paths: Mapping[str, str]) -> Paths:
    return {name: path_compiled(name, path) for name, path in paths.items()}
