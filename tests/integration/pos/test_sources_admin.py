"""Tills' sources in the administration: said once, shown to those who may, secrets never again."""

import json
from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pos.models import PosEvent, PosSource, SourcePreview
from pos.models.sources import PREVIEW_FOR
from pos.services.kept_files import inboxes_folder, kept_files_expire
from pos.services.sources import previews_expire
from privacy.models import AuditEvent
from privacy.presenters import audit_sentence
from tests.factories.doors import receipt, source_made
from tests.factories.stores import SmallStore, signed_in, small_store

LIST = "/admin/pos/possource/"


@pytest.fixture
def installer(shop: SmallStore) -> Client:
    return signed_in(shop, "installer")


def form(shop: SmallStore, **said: Any) -> dict[str, Any]:
    """What the page sends for a printer's line over TCP."""
    values = {
        "store": shop.store.pk, "name": "printer", "terminal": shop.terminals[0].pk, "door": "tcp_listen",
        "host": "", "port": "9100", "allowed": "", "quiet_s": "300", "device": "", "baud": "9600", "parity": "N",
        "topic": "", "username": "", "password": "", "folder": "", "adapter": "receipt_text", "options": "{}",
    }  # fmt: skip
    return values | said


def errors(page: Any) -> str:
    assert page.status_code == 200, "it was taken"
    return str(page.context["adminform"].form.errors.as_text())


def test_an_installer_makes_one_and_history_keeps_that_it_was_switched_on(shop: SmallStore, installer: Client) -> None:
    assert installer.post(f"{LIST}add/", form(shop, enabled="on")).status_code == 302
    made = PosSource.objects.get()
    assert (made.name, made.port, made.enabled, made.options) == ("printer", 9100, True, {})
    event = AuditEvent.objects.get(action="source.on")
    assert audit_sentence(event) == "Installer switched till source printer of store S001 on."


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"port": ""}, "port\n  * This door needs it."),
        ({"terminal": ""}, "Receipts as text name no till"),
        ({"door": "serial"}, "device\n  * This door needs it."),
        ({"door": "mqtt", "port": "1883"}, "host\n  * This door needs it."),
        ({"door": "folder", "folder": "../etc"}, "Not a name of a folder"),
        ({"allowed": "192.168.4"}, "192.168.4 is no address: write for example"),
        ({"options": '{"stop_mask": "x"}'}, "stop_mask: there is no such option; there are"),
        ({"options": '{"ends_at_cut": "no"}'}, "ends_at_cut: Expected bool, got str."),
        ({"options": "{"}, "Enter a valid JSON."),
        ({"options": "[]"}, ""),
        ({"options": r'{"patterns": {"item": "(\\w+ ?)+:"}}'}, "takes seconds over a long line"),
        ({"quiet_s": "0"}, "quiet_s"),
        ({"port": "70000"}, "port"),
    ],
)
def test_a_mistake_is_told_at_its_field(shop: SmallStore, installer: Client, said: dict[str, Any], wrong: str) -> None:
    page = installer.post(f"{LIST}add/", form(shop, **said))
    if wrong:
        assert wrong in errors(page)
    assert PosSource.objects.exists() is (not wrong)


def test_of_two_sources_that_are_on_only_one_has_a_port(shop: SmallStore, installer: Client) -> None:
    source_made(shop, "tcp_listen", host="", port=9100)
    assert "Another source that is switched on has it" in errors(
        installer.post(f"{LIST}add/", form(shop, enabled="on"))
    )
    assert installer.post(f"{LIST}add/", form(shop)).status_code == 302, "switched off it may"


def test_a_till_of_another_store_cannot_be_chosen(shop: SmallStore, installer: Client) -> None:
    other = small_store("S002")
    said = errors(installer.post(f"{LIST}add/", form(shop, terminal=other.terminals[0].pk)))
    assert "Select a valid choice" in said


def test_a_password_is_never_shown_again_and_kept_until_the_address_changes(
    shop: SmallStore, installer: Client
) -> None:
    said = form(shop, door="mqtt", host="broker", port="1883", topic="tills/+", username="till", password="s3cret-word")
    installer.post(f"{LIST}add/", said)
    made = PosSource.objects.get()
    page = installer.get(f"{LIST}{made.pk}/change/").content.decode()
    assert "***" in page and "s3cret-word" not in page
    assert installer.post(f"{LIST}{made.pk}/change/", said | {"password": "***", "topic": "other"}).status_code == 302
    made.refresh_from_db()
    assert (made.password, made.topic) == ("s3cret-word", "other")
    moved = installer.post(f"{LIST}{made.pk}/change/", said | {"password": "***", "host": "mine"})
    assert "Write the password instead of ***" in errors(moved)
    assert "s3cret-word" not in "".join(map(str, LogEntry.objects.values_list("changes", flat=True)))


def test_a_change_leaves_alone_what_the_listener_wrote_meanwhile(shop: SmallStore, installer: Client) -> None:
    made = source_made(shop, "tcp_listen", port=9100)
    PosSource.objects.filter(pk=made.pk).update(events=7, last_error="Port 9100 is taken")
    said = form(shop, name="renamed")
    del said["store"]
    assert installer.post(f"{LIST}{made.pk}/change/", said).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.events, made.last_error) == ("renamed", 7, "Port 9100 is taken")


def test_three_sources_cost_as_many_queries_as_one(shop: SmallStore, installer: Client) -> None:
    source_made(shop, "tcp_listen")
    installer.get(LIST)
    with CaptureQueriesContext(connection) as one:
        assert "/preview/" in installer.get(LIST).content.decode()
    source_made(shop, "udp", till=1)
    source_made(shop, "folder", folder="x")
    with CaptureQueriesContext(connection) as three:
        installer.get(LIST)
    assert len(three) == len(one)


