"""The desk's pages: what they show, to whom, and at what cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Case
from privacy.models import AuditEvent
from tests.factories.cases import AT, case_at, evidence_of, person
from tests.factories.stores import SmallStore, small_store

pytestmark = pytest.mark.django_db
REASON = {"confirm": "item_not_rung_up", "dismiss": "camera_error", "more_context": "clip_too_short"}


@pytest.fixture
def ana(shop: SmallStore, client: Client) -> Client:
    client.force_login(person("ana", role="reviewer", shop=shop))
    return client


@pytest.fixture
def elsewhere() -> SmallStore:
    return small_store("S002", "Europe/London")


def shown(response: Any) -> list[str]:
    return [str(card.case.pk) for card in response.context["cards"]]


def deciding(case: Case, outcome: str = "confirm", **changes: str) -> tuple[str, dict[str, str]]:
    return reverse("case-decide", args=[case.pk]), {"outcome": outcome, "reason": REASON[outcome], **changes}


def test_a_stranger_is_led_to_the_sign_in_page(client: Client, shop: SmallStore) -> None:
    case = case_at(shop)
    for name, args in [
        ("queue", []), ("queue-margin", []), ("case", [case.pk]), ("case-card", [case.pk]), ("case-panel", [case.pk]),
        ("case-decide", [case.pk]), ("clip", [case.pk]), ("key-frame", [case.pk, 0]), ("audit", []), ("audit-mine", []),
    ]:  # fmt: skip
        response = client.get(reverse(name, args=args))
        assert (response.status_code, response["Location"].split("?")[0]) == (302, "/login/"), name


def test_signing_in_leads_to_the_queue(client: Client, shop: SmallStore) -> None:
    person("ana", role="reviewer", shop=shop)
    response = client.post(reverse("login"), {"username": "ana", "password": "a longer password"})
    assert (response.status_code, response["Location"]) == (302, "/")


def test_the_queue_shows_open_cases_newest_first(ana: Client, shop: SmallStore) -> None:
    first, second = case_at(shop, name="1"), case_at(shop, name="2")
    case_at(shop, name="3", status="dismissed")
    response = ana.get("/")
    assert shown(response) == [str(second.pk), str(first.pk)]
    page = response.content.decode()
    assert "<title>(2) Cases · Shrink</title>" in page
    assert "Item crossed, nothing rung up" in page
    assert "Sat 21 Nov 11:00" in page, "the store's time, not UTC"
    assert "€7.95" in page


@pytest.mark.parametrize(
    ("query", "expected", "reason"),
    [
        ("", {"a", "b", "c"}, "all that is open"),
        ("?lane=L2", {"b"}, "by lane"),
        ("?kind=bypass", {"c"}, "by kind"),
        ("?status=dismissed", {"d"}, "by status"),
        ("?status=all", {"a", "b", "c", "d"}, "everything"),
        ("?store=S001&lane=L1", {"a", "c"}, "both"),
        ("?store=S999", set(), "a store that is not there"),
        ("?status=nonsense&order=nonsense&after=nonsense", {"a", "b", "c"}, "what is not understood is not asked"),
    ],
)
def test_filters_are_addresses(ana: Client, shop: SmallStore, query: str, expected: set[str], reason: str) -> None:
    named = {
        "a": case_at(shop, name="a"),
        "b": case_at(shop, name="b", lane=1),
        "c": case_at(shop, name="c", kind="bypass"),
        "d": case_at(shop, name="d", status="dismissed"),
    }
    assert set(shown(ana.get(f"/{query}"))) == {str(named[name].pk) for name in expected}, reason


def test_the_riskiest_come_first_where_asked(ana: Client, shop: SmallStore) -> None:
    cases = [case_at(shop, name=str(n), risk=risk) for n, risk in enumerate((0.6, 0.95, 0.8))]
    assert shown(ana.get("/?order=risk")) == [str(cases[n].pk) for n in (1, 2, 0)]


@pytest.mark.parametrize("order", ["newest", "risk"])
def test_pages_follow_each_other_without_loss(
    ana: Client, shop: SmallStore, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.desk.queue.PAGE", 2)
    cases = {str(case_at(shop, name=str(n), risk=0.6 + 0.1 * (n % 2)).pk) for n in range(5)}
    seen: list[str] = []
    address: str | None = f"/?order={order}"
    while address and len(seen) < 10:
        response = ana.get(address)
        seen += shown(response)
        address = f"/{response.context['next_page']}" if response.context["next_page"] else None
    assert (len(seen), set(seen)) == (5, cases)


def test_an_empty_queue_explains_itself(ana: Client, client: Client) -> None:
    assert "Camera and till agree" in ana.get("/").content.decode()
    assert "No case matches" in ana.get("/?kind=bypass").content.decode()


def test_somebody_without_a_store_is_told_what_to_do(client: Client, shop: SmallStore) -> None:
    case = case_at(shop)
    client.force_login(person("new"))
    page = client.get("/").content.decode()
    assert "No store to watch yet" in page
    assert str(case.pk) not in page


def test_the_queue_costs_the_same_for_one_case_and_three(ana: Client, shop: SmallStore) -> None:
    costs = []
    for names in (("1",), ("2", "3")):
        for name in names:
            evidence_of(case_at(shop, name=name, lane=int(name) % 2), seconds=0.5)
        with CaptureQueriesContext(connection) as queries:
            assert ana.get("/").status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 16, "sessions, user, rights, cases, stills, choices, counts and each health provider"


@pytest.mark.parametrize("count", [1, 3])
def test_the_case_page_costs_the_same_however_many_there_are(
    ana: Client, shop: SmallStore, count: int, django_assert_num_queries: Any
) -> None:
    cases = [case_at(shop, name=str(n), at=AT + timedelta(seconds=n)) for n in range(count)]
    evidence_of(cases[0], seconds=0.5)
    ana.get(reverse("case", args=[cases[0].pk]))
    with django_assert_num_queries(21):
        ana.get(reverse("case", args=[cases[0].pk]))


def test_cases_of_other_stores_are_not_there(ana: Client, elsewhere: SmallStore) -> None:
    case = case_at(elsewhere)
    evidence_of(case, seconds=0.5)
    for name, args in [
        ("case", [case.pk]), ("case-card", [case.pk]), ("case-panel", [case.pk]), ("clip", [case.pk]),
        ("key-frame", [case.pk, 0]),
    ]:  # fmt: skip
        assert ana.get(reverse(name, args=args)).status_code == 404, name
    address, sent = deciding(case)
    assert ana.post(address, sent).status_code == 404
    assert Case.objects.get(pk=case.pk).status == "open"
    assert "Store S002" not in ana.get("/").content.decode()
    assert not AuditEvent.objects.filter(actor="ana").exclude(action__startswith="user.").exists()


def test_the_case_page_carries_both_witnesses(ana: Client, shop: SmallStore) -> None:
    case = case_at(shop)
    evidence_of(case, seconds=0.5)
    response = ana.get(reverse("case", args=[case.pk]))
    page, file = response.content.decode(), response.context["file"]
    assert [mark.unmatched for mark in file.timeline.passes] == [False, True, False]
    assert [mark.kind for mark in file.timeline.lines] == ["item", "item"]
    assert len(file.timeline.matches) == 2
    assert [row.words for row in file.receipt] == [
        "Olive oil 1 l", "Item crossed, nothing rung up", "Bread rolls", "Total",
    ]  # fmt: skip
    assert "the till says nothing around it" in page
    assert "+2.40 s ± 0.18 s" in page
    assert "a line of the till paid for it" in page


def test_a_line_without_an_item_hangs_on_the_till_s_row(ana: Client, shop: SmallStore) -> None:
    file = ana.get(reverse("case", args=[case_at(shop, kind="scan_without_item").pk])).context["file"]
    assert file.gap_row == "till"
    assert [mark.unmatched for mark in file.timeline.lines] == [False, True, False]
    assert [row.look for row in file.receipt] == ["", "gap", "", "total"]


def test_nothing_on_the_pages_accuses_or_names_the_operator(ana: Client, shop: SmallStore) -> None:
    for kind in ("no_scan", "bypass", "scan_without_item"):
        case = case_at(shop, kind=kind, name=kind)
        page = ana.get(reverse("case", args=[case.pk])).content.decode().lower()
        assert "operator" not in page
        assert "0123456789abcdef" not in page
        for word in ("theft", "thief", "steal", "stole", "suspect"):
            assert word not in page, word


def test_no_page_needs_inline_script_or_style(ana: Client, shop: SmallStore) -> None:
    case = case_at(shop)
    evidence_of(case, seconds=0.5)
    for address in ("/", reverse("case", args=[case.pk]), "/audit/mine/"):
        response = ana.get(address)
        page = response.content.decode()
        policy = response["Content-Security-Policy"]
        assert "unsafe" not in policy
        for inline in ("style=", "onclick=", "onload=", "<style", "javascript:"):
            assert inline not in page, (address, inline)
        assert "<script>" not in page


def test_looking_at_a_case_is_recorded_once(ana: Client, shop: SmallStore) -> None:
    case = case_at(shop)
    for _ in range(3):
        ana.get(reverse("case", args=[case.pk]))
    assert AuditEvent.objects.filter(action="case.viewed", actor="ana", object_id=str(case.pk)).count() == 1


@pytest.mark.parametrize(
    ("outcome", "status"), [("confirm", "confirmed"), ("dismiss", "dismissed"), ("more_context", "needs_context")]
)
def test_deciding_opens_the_next_case(ana: Client, shop: SmallStore, outcome: str, status: str) -> None:
    below, case = case_at(shop, name="1"), case_at(shop, name="2")
    address, sent = deciding(case, outcome, note="seen twice")
    response = ana.post(address, sent)
    assert response["Location"] == reverse("case", args=[below.pk])
    case.refresh_from_db()
    assert case.status == status
    assert [(d.reason, d.note, d.decided_by) for d in case.decisions.all()] == [(REASON[outcome], "seen twice", "ana")]


def test_after_the_last_case_comes_the_queue_with_its_filter(ana: Client, shop: SmallStore) -> None:
    case = case_at(shop, lane=1)
    case_at(shop, name="other lane")
    address, sent = deciding(case)
    assert ana.post(f"{address}?lane=L2", sent)["Location"] == "/?lane=L2"


def test_the_second_to_decide_is_told_who_was_first(ana: Client, shop: SmallStore) -> None:
    case = case_at(shop)
    address, sent = deciding(case, "dismiss")
    other = Client()
    other.force_login(person("berta", role="reviewer", shop=shop))
    other.post(address, sent)
    page = ana.post(*deciding(case), follow=True).content.decode()
    assert "dismissed by Berta already" in page
    assert Case.objects.get(pk=case.pk).status == "dismissed"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": ""}, "Choose a reason."),
        ({"reason": "camera_error"}, "is no reason to confirm"),
        ({"outcome": "guess"}, "Select a valid choice"),
        ({"action": "arrest"}, "Select a valid choice"),
    ],
)
def test_a_decision_that_does_not_fit_is_refused(
    ana: Client, shop: SmallStore, changes: dict[str, str], said: str
) -> None:
    case = case_at(shop)
    address, sent = deciding(case)
    assert said in ana.post(address, sent | changes, follow=True).content.decode()
    assert Case.objects.get(pk=case.pk).status == "open"


def test_an_analyst_looks_and_does_not_decide(client: Client, shop: SmallStore) -> None:
    case = case_at(shop)
    client.force_login(person("carla", role="analyst", shop=shop))
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "deciding takes another role" in page
    assert "<details" not in page
    address, sent = deciding(case)
    assert "does not allow deciding" in client.post(address, sent, follow=True).content.decode()
    assert Case.objects.get(pk=case.pk).status == "open"


def test_a_decided_case_says_why_its_buttons_are_closed(ana: Client, shop: SmallStore) -> None:
    case = case_at(shop)
    ana.post(*deciding(case, "dismiss"))
    page = ana.get(reverse("case", args=[case.pk])).content.decode()
    assert 'title="This case has been dismissed; a decision stands as it was made."' in page
    assert "The camera misread it" in page


def test_the_margin_counts_what_the_filter_finds(ana: Client, shop: SmallStore, elsewhere: SmallStore) -> None:
    for n in range(3):
        case_at(shop, name=str(n), lane=n % 2)
    case_at(elsewhere)
    page = ana.get("/queue/margin/?lane=L1").content.decode()
    assert "€15.90 at risk" in page
    assert ">2 open<" in page
    assert "S002" not in page


def test_a_card_becomes_a_note_when_its_case_leaves_the_list(ana: Client, shop: SmallStore) -> None:
    case = case_at(shop)
    card = ana.get(reverse("case-card", args=[case.pk]))
    assert (card["X-Case-Count"], "data-gone" in card.content.decode()) == ("1", False)
    Case.objects.filter(pk=case.pk).update(status="withdrawn")
    type(case.discrepancy).objects.update(withdrawn_reason="A late line explains it.")
    note = ana.get(reverse("case-card", args=[case.pk]))
    assert (note["X-Case-Count"], "data-gone" in note.content.decode()) == ("0", True)
    assert "A late line explains it." in note.content.decode()


def test_auditors_read_their_stores_and_everybody_reads_themselves(
    ana: Client, client: Client, shop: SmallStore, elsewhere: SmallStore
) -> None:
    case = case_at(shop)
    ana.get(reverse("case", args=[case.pk]))
    assert ana.get("/audit/")["Location"] == "/audit/mine/"
    assert f"Ana viewed case {str(case.pk)[:8]}" in ana.get("/audit/mine/").content.decode()
    officer, stranger = Client(), Client()
    officer.force_login(person("olga", role="privacy_officer", shop=shop))
    stranger.force_login(person("xenia", role="privacy_officer", shop=elsewhere))
    assert f"Ana viewed case {str(case.pk)[:8]}" in officer.get("/audit/").content.decode()
    assert "Ana viewed" not in stranger.get("/audit/").content.decode()
    assert "Ana viewed" not in officer.get("/audit/mine/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_audit_page_costs_the_same_for_one_event_and_three(
    ana: Client, shop: SmallStore, count: int, django_assert_num_queries: Any
) -> None:
    for n in range(count):
        ana.get(reverse("case", args=[case_at(shop, name=str(n)).pk]))
    with django_assert_num_queries(6):
        ana.get("/audit/mine/")
