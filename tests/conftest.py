"""Fixtures for every test. What only one app's tests need lies beside them."""

import pytest
from django.db.models.signals import post_migrate

ASKS_FOR_A_DATABASE = {"db", "transactional_db"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """What asks for a database or is tried on every broker touches a server, where there is one; the rest never does.

    A test that needs the configured channel layer and no database says so itself, with the mark.
    """
    for item in items:
        if ASKS_FOR_A_DATABASE & {*item.fixturenames} or any(map(item.get_closest_marker, ("django_db", "broker"))):
            item.add_marker("servers")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Transactional tests flush tables, which the audit table's triggers refuse: the
    triggers' own tests (tests/integration/privacy/test_guard.py) install them."""
    post_migrate.disconnect(dispatch_uid="privacy.audit_guard")
