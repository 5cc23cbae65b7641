"""One file is a store: made, made again, changed, refused."""

import io
import json
from pathlib import Path

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from lanes.models import ApiKey, Camera, Governance, Lane, Store, Terminal, Zone
from lanes.provisioning import ProvisioningRefused, provision
from lanes.services.cameras import camera_switch
from lanes.services.keys import api_key_revoke
from lanes.services.memberships import membership_add
from lanes.signals import map_changed
from privacy.models import AuditEvent, User

pytestmark = pytest.mark.django_db

# the file of the contract, word for word
CONTRACT = """\
store: {code: S001, name: Demo store, timezone: Europe/Madrid, currency: EUR, country: ES}
governance:                          # without these a camera cannot be switched on
  purpose: Loss prevention at the checkout
  legal_basis: legitimate_interest
  assessment: LIA-2026-01            # reference of the balancing test
  dpia: DPIA-2026-01
  owner: dpo@example.org
lanes:
  - code: L1
    kind: staffed                    # staffed | self_checkout | service
    terminals: [{code: T1, granularity: line}]        # line | transaction | batch
    cameras:
      - code: L1-top
        source: rtsp://127.0.0.1:8554/l1              # rtsp:// http(s):// (HLS) or a path to a file or folder
        zones:                                        # polygons in 0..1 image coordinates
          - {kind: belt,    polygon: [[.05,.3],[.4,.3],[.4,.7],[.05,.7]]}
          - {kind: scanner, polygon: [[.4,.3],[.6,.3],[.6,.7],[.4,.7]]}
          - {kind: bagging, polygon: [[.6,.3],[.95,.3],[.95,.7],[.6,.7]]}
keys:
  - {name: till, scopes: [pos.write]}
  - {name: edge, scopes: [vision.write]}
  - {name: analyst, scopes: [cases.read, cases.decide]}
"""
MODELS = (Store, Governance, Lane, Terminal, Camera, Zone, ApiKey)


def everything() -> list:
    """All rows of the map, and how much history there is."""
    rows = [list(model.objects.order_by("pk").values()) for model in MODELS]
    return [*rows, AuditEvent.objects.count(), LogEntry.objects.count()]


