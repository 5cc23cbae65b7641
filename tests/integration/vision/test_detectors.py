"""Detectors as versions: registered, in the shadow, promoted, rolled back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from lanes.models import Camera, Zone
from privacy.models import AuditEvent, User
from privacy.presenters import audit_sentence
from shrink.simulator.lanes import recording
from shrink.simulator.stream import Encoder
from vision.models import (
    AnalysisLoad,
    CameraFeed,
    Detector,
    DetectorVersion,
    Segment,
    ShadowEvent,
    ShadowRun,
    VisualEvent,
)
from vision.pipeline.openvino_detector import WeightsUnusable
from vision.selectors.detectors import DetectorUnknown, detector_chosen, shadow_compared, version_named
from vision.services import detectors
from vision.services.analysis import camera_analyse
from vision.services.shadow import COMPARED_FOR, shadows_expire

pytestmark = pytest.mark.django_db
SegmentOf = Callable[..., Segment]
SEED, BEGIN_S, LENGTH_S, FPS = 95_005, 5.0, 8.0, 10.0


@pytest.fixture(autouse=True)
def shipped(settings: Any) -> Path:
    settings.DETECTOR = settings.SHIPPED_DETECTORS["lane"]
    return Path(settings.DETECTOR)


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss", password="x")


def add(path: Path, name: str = "lane", **mapping: str) -> DetectorVersion:
    now = timezone.now()
    return detectors.version_add(name=name, path=path, mapping=mapping, note="", actor="test", now=now)[0]


@pytest.fixture
def two(shipped: Path) -> tuple[DetectorVersion, DetectorVersion]:
    """What is shipped, and the same weights to whom a hand is an item too."""
    return detectors.shipped_register(name="lane", now=timezone.now()), add(shipped, item="item", hand="item")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Some seconds of a simulated lane in which goods pass."""
    lane = recording(SEED, 0.5, FPS)
    path = tmp_path_factory.mktemp("lane") / "lane.mp4"
    with Encoder.to_file(path, lane.layout.width_px, lane.layout.height_px, FPS) as encoder:
        for at, picture in islice(lane.frames(), int(BEGIN_S * FPS), int((BEGIN_S + LENGTH_S) * FPS)):
            encoder.add(picture, at - BEGIN_S)
    return path.read_bytes()


@pytest.fixture
def lane_camera(camera: Camera) -> Camera:
    """With the zones of that lane."""
    camera.zones.all().delete()
    for position, (kind, polygon) in enumerate(recording(SEED, 0.1).layout.zones()):
        corners = [list(corner) for corner in polygon]
        Zone.objects.create(camera=camera, kind=kind, polygon=corners, position=position)
    return camera


def look(camera: Camera) -> None:
    while camera_analyse(camera_id=camera.pk):
        pass


# --- registering ------------------------------------------------------------------------------------------------------


def test_the_first_version_is_in_use_and_is_a_copy_of_our_own(tmp_path: Path, shipped: Path, settings: Any) -> None:
    brought = tmp_path / "brought"
    shutil.copytree(shipped, brought)
    version = add(brought, "produce")
    shutil.rmtree(brought)
    detector = Detector.objects.get(name="produce")
    assert (detector.used, str(version), detector.chosen_by) == (version, "produce@1", "")
    assert set(version.classes.values()) == {"item", "hand", "person", "bag"}
    assert version.told["per_label_map50"]["item"] > 0
    assert (settings.DATA_DIR / version.path / "belief.json").is_file()
    assert "registered the detector produce@1" in audit_sentence(AuditEvent.objects.get(action="detector.added"))


def test_the_same_weights_are_registered_once_with_one_mapping(shipped: Path) -> None:
    first, again, mapped = add(shipped), add(shipped), add(shipped, item="item")
    assert (first, mapped.number) == (again, 2)
    assert DetectorVersion.objects.count() == 2


@pytest.mark.parametrize(
    ("mapping", "says"),
    [({"item": "goods"}, "no label goods"), ({"item": "item", "walrus": "item"}, "no class walrus")],
)
def test_a_mapping_that_cannot_be_meant_is_refused(shipped: Path, mapping: dict[str, str], says: str) -> None:
    with pytest.raises(WeightsUnusable, match=says):
        add(shipped, **mapping)
    assert not DetectorVersion.objects.exists()


@pytest.mark.parametrize("name", ["motion", "Lane", "a/b"])
def test_a_name_that_could_mean_something_else_is_refused(shipped: Path, name: str) -> None:
    with pytest.raises(detectors.VersionRefused, match="cannot be a detector's name"):
        add(shipped, name)


