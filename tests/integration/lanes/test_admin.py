"""The admin site: each sees and edits their own stores, and nothing says a password."""

import json
from datetime import UTC, datetime

import pytest
from auditlog.models import LogEntry
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lanes import health, snapshots
from lanes.domain.health import HealthItem, HealthLevel
from lanes.models import ApiKey, Camera, Governance, Lane, Store, StoreMembership, Terminal, Zone
from lanes.services.memberships import membership_add
from lanes.snapshots import Snapshot
from privacy.audit import audit_record
from privacy.domain.roles import Role
from privacy.models import AuditEvent, User
from tests.factories.stores import SmallStore, key_of, small_store

pytestmark = pytest.mark.django_db

PAPERS = {"purpose": "Loss prevention", "legal_basis": "legitimate_interest", "assessment": "LIA-1", "owner": "dpo"}
SQUARE = [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5], [0.1, 0.5]]
SECRET_SOURCE = "rtsp://cam:sesame@127.0.0.1:1/none"
LISTS = ["lanes_store", "lanes_lane", "lanes_terminal", "lanes_camera", "lanes_apikey"]


@pytest.fixture
def one() -> SmallStore:
    made = small_store("S001")
    Camera.objects.update(source=SECRET_SOURCE)
    return made


@pytest.fixture
def two(one: SmallStore) -> SmallStore:
    return small_store("S002")


def as_(role: Role | None, store: Store, name: str = "person") -> Client:
    """A client signed in as ``role`` of ``store``; None: a superuser."""
    user = User.objects.create_user(name) if role else User.objects.create_superuser(name)
    if role:
        membership_add(actor="test", user=user, store=store, role=role)
        user.refresh_from_db()
    client = Client()
    client.force_login(user)
    return client


def camera_form(camera: Camera, **changed: object) -> dict[str, object]:
    zones = changed.pop("zones", [])
    values = {"lane": camera.lane_id, "code": camera.code, "source": "rtsp://cam:***@127.0.0.1:1/none", "detector": ""}
    values |= {"priority": 5}
    return {**values, **PAPERS, "zones": json.dumps(zones), **changed}


def change(camera: Camera) -> str:
    return reverse("admin:lanes_camera_change", args=[camera.pk])


class TestWhoSeesWhat:
    @pytest.mark.parametrize("role", [Role.REVIEWER, Role.STORE_MANAGER, Role.ANALYST])
    def test_who_has_no_work_there_does_not_enter(self, role, one):
        response = as_(role, one.store).get(reverse("admin:index"))
        assert response.status_code == 302

    @pytest.mark.parametrize("name", LISTS)
    @pytest.mark.parametrize("role", [Role.INSTALLER, Role.ADMINISTRATOR])
    def test_lists_show_only_the_own_store(self, name, role, one, two):
        for shop in (one, two):
            key_of(shop.store, "pos.write", name=f"key-of-{shop.store.code}")
        page = as_(role, one.store).get(reverse(f"admin:{name}_changelist")).content.decode()
        assert "S001" in page
        assert "S002" not in page

    @pytest.mark.parametrize("role", [Role.INSTALLER, Role.ADMINISTRATOR, Role.PRIVACY_OFFICER])
    def test_objects_of_another_store_are_not_there(self, role, one, two):
        client = as_(role, one.store)
        for row in (two.store, two.lanes[0], two.terminals[0], two.cameras[0]):
            url = reverse(f"admin:lanes_{row._meta.model_name}_change", args=[row.pk])
            assert client.get(url).status_code == 302  # to the index, as for an id that never was
            assert client.post(url, {"code": "X"}).status_code in {302, 403}
        assert client.get(reverse("admin:lanes_camera_snapshot", args=[two.cameras[0].pk])).status_code == 404
        assert not Lane.objects.filter(code="X").exists()

    def test_an_installer_cannot_put_things_into_another_store(self, one, two):
        client = as_(Role.INSTALLER, one.store)
        client.post(change(one.cameras[0]), camera_form(one.cameras[0], lane=two.lanes[0].pk))
        client.post(reverse("admin:lanes_terminal_add"), {"lane": two.lanes[0].pk, "code": "T7", "granularity": "line"})
        scopes = {"store": two.store.pk, "name": "mine", "scopes": ["cases.read"]}
        client.post(reverse("admin:lanes_apikey_add"), scopes)
        assert Camera.objects.get(pk=one.cameras[0].pk).lane == one.lanes[0]
        assert not Terminal.objects.filter(code="T7").exists()
        assert not ApiKey.objects.exists()

    def test_only_a_superuser_makes_stores(self, one):
        url = reverse("admin:lanes_store_add")
        assert as_(Role.ADMINISTRATOR, one.store).get(url).status_code == 403
        assert as_(None, one.store, "root").get(url).status_code == 200

    def test_a_privacy_officer_edits_governance_and_nothing_else(self, one):
        client = as_(Role.PRIVACY_OFFICER, one.store)
        assert client.get(reverse("admin:lanes_lane_change", args=[one.lanes[0].pk])).status_code == 200
        assert client.post(change(one.cameras[0]), camera_form(one.cameras[0], code="X")).status_code == 403
        client.post(reverse("admin:lanes_store_change", args=[one.store.pk]), store_form(one, name="Renamed", **PAPERS))
        assert Governance.objects.get().owner == "dpo"
        assert Store.objects.get().name == "Store S001"