def command(*args: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("provision", *args, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "store.yaml"
    path.write_text(CONTRACT)
    return path


class TestTheContractsFile:
    def test_makes_all_of_it(self):
        provision(CONTRACT)
        store = Store.objects.get()
        assert (store.code, store.name, store.timezone, store.currency, store.country) == (
            "S001", "Demo store", "Europe/Madrid", "EUR", "ES",
        )  # fmt: skip
        assert store.governance.dpia == "DPIA-2026-01"
        terminal = Terminal.objects.get()
        assert (terminal.code, terminal.lane.code, terminal.lane.kind, terminal.granularity) == (
            "T1",
            "L1",
            "staffed",
            "line",
        )
        camera = Camera.objects.get()
        assert (camera.code, camera.source, camera.enabled) == ("L1-top", "rtsp://127.0.0.1:8554/l1", True)
        assert (camera.purpose, camera.owner) == ("Loss prevention at the checkout", "dpo@example.org")
        assert list(camera.zones.values_list("kind", "polygon")) == [
            ("belt", [[0.05, 0.3], [0.4, 0.3], [0.4, 0.7], [0.05, 0.7]]),
            ("scanner", [[0.4, 0.3], [0.6, 0.3], [0.6, 0.7], [0.4, 0.7]]),
            ("bagging", [[0.6, 0.3], [0.95, 0.3], [0.95, 0.7], [0.6, 0.7]]),
        ]
        assert dict(ApiKey.objects.values_list("name", "scopes")) == {
            "till": ["pos.write"], "edge": ["vision.write"], "analyst": ["cases.read", "cases.decide"],
        }  # fmt: skip

    def test_again_changes_nothing_at_all(self):
        assert provision(CONTRACT).changed
        before = everything()
        again = provision(CONTRACT)
        assert (again.changed, again.changes, again.warnings, again.left_alone) == (False, [], [], [])
        assert everything() == before

    def test_its_keys_work_and_are_told_once(self):
        first, again = provision(CONTRACT), provision(CONTRACT)
        secret = first.secret("till")
        assert ApiKey.objects.get_from_key(secret).name == "till"
        assert set(first.answer["keys"]) == {"till", "edge", "analyst"}
        assert again.answer["keys"] == {}
        assert [key["made"] for key in again.answer["api_keys"]] == [False, False, False]

    def test_history_says_who_and_holds_no_secret(self):
        done = provision(CONTRACT.replace("rtsp://127", "rtsp://cam:sesame@127"))
        assert set(AuditEvent.objects.values_list("actor", flat=True)) == {"provision"}
        assert set(AuditEvent.objects.values_list("action", flat=True)) == {
            "store.provisioned", "camera.on", "key.created",
        }  # fmt: skip
        assert {entry.additional_data["actor"] for entry in LogEntry.objects.all()} == {"provision"}
        told = json.dumps(
            [
                list(AuditEvent.objects.values("data", "object_id")),
                list(LogEntry.objects.values("changes", "object_pk")),
            ]
        )
        assert "sesame" not in told
        assert "sha512" not in told
        for secret in done.answer["keys"].values():
            assert secret not in told


class TestChange:
    def test_only_what_differs_is_written_and_named(self):
        provision(CONTRACT)
        changed = CONTRACT.replace("Demo store", "Corner shop").replace("granularity: line", "granularity: batch")
        done = provision(changed.replace("[.05,.7]]}", "[.05,.6]]}").replace("[pos.write]", "[pos.write, cases.read]"))
        assert done.changes == [
            "store S001: name Demo store → Corner shop",
            "terminal T1: granularity line → batch",
            "zones of camera L1-top: now 3",
            "key till: scopes are now pos.write, cases.read",
        ]
        assert Zone.objects.get(kind="belt").polygon[3] == [0.05, 0.6]

    def test_zones_of_a_camera_are_the_files(self):
        provision(CONTRACT)
        first = Zone.objects.order_by("position").first().pk
        lines = [line for line in CONTRACT.splitlines() if "kind: scanner" not in line and "kind: bagging" not in line]
        provision("\n".join(lines))
        assert list(Zone.objects.values_list("pk", "kind")) == [(first, "belt")]

    def test_zones_the_file_does_not_speak_of_stay(self):
        provision(CONTRACT)
        lines = [line for line in CONTRACT.splitlines() if "polygon" not in line]
        assert not provision("\n".join(lines)).changed
        assert Zone.objects.count() == 3

    def test_what_is_taken_out_of_the_file_is_left_alone_and_named(self):
        provision(CONTRACT)
        done = provision(CONTRACT.split("governance:")[0])
        assert done.left_alone == ["lane L1", "terminal T1", "camera L1-top", "key analyst", "key edge", "key till"]
        assert not done.changed
        assert Camera.objects.get().enabled

    def test_a_terminal_may_move_to_another_lane(self):
        provision(CONTRACT)
        moved = CONTRACT.replace("    terminals: [{code: T1, granularity: line}]", "").replace(
            "keys:", "  - {code: L2, kind: service, terminals: [{code: T1}]}\nkeys:"
        )
        assert provision(moved).changes == ["lane L2: created", "terminal T1: lane L1 → L2"]

    def test_another_store_may_use_the_same_codes(self):
        provision(CONTRACT)
        provision(CONTRACT.replace("S001", "S002"))
        assert Camera.objects.filter(code="L1-top").count() == 2

    def test_a_changed_password_is_a_change_that_shows_none(self):
        provision(CONTRACT.replace("rtsp://127", "rtsp://cam:old@127"))
        done = provision(CONTRACT.replace("rtsp://127", "rtsp://cam:new@127"))
        assert done.changes == [
            "camera L1-top: source rtsp://cam:***@127.0.0.1:8554/l1 → rtsp://cam:***@127.0.0.1:8554/l1"
        ]
        assert Camera.objects.get().source == "rtsp://cam:new@127.0.0.1:8554/l1"

    def test_those_above_are_told_once_and_only_of_a_change(self):
        told = []

        def listen(store_id, **kwargs):
            told.append(store_id)

        map_changed.connect(listen)
        try:
            provision(CONTRACT)
            provision(CONTRACT)
        finally:
            map_changed.disconnect(listen)
        assert told == [Store.objects.get().pk]

    def test_a_revoked_key_does_not_come_back(self):
        provision(CONTRACT)
        api_key_revoke(actor="test", key=ApiKey.objects.get(name="till"))
        done = provision(CONTRACT)
        assert done.warnings == ["Key till was revoked and stays so: write another name for a new key."]
        assert done.secret("till") is None


class TestPapers:
    """P01: no camera is on without purpose, legal basis, assessment and owner."""

    @pytest.mark.parametrize("paper", ["purpose", "legal_basis", "assessment", "owner"])
    def test_without_one_of_them_the_camera_is_mapped_but_off(self, paper):
        lines = [line for line in CONTRACT.splitlines() if not line.startswith(f"  {paper}:")]
        done = provision("\n".join(lines))
        assert not Camera.objects.get().enabled
        assert Zone.objects.count() == 3
        assert done.warnings == [
            f"Camera L1-top cannot be switched on: its {paper.replace('_', ' ')} is not recorded. It is mapped and "
            "switched off; complete governance in the file and run this again."
        ]

    def test_a_dpia_may_follow(self):
        provision("\n".join(line for line in CONTRACT.splitlines() if "dpia" not in line))
        assert Camera.objects.get().enabled

    def test_completed_papers_switch_it_on(self):
        provision(CONTRACT.replace("  owner: dpo@example.org\n", ""))
        provision(CONTRACT)
        assert Camera.objects.get().enabled

    def test_papers_taken_back_switch_it_off(self):
        provision(CONTRACT)
        provision(CONTRACT.replace("owner: dpo@example.org", "owner: ''"))
        assert not Camera.objects.get().enabled
        assert AuditEvent.objects.filter(action="camera.off").count() == 1

    def test_a_camera_switched_off_by_hand_stays_off(self):
        provision(CONTRACT)
        camera_switch(actor="test", camera=Camera.objects.get(), on=False)
        done = provision(CONTRACT)
        assert not Camera.objects.get().enabled
        assert "switched off by hand" in done.warnings[0]


class TestPaths:
    def test_a_path_is_taken_from_where_the_file_lies(self, tmp_path, file):
        (tmp_path / "belt.mp4").touch()
        file.write_text(CONTRACT.replace("rtsp://127.0.0.1:8554/l1", "belt.mp4"))
        command(str(file))
        assert Camera.objects.get().source == str(tmp_path / "belt.mp4")

    def test_a_path_that_is_not_there_is_warned_of_not_refused(self, tmp_path):
        done = provision(CONTRACT.replace("rtsp://127.0.0.1:8554/l1", "later/belt.mp4"), base_dir=tmp_path)
        assert done.warnings == [
            f"Camera L1-top: there is no file or folder {tmp_path}/later/belt.mp4 on this machine (yet)."
        ]

    def test_a_detector_may_be_named(self):
        provision(CONTRACT.replace("        zones:", "        detector: motion\n        zones:"))
        assert Camera.objects.get().detector == "motion"

    def test_how_much_a_camera_matters_may_be_said(self):
        provision(CONTRACT.replace("        zones:", "        priority: 8\n        zones:"))
        assert Camera.objects.get().priority == 8
        provision(CONTRACT)
        assert Camera.objects.get().priority == 8, "the file does not speak of it any more"

    @pytest.mark.parametrize("wrong", ["10", "-1", "2.5", "high"])
    def test_a_priority_is_a_digit(self, wrong):
        with pytest.raises(ProvisioningRefused, match="priority must be"):
            provision(CONTRACT.replace("        zones:", f"        priority: {wrong}\n        zones:"))


class TestRefusal:
    def test_one_mistake_and_nothing_is_written(self):
        with pytest.raises(ProvisioningRefused):
            provision(CONTRACT.replace("[cases.read, cases.decide]", "[cases.raed]"))
        assert everything() == [[] for _ in MODELS] + [0, 0]

    def test_one_mistake_and_nothing_is_changed(self):
        provision(CONTRACT)
        before = everything()
        with pytest.raises(ProvisioningRefused):
            provision(CONTRACT.replace("Demo store", "Corner shop").replace("[.4,.7]]}", "[4,.7]]}"))
        assert everything() == before

    def test_an_installer_provisions_only_their_own_store(self):
        provision(CONTRACT)
        provision(CONTRACT.replace("S001", "S002"))
        ines = User.objects.create_user("ines")
        membership_add(actor="test", user=ines, store=Store.objects.get(code="S001"), role="installer")
        assert provision(CONTRACT.replace("Demo", "Ines'"), actor=ines).changed
        with pytest.raises(PermissionDenied, match="S002"):
            provision(CONTRACT.replace("S001", "S002").replace("Demo", "Ines'"), actor=ines)
        assert Store.objects.get(code="S002").name == "Demo store"


class TestCommand:
    def test_json_names_ids_and_keys(self, file):
        out, err = command(str(file), "--json")
        answer = json.loads(out)
        store, lane, terminal, camera = (
            Store.objects.get(),
            Lane.objects.get(),
            Terminal.objects.get(),
            Camera.objects.get(),
        )
        assert answer["store"] == {"id": store.pk, "code": "S001"}
        assert answer["lanes"] == [{"id": lane.pk, "code": "L1", "kind": "staffed"}]
        assert answer["terminals"] == [{"id": terminal.pk, "code": "T1", "lane": "L1", "granularity": "line"}]
        assert answer["cameras"] == [{"id": camera.pk, "code": "L1-top", "lane": "L1", "enabled": True}]
        assert [(key["name"], key["scopes"]) for key in answer["api_keys"]] == [
            ("till", ["pos.write"]), ("edge", ["vision.write"]), ("analyst", ["cases.read", "cases.decide"]),
        ]  # fmt: skip
        assert answer["changed"] is True
        assert err == ""
        assert json.loads(command(str(file), "--json")[0])["changed"] is False

    def test_for_people_it_says_what_it_did(self, file):
        out, _ = command(str(file))
        assert "camera L1-top: created" in out
        assert "Keep these keys now" in out
        assert command(str(file))[0] == "Store S001 (Demo store): nothing changed.\n"

    def test_warnings_do_not_spoil_the_json(self, file):
        file.write_text(CONTRACT.replace("  owner: dpo@example.org\n", ""))
        out, err = command(str(file), "--json")
        assert json.loads(out)["warnings"] == [err.strip()]

    def test_a_bad_file_is_told_with_its_name_and_lines(self, file):
        file.write_text(CONTRACT.replace("kind: staffed", "kind: stafed").replace("rtsp:", "rtps:"))
        with pytest.raises(CommandError) as refused:
            command(str(file))
        assert str(refused.value).splitlines() == [
            f"{file} was refused, nothing was changed (2 mistakes):",
            "  line 10, column 11: lane kind 'stafed' is not known: did you mean 'staffed'?",
            "  line 14, column 17: rtps:// is no source we can read: write rtsp://",
        ]

    @pytest.mark.parametrize(
        ("content", "said"),
        [(None, "cannot be read: No such file or directory."), (b"\xff\xfe\x00", "is not UTF-8 text")],
    )
    def test_a_file_that_cannot_be_read(self, tmp_path, content, said):
        path = tmp_path / "x.yaml"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(CommandError, match=said):
            command(str(path))

    def test_standard_input_and_the_example(self, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.StringIO(command("--example")[0]))
        command("-")
        assert Zone.objects.count() == 5

    def test_without_a_file_it_says_what_to_name(self):
        with pytest.raises(CommandError, match="Name a store file"):
            command()
