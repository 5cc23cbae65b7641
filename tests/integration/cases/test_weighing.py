"""What a case asks for attention follows what is told around it, however late."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from cases.models import Case
from cases.services.cases import case_decide
from tests.factories.cases import person
from tests.factories.lane_day import pass_event, pos_event, send
from tests.factories.stores import SmallStore

Look = Callable[..., None]


@pytest.fixture
def one(till: APIClient, edge_box: APIClient, look: Look) -> Case:
    """Three passes, two lines, judged."""
    send(edge_box, "vision", [pass_event(n, at) for n, at in (("a", 0), ("b", 3), ("c", 6))])
    send(till, "pos", [pos_event("1", 0.3), pos_event("3", 6.3), pos_event("h", 60, "heartbeat")])
    look()
    return Case.objects.get()


def names(case: Case) -> list[str]:
    case.refresh_from_db()
    return [part["name"] for part in case.explanation["risk"]["parts"]]


def test_it_is_the_product_of_its_parts(one: Case) -> None:
    parts = {part["name"]: part["factor"] for part in one.explanation["risk"]["parts"]}
    assert parts == {"probability": one.discrepancy.score, "value": 0.6, "context": 0.75}
    assert one.risk == pytest.approx(one.discrepancy.score * 0.6 * 0.75, abs=1e-3)
    assert one.explanation["risk"]["version"] == "risk-1"
    assert {"clock", "rule_version"} <= one.explanation.keys()


def test_a_risk_below_the_alert_is_still_a_case(one: Case) -> None:
    """Whether there is a case is decided by the probability alone."""
    assert one.risk < 0.5 < one.discrepancy.score
    assert one.discrepancy.alerted


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (pos_event("9", 40, "no_sale", ticket=""), "no_sale"),
        (pos_event("9", 30, "discount", amount="-1.00"), "discounts"),
    ],
)
def test_what_the_till_says_later_raises_it(
    one: Case, till: APIClient, look: Look, told: dict[str, object], name: str
) -> None:
    before = one.risk
    send(till, "pos", [told])
    look()
    assert name in names(one)
    assert one.risk > before


def test_another_item_of_the_ticket_without_a_line_raises_both(
    one: Case, till: APIClient, edge_box: APIClient, look: Look
) -> None:
    before = one.risk
    send(edge_box, "vision", [pass_event("d", 20), pass_event("e", 24)])
    send(till, "pos", [pos_event("4", 20.3)])
    look()
    other = Case.objects.exclude(pk=one.pk).get()
    assert "agreeing" in names(one) and "agreeing" in names(other)
    assert one.risk > before


def test_what_people_decided_on_stays_as_they_saw_it(one: Case, till: APIClient, look: Look) -> None:
    case_decide(actor="analyst", actor_kind="key", case_id=one.pk, outcome="confirm", reason="item_not_rung_up")
    before = names(one), one.risk
    send(till, "pos", [pos_event("9", 40, "no_sale", ticket="")])
    look()
    assert (names(one), one.risk) == before


def test_looking_again_changes_nothing(one: Case, till: APIClient, look: Look) -> None:
    before = Case.objects.values().get()
    send(till, "pos", [pos_event("h2", 90, "heartbeat")])
    look()
    assert Case.objects.values().get() == before


def test_the_order_of_arrival_is_nothing_to_it(till: APIClient, edge_box: APIClient, look: Look) -> None:
    """The drawer first, then the ticket: as if it had all come at once."""
    send(till, "pos", [pos_event("9", 40, "no_sale", ticket="")])
    look()
    send(till, "pos", [pos_event("3", 6.3), pos_event("h", 60, "heartbeat")])
    look()
    send(edge_box, "vision", [pass_event(n, at) for n, at in (("c", 6), ("b", 3), ("a", 0))])
    look()
    send(till, "pos", [pos_event("1", 0.3)])
    look()
    late = Case.objects.exclude(status="withdrawn").get()
    kept = late.risk, late.explanation["risk"]
    Case.objects.all().delete()
    late.discrepancy.delete()
    send(till, "pos", [pos_event("h3", 61, "heartbeat"), pos_event("h4", 1, "heartbeat")])
    look()
    again = Case.objects.exclude(status="withdrawn").get()
    assert (again.risk, again.explanation["risk"]) == kept
    assert "no_sale" in names(again)


def test_the_page_says_why_it_ranks_there(one: Case, shop: SmallStore, client: Client) -> None:
    client.force_login(person("ana", role="reviewer", shop=shop))
    page = client.get(reverse("case", args=[one.pk])).content.decode()
    assert "Why it ranks where it does" in page
    assert "It may be worth 2.50." in page
    queue = client.get("/?order=risk").content.decode()
    sure = f"{one.discrepancy.score * 100:.0f} % sure"
    assert sure in page and sure in queue, "people are shown the probability; the risk only ranks"
