"""Asking the database for no longer than there is time: a till does not wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from django.db import connection, transaction

STEPS = 1_000
"""SQLite's virtual machine looks at the clock this often: some ten microseconds."""
ENDINGS = ("ROLLBACK", "RELEASE")
"""What tidies up goes through even when the time is up."""


class TooSlow(Exception):
    """The time was up before the database had answered."""

    def __init__(self) -> None:
        super().__init__("the database was too slow")


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """Within it, no statement and no wait for a lock outlasts ``seconds`` by much, and no statement begins later.

    Raises TooSlow, or the database's own error for a statement that was cut short. Do not write within it on SQLite
    and go on after a failure: only PostgreSQL runs it in a transaction of its own.
    """
    until = perf_counter() + seconds
    limited = _postgresql if connection.vendor == "postgresql" else _sqlite
    with limited(until), connection.execute_wrapper(_no_later(until)):
        yield


def _no_later(until: float) -> Any:
    """Every statement has the time that those before it left: a limit set once would begin anew with each."""
    limit = "SET LOCAL statement_timeout =" if connection.vendor == "postgresql" else "PRAGMA busy_timeout ="

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(ENDINGS):
            if perf_counter() > until:
                raise TooSlow
            raw: Any = connection.connection  # not the statement's own cursor: that may be a named one
            with connection.wrap_database_errors:
                raw.execute(f"{limit} {_left_ms(until)}")
        return execute(sql, params, many, context)

    return wrapper


def _left_ms(until: float) -> int:
    return max(1, int(1000 * (until - perf_counter())))


@contextmanager
def _postgresql(_: float) -> Iterator[None]:
    inside = connection.in_atomic_block  # then the setting would outlive this block
    with transaction.atomic():
        yield
        if inside:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = DEFAULT")


@contextmanager
def _sqlite(until: float) -> Iterator[None]:
    connection.ensure_connection()
    raw: Any = connection.connection
    before = raw.execute("PRAGMA busy_timeout").fetchone()[0]
    raw.set_progress_handler(lambda: perf_counter() > until, STEPS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, STEPS)
        raw.execute(f"PRAGMA busy_timeout = {before}")