def store_form(shop: SmallStore, *, name: str = "", **papers: str) -> dict[str, object]:
    """The store's page as a browser sends it, governance filled in."""
    form: dict[str, object] = {
        "name": name or shop.store.name,
        "timezone": "Europe/Madrid",
        "currency": "EUR",
        "country": "ES",
    }
    governance = Governance.objects.filter(store=shop.store).first()
    forms = {"governance": 1, "lanes": 0, "memberships": 0}
    for prefix, total in forms.items():
        initial = 1 if prefix == "governance" and governance else 0
        form |= {f"{prefix}-TOTAL_FORMS": total, f"{prefix}-INITIAL_FORMS": initial}
    form |= {f"governance-0-{key}": value for key, value in papers.items()}
    form |= {"governance-0-id": governance.pk if governance else "", "governance-0-store": shop.store.pk}
    return form


class TestLists:
    @pytest.mark.parametrize("name", LISTS)
    def test_three_rows_cost_as_many_queries_as_one(self, name, one):
        client = as_(None, one.store)
        url = reverse(f"admin:{name}_changelist")
        key_of(one.store, "pos.write")
        counts = []
        for code in (None, "S002", "S003"):
            if code:
                key_of(small_store(code).store, "pos.write")
            counts.append(_queries(client, url))
        assert counts[1] == counts[2]

    def test_health_is_shown_where_it_belongs(self, one, monkeypatch):
        monkeypatch.setattr(health, "_providers", {})
        camera = one.cameras[0].code
        health.health_register(
            "eyes",
            lambda lane: [HealthItem(HealthLevel.BAD, camera, "The stream is lost.")] if lane == one.lanes[0] else [],
        )
        client = as_(Role.INSTALLER, one.store)
        cameras = client.get(reverse("admin:lanes_camera_changelist")).content.decode()
        assert cameras.count("The stream is lost.") == 1
        assert cameras.count("nothing known") == 1
        assert "The stream is lost." in client.get(reverse("admin:lanes_lane_changelist")).content.decode()
        assert "The stream is lost." in client.get(reverse("admin:lanes_store_changelist")).content.decode()
        assert "The stream is lost." not in client.get(reverse("admin:lanes_terminal_changelist")).content.decode()

    def test_a_provider_that_breaks_is_bad_health_and_hides_nobody(self, one, monkeypatch):
        monkeypatch.setattr(health, "_providers", {})
        health.health_register("broken", lambda lane: 1 / 0)
        health.health_register("till", lambda lane: [HealthItem("bad", "T1", "No word from the till.")])
        assert [(item.level, item.subject) for item in health.health_of(one.lanes[0])] == [
            ("bad", "T1"),
            ("warn", "broken"),
        ]

    def test_no_page_says_a_password(self, one):
        client = as_(None, one.store)
        client.post(change(one.cameras[0]), camera_form(one.cameras[0], detector="motion"))
        pages = [reverse(f"admin:{name}_changelist") for name in [*LISTS, "auditlog_logentry", "privacy_auditevent"]]
        pages += [change(one.cameras[0]), reverse("admin:lanes_lane_change", args=[one.lanes[0].pk])]
        pages += [reverse("admin:auditlog_logentry_change", args=[e.pk]) for e in LogEntry.objects.all()]
        assert [page for page in pages if "sesame" in client.get(page).content.decode()] == []


def _queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


