"""The till's events in the admin: to read, within one's stores."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from pos.models import PosEvent
from tests.factories.stores import SmallStore, key_of, signed_in, small_store
from tests.integration.pos.test_api import URL, event

LIST = "/admin/pos/posevent/"


@pytest.fixture
def administrator(shop: SmallStore) -> Client:
    return signed_in(shop, "administrator")


def test_an_administrator_of_one_store_sees_their_stores_events_and_no_others(
    administrator: Client, till: APIClient, calling: Callable[[str], APIClient]
) -> None:
    till.post(URL, [event("mine")])
    calling(key_of(small_store("S002").store, "pos.write")).post(
        URL, [event("theirs", transaction="T9-SECRET", data={"description": "Theirs"})]
    )
    page = administrator.get(LIST).content.decode()
    assert "Olive oil 1 l" in page
    assert "T9-SECRET" not in page and "Theirs" not in page and "S002" not in page
    other = PosEvent.objects.get(external_id="theirs")
    assert administrator.get(f"{LIST}{other.pk}/change/").status_code == 302  # Django's way of saying there is none


def test_nobody_edits_a_witness(administrator: Client, till: APIClient) -> None:
    till.post(URL, [event()])
    pk = PosEvent.objects.get().pk
    assert administrator.get(f"{LIST}{pk}/change/").status_code == 200
    assert administrator.post(f"{LIST}{pk}/change/", {"type": "void"}).status_code == 403
    assert administrator.get(f"{LIST}{pk}/delete/").status_code == 403
    assert administrator.get(f"{LIST}add/").status_code == 403


def test_three_events_cost_as_many_queries_as_one(administrator: Client, till: APIClient) -> None:
    till.post(URL, [event("a")])
    administrator.get(LIST)  # content types are looked up once a process
    with CaptureQueriesContext(connection) as one:
        administrator.get(LIST)
    till.post(URL, [event("b"), event("c", terminal="T2")])
    with CaptureQueriesContext(connection) as three:
        administrator.get(LIST)
    assert len(three) == len(one)


def test_an_installer_sees_none_of_it(shop: SmallStore) -> None:
    assert signed_in(shop, "installer").get(LIST).status_code == 403
