"""Mistakes in what a call is asked are the caller's, told as such, and never ours."""

import base64
from typing import Any
from urllib.parse import urlencode

import pytest
from rest_framework.test import APIClient

from lanes.models import ApiKey
from tests.factories.cases import AT, case_at
from tests.factories.stores import SmallStore, key_of

LISTS = ["cases", "discrepancies", "lanes"]


@pytest.fixture
def analyst(shop: SmallStore, calling: Any) -> APIClient:
    return calling(key_of(shop.store, *ApiKey.Scope.values, name="analyst"))


def cursor(**parts: str) -> str:
    return base64.b64encode(urlencode(parts).encode()).decode()


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("position", ["abc", "", "\0", "9" * 30, "-", "0001-01-01T00:00:00+14:00", "2026-02-30"])
def test_a_cursor_that_was_never_given_is_not_found(analyst: APIClient, path: str, position: str) -> None:
    for parts in ({"p": position}, {"p": position, "r": "1"}):
        answer = analyst.get(f"/api/v1/{path}", {"cursor": cursor(**parts)})
        assert answer.status_code == 404
        assert "Begin without one" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["cases", "discrepancies"])
def test_a_position_without_an_offset_is_no_cursor_of_ours(analyst: APIClient, path: str) -> None:
    assert analyst.get(f"/api/v1/{path}", {"cursor": cursor(p="2026-11-21 10:00:00")}).status_code == 404


@pytest.mark.parametrize("path", LISTS)
def test_lists_are_walked_to_their_end_and_back(analyst: APIClient, shop: SmallStore, path: str) -> None:
    for name in "12":
        case_at(shop, name=name, at=AT, lane=int(name) - 1)
    first = analyst.get(f"/api/v1/{path}", {"page_size": 1}).json()
    second = analyst.get(first["next"]).json()
    assert second["next"] is None
    assert first["results"] != second["results"]
    assert analyst.get(second["previous"]).json()["results"] == first["results"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("size", ["0", "-1", "ten", "1.5", "²", "1" * 12])
def test_a_page_size_that_is_none_is_refused(analyst: APIClient, path: str, size: str) -> None:
    answer = analyst.get(f"/api/v1/{path}", {"page_size": size})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/page_size"


def test_a_page_larger_than_there_are_is_cut(analyst: APIClient) -> None:
    assert analyst.get("/api/v1/cases", {"page_size": 100_000}).status_code == 200


@pytest.mark.parametrize(
    ("said", "found"), [("true", 1), ("True", 1), ("1", 1), ("false", 0), ("0", 0), ("", 1)], ids=lambda v: repr(v)
)
def test_a_flag_is_yes_or_no(analyst: APIClient, shop: SmallStore, said: str, found: int) -> None:
    case_at(shop)  # its discrepancy has alerted
    assert len(analyst.get("/api/v1/discrepancies", {"alerted": said}).json()["results"]) == found


@pytest.mark.parametrize("name", ["alerted", "withdrawn"])
@pytest.mark.parametrize("said", ["maybe", "2", "null", "\0"])
def test_a_flag_that_is_neither_is_refused_and_not_passed_over(analyst: APIClient, name: str, said: str) -> None:
    answer = analyst.get("/api/v1/discrepancies", {name: said})
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"pointer": f"/{name}", "code": "invalid", "detail": "Write true or false."},
    ]


@pytest.mark.parametrize("body", ["[" * 100_000, '{"outcome":' * 100_000], ids=["lists", "objects"])
def test_brackets_without_end_are_the_callers_mistake(analyst: APIClient, shop: SmallStore, body: str) -> None:
    case = case_at(shop)
    answer = analyst.generic("POST", f"/api/v1/cases/{case.pk}/decision", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "too_deep")
    case.refresh_from_db()
    assert case.status == "open"