class TestCamera:
    @pytest.fixture
    def client_(self, one) -> Client:
        return as_(Role.INSTALLER, one.store)

    def test_zones_are_saved_through_the_form(self, client_, one):
        camera = one.cameras[0]
        zones = [
            {"kind": "belt", "polygon": SQUARE},
            {"kind": "scanner", "polygon": [[0.5, 0.1], [0.9, 0.1], [0.7, 0.5]]},
        ]
        assert client_.post(change(camera), camera_form(camera, zones=zones)).status_code == 302
        assert [{"kind": z.kind, "polygon": z.polygon} for z in camera.zones.all()] == zones
        page = client_.get(change(camera))
        assert json.loads(page.context["adminform"].form["zones"].value()) == zones
        client_.post(change(camera), camera_form(camera, zones=zones[1:]))
        assert [z.kind for z in camera.zones.all()] == ["scanner"]

    @pytest.mark.parametrize(
        ("sent", "said"),
        [
            ("{", "Not zones: write"),
            ('[{"kind": "belt"}]', "Not zones: write"),
            ('[{"kind": "belt", "polygon": [[0.1, "x"]]}]', "Not zones: write"),
            (
                '[{"kind": "belt", "polygon": [[0.1, 0.1], [0.5, 0.1]]}]',
                "Zone 1 (belt): a polygon needs at least 3 corners",
            ),
            ('[{"kind": "belts", "polygon": [[0,0],[1,0],[1,1]]}]', "is no kind of zone."),
            (
                '[{"kind": "belt", "polygon": [[0,0],[2,0],[1,1]]}]',
                "Zone 1 (belt), corner 2: corner [2, 0] lies outside",
            ),
            ('[{"kind": "belt", "polygon": [[0,0],[1,1],[1,0],[0,1]]}]', "crosses or touches"),
        ],
    )
    def test_bad_zones_are_refused_and_the_good_ones_stay(self, client_, one, sent, said):
        camera = one.cameras[0]
        Zone.objects.create(camera=camera, kind="belt", polygon=SQUARE)
        page = client_.post(change(camera), {**camera_form(camera), "zones": sent})
        assert said in " ".join(page.context["adminform"].form.errors["zones"])
        assert Zone.objects.get().polygon == SQUARE

    def test_the_password_stays_unless_written_again(self, client_, one):
        camera = one.cameras[0]
        client_.post(change(camera), camera_form(camera, detector="motion"))
        camera.refresh_from_db()
        assert (camera.source, camera.detector) == (SECRET_SOURCE, "motion")
        page = client_.post(change(camera), camera_form(camera, source="rtsp://cam:***@10.0.0.9/none"))
        assert "Write the password instead of ***" in page.context["adminform"].form.errors["source"][0]
        client_.post(change(camera), camera_form(camera, source="rtsp://cam:open@10.0.0.9/none"))
        camera.refresh_from_db()
        assert camera.source == "rtsp://cam:open@10.0.0.9/none"

    def test_it_is_not_switched_on_without_papers(self, client_, one):
        camera = one.cameras[0]
        page = client_.post(change(camera), camera_form(camera, enabled="on", owner=""))
        assert page.context["adminform"].form.errors["enabled"] == [
            "Camera L1-top cannot be switched on: its owner is not recorded."
        ]
        client_.post(change(camera), camera_form(camera, enabled="on"))
        camera.refresh_from_db()
        assert camera.enabled
        assert AuditEvent.objects.filter(action="camera.on", actor="person").count() == 1

    def test_switching_many_refuses_only_those_without_papers(self, client_, one):
        Camera.objects.filter(pk=one.cameras[1].pk).update(**PAPERS)
        action = {"action": "switch_on", "_selected_action": [camera.pk for camera in one.cameras]}
        page = client_.post(reverse("admin:lanes_camera_changelist"), action, follow=True)
        assert [str(message) for message in page.context["messages"]] == [
            "Camera L1-top cannot be switched on: its purpose, legal basis, assessment and owner are not recorded.",
            "1 camera switched on.",
        ]
        assert list(Camera.objects.filter(enabled=True)) == [one.cameras[1]]

    def test_a_code_is_once_in_a_store(self, client_, one):
        page = client_.post(change(one.cameras[0]), camera_form(one.cameras[0], code="L2-top"))
        assert page.context["adminform"].form.errors["code"] == [
            "Store S001 has a camera with this code already: choose another."
        ]

    def test_a_new_camera_belongs_to_the_store_of_its_lane(self, client_, one):
        new = Camera(lane=one.lanes[1], lane_id=one.lanes[1].pk, code="L2-side")
        client_.post(reverse("admin:lanes_camera_add"), camera_form(new, source="rtsp://h/x"))
        assert Camera.objects.get(code="L2-side").store == one.store

    def test_looking_at_its_picture_is_recorded(self, client_, one, monkeypatch):
        monkeypatch.setattr(snapshots, "_provider", [])
        url = reverse("admin:lanes_camera_snapshot", args=[one.cameras[0].pk])
        assert client_.get(url).status_code == 404
        snapshots.snapshot_register(lambda camera: Snapshot(b"jpeg", datetime(2026, 11, 21, 10, tzinfo=UTC)))
        response = client_.get(url)
        assert (response.content, response["Content-Type"]) == (b"jpeg", "image/jpeg")
        assert response["Cache-Control"].startswith("no-store")
        event = AuditEvent.objects.get(action="camera.snapshot_viewed")
        assert (event.actor, event.object_id, event.ip) == ("person", "L1-top", "127.0.0.1")

    def test_what_has_history_is_not_deleted(self, client_, one):
        url = reverse("admin:lanes_camera_delete", args=[one.cameras[0].pk])
        one.cameras[0].segments.create(started_at=datetime(2026, 11, 21, tzinfo=UTC), duration_s=2, clock_source="file")
        assert client_.post(url, {"post": "yes"}).status_code == 403
        lane = reverse("admin:lanes_lane_delete", args=[one.lanes[0].pk])
        assert client_.post(lane, {"post": "yes"}).status_code == 403
        other = reverse("admin:lanes_camera_delete", args=[one.cameras[1].pk])
        assert client_.post(other, {"post": "yes"}).status_code == 302
        assert list(Camera.objects.all()) == [one.cameras[0]]


