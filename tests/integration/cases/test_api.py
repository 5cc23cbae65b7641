"""What the API says of lanes, discrepancies and cases, and to whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from cases.models import Case, Decision, Evidence
from privacy.models import AuditEvent
from tests.factories.lane_day import pass_event, pos_event, send
from tests.factories.stores import SmallStore, key_of, small_store

Look = Callable[..., None]


@pytest.fixture
def analyst(shop: SmallStore, calling: Callable[[str], APIClient]) -> APIClient:
    return calling(key_of(shop.store, "cases.read", "cases.decide", name="analyst"))


def unpaid(till: APIClient, edge_box: APIClient, count: int) -> None:
    """`count` tickets of two passes, the second of each without a line."""
    for n in range(count):
        at = 60.0 * n
        send(edge_box, "vision", [pass_event(f"paid{n}", at), pass_event(f"odd{n}", at + 4)])
        send(till, "pos", [pos_event(f"p{n}", at + 0.2, ticket=f"K{n}")])
    send(till, "pos", [pos_event("last", 60.0 * count, "heartbeat")])


@pytest.fixture
def one(till: APIClient, edge_box: APIClient, look: Look) -> Case:
    unpaid(till, edge_box, 1)
    look()
    return Case.objects.get()


def test_a_case_has_the_contracts_shape(analyst: APIClient, one: Case) -> None:
    (case,) = analyst.get("/api/v1/cases").json()["results"]
    assert list(case) == [
        "id",
        "kind",
        "status",
        "risk",
        "occurred_at",
        "store",
        "lane",
        "transaction",
        "amount_at_risk",
        "discrepancies",
        "explanation",
        "clip",
        "key_frames",
        "created_at",
        "resolved_at",
    ]
    assert (case["store"], case["lane"], case["kind"], case["status"]) == ("S001", "L1", "no_scan", "open")
    assert (case["amount_at_risk"], case["transaction"], case["clip"], case["key_frames"]) == ("2.50", "K0", None, [])
    assert case["discrepancies"] == [str(one.discrepancy_id)]


def test_a_discrepancy_has_the_contracts_shape(analyst: APIClient, one: Case) -> None:
    (row,) = analyst.get("/api/v1/discrepancies").json()["results"]
    assert list(row) == [
        "id",
        "lane",
        "kind",
        "occurred_at",
        "score",
        "alerted",
        "visual_event",
        "pos_events",
        "explanation",
        "rule_version",
    ]
    assert (row["lane"], row["visual_event"], row["alerted"], row["rule_version"]) == ("L1", "odd0", True, "align-4")
    assert 0.5 <= row["score"] <= 1.0


def test_withdrawn_discrepancies_are_only_shown_when_asked_for(
    analyst: APIClient, one: Case, till: APIClient, look: Look
) -> None:
    send(till, "pos", [pos_event("late", 4.2, ticket="K0")])
    look()
    assert analyst.get("/api/v1/discrepancies").json()["results"] == []
    assert len(analyst.get("/api/v1/discrepancies?withdrawn=true").json()["results"]) == 1
    (case,) = analyst.get("/api/v1/cases").json()["results"]
    assert case["explanation"]["withdrawn_reason"] == "late arrived later and explains it."


def test_lanes_tell_clock_and_how_far_they_are_judged(analyst: APIClient, one: Case) -> None:
    first, second = analyst.get("/api/v1/lanes").json()["results"]
    assert (first["code"], second["code"], second["correlated_until"]) == ("L1", "L2", None)
    assert first["correlated_until"] is not None
    assert set(first["clock"]) == {"offset_s", "skew_ppm", "sd_s", "quality"}
    assert (first["clock"]["quality"], second["clock"]["quality"]) == ("degraded", "bad")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 1),
        ("?lane=L1", 1),
        ("?lane=L2", 0),
        ("?store=S001", 1),
        ("?store=S002", 0),
        ("?kind=no_scan", 1),
        ("?kind=bypass", 0),
        ("?status=open", 1),
        ("?status=confirmed", 0),
        ("?occurred_after=2026-11-20T09:00:00Z", 1),
        ("?occurred_after=2026-11-20T10:00:00Z", 0),
        ("?occurred_before=2026-11-20T09:00:00Z", 0),
    ],
)
def test_filters(analyst: APIClient, one: Case, query: str, found: int) -> None:
    assert len(analyst.get(f"/api/v1/cases{query}").json()["results"]) == found


def test_a_wrong_filter_is_refused(analyst: APIClient, one: Case) -> None:
    assert analyst.get("/api/v1/cases?status=stolen").status_code == 400


def test_looking_at_a_case_is_recorded_once(analyst: APIClient, one: Case) -> None:
    for _ in range(2):
        assert analyst.get(f"/api/v1/cases/{one.pk}").status_code == 200
    (event,) = AuditEvent.objects.filter(action="case.viewed")
    assert (event.object_id, event.actor_kind, event.actor.split()[0]) == (str(one.pk), "key", "analyst")


def decide(client: APIClient, case: Case, **sent: Any) -> Any:
    return client.post(f"/api/v1/cases/{case.pk}/decision", sent, format="json")


def test_deciding_is_recorded_with_reason_and_note(analyst: APIClient, one: Case) -> None:
    reply = decide(analyst, one, outcome="confirm", reason="item_not_rung_up", note="clear", action="recovered")
    assert (reply.status_code, reply.json()["status"]) == (200, "confirmed")
    assert reply.json()["resolved_at"] is not None
    (decision,) = Decision.objects.all()
    assert (decision.reason, decision.note, decision.action) == ("item_not_rung_up", "clear", "recovered")
    (event,) = AuditEvent.objects.filter(action="case.confirmed")
    assert (event.reason, event.actor) == ("item_not_rung_up", decision.decided_by)


def test_a_second_decision_is_refused_and_told_who_was_first(analyst: APIClient, one: Case) -> None:
    decide(analyst, one, outcome="dismiss", reason="own_item")
    reply = decide(analyst, one, outcome="confirm", reason="item_not_rung_up")
    assert (reply.status_code, reply.json()["code"]) == (409, "case_moved")
    assert reply.json()["detail"].startswith("This case has been dismissed by analyst (")
    assert Decision.objects.count() == 1


def test_context_asked_for_leaves_the_case_to_be_decided(analyst: APIClient, one: Case) -> None:
    assert decide(analyst, one, outcome="more_context").json()["status"] == "needs_context"
    assert decide(analyst, one, outcome="dismiss", reason="own_item").json()["status"] == "dismissed"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"outcome": "confirm"}, 409),
        ({"outcome": "maybe"}, 400),
        ({}, 400),
        ({"outcome": "dismiss", "reason": " "}, 409),
    ],
)
def test_a_decision_that_cannot_be_is_refused(analyst: APIClient, one: Case, sent: dict[str, str], status: int) -> None:
    reply = decide(analyst, one, **sent)
    assert (reply.status_code, reply["Content-Type"]) == (status, "application/problem+json")
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("path", ["cases", "cases/{}", "discrepancies", "lanes"])
def test_reading_needs_its_scope(one: Case, till: APIClient, calling: Callable[[str], APIClient], path: str) -> None:
    where = "/api/v1/" + path.format(one.pk)
    assert (APIClient().get(where).status_code, till.get(where).status_code) == (401, 403)
    other = calling(key_of(small_store("S002").store, "cases.read"))
    reply = other.get(where)
    if "{}" in path:
        assert reply.status_code == 404
    else:
        assert str(one.pk) not in reply.content.decode() and "S001" not in reply.content.decode()


def test_deciding_needs_its_scope_and_its_store(
    one: Case, shop: SmallStore, calling: Callable[[str], APIClient]
) -> None:
    reader = calling(key_of(shop.store, "cases.read"))
    stranger = calling(key_of(small_store("S002").store, "cases.decide"))
    codes = [decide(client, one, outcome="dismiss", reason="x").status_code for client in (reader, stranger)]
    assert codes == [403, 404]


def test_evidence_is_linked_and_taking_it_recorded(analyst: APIClient, one: Case, settings: Any, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "clip.mp4").write_bytes(b"blurred")
    Evidence.objects.create(
        case=one,
        kind="clip",
        path="clip.mp4",
        content_type="video/mp4",
        sha256="0" * 64,
        size_bytes=7,
        starts_at=timezone.now(),
    )
    url = analyst.get(f"/api/v1/cases/{one.pk}").json()["clip"]
    reply = analyst.get(url)
    assert (reply.status_code, b"".join(reply.streaming_content)) == (200, b"blurred")
    assert AuditEvent.objects.filter(action="clip.viewed", object_id=str(one.pk)).count() == 1
    assert analyst.get(f"/api/v1/cases/{one.pk}/key_frames/0").status_code == 404


@pytest.mark.parametrize("path", ["cases", "discrepancies"])
@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_whatever_their_length(
    analyst: APIClient,
    till: APIClient,
    edge_box: APIClient,
    look: Look,
    path: str,
    count: int,
    django_assert_num_queries: Any,
) -> None:
    unpaid(till, edge_box, count)
    look()
    analyst.get("/api/v1/lanes")  # the key's last use is written once a minute
    with django_assert_num_queries(3 if path == "cases" else 2):
        reply = analyst.get(f"/api/v1/{path}")
    assert len(reply.json()["results"]) == count
