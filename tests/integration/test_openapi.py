"""The OpenAPI document says what the contract says."""

import re
from typing import Any

import msgspec
import pytest
from django.test import Client

from pos.documentation import ApprovalAskSerializer, PosEventDataSerializer, PosEventSerializer
from pos.serializers import MONEY_FIELDS, PosEventIn
from pos.services.approvals import ApprovalIn
from shrink.api.documentation import openapi
from vision.documentation import VisualEventSerializer
from vision.serializers import VisualEventIn

# The table of the contract's section 2: call -> scope
CALLS = {
    ("post", "pos/events"): "pos.write",
    ("post", "vision/events"): "vision.write",
    ("get", "lanes"): "cases.read",
    ("get", "discrepancies"): "cases.read",
    ("get", "cases"): "cases.read",
    ("get", "cases/{}"): "cases.read",
    ("post", "cases/{}/decision"): "cases.decide",
    ("get", "time"): None,
}
POS_TYPES = """ticket_open scan void quantity_change price_override discount coupon return deposit_return
price_inquiry item_not_on_file age_check non_merchandise subtotal tender tender_void ticket_suspend ticket_resume
ticket_cancel ticket_void ticket_close refund gift_card_activation drawer_open no_sale cash_movement override
operator_sign_on operator_sign_off pause_begin pause_end training_mode scale_weight sco_intervention heartbeat gap"""
VISUAL_TYPES = """item_pass item_bypass item_return item_presented hand_in_drawer person_enter person_leave zone_enter
zone_leave zone_dwell concealment camera_tamper camera_lost camera_back"""
CASE_STATUSES = "open in_review needs_context confirmed dismissed withdrawn"
DISCREPANCY_KINDS = """no_scan bypass scan_without_item return_without_item discount_without_support repeated_voids
no_sale_drawer item_swap exception"""
CASE_FIELDS = """id kind status risk occurred_at store lane transaction amount_at_risk discrepancies explanation clip
key_frames created_at resolved_at"""
DISCREPANCY_FIELDS = "id lane kind occurred_at score alerted visual_event pos_events explanation rule_version"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi()


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Operations by method and path as the contract writes it."""
    return {
        (method, re.sub(r"\{\w+\}", "{}", path.removeprefix("/api/v1/"))): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema behind a reference, through arrays and allOf of one."""
    while True:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif len(schema.get("allOf", [])) == 1:
            schema = schema["allOf"][0]
        else:
            return schema


