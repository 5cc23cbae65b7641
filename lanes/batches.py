"""Batches of events, the same for tills and cameras: reading the body, answering item by item, writing once.

A bad event never costs the good ones beside it; only a body that is no batch
at all is an error of the call (400 or 413).
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from django.db import connection
from django.db.models import DateTimeField, DecimalField, Field, JSONField, Model
from django.http import HttpRequest
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from lanes.domain.payload import Refused

MAX_EVENTS = 1_000
MAX_BYTES = 8 * 1024 * 1024
SHAPE = f'Send a JSON list of 1 to {MAX_EVENTS} events, or {{"events": [...]}}, or one event.'
Row = TypeVar("Row")
FIELD_CODES = {"occurred_at": "bad_time", "confidence": "bad_confidence", "line": "bad_line"}
_body = msgspec.json.Decoder(list[msgspec.Raw] | dict[str, msgspec.Raw])
_list = msgspec.json.Decoder(list[msgspec.Raw])
_FIELD = re.compile(r"`\$\.(\w+)")
_MISSING = re.compile(r"missing required field `(\w+)`")


class NotABatch(APIException):
    """The body as a whole cannot be read: nothing of it was taken."""

    status_code = 400
    default_code = "not_a_batch"


class BatchTooLarge(NotABatch):
    status_code = 413
    default_code = "too_large"


@dataclass(slots=True)
class BatchReply:
    """What the caller is told. ``rejected`` holds ``{index, code, detail}``, index in the list that was sent."""

    accepted: int = 0
    duplicates: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {"accepted": self.accepted, "duplicates": self.duplicates, "rejected": self.rejected}


def batch_items(request: Request) -> list[msgspec.Raw]:
    """The events of the body, each still undecoded. Raises NotABatch or BatchTooLarge."""
    # Read from the stream, so that neither DRF's parsers nor Django's own limit answer in our place.
    return items_of(body_read(request._request))


def items_of(body: bytes) -> list[msgspec.Raw]:
    """The events of `body`, each still undecoded. Raises NotABatch."""
    items = _split(body)
    if not items:
        raise NotABatch(f"The list is empty. {SHAPE}")
    if len(items) > MAX_EVENTS:
        raise NotABatch(f"The list holds {len(items)} events. Send at most {MAX_EVENTS} at once.", "too_many_events")
    return items


def body_read(request: HttpRequest) -> bytes:
    """Raises BatchTooLarge."""
    body = request.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise BatchTooLarge(f"The body is larger than {MAX_BYTES // 2**20} MiB. Send fewer events at once.")
    return body


def _split(body: bytes) -> list[msgspec.Raw]:
    try:
        found = _body.decode(body)
        if isinstance(found, list):
            return found
        if "events" in found:
            return _list.decode(found["events"])
    except msgspec.ValidationError as error:
        raise NotABatch(f"The body is JSON, but no batch of events. {SHAPE}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _split_leniently(body)
    if "id" not in found and "type" not in found:
        raise NotABatch(f"The body is an object, but neither an event nor a batch of them. {SHAPE}")
    return [msgspec.Raw(body)]


def _split_leniently(body: bytes) -> list[msgspec.Raw]:
    """What careless encoders write: a byte order mark, NaN, half a surrogate pair. The event that holds it is
    refused later; the others must not pay for it."""
    try:
        found = json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NotABatch(f"The body is not UTF-8 ({error.reason} at byte {error.start}).", "not_utf8") from error
    except RecursionError as error:
        raise NotABatch("The body is nested too deeply.", "too_deep") from error
    except ValueError as error:
        raise NotABatch(f"The body is not JSON: {error}. {SHAPE}", "not_json") from error
    events = found.get("events", [found]) if isinstance(found, dict) else found
    if not isinstance(events, list):
        raise NotABatch(f"The body is JSON, but no batch of events. {SHAPE}")
    # ASCII, so that what UTF-8 cannot hold reaches the event's own decoder, which says what is wrong with it.
    return [msgspec.Raw(json.dumps(event).encode()) for event in events]


def batch_read(
    items: Sequence[msgspec.Raw], decode: Callable[[msgspec.Raw], Any], convert: Callable[[Any], Row]
) -> tuple[list[Row], list[dict[str, Any]]]:
    """``(rows, rejected)``: every item decoded and converted on its own."""
    rows, rejected = [], []
    for index, item in enumerate(items):
        try:
            rows.append(convert(decode(item)))
        except (Refused, msgspec.DecodeError, UnicodeError, RecursionError) as error:
            refusal = error if isinstance(error, Refused) else _refusal(error)
            rejected.append({"index": index, "code": refusal.code, "detail": refusal.detail})
    return rows, rejected


def _refusal(error: Exception) -> Refused:
    """msgspec's word for what is wrong, in ours."""
    said = str(error)
    if isinstance(error, UnicodeError):
        return Refused("bad_text", "A text is not valid UTF-8. Encode the event as UTF-8.")
    if isinstance(error, RecursionError):
        return Refused("too_deep", "The event is nested too deeply: flatten it.")
    if not isinstance(error, msgspec.ValidationError):
        return Refused("bad_value", f"{said}. Numbers must be finite and texts whole.")
    if "out of range" in said:
        return Refused("bad_number", "A number is too large to be one.")
    if missing := _MISSING.search(said):
        return Refused("missing_field", f"The field {missing[1]} is missing. Add it.")
    name = _FIELD.search(said)
    if name is None:
        return Refused("not_an_event", f"An event is a JSON object; this is not ({said}).")
    return Refused(FIELD_CODES.get(name[1], "wrong_type"), f"{name[1]}: {said.partition(' - ')[0]}.")