class TestGovernance:
    def test_cameras_follow_it_on_and_off(self, one):
        client = as_(None, one.store)
        url = reverse("admin:lanes_store_change", args=[one.store.pk])
        Camera.objects.filter(pk=one.cameras[1].pk).update(**{**PAPERS, "owner": "somebody else"}, enabled=True)
        assert client.post(url, store_form(one, **PAPERS)).status_code == 302
        assert list(Camera.objects.order_by("pk").values_list("owner", flat=True)) == ["dpo", "somebody else"]
        Camera.objects.update(enabled=True)
        client.post(url, store_form(one, **{**PAPERS, "owner": ""}))
        assert list(Camera.objects.order_by("pk").values_list("enabled", flat=True)) == [False, True]
        assert AuditEvent.objects.filter(action="governance.changed").count() == 2

    def test_codes_of_the_world_are_checked(self, one):
        client = as_(None, one.store)
        form = {
            **store_form(one),
            "timezone": "Madrid",
            "currency": "EURO",
            "country": "XX",
            "governance-TOTAL_FORMS": 0,
        }
        page = client.post(reverse("admin:lanes_store_change", args=[one.store.pk]), form)
        assert set(page.context["adminform"].form.errors) == {"timezone", "currency", "country"}


class TestKeys:
    def test_a_key_is_shown_once_and_works(self, one):
        client = as_(Role.INSTALLER, one.store)
        form = {"store": one.store.pk, "name": "till", "scopes": ["pos.write"]}
        page = client.post(reverse("admin:lanes_apikey_add"), form)
        secret = page.context["key"].shown_once
        assert secret in page.content.decode()
        assert page["Cache-Control"].startswith("no-store")
        key = ApiKey.objects.get_from_key(secret)
        assert (key.store, key.scopes, key.pk) == (one.store, ["pos.write"], key.prefix)
        after = client.get(reverse("admin:lanes_apikey_change", args=[key.pk])).content.decode()
        assert secret not in after
        assert key.hashed_key not in after

    def test_revoking_is_for_good_and_history(self, one):
        client = as_(Role.INSTALLER, one.store)
        key_of(one.store, "pos.write", name="till")
        action = {"action": "revoke", "_selected_action": [ApiKey.objects.get().pk]}
        client.post(reverse("admin:lanes_apikey_changelist"), action)
        assert ApiKey.objects.get().revoked
        assert AuditEvent.objects.get(action="key.revoked").data["name"] == "till"