def answer(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    content = operations(document)[method, path]["responses"]["200"]["content"]["application/json"]
    return resolved(document, content["schema"])


def rows(document: dict[str, Any], path: str) -> dict[str, Any]:
    page = answer(document, "get", path)
    assert set(page["properties"]) == {"next", "previous", "results"}
    return resolved(document, page["properties"]["results"]["items"])


def values(document: dict[str, Any], shape: dict[str, Any], name: str) -> set[str]:
    return set(resolved(document, shape["properties"][name])["enum"])


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")


def test_it_has_the_contracts_calls_with_their_scopes(document: dict[str, Any]) -> None:
    found = operations(document)
    missing = set(CALLS) - set(found)
    assert not missing
    for call, scope in CALLS.items():
        keys = [way["ApiKey"] for way in found[call]["security"] if "ApiKey" in way]
        assert keys == [[scope] if scope else []], call


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_every_call_says_which_problems_it_answers_with(document: dict[str, Any], call: tuple[str, str]) -> None:
    responses = operations(document)[call]["responses"]
    assert {"401", "403", "default"} <= set(responses)
    for status, response in responses.items():
        if not status.startswith("2"):
            schema = response["content"]["application/problem+json"]["schema"]
            assert {"type", "title", "status", "detail"} <= set(resolved(document, schema)["properties"])


@pytest.mark.parametrize(("path", "words"), [("pos/events", POS_TYPES), ("vision/events", VISUAL_TYPES)])
def test_event_types_are_the_contracts(document: dict[str, Any], path: str, words: str) -> None:
    body = operations(document)["post", path]["requestBody"]["content"]["application/json"]["schema"]
    listed, wrapped, single = body["oneOf"]
    assert (listed["minItems"], listed["maxItems"]) == (1, 1000)
    assert wrapped["properties"]["events"] == listed
    assert listed["items"] == single
    assert values(document, resolved(document, single), "type") == set(words.split())
    assert set(answer(document, "post", path)["properties"]) == {"accepted", "duplicates", "rejected"}


def test_entry_methods_are_the_contracts(document: dict[str, Any]) -> None:
    data = document["components"]["schemas"]["PosEventData"]
    assert values(document, data, "entry_method") == {"scanned", "keyed", "weighed", "department"}


def test_cases_and_discrepancies_have_the_contracts_fields(document: dict[str, Any]) -> None:
    case, discrepancy = rows(document, "cases"), rows(document, "discrepancies")
    assert set(CASE_FIELDS.split()) <= set(case["properties"])
    assert set(CASE_FIELDS.split()) <= set(answer(document, "get", "cases/{}")["properties"])
    assert set(DISCREPANCY_FIELDS.split()) <= set(discrepancy["properties"])
    assert values(document, case, "status") == set(CASE_STATUSES.split())
    assert set(DISCREPANCY_KINDS.split()) <= values(document, discrepancy, "kind")


def test_lanes_tell_their_clock_and_health(document: dict[str, Any]) -> None:
    lane = rows(document, "lanes")
    assert {"correlated_until", "clock", "health"} <= set(lane["properties"])
    clock = resolved(document, lane["properties"]["clock"])
    assert {"offset_s", "skew_ppm", "sd_s", "quality"} <= set(clock["properties"])


def test_cases_are_filtered_as_the_contract_says(document: dict[str, Any]) -> None:
    names = {parameter["name"] for parameter in operations(document)["get", "cases"]["parameters"]}
    assert {"store", "lane", "kind", "status", "occurred_after", "occurred_before"} <= names


def test_a_till_may_ask_before_it_acts(document: dict[str, Any]) -> None:
    asking = operations(document)["post", "pos/approvals"]
    assert [way["ApiKey"] for way in asking["security"] if "ApiKey" in way] == [["pos.write"]]
    shape = answer(document, "post", "pos/approvals")
    fields = {"id", "outcome", "mode", "would_be", "reasons", "rule_version", "state", "override"}
    assert set(shape["properties"]) == fields
    assert values(document, shape, "outcome") == {"allow", "note", "approve"}
    assert set(answer(document, "post", "pos/approvals/{}/override")["properties"]) == fields
    asked = resolved(document, asking["requestBody"]["content"]["application/json"]["schema"])
    assert list(asked["properties"]) == [*PosEventSerializer().fields, "basket_total"]


def test_a_decision_is_the_contracts(document: dict[str, Any]) -> None:
    body = operations(document)["post", "cases/{}/decision"]["requestBody"]["content"]["application/json"]["schema"]
    shape = resolved(document, body)
    assert {"outcome", "reason", "note", "action"} <= set(shape["properties"])
    assert values(document, shape, "outcome") == {"confirm", "dismiss", "more_context"}


@pytest.mark.parametrize(
    ("documented", "read"),
    [
        (PosEventSerializer, PosEventIn),
        (ApprovalAskSerializer, ApprovalIn),
        (VisualEventSerializer, VisualEventIn),
    ],
)
def test_what_is_documented_is_what_is_read(documented: Any, read: type[msgspec.Struct]) -> None:
    fields = documented().fields
    assert list(fields) == list(read.__struct_fields__)
    assert {name for name, f in fields.items() if f.required} == {
        f.name for f in msgspec.structs.fields(read) if f.required
    }


def test_money_fields_are_documented() -> None:
    assert set(MONEY_FIELDS) < set(PosEventDataSerializer().fields)


def test_anyone_may_read_the_document_and_the_page(client: Client, db: None) -> None:
    document = client.get("/api/v1/schema", headers={"accept": "application/vnd.oai.openapi+json"})
    assert (document.status_code, document.json()["info"]["title"]) == (200, "Shrink")
    page = client.get("/api/v1/docs")
    text = page.content.decode()
    assert page.status_code == 200
    for _, path in CALLS:
        assert path.partition("{")[0] in text
    assert "pos.write" in text and "quantity_change" in text
    assert "<script>" not in text and "style=" not in text  # strict CSP
