"""The database itself refuses to rewrite history: triggers on the audit table.

Installed after every migrate (SQLite loses triggers when a migration rebuilds
a table). The only way past them is ``audit_unguarded``, which retention uses.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "privacy_auditevent"
MESSAGE = "audit events are append-only"

_INSTALL = {
    "sqlite": [
        f"CREATE TRIGGER IF NOT EXISTS {TABLE}_no_{act} BEFORE {act} ON {TABLE} "
        f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        for act in ("update", "delete")
    ],
    "postgresql": [
        f"CREATE OR REPLACE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$",
        f"CREATE OR REPLACE TRIGGER {TABLE}_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_refuse()",
    ],
}
_REMOVE = {
    "sqlite": [f"DROP TRIGGER IF EXISTS {TABLE}_no_{act}" for act in ("update", "delete")],
    "postgresql": [f"DROP TRIGGER IF EXISTS {TABLE}_guard ON {TABLE}"],
}


def guard_install(connection: BaseDatabaseWrapper) -> None:
    _run(connection, _INSTALL)


def guard_remove(connection: BaseDatabaseWrapper) -> None:
    _run(connection, _REMOVE)


def guard_after_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    """Receiver of post_migrate."""
    connection = connections[using]
    if sender.name == "privacy" and TABLE in connection.introspection.table_names():
        guard_install(connection)


@contextmanager
def audit_unguarded(using: str = "default") -> Iterator[None]:
    """Within it, and within its transaction only, audit rows may be removed.

    Both databases roll the triggers back with everything else, so a failure
    cannot leave history unguarded.
    """
    with transaction.atomic(using=using):
        guard_remove(connections[using])
        yield
        guard_install(connections[using])


def _run(connection: BaseDatabaseWrapper, statements: dict[str, list[str]]) -> None:
    with connection.cursor() as cursor:
        for statement in statements.get(connection.vendor, []):
            cursor.execute(statement)