@pytest.mark.parametrize(
    ("role", "sees", "previews"),
    [
        ("administrator", 200, 200),
        ("installer", 200, 200),
        ("privacy_officer", 200, 403),
        ("store_manager", 302, 302),
        ("reviewer", 302, 302),
    ],
)
def test_who_may_see_it_and_who_what_comes(shop: SmallStore, role: str, sees: int, previews: int) -> None:
    made = source_made(shop, "mqtt", host="broker", topic="tills", username="till", password="s3cret-word")
    client = signed_in(shop, role)
    assert client.get(LIST).status_code == sees
    assert "s3cret-word" not in client.get(f"{LIST}{made.pk}/change/", follow=True).content.decode()
    assert client.get(f"{LIST}{made.pk}/preview/").status_code == previews
    assert client.get(f"{LIST}{made.pk}/preview/data/").status_code == previews
    assert client.post(f"{LIST}{made.pk}/preview/try/", {"options": "{}"}).status_code == previews


def test_an_installer_of_one_store_sees_no_source_of_another(shop: SmallStore, installer: Client) -> None:
    other = source_made(small_store("S002"), "tcp_listen", name="theirs")
    assert "theirs" not in installer.get(LIST).content.decode()
    for page in ("", "data/"):
        assert installer.get(f"{LIST}{other.pk}/preview/{page}").status_code == 404
    assert installer.post(f"{LIST}{other.pk}/preview/try/").status_code == 404


# -- what comes, as it comes -------------------------------------------------------------------------------------


def seen(made: PosSource, raw: bytes) -> SourcePreview:
    said = {"type": "scan", "transaction": "t", "line": 2, "description": "Milk", "amount": "1.20"}
    rows = [{"at": "2026-11-21T10:00:00+00:00", **said}]
    return SourcePreview.objects.create(source=made, raw=raw, understood=rows, updated_at=timezone.now())


def data(client: Client, made: PosSource) -> dict[str, Any]:
    answer = client.get(f"{LIST}{made.pk}/preview/data/")
    assert answer.status_code == 200 and "no-store" in answer.headers["Cache-Control"]
    return json.loads(answer.content)


def test_what_came_is_shown_with_its_control_characters_and_looking_is_recorded_once(
    shop: SmallStore, installer: Client
) -> None:
    made = source_made(shop, "tcp_listen", name="printer")
    seen(made, b"\x02K\x84se  1.20\r\n")
    assert installer.get(f"{LIST}{made.pk}/preview/data/").status_code == 403, "nobody looks unrecorded"
    assert installer.get(f"{LIST}{made.pk}/preview/").status_code == 200
    for _ in range(3):
        shown = data(installer, made)
    assert shown["text"] == "<STX>Käse  1.20<CR><LF>\n"
    assert [row["description"] for row in shown["understood"]] == ["Milk"]
    event = AuditEvent.objects.get(action="source.previewed")
    assert audit_sentence(event) == "Installer looked at what till source printer of store S001 sends."


def test_what_came_an_hour_ago_is_shown_to_nobody_and_goes(shop: SmallStore, installer: Client) -> None:
    made = source_made(shop, "tcp_listen")
    old = seen(made, b"Milk\n")
    SourcePreview.objects.filter(pk=old.pk).update(updated_at=timezone.now() - PREVIEW_FOR)
    installer.get(f"{LIST}{made.pk}/preview/")
    assert data(installer, made)["text"] == ""
    assert previews_expire(now=timezone.now()) == 1


def tried(client: Client, made: PosSource, options: str) -> dict[str, Any]:
    answer = client.post(f"{LIST}{made.pk}/preview/try/", {"options": options})
    assert answer.status_code == 200
    return json.loads(answer.content)


def test_options_are_tried_on_what_came_and_nothing_is_stored(shop: SmallStore, installer: Client) -> None:
    made = source_made(shop, "tcp_listen")
    seen(made, receipt(1, end=b"END\n") + receipt(2, end=b"END\n"))
    both_in_one = tried(installer, made, "{}")
    assert [row["type"] for row in both_in_one["understood"]].count("ticket_close") == 1
    apart = tried(installer, made, '{"stop_masks": ["END"]}')
    assert [row["type"] for row in apart["understood"]].count("ticket_close") == 2
    assert apart["problem"] == "" and apart["refused"] == []
    made.refresh_from_db()
    assert made.options == {} and not PosEvent.objects.exists()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("{", "The options are no JSON"),
        ('{"stop_mask": "x"}', "there is no such option"),
        ('{"start_masks": ["<STX>"]}', "No printed line of the capture reads as"),
    ],
)
def test_what_is_wrong_with_options_is_told(shop: SmallStore, installer: Client, options: str, problem: str) -> None:
    made = source_made(shop, "tcp_listen")
    seen(made, receipt(1))
    assert problem in tried(installer, made, options)["problem"]


def test_where_nothing_has_come_options_are_checked_all_the_same(shop: SmallStore, installer: Client) -> None:
    made = source_made(shop, "tcp_listen")
    assert "Nothing has come within the hour" in tried(installer, made, "{}")["problem"]


def test_documents_that_were_read_go_after_a_week_and_others_after_thirty_days(db: None) -> None:
    now = timezone.now()
    for name in ("done", "failed"):
        place = inboxes_folder() / "S001" / "expiring" / name
        place.mkdir(parents=True)
        (place / "a.xml").write_text("x")
    assert kept_files_expire(now=now) == 0
    assert kept_files_expire(now=now + timedelta(days=8)) == 1
    assert kept_files_expire(now=now + timedelta(days=31)) == 1