def test_weights_that_cannot_look_are_not_registered(tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"nothing")
    with pytest.raises(WeightsUnusable):
        add(tmp_path / "broken.onnx")
    with pytest.raises(WeightsUnusable, match="No weights"):
        add(tmp_path / "gone.onnx")
    assert not Detector.objects.exists()


def test_what_came_with_an_update_is_used_until_somebody_has_chosen(
    shipped: Path, settings: Any, tmp_path: Path, boss: User
) -> None:
    first = detectors.shipped_register(name="lane", now=timezone.now())
    assert detectors.shipped_register(name="lane", now=timezone.now()) == first
    second = _shipped_anew(settings, shipped, tmp_path / "second")
    assert version_named("lane") == second
    detectors.detector_promote(version=first, actor=boss, reason="Fewer false passes.", now=timezone.now())
    third = _shipped_anew(settings, shipped, tmp_path / "third")
    assert third.number == 3
    assert version_named("lane") == first


def _shipped_anew(settings: Any, shipped: Path, folder: Path) -> DetectorVersion:
    """Other words in its metadata are another detector."""
    shutil.copytree(shipped, folder)
    with (folder / "metadata.yaml").open("a") as file:
        file.write(f"release: {folder.name}\n")
    settings.SHIPPED_DETECTORS = settings.SHIPPED_DETECTORS | {"lane": str(folder)}
    return detectors.shipped_register(name="lane", now=timezone.now())


# --- choosing ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("named", "looks"), [("", "lane@1"), ("lane", "lane@1"), ("lane@2", "lane@2"), ("motion", "motion")]
)
def test_each_camera_has_its_choice(camera: Camera, named: str, looks: str) -> None:
    camera.detector = named
    assert detector_chosen(camera).name == looks


def test_before_anything_is_registered_the_shipped_weights_look(camera: Camera, settings: Any) -> None:
    assert detector_chosen(camera).path == settings.SHIPPED_DETECTORS["lane"]


@pytest.mark.parametrize(("named", "says"), [("walrus", "no detector walrus"), ("lane@7", "no version 7 of lane")])
@pytest.mark.usefixtures("two")
def test_a_camera_that_names_what_there_is_not_says_so(
    camera: Camera, segment_of: SegmentOf, named: str, says: str
) -> None:
    Camera.objects.filter(pk=camera.pk).update(detector=named)
    camera.refresh_from_db()
    with pytest.raises(DetectorUnknown, match=says):
        detector_chosen(camera)
    segment_of(camera)
    look(camera)
    segment = Segment.objects.get()
    assert segment.state == Segment.State.SKIPPED
    assert says in segment.detail


def test_promoted_and_rolled_back_by_a_person(two: tuple[DetectorVersion, DetectorVersion], boss: User) -> None:
    old, new = two
    now = timezone.now()
    detectors.detector_promote(version=new, actor=boss, reason="Sees gloves.", now=now)
    detector = Detector.objects.get()
    assert (detector.used, detector.used_before, detector.chosen_by) == (new, old, "boss")
    assert detectors.detector_roll_back(detector=detector, actor=boss, reason="Invents.", now=now) == old
    assert version_named("lane") == old
    said = [audit_sentence(event) for event in AuditEvent.objects.filter(action__startswith="detector.").order_by("pk")]
    assert said[-2:] == [
        "Boss put the detector lane@2 into use instead of lane@1, because: Sees gloves.",
        "Boss returned to the detector lane@1 instead of lane@2, because: Invents.",
    ]


def test_what_cannot_look_is_never_put_into_use(
    two: tuple[DetectorVersion, DetectorVersion], boss: User, settings: Any
) -> None:
    old, new = two
    folder = settings.DATA_DIR / new.path
    (folder / "lane.bin").write_bytes((folder / "lane.bin").read_bytes()[:-4] + b"\0\0\0\1")
    with pytest.raises(detectors.VersionRefused, match="not those that were registered"):
        detectors.detector_promote(version=new, actor=boss, reason="Better.", now=timezone.now())
    shutil.rmtree(folder)
    with pytest.raises(WeightsUnusable):
        detectors.detector_promote(version=new, actor=boss, reason="Better.", now=timezone.now())
    with pytest.raises(detectors.VersionRefused, match="Say why"):
        detectors.detector_promote(version=new, actor=boss, reason=" ", now=timezone.now())
    with pytest.raises(detectors.VersionRefused, match="Nothing was in use before"):
        detectors.detector_roll_back(detector=new.detector, actor=boss, reason="Worse.", now=timezone.now())
    assert version_named("lane") == old


