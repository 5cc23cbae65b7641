"""The tickets page: what it finds, for whom, and at what cost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from lanes.models import Governance
from lanes.selectors import operator_views_allowed
from pos.models import PosEvent
from pos.selectors import ticket_search
from privacy.models import AuditEvent
from privacy.pseudonyms import pseudonym
from tests.factories.stores import SmallStore, key_of, signed_in, small_store
from tests.integration.lanes.test_admin import store_form
from tests.integration.pos.test_api import URL as EVENTS

START = datetime(2026, 11, 21, 9, tzinfo=UTC)  # 10:00 in Madrid
LIST = "/tickets/"


@pytest.fixture
def reviewer(shop: SmallStore) -> Client:
    return signed_in(shop, "reviewer")


Item = tuple[str, str, str]
OIL: Item = ("Olive oil 1 l", "04012345678901", "7.95")


def told(ticket: str, type: str, second: float = 0, *, minute: float = 0, **data: Any) -> dict[str, Any]:
    at = START + timedelta(minutes=minute, seconds=second)
    place = {"terminal": data.pop("terminal", "T1"), "line": data.pop("line", None), "operator": "c-17"}
    sent = {"id": f"{ticket}-{type}-{second:g}", "type": type, "occurred_at": at.isoformat(), "transaction": ticket}
    return sent | place | {"data": data}


def sale(till: APIClient, ticket: str, *items: Item, minute: float = 0, **fields: Any) -> None:
    """``items``: (text, gtin, amount), rung up a second apart, paid and closed."""
    items = items or (OIL,)
    total = f"{sum(float(amount) for _, _, amount in items):.2f}"
    lines = [
        told(ticket, "scan", n, minute=minute, line=n, description=text, gtin=gtin, amount=amount, quantity=1, **fields)
        for n, (text, gtin, amount) in enumerate(items, start=1)
    ]
    close = told(ticket, "ticket_close", 50, minute=minute, amount=total, **fields)
    send(till, *lines, told(ticket, "tender", 49, minute=minute, amount=total, tender="cash", **fields), close)


def send(till: APIClient, *events: dict[str, Any]) -> None:
    assert till.post(EVENTS, list(events)).json()["accepted"] == len(events)


def names(client: Client, query: str = "", **asked: Any) -> list[str]:
    page = client.get(LIST + query, asked)
    assert page.status_code == 200
    return [row.ticket.transaction for row in page.context["found"].rows]


def page_of(client: Client, ticket: str, store: str = "S001") -> Any:
    return client.get(reverse("ticket", args=[store]), {"transaction": ticket})


class TestFinding:
    @pytest.fixture(autouse=True)
    def _day(self, till: APIClient) -> None:
        sale(till, "A", minute=0)
        sale(till, "B", ("Milk 1 l", "4000417025005", "1.15"), ("BREAD rolls", "", "2.40"), minute=10)
        sale(till, "C", ("Wine", "00000012345670", "12.00"), minute=20, terminal="T2")
        send(
            till,
            told("D", "scan", 1, minute=30, line=1, description="Wine", amount="12.00"),
            told("D", "void", 2, minute=30, line=1, voids_line=1),
            told("D", "ticket_cancel", 3, minute=30),
            told("E", "scan", 1, minute=40, line=1, description="Olives", amount="3.00"),
            told("E", "ticket_suspend", 2, minute=40),
            told(
                "F",
                "return",
                1,
                minute=50,
                line=1,
                description="Olive oil 1 l",
                amount="-7.95",
                original_transaction="A",
            ),
            told("F", "ticket_close", 2, minute=50, amount="-7.95"),
            told("", "heartbeat", 9, minute=59),
        )

    @pytest.mark.parametrize(
        ("asked", "found", "why"),
        [
            ({}, "FEDCBA", "all of them, newest first; a heartbeat is no ticket"),
            ({"text": "olive"}, "FEA", "part of a word, whatever its case"),
            ({"text": "rolls bread"}, "B", "words in any order"),
            ({"text": "caviar"}, "", "what nobody sold"),
            ({"item": "04012345678901"}, "A", "a code as it was sent"),
            ({"item": "4012345678901"}, "A", "without the zero before it"),
            ({"item": "12345670"}, "C", "an EAN-8 that the till filled up"),
            ({"least": "12", "most": "12"}, "DC", "an amount, of a line or a total"),
            ({"least": "3.55", "most": "3.55"}, "B", "a total that no line has"),
            ({"least": "7", "most": "8"}, "FA", "a refund by its size"),
            ({"least": "10"}, "DC", "from an amount on"),
            ({"most": "1.15"}, "B", "up to an amount"),
            ({"type": "void"}, "D", "a type"),
            ({"type": "scan", "text": "wine"}, "DC", "a line that fits both"),
            ({"type": "void", "text": "wine"}, "", "but no line that fits only one of them"),
            ({"status": "closed"}, "FCBA", "how the ticket stands"),
            ({"status": "cancelled"}, "D", "cancelled"),
            ({"status": "suspended"}, "E", "and never resumed"),
            ({"status": "voided"}, "", "none"),
            ({"status": "closed", "text": "wine"}, "C", "a line, of a ticket that stands so"),
            ({"since": "2026-11-21T10:20", "until": "2026-11-21T10:40"}, "DC", "in the store's time"),
            ({"since": "2026-11-22"}, "", "a day nothing happened on"),
        ],
    )
    def test_by(self, reviewer: Client, asked: dict[str, str], found: str, why: str) -> None:
        assert "".join(names(reviewer, **asked)) == found, why

    def test_by_lane_and_terminal(self, reviewer: Client, shop: SmallStore) -> None:
        assert names(reviewer, place=f"lane-{shop.lanes[1].pk}") == ["C"]
        assert names(reviewer, place=f"terminal-{shop.terminals[1].pk}") == ["C"]

    def test_open_tickets_are_those_that_nothing_ended(self, reviewer: Client, till: APIClient) -> None:
        now = (timezone.now() - timedelta(hours=1) - START).total_seconds()
        send(till, told("G", "scan", now, line=1, description="Wine", amount="12.00"))
        assert names(reviewer, status="open") == ["G"]
        send(till, told("G", "ticket_suspend", now + 1), told("G", "ticket_resume", now + 2))
        assert names(reviewer, status="open") == ["G"]
        send(till, told("G", "ticket_cancel", now + 3))
        assert names(reviewer, status="open") == []

    @pytest.mark.parametrize(
        ("asked", "says"),
        [
            ({"least": "5", "most": "4"}, "swap them"),
            ({"item": "12a"}, "up to 14 digits"),
            ({"since": "yesterday"}, "Enter a valid date"),
            ({"place": "lane-999999"}, "Select a valid choice"),
            ({"since": "0001-01-01T00:00"}, "Write a year from 1990"),
            ({"text": "a\x00b"}, "Null characters"),
        ],
    )
    def test_what_cannot_be_meant_is_said_at_its_field(
        self, reviewer: Client, asked: dict[str, str], says: str
    ) -> None:
        page = reviewer.get(LIST, asked)
        assert page.context["found"].rows == []
        assert says in page.content.decode()

    def test_a_page_leads_to_the_next_and_no_ticket_comes_twice(
        self, reviewer: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ticket_search, "PAGE", 2)
        seen, query = [], ""
        for _ in range(4):
            page = reviewer.get(LIST + query)
            seen.append("".join(row.ticket.transaction for row in page.context["found"].rows))
            query = f"?{page.context['older']}"
        assert seen[:3] == ["FE", "DC", "BA"]
        assert page.context["older"] == reviewer.get(f"{LIST}?after=nonsense").context["older"]

    def test_too_many_texts_are_said_and_the_first_shown(
        self, reviewer: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ticket_search, "TEXTS_MOST", 2)
        monkeypatch.setattr(ticket_search, "FITTING_MOST", 1)
        page = reviewer.get(LIST, {"text": "l"})
        assert len(page.context["found"].limits) == 2
        assert len(page.context["found"].rows) == 1  # BREAD rolls, the first by the alphabet

    def test_it_says_at_a_glance_what_is_unusual(self, reviewer: Client) -> None:
        rows = {row.ticket.transaction: row for row in reviewer.get(LIST).context["found"].rows}
        assert {name: row.marks for name, row in rows.items()} == {
            "A": [], "B": [], "C": [], "D": ["void"], "E": ["suspended"], "F": ["return"],
        }  # fmt: skip


class TestWho:
    def test_only_the_tickets_of_ones_own_stores(self, reviewer: Client, till: APIClient, calling: Any) -> None:
        sale(till, "MINE")
        sale(calling(key_of(small_store("S002").store, "pos.write")), "THEIRS")
        assert names(reviewer) == ["MINE"]
        assert names(reviewer, store="S002") == ["MINE"]
        assert page_of(reviewer, "THEIRS", "S002").status_code == 404
        assert page_of(reviewer, "THEIRS").status_code == 404

    @pytest.mark.parametrize("role", ["installer", "privacy_officer"])
    def test_whoever_may_see_no_case_sees_no_ticket(self, shop: SmallStore, till: APIClient, role: str) -> None:
        sale(till, "A")
        client = signed_in(shop, role)
        page = client.get(LIST).content.decode()
        assert "tickets of no store" in page
        assert page_of(client, "A").status_code == 404

    def test_opening_a_ticket_is_recorded_once_for_one_look(self, reviewer: Client, till: APIClient) -> None:
        sale(till, "A" * 100)
        for _ in range(2):
            assert page_of(reviewer, "A" * 100).status_code == 200
        looked = AuditEvent.objects.get(action="ticket.viewed")
        assert (looked.actor, looked.store_code, looked.data) == ("reviewer", "S001", {"transaction": "A" * 100})


class TestOperators:
    def test_it_is_off_unless_governance_allows_it(self, reviewer: Client, till: APIClient) -> None:
        sale(till, "A")
        who = PosEvent.objects.values_list("operator", flat=True)[0]
        page = reviewer.get(LIST, {"operator": who})
        assert page.context["found"].rows == []
        assert "Searching by operator is off" in page.content.decode()
        assert 'name="operator"' not in page.content.decode()
        assert who not in page_of(reviewer, "A").content.decode()

    def test_allowed_it_finds_a_month_and_every_search_is_recorded(
        self, reviewer: Client, till: APIClient, shop: SmallStore
    ) -> None:
        Governance.objects.create(store=shop.store, operator_views=True, consultation="WC-2026-11")
        now = timezone.now()
        fresh, old = ((now - timedelta(days=days) - START).total_seconds() / 60 for days in (1, 40))
        sale(till, "NEW", minute=fresh)
        sale(till, "OLD", minute=old)
        who = pseudonym("S001", "operator", "c-17")
        page = reviewer.get(LIST, {"operator": who})
        assert [row.ticket.transaction for row in page.context["found"].rows] == ["NEW"]
        assert "31 days back at most" in page.content.decode()
        assert AuditEvent.objects.get(action="tickets.operator_searched").object_id == who
        assert who in page_of(reviewer, "NEW").content.decode()

    def test_the_database_refuses_it_without_the_consultation(self, shop: SmallStore) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Governance.objects.create(store=shop.store, operator_views=True)

    def test_switching_it_takes_the_reference_and_is_history(self, shop: SmallStore) -> None:
        officer = signed_in(shop, "privacy_officer")
        url = reverse("admin:lanes_store_change", args=[shop.store.pk])
        refused = officer.post(url, store_form(shop, operator_views="on"))
        assert "give the reference under consultation" in refused.content.decode()
        officer.post(url, store_form(shop, operator_views="on", consultation="WC-1"))
        assert operator_views_allowed(shop.store)
        assert AuditEvent.objects.get(action="governance.changed").data["operator_views"] is True

    def test_nor_does_the_administration_show_an_operator(self, shop: SmallStore, till: APIClient) -> None:
        sale(till, "A")
        row = PosEvent.objects.all()[0]
        client = signed_in(shop, "administrator")
        url = reverse("admin:pos_posevent_change", args=[row.pk])
        assert row.operator not in client.get(url).content.decode()
        Governance.objects.create(store=shop.store, operator_views=True, consultation="WC-2026-11")
        assert row.operator in client.get(url).content.decode()


class TestOneTicket:
    def test_the_receipt_line_by_line(self, reviewer: Client, till: APIClient) -> None:
        send(
            till,
            told("A", "scan", 1, line=1, description="Oil", amount="7.95", quantity=1),
            told("A", "scan", 2, line=2, description="Wine", amount="12.00", quantity=1),
            told("A", "quantity_change", 3, line=1, quantity=2, amount="15.90"),
            told("A", "ticket_suspend", 4),
            told("A", "ticket_resume", 65, terminal="T2"),
            told("A", "price_override", 66, terminal="T2", line=2, amount="9.00", reason="dented"),
            told("A", "void", 67, terminal="T2", line=1, voids_line=1),
            told("A", "tender", 68, terminal="T2", amount="9.00", tender="cash"),
            told("A", "ticket_close", 69, terminal="T2", amount="9.00"),
        )
        shown = page_of(reviewer, "A").context["shown"]
        assert [(entry.text, str(entry.amount), entry.notes, entry.look) for entry in shown.entries] == [
            ("Oil", "15.90", "2 ×, was 1 ×, was 7.95, voided", "struck"),
            ("Wine", "9.00", "was 12.00", ""),
            ("suspended", "None", "", "break"),
            ("resumed", "None", "", "break"),
        ]
        assert (str(shown.ticket.total), shown.ticket.adds_up, shown.terminals) == ("9.00", True, ["T1", "T2"])
        assert [told.words for told in shown.story][5:7] == [
            "Price overridden, line 2, reason: dented",
            "Struck, line 1",
        ]

    def test_a_refund_leads_to_its_sale_and_the_sale_to_its_refund(self, reviewer: Client, till: APIClient) -> None:
        sale(till, "A")
        send(till, told("R", "return", 1, minute=5, line=1, amount="-7.95", original_transaction="A"))
        send(till, told("X", "return", 1, minute=6, line=1, amount="-1.00", original_transaction="LONG AGO"))
        send(till, told("A", "ticket_void", 55, voided_by="V"), told("V", "scan", 1, minute=9, line=1, amount="1.00"))

        def links(ticket: str) -> list[tuple[str, str, bool]]:
            found = page_of(reviewer, ticket).context["shown"].links
            return [(link.relation, link.transaction, link.known) for link in found]

        assert links("A") == [("Given back in", "R", True), ("Voided by", "V", True)]
        assert links("R") == [("Gives back goods of", "A", True)]
        assert links("X") == [("Gives back goods of", "LONG AGO", False)]
        assert links("V") == [("Voids", "A", True)]
        assert names(reviewer, status="voided") == ["A"]

    @pytest.mark.parametrize("named", [None, "", 17, True, {"id": "A"}, "x" * 1000])
    def test_whatever_a_till_names_is_stored(self, reviewer: Client, till: APIClient, named: Any) -> None:
        send(till, told("R", "return", 1, line=1, amount="-7.95", original_transaction=named))
        assert page_of(reviewer, "R").status_code == 200

    def test_the_search_leads_to_the_ticket_of_its_time(self, reviewer: Client, till: APIClient) -> None:
        for day, text in enumerate(("Oil", "Milk", "Wine")):
            minute = day * 24 * 60
            send(till, told("0042", "scan", day, minute=minute, line=1, description=text, amount=f"{day + 1}.00"))
        page = reviewer.get(LIST, {"text": "milk"})
        [row] = page.context["found"].rows
        assert str(row.ticket.total) == "2.00"
        address = page.content.decode().partition('tickets__name"><a href="')[2].partition('"')[0]
        shown = reviewer.get(address.replace("&amp;", "&")).context["shown"]
        assert [entry.text for entry in shown.entries] == ["Milk"]
        assert [entry.text for entry in page_of(reviewer, "0042").context["shown"].entries] == ["Wine"], "the last"

    @pytest.mark.parametrize("at", ["x", "2026-11-21", "2026-11-21T10:00", "0001-01-01T00:00:00+14:00", "1e99"])
    def test_what_is_no_instant_means_the_last(self, reviewer: Client, till: APIClient, at: str) -> None:
        sale(till, "A")
        assert reviewer.get(reverse("ticket", args=["S001"]), {"transaction": "A", "at": at}).status_code == 200

    def test_texts_of_a_till_are_text(self, reviewer: Client, till: APIClient) -> None:
        send(till, told("<b>A</b> &?/#", "scan", 1, line=1, description="<script>alert(1)</script>", amount="1.00"))
        page = reviewer.get(LIST).content.decode()
        assert "<b>A" not in page
        address = page.partition('tickets__name"><a href="')[2].partition('"')[0]
        found = reviewer.get(address.replace("&amp;", "&"))
        assert found.status_code == 200
        assert "<script>alert" not in found.content.decode()

    @pytest.mark.parametrize("transaction", ["", "never", "a\x00b", "x" * 500])
    def test_what_is_not_stored_is_not_there(self, reviewer: Client, transaction: str) -> None:
        assert page_of(reviewer, transaction).status_code == 404

    @pytest.mark.parametrize(
        "mark", ["0001-01-01T00:00:00+14:00_1", "2026-11-21T00:00:00_1", f"{START}_{10**30}", "_", "x_y"]
    )
    def test_a_mark_that_is_none_harms_nothing(self, reviewer: Client, till: APIClient, mark: str) -> None:
        sale(till, "A")
        assert names(reviewer, after=mark) in (["A"], [])

    def test_a_case_leads_to_its_ticket(self, reviewer: Client, shop: SmallStore) -> None:
        from tests.factories.cases import case_at

        case = case_at(shop)
        page = reviewer.get(reverse("case", args=[case.pk])).content.decode()
        assert f"{reverse('ticket', args=['S001'])}?transaction={case.transaction}" in page


def queries(client: Client, url: str, **asked: str) -> int:
    client.get(url, asked)  # looking is recorded once
    with CaptureQueriesContext(connection) as taken:
        client.get(url, asked)
    return len(taken)


@pytest.mark.parametrize("asked", [{}, {"text": "oil", "status": "closed", "type": "scan"}])
def test_three_tickets_cost_as_many_queries_as_one(reviewer: Client, till: APIClient, asked: dict[str, str]) -> None:
    sale(till, "A")
    one = queries(reviewer, LIST, **asked)
    for n in (1, 2):
        sale(till, f"B{n}", ("Oil", "", "1.00"), ("Oil 2", "", "2.00"), minute=n, terminal=f"T{n}")
    assert queries(reviewer, LIST, **asked) == one
    assert one <= 12


def test_a_long_ticket_costs_as_many_queries_as_a_short_one(reviewer: Client, till: APIClient) -> None:
    sale(till, "A")
    url = reverse("ticket", args=["S001"])
    short = queries(reviewer, url, transaction="A")
    sale(till, "B", *((f"Oil {n}", "", "1.00") for n in range(20)), minute=1)
    send(till, told("R", "return", 1, minute=5, line=1, amount="-1.00", original_transaction="B"))
    assert queries(reviewer, url, transaction="B") == short
