"""POST vision/events: what an edge box or a third party's detector may rely on."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests.factories.stores import SmallStore
from vision.domain.types import VisualEventDraft, VisualType
from vision.models import VisualEvent
from vision.services.events import visual_drafts_record
from vision.signals import visual_events_recorded

URL = "/api/v1/vision/events"


def event(id: str = "edge7-88121", **changes: Any) -> dict[str, Any]:
    """The contract's own example, with changes; None takes a field away."""
    whole = {
        "id": id,
        "camera": "L1-top",
        "type": "item_pass",
        "occurred_at": "2026-11-21T10:00:00.100+01:00",
        "confidence": 0.93,
        "track": "s12-4",
        "path": ["belt", "scanner", "bagging"],
        "label": "bottle",
        "attributes": {},
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def test_the_contracts_example_is_stored_as_it_was_said(edge_box: APIClient, shop: SmallStore) -> None:
    reply = edge_box.post(URL, [event()])
    assert (reply.status_code, reply.json()) == (200, {"accepted": 1, "duplicates": 0, "rejected": []})
    stored = VisualEvent.objects.get()
    assert (stored.store, stored.lane, stored.camera) == (shop.store, shop.lanes[0], shop.cameras[0])
    assert stored.occurred_at == datetime(2026, 11, 21, 9, 0, 0, 100000, UTC)
    assert (stored.type, stored.external_id, stored.confidence) == ("item_pass", "edge7-88121", 0.93)
    assert (stored.track, stored.label, stored.path) == ("s12-4", "bottle", ["belt", "scanner", "bagging"])
    assert (stored.attributes, stored.flags) == ({}, [])


def test_sending_the_same_event_again_changes_nothing(edge_box: APIClient) -> None:
    assert edge_box.post(URL, [event("a"), event("b"), event("a")]).json()["duplicates"] == 1
    reply = edge_box.post(URL, [event("a", type="item_bypass"), event("c")])
    assert reply.json() == {"accepted": 1, "duplicates": 1, "rejected": []}
    assert set(VisualEvent.objects.values_list("type", flat=True)) == {"item_pass"}


@pytest.mark.parametrize(
    ("changes", "code", "why"),
    [
        ({"id": None}, "missing_field", "no id"),
        ({"id": ""}, "missing_field", "an empty id"),
        ({"id": "x" * 201}, "too_long", "the column is 200 wide"),
        ({"camera": None}, "missing_field", "whose event is it"),
        ({"camera": "L9-top"}, "unknown_camera", "not in this store"),
        ({"type": "item_passed"}, "unknown_type", "almost"),
        ({"type": 7}, "wrong_type", "a number is no type"),
        ({"occurred_at": "soon"}, "bad_time", "no instant"),
        ({"occurred_at": None}, "missing_field", "when"),
        ({"confidence": 93}, "bad_confidence", "a percentage"),
        ({"confidence": -0.1}, "bad_confidence", "less than nothing"),
        ({"confidence": "high"}, "bad_confidence", "a word"),
        ({"confidence": "nan"}, "bad_confidence", "not a number"),
        ({"confidence": [1]}, "bad_confidence", "a list"),
        ({"path": "belt"}, "wrong_type", "a path is a list"),
        ({"path": ["belt"] * 65}, "too_long", "a journey"),
        ({"path": ["b" * 33]}, "too_long", "no zone is called that"),
        ({"label": "x" * 65}, "too_long", "the column is 64 wide"),
        ({"track": "x" * 65}, "too_long", "the column is 64 wide"),
        ({"attributes": [1]}, "wrong_type", "attributes are an object"),
        ({"attributes": {"embedding": [0.1] * 512}}, "too_long", "no room for anybody's face"),
    ],
)
def test_what_makes_an_event_a_lie_is_refused(
    edge_box: APIClient, changes: dict[str, Any], code: str, why: str
) -> None:
    body = edge_box.post(URL, [event("good"), event(**changes), event("too")]).json()
    assert (body["accepted"], [(r["index"], r["code"]) for r in body["rejected"]]) == (2, [(1, code)]), why


@pytest.mark.parametrize(
    ("changes", "flags", "why"),
    [
        ({"confidence": None}, ["confidence_assumed"], "a detector that gives none"),
        ({"confidence": "0.93"}, [], "a number as text"),
        ({"id": 88121, "track": 12}, [], "numbers as ids"),
        ({"occurred_at": "2026-11-21T10:00:00"}, ["zone_assumed"], "no zone: the store's"),
        ({"path": None, "label": None, "attributes": None, "track": None}, [], "the least an event can say"),
    ],
)
def test_what_is_merely_sloppy_is_stored_and_flagged(
    edge_box: APIClient, changes: dict[str, Any], flags: list[str], why: str
) -> None:
    assert edge_box.post(URL, [event(**changes)]).json()["accepted"] == 1, why
    assert VisualEvent.objects.get().flags == flags, why


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"[" * 9999, b"\xff", b"[" + b"1," * 1000 + b"1]"], ids=repr)
def test_what_is_no_batch_at_all_is_a_problem(edge_box: APIClient, body: bytes) -> None:
    reply = edge_box.post(URL, body, content_type="application/json")
    assert (reply.status_code, reply.headers["content-type"]) == (400, "application/problem+json")


def test_a_thousand_events_cost_as_many_queries_as_one(edge_box: APIClient) -> None:
    edge_box.post(URL, [event("first")])  # marks the key as used, once a minute
    with CaptureQueriesContext(connection) as one:
        edge_box.post(URL, [event("second")])
    with CaptureQueriesContext(connection) as thousand:
        assert edge_box.post(URL, [event(f"e{n}") for n in range(1000)]).json()["accepted"] == 1000
    assert len(thousand) == len(one)


def test_our_own_eyes_write_through_the_same_door(shop: SmallStore) -> None:
    draft = VisualEventDraft(VisualType.ITEM_PASS, 1795251600.25, 0.9, "t1", ("belt", "scanner"), "item", {"seen": 12})
    now = datetime(2026, 11, 21, 10, tzinfo=UTC)
    heard: list[tuple[list[int], datetime]] = []

    def listen(lane_ids: list[int], earliest: datetime, **_: object) -> None:
        heard.append((lane_ids, earliest))

    visual_events_recorded.connect(listen)
    try:
        assert visual_drafts_record(camera=shop.cameras[1], drafts=[("a", draft), ("b", draft)], received_at=now) == 2
        assert visual_drafts_record(camera=shop.cameras[1], drafts=[("a", draft)], received_at=now) == 0
        assert visual_drafts_record(camera=shop.cameras[1], drafts=[], received_at=now) == 0
    finally:
        visual_events_recorded.disconnect(listen)
    at = datetime.fromtimestamp(1795251600.25, UTC)
    assert heard == [([shop.lanes[1].pk], at)]
    stored = VisualEvent.objects.get(external_id="a")
    assert (stored.occurred_at, stored.path, stored.attributes) == (at, ["belt", "scanner"], {"seen": 12})