# --- the shadow -------------------------------------------------------------------------------------------------------


def test_a_shadow_looks_at_the_same_video_and_is_not_heeded(
    two: tuple[DetectorVersion, DetectorVersion], lane_camera: Camera, segment_of: SegmentOf, film: bytes
) -> None:
    old, new = two
    segment_of(lane_camera, 0.0, film, duration_s=LENGTH_S)
    look(lane_camera)
    alone = list(VisualEvent.objects.order_by("external_id").values_list("external_id", "confidence"))
    assert [event for event in alone if "item_pass" in event[0]]
    VisualEvent.objects.all().delete()
    Segment.objects.all().delete()
    CameraFeed.objects.update(vision_state=None, picture_state=None)

    detectors.shadow_start(version=new, cameras=(), actor="test", now=timezone.now())
    segment_of(lane_camera, 0.0, film, duration_s=LENGTH_S)
    look(lane_camera)
    assert list(VisualEvent.objects.order_by("external_id").values_list("external_id", "confidence")) == alone
    run = ShadowRun.objects.get()
    assert (run.used, run.shadow, run.seconds, run.failures) == (str(old), new, LENGTH_S, 0)
    assert run.used_ms > 0
    assert run.shadow_ms > 0
    assert ShadowEvent.objects.filter(by_shadow=False).count() == len(alone)
    found = shadow_compared(new)
    assert (found.used, found.cameras, found.seconds) == ([str(old)], 1, LENGTH_S)
    assert found.by_type["item_pass"].both >= 1
    assert Segment.objects.get().report["shadow"]["detector"] == str(new)


def test_a_shadow_goes_on_where_it_left_off(
    two: tuple[DetectorVersion, DetectorVersion], lane_camera: Camera, segment_of: SegmentOf, film: bytes
) -> None:
    detectors.shadow_start(version=two[1], cameras=(), actor="test", now=timezone.now())
    segment_of(lane_camera, 0.0, film, duration_s=LENGTH_S)
    look(lane_camera)
    before = ShadowEvent.objects.filter(by_shadow=True).count()
    segment_of(lane_camera, LENGTH_S, film, duration_s=LENGTH_S)
    look(lane_camera)
    assert ShadowRun.objects.get().seconds == 2 * LENGTH_S
    assert ShadowEvent.objects.filter(by_shadow=True).count() >= before


def test_a_shadow_that_fails_costs_nothing_and_says_so(
    two: tuple[DetectorVersion, DetectorVersion],
    lane_camera: Camera,
    segment_of: SegmentOf,
    film: bytes,
    settings: Any,
) -> None:
    detectors.shadow_start(version=two[1], cameras=(), actor="test", now=timezone.now())
    shutil.rmtree(settings.DATA_DIR / two[1].path)
    segment_of(lane_camera, 0.0, film, duration_s=LENGTH_S)
    look(lane_camera)
    assert Segment.objects.get().state == Segment.State.ANALYSED
    assert VisualEvent.objects.filter(type="item_pass").exists()
    found = shadow_compared(two[1])
    assert (found.seconds, found.failures) == (0.0, 1)
    assert "No weights" in found.failure


def test_a_shadow_keeps_to_the_cameras_it_was_given_and_rests_under_load(
    two: tuple[DetectorVersion, DetectorVersion], camera: Camera, segment_of: SegmentOf
) -> None:
    elsewhere = Camera.objects.exclude(pk=camera.pk)[0]
    detectors.shadow_start(version=two[1], cameras=(elsewhere,), actor="test", now=timezone.now())
    assert detector_chosen(camera).shadow is None
    assert detector_chosen(elsewhere).shadow is not None
    detectors.shadow_start(version=two[1], cameras=(), actor="test", now=timezone.now())
    assert detector_chosen(camera).shadow is not None
    AnalysisLoad.objects.create(pk=AnalysisLoad.ONLY, state={"step": 1}, sentence="More video than machine.")
    segment_of(camera)
    look(camera)
    assert not ShadowRun.objects.exists()


def test_promoting_ends_its_shadow_and_what_it_saw_goes_in_time(
    two: tuple[DetectorVersion, DetectorVersion],
    lane_camera: Camera,
    segment_of: SegmentOf,
    film: bytes,
    boss: User,
) -> None:
    old, new = two
    detectors.shadow_start(version=new, cameras=(), actor="test", now=timezone.now())
    with pytest.raises(detectors.VersionRefused, match="its own shadow"):
        detectors.shadow_start(version=old, cameras=(), actor="test", now=timezone.now())
    segment_of(lane_camera, 0.0, film, duration_s=LENGTH_S)
    look(lane_camera)
    detectors.detector_promote(version=new, actor=boss, reason="Better.", now=timezone.now())
    assert Detector.objects.get().shadow is None
    assert shadow_compared(new).seconds
    day = Segment.objects.get().started_at
    assert not shadows_expire(now=day + COMPARED_FOR)
    assert shadows_expire(now=day + COMPARED_FOR + timedelta(days=2))
    assert not shadow_compared(new).seconds