class TestPeople:
    def user_form(self, user: User, **changed: object) -> dict[str, object]:
        joined = {"date_joined_0": "2026-11-21", "date_joined_1": "10:00:00"}
        rows = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
        return {
            "username": user.username,
            "display_name": "",
            "email": "",
            "is_active": "on",
            **joined,
            **rows,
            **changed,
        }

    def test_an_administrator_gives_roles_in_their_own_store(self, one, two):
        client = as_(Role.ADMINISTRATOR, one.store)
        ben = User.objects.create_user("ben")
        url = reverse("admin:privacy_user_change", args=[ben.pk])
        row = {"memberships-TOTAL_FORMS": 1, "memberships-0-role": "reviewer", "memberships-0-user": ben.pk}
        client.post(url, self.user_form(ben, **row, **{"memberships-0-store": two.store.pk}))
        assert not ben.memberships.exists()
        client.post(url, self.user_form(ben, **row, **{"memberships-0-store": one.store.pk}))
        assert [(m.store.code, m.role) for m in ben.memberships.all()] == [("S001", "reviewer")]
        event = AuditEvent.objects.filter(action="membership.added").first()
        assert (event.actor, event.object_id, event.store_code) == ("person", "ben", "S001")

    def test_they_do_not_touch_people_of_other_stores_or_above(self, one, two):
        client = as_(Role.ADMINISTRATOR, one.store)
        both = User.objects.create_user("both")
        for shop in (one, two):
            membership_add(actor="test", user=both, store=shop.store, role=Role.REVIEWER)
        root = User.objects.create_superuser("root")
        for user in (both, root):
            for name in ("privacy_user_change", "auth_user_password_change"):
                url = reverse(f"admin:{name}", args=[user.pk])
                new = {"password1": "taken over 123", "password2": "taken over 123", "usable_password": "true"}
                assert client.post(url, self.user_form(user, is_active="", **new)).status_code in {302, 403, 404}
            user.refresh_from_db()
            assert user.is_active
            assert not user.check_password("taken over 123")

    def test_nobody_makes_themselves_a_superuser(self, one):
        client = as_(Role.ADMINISTRATOR, one.store)
        person = User.objects.get(username="person")
        url = reverse("admin:privacy_user_change", args=[person.pk])
        client.post(url, self.user_form(person, is_superuser="on"))
        person.refresh_from_db()
        assert not person.is_superuser

    def test_an_installer_sees_no_people(self, one):
        client = as_(Role.INSTALLER, one.store)
        assert client.get(reverse("admin:privacy_user_changelist")).status_code == 403
        assert StoreMembership.objects.count() == 1


class TestHistory:
    def test_it_is_read_and_nothing_else(self, one):
        event = audit_record(actor="test", action="camera.on", object_id="L1-top", store_code="S001")
        client = as_(None, one.store)
        for name, pk in (("privacy_auditevent", event.pk), ("auditlog_logentry", LogEntry.objects.first().pk)):
            assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200
            assert client.get(reverse(f"admin:{name}_change", args=[pk])).status_code == 200
            assert client.get(reverse(f"admin:{name}_add")).status_code == 403
            assert client.post(reverse(f"admin:{name}_change", args=[pk]), {"actor": "x"}).status_code == 403
            assert client.post(reverse(f"admin:{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403

    def test_only_of_the_own_store(self, one, two):
        for code in ("S001", "S002"):
            audit_record(actor="test", action="camera.on", object_id=f"top-of-{code}", store_code=code)
        client = as_(Role.PRIVACY_OFFICER, one.store)
        page = client.get(reverse("admin:privacy_auditevent_changelist")).content.decode()
        assert "top-of-S001" in page
        assert "S002" not in page
        configuration = client.get(reverse("admin:auditlog_logentry_changelist")).content.decode()
        assert "S001/L1" in configuration
        assert "S002" not in configuration

    def test_an_installer_sees_none(self, one):
        assert as_(Role.INSTALLER, one.store).get(reverse("admin:privacy_auditevent_changelist")).status_code == 403


def test_our_own_admin_pages_carry_no_inline_script_or_style(one):
    client = as_(None, one.store)
    for url in (
        change(one.cameras[0]),
        reverse("admin:lanes_store_change", args=[one.store.pk]),
        reverse("admin:index"),
    ):
        page = client.get(url)
        body = page.content.decode()
        assert "<style" not in body
        assert ' style="' not in body
        assert "<script>" not in body
        assert "unsafe-inline" not in page["Content-Security-Policy"]


def test_groups_and_foreign_keys_of_libraries_are_not_offered():
    assert {m._meta.label for m in admin.site._registry} & {"auth.Group", "rest_framework_api_key.APIKey"} == set()
