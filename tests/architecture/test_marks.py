"""What runs again on servers is found out, not written down: nobody can forget it."""

import pytest


@pytest.mark.django_db
def test_what_is_marked_for_a_database_touches_servers(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("servers") is not None


def test_what_is_given_a_database_does_too(request: pytest.FixtureRequest, db: None) -> None:
    assert request.node.get_closest_marker("servers") is not None


@pytest.mark.broker
def test_what_is_tried_on_every_broker_does_too(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("servers") is not None


def test_what_asks_for_nothing_does_not(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("servers") is None