def rows_insert_once(model: type[Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> int:
    """Insert ``rows`` (values in the order of ``columns``, JSON as text) and return how many were new.

    Rows that a unique constraint already knows, in the table or earlier in
    ``rows``, change nothing. Callers sort the rows: two batches that lock the
    same keys in the same order cannot block each other. Call inside atomic.
    """
    if not rows:
        return 0
    fields = [_column(model, name) for name in columns]
    names = ", ".join(connection.ops.quote_name(str(column.column)) for column in fields)
    into = f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({names})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # All rows as one text: one statement whatever their number, in half the time of an array per column.
            named = ", ".join(f"{connection.ops.quote_name(str(c.column))} {_column_type(c)}" for c in fields)
            statement = f"{into} SELECT * FROM json_to_recordset(%s) AS row({named}) ON CONFLICT DO NOTHING"  # noqa: S608 - names are ours
            cursor.execute(statement, [_rows_json(fields, rows)])
        else:
            # Not OR IGNORE, which would also swallow rows that break another constraint.
            marks = ", ".join(["%s"] * len(fields))
            statement = f"{into} VALUES ({marks}) ON CONFLICT DO NOTHING"
            cursor.executemany(statement, list(zip(*sqlite_columns(fields, rows), strict=True)))
        return cursor.rowcount


def _rows_json(fields: Sequence[Field], rows: Sequence[tuple[Any, ...]]) -> str:
    names = [str(column.column) for column in fields]
    nested = [place for place, column in enumerate(fields) if isinstance(column, JSONField)]
    records = []
    for row in rows:
        values = list(row)
        for place in nested:
            values[place] = msgspec.Raw(values[place].encode())
        records.append(dict(zip(names, values, strict=True)))
    return msgspec.json.encode(records).decode()


def _column(model: type[Model], name: str) -> Field:
    found = model._meta.get_field(name)
    assert isinstance(found, Field), f"{name} is no column of {model.__name__}"
    return found


def _column_type(column: Field) -> str:
    return str(column.rel_db_type(connection) if column.is_relation else column.db_type(connection))


def sqlite_columns(fields: Sequence[Field], rows: Sequence[tuple[Any, ...]]) -> list[Sequence[Any]]:
    """The columns of ``rows`` as SQLite keeps them: instants as naive UTC text, decimals as text."""
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for place, column in enumerate(fields):
        if isinstance(column, DateTimeField):
            # One instant of receipt for the whole batch: worth knowing the last answer.
            naive = lru_cache(1)(connection.ops.adapt_datetimefield_value)
            columns[place] = [naive(value) for value in columns[place]]
        elif isinstance(column, DecimalField):
            columns[place] = [None if value is None else str(value) for value in columns[place]]
    return columns
