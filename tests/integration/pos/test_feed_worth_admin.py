"""What the feeds are worth, in the administration: within one's stores, to read, and to decide where one may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from lanes.health import HealthLevel
from pos.health import tills_health
from pos.models import FeedDay, FeedGrade, MissingTickets, PosEvent, QuarantinedTicket
from privacy.models import AuditEvent
from tests.factories.stores import SmallStore, signed_in, small_store
from tests.factories.tills import OPENING
from tests.integration.pos.test_api import URL, event

LISTS = ["feedgrade", "feedday", "missingtickets", "quarantinedticket"]


def address(name: str) -> str:
    return f"/admin/pos/{name}/"


def known(shop: SmallStore, place: int, code: str) -> None:
    """One row of each list, of the shop's terminal at `place`; `code` stands in what they say."""
    now, terminal = timezone.now(), shop.terminals[place]
    whose: dict[str, Any] = {"store": shop.store, "lane": terminal.lane, "terminal": terminal, "found_at": now}
    span = {"starts_at": OPENING, "ends_at": OPENING + timedelta(minutes=1)}
    FeedGrade.objects.create(
        terminal=terminal, grade="C", reasons=[f"{code}: lines come late.", "And more."], graded_at=now
    )
    FeedDay.objects.create(terminal=terminal, day=now.date(), sent=5, last_at=now)
    MissingTickets.objects.create(**whose, **span, series="K#", first=1, last=2, sentence=f"{code} never came.")
    QuarantinedTicket.objects.create(
        **whose, **span, transaction=code, closing=code, reason="Wrong.", declared="7.50", found="5.00", tendered="7.50"
    )


@pytest.fixture
def administrator(shop: SmallStore) -> Client:
    return signed_in(shop, "administrator")


@pytest.mark.parametrize("name", LISTS)
def test_one_sees_only_ones_stores(shop: SmallStore, administrator: Client, name: str) -> None:
    other = small_store("S002")
    known(shop, 0, "MINE-1")
    known(other, 0, "THEIRS-1")
    page = administrator.get(address(name)).content.decode()
    assert "S001/L1/T1" in page
    assert "S002" not in page and "THEIRS-1" not in page
    model = {"feedgrade": FeedGrade, "feedday": FeedDay, "missingtickets": MissingTickets}.get(name, QuarantinedTicket)
    theirs = model.objects.get(terminal=other.terminals[0])
    assert administrator.get(f"{address(name)}{theirs.pk}/change/").status_code == 302
    mine = model.objects.get(terminal=shop.terminals[0])
    assert administrator.get(f"{address(name)}{mine.pk}/change/").status_code == 200
    assert administrator.get(f"{address(name)}add/").status_code == 403
    assert administrator.get(f"{address(name)}{mine.pk}/delete/").status_code == 403


@pytest.mark.parametrize("name", LISTS)
def test_three_rows_cost_as_many_queries_as_one(shop: SmallStore, administrator: Client, name: str) -> None:
    known(shop, 0, "A-1")
    administrator.get(address(name))  # content types are looked up once a process
    with CaptureQueriesContext(connection) as one:
        administrator.get(address(name))
    known(shop, 1, "B-1")
    third = shop.terminals[1]
    third.pk, third.code = None, "T3"
    third.save()
    known(SmallStore(shop.store, shop.lanes, [third], shop.cameras), 0, "C-1")
    with CaptureQueriesContext(connection) as three:
        administrator.get(address(name))
    assert len(three) == len(one)


def test_a_grade_says_what_costs_it(shop: SmallStore, administrator: Client) -> None:
    known(shop, 0, "K-1")
    grade = FeedGrade.objects.get()
    assert "K-1: lines come late. (+1 more)" in administrator.get(address("feedgrade")).content.decode()
    page = administrator.get(f"{address('feedgrade')}{grade.pk}/change/").content.decode()
    assert "<p>K-1: lines come late.</p><p>And more.</p>" in page


def test_taking_a_ticket_as_it_is_asks_why(shop: SmallStore, administrator: Client) -> None:
    known(shop, 0, "K-1")
    url = f"{address('quarantinedticket')}{QuarantinedTicket.objects.get().pk}/change/"
    assert "This field is required" in administrator.post(url, {"why": " "}).content.decode()
    assert administrator.post(url, {"why": "As on paper."}).status_code == 302
    row = QuarantinedTicket.objects.get()
    assert (row.released_by, row.release_reason) == ("administrator", "As on paper.")
    assert AuditEvent.objects.get(action="ticket.accepted").actor == "administrator"
    assert 'name="why"' not in administrator.get(url).content.decode()
    assert administrator.post(url, {"why": "Again."}).status_code == 403


def test_an_installer_reads_what_is_wrong_and_decides_nothing(shop: SmallStore) -> None:
    known(shop, 0, "K-1")
    installer = signed_in(shop, "installer")
    url = f"{address('quarantinedticket')}{QuarantinedTicket.objects.get().pk}/change/"
    assert "K-1" in installer.get(address("quarantinedticket")).content.decode()
    assert 'name="why"' not in installer.get(url).content.decode()
    assert installer.post(url, {"why": "Mine."}).status_code == 403
    assert QuarantinedTicket.objects.get().released_at is None


def test_checking_again_releases_what_adds_up_by_now(shop: SmallStore, administrator: Client, till: APIClient) -> None:
    known(shop, 0, "T1-20261121-0042")
    known(shop, 1, "gone")
    chosen = {"action": "check_again", "_selected_action": [row.pk for row in QuarantinedTicket.objects.all()]}
    till.post(URL, [event("a"), event("z", type="ticket_close", data={"amount": "9.00"})])
    QuarantinedTicket.objects.filter(transaction="gone").delete()
    row = QuarantinedTicket.objects.get()
    stored = PosEvent.objects.filter(transaction=row.transaction)
    began = stored.earliest("occurred_at").occurred_at
    QuarantinedTicket.objects.filter(pk=row.pk).update(closing="z", starts_at=began, ends_at=began)
    page = administrator.post(address("quarantinedticket"), chosen, follow=True).content.decode()
    assert "What was checked still does not add up." in page
    stored.filter(type="ticket_close").update(amount="7.95")
    page = administrator.post(address("quarantinedticket"), chosen, follow=True).content.decode()
    assert "1 of 1 out of quarantine." in page
    assert QuarantinedTicket.objects.get().released_at is not None


@pytest.mark.parametrize(
    ("grade", "reasons", "level", "says"),
    [
        ("A", [], HealthLevel.OK, "Till T1 is heard."),
        ("B", ["Slight."], HealthLevel.OK, "Till T1 is heard."),
        ("C", ["Lines come late."], HealthLevel.WARN, "Till T1's feed is graded C. Lines come late."),
        ("D", ["Bad.", "Worse."], HealthLevel.WARN, "Till T1's feed is graded D. Bad. (and 1 more: see Feed grades)"),
    ],
)
def test_a_feed_worth_little_is_bad_health(
    till: APIClient,
    shop: SmallStore,
    django_assert_num_queries: Callable[[int], Any],
    grade: str,
    reasons: list[str],
    level: HealthLevel,
    says: str,
) -> None:
    till.post(URL, [event("a")])
    FeedGrade.objects.create(terminal=shop.terminals[0], grade=grade, reasons=reasons, graded_at=timezone.now())
    with django_assert_num_queries(1):
        (item,) = tills_health(shop.lanes)[shop.lanes[0].pk]
    assert (item.level, item.subject, item.sentence) == (level, "T1", says)