# --- on the command line ---------------------------------------------------------------------------------------------


def model(*words: str) -> str:
    out = StringIO()
    call_command("model", *words, stdout=out)
    return out.getvalue()


def test_from_weights_to_use_and_back(shipped: Path, boss: User) -> None:
    assert "lane@1" in model("add", str(shipped), "--name", "lane")
    told = model("add", str(shipped), "--name", "lane", "--map", "item=item", "--note", "Items alone")
    assert "lane@2" in told
    assert "Left out, map those that are goods: hand, person, bag" in told
    assert "lane@2 looks in the shadow" in model("shadow", "lane@2")
    assert "in the shadow" in model("list")
    assert "in use from the next segment" in model("promote", "lane@2", "--by", "boss", "--reason", "Tried")
    assert "lane@1 is in use again" in model("rollback", "lane", "--by", "boss", "--reason", "Worse")
    assert [row.split()[2:4] for row in model("list").splitlines()[1:]][1] == ["in", "use"]


def test_checked_and_measured_here(shipped: Path, tmp_path: Path) -> None:
    model("add", str(shipped), "--name", "lane")
    assert "4 of 4 classes mean something" in model("check", "lane@1")
    told = model("benchmark", "lane@1", str(shipped), "--looks", "3")
    assert "1.00 times the first" in told
    measured = DetectorVersion.objects.get().measured
    assert measured["ms"] > 0
    assert measured["looks"] == 3
    json.dumps(measured)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["promote", "lane@9", "--by", "boss", "--reason", "x"], "There is no version 9 of lane. Registered: 1"),
        (["promote", "lane@1", "--by", "nobody", "--reason", "x"], "Nobody signs in as nobody"),
        (["promote", "lane@1", "--by", "clerk", "--reason", "x"], "clerk may not choose detectors"),
        (["shadow", "walrus@1"], "There is no detector walrus. Registered: lane"),
        (["shadow", "lane@1", "--camera", "S9/none"], "There is no camera S9/none"),
        (["compare", "lane@1"], "has not looked in any shadow"),
        (["add", "/nowhere", "--name", "lane"], "No weights at /nowhere"),
        (["export", "gone.pt", "--out", "/tmp/x", "--size", "100x100"], "multiples of 32"),
        (["benchmark", "lane@1", "--looks", "1", "--dataset", "/nowhere"], "is no YOLO data set"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(shipped: Path, boss: User, words: list[str], says: str) -> None:
    User.objects.create_user("clerk", password="x")
    add(shipped)
    with pytest.raises(CommandError, match=says):
        model(*words)


# --- in the administration -------------------------------------------------------------------------------------------


@pytest.fixture
def page(two: tuple[DetectorVersion, DetectorVersion]) -> str:
    return f"/admin/vision/detector/{two[0].detector_id}/"


def test_decided_on_its_page(page: str, boss: User, two: tuple[DetectorVersion, DetectorVersion]) -> None:
    client = Client()
    client.force_login(boss)
    shown = client.get(f"{page}change/").content.decode()
    assert "lane@1" in shown
    assert "Put into use" in shown

    def press(act: str, **fields: str) -> str:
        answer = client.post(f"{page}decide/", {"act": act, **fields}, follow=True)
        assert answer.status_code == 200
        return answer.content.decode()

    assert "looks in its shadow" in press("shadow", version="2")
    assert "Say why" in press("promote", version="2")
    assert "Choose a version" in press("promote", version="x", reason="Better")
    assert "chosen by boss" in press("promote", version="2", reason="Better")
    assert "Return to lane@1" in client.get(f"{page}change/").content.decode()
    assert "In use again: lane@1." in press("roll_back", reason="Worse")
    assert version_named("lane") == two[0]


def test_only_who_may_decides(page: str) -> None:
    looker = User.objects.create_user("looker", password="x", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_detector"))
    client = Client()
    client.force_login(looker)
    assert "Put into use" not in client.get(f"{page}change/").content.decode()
    assert client.post(f"{page}decide/", {"act": "promote", "version": "2", "reason": "x"}).status_code == 403
    assert client.get(f"{page}decide/").status_code == 405
    assert version_named("lane").number == 1
