"""Asking the database for no longer than there is time."""

import pytest
from django.db import OperationalError, connection

from pos.services.deadline import TooSlow, answered_within

pytestmark = pytest.mark.django_db
ENDLESS = {
    "postgresql": "SELECT pg_sleep(600)",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
}
PATIENCE = {
    "postgresql": "SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout'",
    "sqlite": "PRAGMA busy_timeout",
}


def ask(statement: str) -> tuple[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return tuple(cursor.fetchone())


def test_a_statement_without_an_end_is_cut_short_and_the_connection_lives_on() -> None:
    with pytest.raises(OperationalError), answered_within(0.05):
        ask(ENDLESS[connection.vendor])
    assert ask("SELECT 1") == (1,)


def test_when_the_time_is_up_no_statement_begins() -> None:
    with pytest.raises(TooSlow), answered_within(-1.0):
        ask("SELECT 1")
    assert ask("SELECT 1") == (1,)


def test_afterwards_the_database_is_as_patient_as_before() -> None:
    before = ask(PATIENCE[connection.vendor])
    with answered_within(5.0):
        assert ask(PATIENCE[connection.vendor]) != before
    assert ask(PATIENCE[connection.vendor]) == before


def test_each_statement_has_what_those_before_it_left() -> None:
    with answered_within(5.0):
        first = ask(PATIENCE[connection.vendor])
        while ask(PATIENCE[connection.vendor]) >= first:
            pass  # until the clock has moved on; TooSlow if the patience never falls
