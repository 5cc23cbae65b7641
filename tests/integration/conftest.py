"""A store and ways to call its API."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from tests.factories.stores import SmallStore, key_of, small_store


@pytest.fixture
def shop(db: None) -> SmallStore:
    return small_store()


@pytest.fixture
def calling() -> Callable[[str], APIClient]:
    """A client that sends a key."""

    def client(key: str) -> APIClient:
        return APIClient(HTTP_AUTHORIZATION=f"Api-Key {key}")

    return client


@pytest.fixture
def till(shop: SmallStore, calling: Callable[[str], APIClient]) -> APIClient:
    return calling(key_of(shop.store, "pos.write", name="till"))


@pytest.fixture
def edge_box(shop: SmallStore, calling: Callable[[str], APIClient]) -> APIClient:
    return calling(key_of(shop.store, "vision.write", name="edge"))
