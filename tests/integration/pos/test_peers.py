"""Peers compared from what tills told: by lane for whoever sees reports, by operator where governance allows it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from lanes.models import Governance, Lane, Terminal
from pos.models import PeerComparison, PosEvent
from pos.selectors.peers import doings
from pos.services.peers import WINDOW, peers_compare
from privacy.models import AuditEvent
from tests.factories.stores import SmallStore, signed_in, small_store

URL = "/peers/"
NOW = timezone.now().replace(minute=0, second=0, microsecond=0)
TICKETS, LANES, BOLD = 320, 8, "L3"


def ticket(terminal: Terminal, number: int, types: list[str], operator: str = "p-1") -> list[PosEvent]:
    """A ticket whose events come a second apart, the tickets of a lane ten minutes apart."""
    at = NOW - timedelta(minutes=10 * number + 30)
    return [
        PosEvent(
            store_id=terminal.store_id, lane_id=terminal.lane_id, terminal=terminal, type=kind, operator=operator,
            external_id=f"{terminal.code}-{number}-{place}", transaction=f"{terminal.code}-{number}",
            occurred_at=at + timedelta(seconds=place), received_at=NOW,
        )
        for place, kind in enumerate(types)
    ]  # fmt: skip


@pytest.fixture
def busy(shop: SmallStore) -> SmallStore:
    """Eight staffed lanes with an operator each and 320 tickets; at one of them every tenth is a refund."""
    events = []
    for n in range(LANES):
        lane, _ = Lane.objects.get_or_create(store=shop.store, code=f"L{n + 1}", defaults={"kind": "staffed"})
        terminal, _ = Terminal.objects.get_or_create(store=shop.store, code=f"T{n + 1}", defaults={"lane": lane})
        for number in range(TICKETS):
            refund = number % (10 if lane.code == BOLD else 80) == 0
            events += ticket(terminal, number, ["scan", "scan", *(["refund"] if refund else [])], f"p-{n + 1}")
    PosEvent.objects.bulk_create(events)
    return shop


def allow(shop: SmallStore, **changes: object) -> Governance:
    said = {"consultation": "WC-7", "operator_views": True} | changes
    return Governance.objects.update_or_create(store=shop.store, defaults=said)[0]


def test_tickets_are_told_with_what_happened_on_them(shop: SmallStore) -> None:
    terminal = shop.terminals[0]
    PosEvent.objects.bulk_create(
        [*ticket(terminal, 1, ["scan", "void", "void", "return", "refund"]), *ticket(terminal, 2, ["scan"], "p-2")]
    )
    drawer = ticket(terminal, 3, ["no_sale"])[0]
    drawer.transaction = ""
    drawer.save()
    found = sorted(doings(store=shop.store, start=NOW - WINDOW, end=NOW, by="operator"), key=lambda one: one.at)
    assert [(one.subject, one.lane, one.lines, dict(one.counts)) for one in found] == [
        ("p-1", "L1", None, {"no_sale": 1}),
        ("p-2", "L1", 1, {}),
        ("p-1", "L1", 2, {"void": 2, "refund": 1}),
    ]


def by_operators(terminal: Terminal, said: list[tuple[str, str]], number: int = 1) -> None:
    """A ticket as (type, operator) of its events."""
    events = ticket(terminal, number, [kind for kind, _ in said])
    for event, (_, operator) in zip(events, said, strict=True):
        event.operator = operator
    PosEvent.objects.bulk_create(events)


@pytest.mark.parametrize(
    ("said", "expected", "reason"),
    [
        (
            [("ticket_open", "p-1"), ("scan", "p-1"), ("scan", "p-1"), ("void", "p-9"), ("ticket_close", "")],
            [("p-1", 2, {}, True), ("p-9", 2, {"void": 1}, False)],
            "a void by a supervisor is the supervisor's, whoever's name comes last by the alphabet",
        ),
        (
            [("scan", "p-9"), ("scan", "p-1"), ("refund", "p-1")],
            [("p-1", 2, {"refund": 1}, False), ("p-9", 2, {}, True)],
            "of as many lines each, the first has it",
        ),
        (
            [("ticket_open", "p-3"), ("scan", ""), ("void", "")],
            [("p-3", 1, {"void": 1}, True)],
            "what has no name on it is the ticket's",
        ),
        ([("scan", ""), ("void", "")], [], "nobody's"),
    ],
)
def test_who_did_what_at_one_ticket(
    shop: SmallStore, said: list[tuple[str, str]], expected: list[tuple], reason: str
) -> None:
    by_operators(shop.terminals[0], said)
    found = doings(store=shop.store, start=NOW - WINDOW, end=NOW, by="operator")
    assert sorted((one.subject, one.lines, dict(one.counts), one.own) for one in found) == expected, reason
    [lane] = doings(store=shop.store, start=NOW - WINDOW, end=NOW, by="lane")
    assert (lane.subject, lane.lines) == ("L1", sum(kind == "scan" for kind, _ in said))


def test_a_name_that_comes_again_on_another_day_is_another_ticket(shop: SmallStore) -> None:
    for days in (1, 2, 3):
        events = ticket(shop.terminals[0], days, ["scan", "refund"])
        for event in events:
            event.transaction = "0042"
            event.occurred_at -= timedelta(days=days)
        PosEvent.objects.bulk_create(events)
    found = list(doings(store=shop.store, start=NOW - WINDOW, end=NOW, by="lane"))
    assert [(one.lines, dict(one.counts)) for one in found] == [(1, {"refund": 1})] * 3


def test_the_lane_that_stands_out_is_told_and_no_other(busy: SmallStore) -> None:
    [made] = peers_compare(store=busy.store, now=NOW)
    unusual = {(score["subject"], score["kind"]) for score in made.report["scores"] if score["unusual"]}
    assert unusual == {(BOLD, "refund")}
    assert made.report["scores"][0]["sentence"].startswith("32 refunds where ")


def test_operators_are_compared_only_where_governance_allows_it(busy: SmallStore) -> None:
    peers_compare(store=busy.store, now=NOW)
    assert [made.by for made in PeerComparison.objects.all()] == ["lane"]
    governance = allow(busy)
    peers_compare(store=busy.store, now=NOW)
    report = PeerComparison.objects.get(by="operator").report
    assert {score["subject"] for score in report["scores"] if score["unusual"]} == {"p-3"}
    governance.operator_views = False
    governance.save()
    assert [made.by for made in PeerComparison.objects.all()] == ["lane"], "gone at once"


def test_comparing_again_keeps_one(busy: SmallStore) -> None:
    for hours in (0, 1):
        peers_compare(store=busy.store, now=NOW + timedelta(hours=hours))
    assert PeerComparison.objects.get().made_at == NOW + timedelta(hours=1)


def test_an_analyst_sees_the_funnel_and_what_stands_out(busy: SmallStore) -> None:
    peers_compare(store=busy.store, now=NOW)
    page = signed_in(busy, "analyst").get(URL, {"kind": "refund"}).content.decode()
    assert "worth a question" in page and "funnel-dot--unusual" in page
    assert "p-3" not in page


def test_views_by_operator_say_why_they_are_off(busy: SmallStore) -> None:
    allow(busy)
    peers_compare(store=busy.store, now=NOW)
    analyst = signed_in(busy, "analyst")
    assert "p-3" in analyst.get(URL, {"by": "operator"}).content.decode()
    looked = AuditEvent.objects.get(action="peers.viewed")
    assert (looked.actor, looked.object_id) == ("analyst", "S001")
    Governance.objects.update(operator_views=False)
    page = analyst.get(URL, {"by": "operator"}).content.decode()
    assert "off in this store" in page and "p-3" not in page


def test_looking_at_lanes_is_no_look_at_people(busy: SmallStore) -> None:
    peers_compare(store=busy.store, now=NOW)
    signed_in(busy, "analyst").get(URL)
    assert not AuditEvent.objects.filter(action="peers.viewed").exists()


@pytest.mark.parametrize(("role", "status"), [("reviewer", 403), ("installer", 403), ("privacy_officer", 200)])
def test_who_may_look(shop: SmallStore, role: str, status: int) -> None:
    assert signed_in(shop, role).get(URL).status_code == status


def test_another_stores_figures_are_not_to_be_had(busy: SmallStore) -> None:
    peers_compare(store=busy.store, now=NOW)
    other = signed_in(small_store("S002"), "analyst")
    assert "L3" not in other.get(URL, {"store": "S001"}).content.decode()
    assert other.post(f"{URL}again/", {"store": "S001"}).status_code == 404


def test_comparing_now_asks_for_it_and_says_so(
    shop: SmallStore, django_capture_on_commit_callbacks: object, client: Client
) -> None:
    analyst = signed_in(shop, "analyst")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        reply = analyst.post(f"{URL}again/", {"store": "S001"}, follow=True)
    assert "being worked out" in reply.content.decode()
