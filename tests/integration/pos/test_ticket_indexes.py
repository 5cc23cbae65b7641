"""The indexes of the tickets page are made without keeping tills out, and again where an attempt broke off."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

NAMES = {
    "postgresql": "SELECT indexname FROM pg_indexes WHERE tablename = 'pos_posevent'",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'pos_posevent'",
}
INDEXES = {
    "pos_event_tickets", "pos_event_items", "pos_event_descriptions", "pos_event_amounts", "pos_event_rare",
    "pos_event_others",
}  # fmt: skip


def made() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(NAMES[connection.vendor])
        return {name for (name,) in cursor.fetchall()} & INDEXES


@pytest.mark.django_db(transaction=True)
def test_they_can_be_taken_away_and_made_again() -> None:
    executor = MigrationExecutor(connection)
    here = [key for key in executor.loader.graph.leaf_nodes() if key[0] == "pos"]
    migration = next(key for key in executor.loader.graph.nodes if key[0] == "pos" and "ticket_indexes" in key[1])
    before = [key for key in executor.loader.get_migration(*migration).dependencies if key[0] == "pos"]
    try:
        executor.migrate(before)
        assert made() == set()
        if connection.vendor == "postgresql":  # as one that broke off has it
            with connection.cursor() as cursor:
                cursor.execute("CREATE INDEX pos_event_items ON pos_posevent (store_id)")
    finally:
        MigrationExecutor(connection).migrate(here)
    assert made() == INDEXES
