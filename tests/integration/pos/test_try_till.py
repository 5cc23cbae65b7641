"""The till that people can try: who may, what becomes of what it sends, and what is understood of a file."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lanes.models import Terminal
from pos.models import HeldEvent, PosEvent
from pos.services.trying import SOURCE
from privacy.domain.roles import Role
from privacy.models import AuditEvent, User
from privacy.presenters import audit_sentence
from tests.factories.stores import SmallStore, signed_in, small_store
from tests.unit.pos.adapters.test_poslog import SALE, document, line, retail, transaction

pytestmark = pytest.mark.django_db
MAY = {Role.INSTALLER, Role.ADMINISTRATOR}
SEND = "/till/S001/events/"


@pytest.fixture
def ines(shop: SmallStore) -> Client:
    return signed_in(shop, Role.INSTALLER)


def event(n: int, **more: Any) -> dict[str, Any]:
    at = (timezone.now() - timedelta(minutes=5, seconds=-n)).isoformat()
    return {"id": f"try-{n}", "terminal": "T1", "type": "scan", "occurred_at": at} | more


def sent(client: Client, body: Any, path: str = SEND) -> HttpResponse:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(path, text, content_type="application/json")


def read(client: Client, body: str | bytes, **query: str) -> HttpResponse:
    return client.generic("POST", "/till/read/", body, content_type="application/octet-stream", query_params=query)


@pytest.mark.parametrize("role", Role)
def test_only_who_may_map_tills_may_try_one(shop: SmallStore, role: Role) -> None:
    client = signed_in(shop, role)
    may = role in MAY
    assert client.get("/till/").status_code == (200 if may else 403)
    assert sent(client, [event(1)]).status_code == (200 if may else 403)
    assert read(client, json.dumps([event(1)])).status_code == (200 if may else 403)
    assert PosEvent.objects.count() == may


@pytest.mark.parametrize("role", [Role.INSTALLER, Role.REVIEWER])
def test_the_administration_leads_there_whom_it_may(shop: SmallStore, role: Role) -> None:
    client = signed_in(shop, role)
    User.objects.update(is_staff=True)
    assert ('href="/till/"' in client.get("/admin/").content.decode()) == (role in MAY)


def test_a_store_of_others_is_not_there(ines: Client) -> None:
    small_store("S002")
    assert sent(ines, [event(1)], "/till/S002/events/").status_code == 404
    page = ines.get("/till/").content.decode()
    assert "S001" in page and "S002" not in page
    assert not PosEvent.objects.exists()


def test_a_post_from_another_site_is_refused(shop: SmallStore) -> None:
    client = signed_in(shop, Role.INSTALLER, csrf=True)
    assert sent(client, [event(1)]).status_code == 403
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', client.get("/till/").content.decode())
    assert token is not None
    answer = client.post(SEND, json.dumps([event(1)]), "application/json", headers={"X-CSRFToken": token[1]})
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)


def test_the_answer_is_that_of_the_api_and_what_is_stored_is_marked(ines: Client) -> None:
    batch = [event(1, data={"amount": "7.95", "source": "me"}), event(2), event(3, type="scna"), event(4, data=[])]
    said = sent(ines, batch).json()
    assert (said["accepted"], said["duplicates"]) == (2, 0)
    assert [(one["index"], one["code"]) for one in said["rejected"]] == [(2, "unknown_type"), (3, "wrong_type")]
    assert "Did you mean 'scan'?" in said["rejected"][0]["detail"]
    assert {row.data["source"] for row in PosEvent.objects.all()} == {SOURCE}
    assert PosEvent.objects.get(external_id="try-1").amount is not None
    assert sent(ines, batch).json()["duplicates"] == 2


@pytest.mark.parametrize(
    "body",
    ['{"id": 1}\n', "7", "null", '"x"', "[1e999]", '[{"a": NaN}]', '["\\ud800"]', "[" + "[" * 5000 + "]" * 5000 + "]"],
)
def test_nothing_unmarked_gets_in_whatever_is_sent(ines: Client, body: str) -> None:
    answer = sent(ines, body)
    assert answer.status_code in (200, 400)
    assert not PosEvent.objects.exists()


def test_numbers_of_any_size_pass_the_mark(ines: Client) -> None:
    answer = sent(ines, [event(1, data={"count": 10**29, "share": 0.1})])
    assert answer.status_code == 200
    assert sum(answer.json()[name] for name in ("accepted", "duplicates")) + len(answer.json()["rejected"]) == 1


@pytest.mark.parametrize(
    ("body", "code"), [("[]", "not_a_batch"), ("[{", "not_json"), (b"\xff", "not_utf8"), ("[1" * 9 + "]", "not_json")]
)
def test_a_body_that_is_no_batch_is_told_as_by_the_api(ines: Client, body: Any, code: str) -> None:
    answer = sent(ines, body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not AuditEvent.objects.filter(action="till.tried").exists()


def test_a_body_over_the_limit_is_told_too(ines: Client) -> None:
    assert sent(ines, b" " * (8 * 2**20 + 1)).status_code == 413


def test_every_batch_is_in_the_audit(ines: Client) -> None:
    sent(ines, [event(1), event(2, type="scna")])
    (told,) = AuditEvent.objects.filter(action="till.tried")
    assert (told.actor, told.store_code) == ("installer", "S001")
    assert audit_sentence(told) == (
        "Installer sent 2 events to store S001 from the page for trying a till (1 of them new)."
    )


def test_a_till_that_nobody_has_mapped_is_held_as_ever(ines: Client) -> None:
    said = sent(ines, [event(1, terminal="T9")]).json()
    assert said["rejected"][0]["code"] == "unknown_terminal"
    assert HeldEvent.objects.get().row["data"].count(SOURCE) == 1


def test_what_is_understood_of_a_file_is_shown_and_not_stored(ines: Client) -> None:
    lines = "\n".join([json.dumps(event(1)), "{", json.dumps(event(2))])
    told = read(ines, lines).json()
    assert [one["id"] for one in told["events"]] == ["try-1", "try-2"]
    assert [(one["part"], one["code"]) for one in told["refused"]] == [("line 2", "not_json")]
    assert not PosEvent.objects.exists() and not AuditEvent.objects.filter(action="till.tried").exists()


def test_a_document_of_another_system_is_read_and_what_comes_of_it_can_be_sent(ines: Client) -> None:
    paper = document(transaction(retail(line(SALE), total="7.95")))
    told = read(ines, paper, kind="poslog").json()
    assert told["refused"] == []
    mine = [one | {"terminal": "T1"} for one in told["events"]]
    assert sent(ines, mine).json()["rejected"] == []
    assert PosEvent.objects.filter(type="scan", amount="7.95", data__source=SOURCE).count() == 1


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [("<xml/>", "", "not_understood"), ("{}", "poslog", "not_understood"), ("{}", "fax", "unknown_kind")],
)
def test_a_file_that_is_not_understood_is_told(ines: Client, body: str, kind: str, code: str) -> None:
    answer = read(ines, body, kind=kind)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("text", ['[{"id": "a", "share": NaN}]', '[{"id": "a", "x": 1e999}]', '[{"id": "\\ud800"}]'])
def test_what_a_browser_cannot_read_is_not_given_to_it(ines: Client, text: str) -> None:
    answer = read(ines, text)
    json.loads(answer.content, parse_constant=lambda name: pytest.fail(name))


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_whatever_there_is_to_choose(shop: SmallStore, ines: Client, count: int) -> None:
    Terminal.objects.all().delete()
    for n in range(count):
        Terminal.objects.create(store=shop.store, lane=shop.lanes[0], code=f"TEST-{n}")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = ines.get("/till/").content.decode()
    assert page.count('<option value="TEST-') == count
    assert len(asked) == 5


def test_without_a_terminal_the_page_says_what_to_do(ines: Client) -> None:
    Terminal.objects.all().delete()
    assert "There is no terminal yet" in ines.get("/till/").content.decode()


def test_the_page_keeps_to_the_policy_and_all_that_it_names_is_there(ines: Client) -> None:
    page = ines.get("/till/").content.decode()
    assert re.findall(r"<script>|<style|\sstyle=|\son\w+=", page) == []
    for name in re.findall(r'(?:src|href)="/static/([^"#]+)', page):
        assert finders.find(name), name
