"""Fixtures for every test. What only one app's tests need lies beside them."""

import pytest
from django.db.models.signals import post_migrate


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Transactional tests flush tables, which the audit table's triggers refuse: the
    triggers' own tests (tests/integration/privacy/test_guard.py) install them."""
    post_migrate.disconnect(dispatch_uid="privacy.audit_guard")
