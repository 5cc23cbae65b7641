"""A camera's faults from video to what people read: rows, events, gaps, health, a blurred picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from lanes.health import HealthLevel, health_of
from lanes.models import Camera, Zone
from privacy.models import AuditEvent
from privacy.registry import Subject, personal_data
from shrink.simulator.stream import Encoder
from tests.integration.vision.conftest import NOON
from tests.unit.vision.test_camera_faults import HEIGHT, WIDTH, Change, moved, shop
from vision.models import CameraDay, CameraFault, CameraFeed, Segment, VisualEvent
from vision.pipeline.picture import PictureState
from vision.selectors import visual_gaps
from vision.services import faults
from vision.services.analysis import camera_analyse

SegmentOf = Callable[..., Segment]
FPS, LENGTH_S = 8.0, 2.0
LIVE = {"since": 20.0, "until": 32.0}


@pytest.fixture
def film(tmp_path: Path, segment_of: SegmentOf) -> Callable[..., None]:
    """Stored segments of `shop`, with what happens to the camera between two instants."""

    def roll(
        camera: Camera, begin: float, end: float, change: Change | None = None, since: float = 0.0, until: float = 0.0
    ) -> None:
        start = begin
        while start < end:
            path = tmp_path / "piece.mp4"
            with Encoder.to_file(path, WIDTH, HEIGHT, FPS) as encoder:
                for number in range(int(FPS * LENGTH_S)):
                    at = start + number / FPS
                    picture = shop(at)
                    if change is not None and since <= at < until:
                        picture = change(picture, at)
                    encoder.add(picture, number / FPS)
            segment_of(camera, start, path.read_bytes(), duration_s=LENGTH_S, frames=int(FPS * LENGTH_S))
            start += LENGTH_S
        while camera_analyse(camera_id=camera.pk):
            pass

    return roll


def grey(picture: np.ndarray, at: float) -> np.ndarray:
    return np.full_like(picture, 70)


def told() -> list[tuple[str, float, float | None]]:
    rows = CameraFault.objects.order_by("began_at")
    return [(row.kind, seconds(row.began_at), row.ended_at and seconds(row.ended_at)) for row in rows]


def seconds(at: datetime) -> float:
    return (at - NOON).total_seconds()


def test_a_covered_lens_is_told_and_clears(camera: Camera, film: Callable[..., None]) -> None:
    film(camera, 0.0, 28.0, grey, **LIVE)
    [(kind, began, ended)] = told()
    assert (kind, ended) == ("covered", None)
    assert began == pytest.approx(20.0, abs=1.0)
    worst = health_of(camera.lane)[0]
    assert (worst.level, worst.subject) == (HealthLevel.BAD, camera.code)
    assert "in front of the lens" in worst.sentence
    film(camera, 28.0, 44.0, grey, **LIVE)
    [(kind, began, ended)] = told()
    assert ended == pytest.approx(34.5, abs=2.0)
    assert all("lens" not in item.sentence for item in health_of(camera.lane))
    events = VisualEvent.objects.filter(type="camera_tamper").order_by("occurred_at")
    assert [event.attributes for event in events] == [
        {"fault": "covered", "phase": "begins"},
        {"fault": "covered", "phase": "ends"},
    ]
    gaps = visual_gaps(camera.lane, NOON, NOON + timedelta(seconds=44))
    [gap] = [gap for gap in gaps if gap.reason == "covered"]
    assert (seconds(gap.starts_at), seconds(gap.ends_at)) == (began, ended)


def test_looking_again_doubles_nothing(camera: Camera, film: Callable[..., None]) -> None:
    film(camera, 0.0, 40.0, grey, **LIVE)
    before, events = told(), VisualEvent.objects.filter(type="camera_tamper").count()
    CameraFeed.objects.update(picture_state=None, vision_state=None)
    Segment.objects.update(state="pending")
    while camera_analyse(camera_id=camera.pk):
        pass
    assert told() == before
    assert VisualEvent.objects.filter(type="camera_tamper").count() == events == 2


def test_the_picture_of_a_fault_is_blurred_and_goes_after_thirty_days(
    camera: Camera, film: Callable[..., None]
) -> None:
    film(camera, 0.0, 28.0, moved(30, 0), **LIVE)
    fault = CameraFault.objects.get()
    assert (fault.kind, fault.picture) == ("moved", None)
    assert faults.fault_picture_take(fault_id=fault.pk)
    fault.refresh_from_db()
    assert fault.picture_at is not None and 20.0 <= seconds(fault.picture_at) <= 26.0
    still = cv2.imdecode(np.frombuffer(bytes(fault.picture), np.uint8), cv2.IMREAD_COLOR)
    assert still.shape[:2] == (HEIGHT, WIDTH)
    assert np.ptp(still[8:12, 8:12].astype(int), axis=(0, 1)).max() < 16, "nobody knows heads here: all is a mosaic"
    assert not faults.fault_picture_take(fault_id=fault.pk), "once is enough"
    category = next(one for one in personal_data() if one.name == "camera_fault_pictures")
    about = Subject("footage", camera.store.code, starts_at=NOON, ends_at=NOON + timedelta(hours=1))
    assert [row["kind"] for row in category.export(about)] == ["moved"]
    assert category.expire(fault.began_at + timedelta(days=29)) == 0
    assert category.expire(fault.began_at + timedelta(days=31)) == 1
    assert list(category.export(about)) == []
    assert CameraFault.objects.count() == 1, "that it was is kept longer than what it looked like"


def test_erasing_footage_erases_the_pictures_of_faults(camera: Camera) -> None:
    CameraFault.objects.create(
        camera=camera, kind="glare", began_at=NOON, told_at=NOON, sentence="s", picture=b"jpeg", picture_at=NOON
    )
    category = next(one for one in personal_data() if one.name == "camera_fault_pictures")
    others = Subject("footage", camera.store.code, lane_code="L2", starts_at=NOON, ends_at=NOON + timedelta(hours=1))
    assert category.erase(others) == 0
    about = Subject("footage", camera.store.code, starts_at=NOON, ends_at=NOON + timedelta(hours=1))
    assert category.erase(about) == 1
    assert CameraFault.objects.get().picture is None


def test_zones_drawn_anew_accept_the_view(camera: Camera, film: Callable[..., None]) -> None:
    film(camera, 0.0, 28.0, moved(30, 0), since=20.0, until=90.0)
    assert [(kind, ended) for kind, _, ended in told()] == [("moved", None)]
    zone = Zone.objects.filter(camera=camera).first()
    assert zone is not None
    zone.polygon = [[x + 0.02, y] for x, y in zone.polygon]
    zone.save()
    film(camera, 28.0, 60.0, moved(30, 0), since=20.0, until=90.0)
    [(_, _, ended)] = told()
    assert ended is not None, "the view is now the usual one"


def test_a_person_may_accept_the_view(
    camera: Camera, film: Callable[..., None], admin_client: Client, admin_user: object
) -> None:
    film(camera, 0.0, 28.0, moved(30, 0), since=20.0, until=90.0)
    feed = CameraFeed.objects.get(camera=camera)
    page = admin_client.post(
        "/admin/vision/camerafeed/", {"action": "accept_view", "_selected_action": [feed.pk]}, follow=True
    )
    assert "got to know anew" in page.content.decode()
    assert [ended is None for _, _, ended in told()] == [False]
    assert AuditEvent.objects.get(action="camera.view_accepted").object_id == f"{camera.store.code}/{camera.code}"
    film(camera, 28.0, 60.0, moved(30, 0), since=20.0, until=90.0)
    assert len(told()) == 1


def test_the_admin_shows_the_fault_and_its_picture(camera: Camera, admin_client: Client) -> None:
    jpeg = cv2.imencode(".jpg", np.full((60, 80, 3), 120, np.uint8))[1].tobytes()
    fault = CameraFault.objects.create(
        camera=camera, kind="blurred", began_at=NOON, told_at=NOON, sentence="Out of focus: clean it.",
        picture=jpeg, picture_at=NOON,
    )  # fmt: skip
    assert "Out of focus: clean it." in admin_client.get("/admin/vision/camerafault/").content.decode()
    page = admin_client.get(f"/admin/vision/camerafault/{fault.pk}/change/").content.decode()
    assert "data:image/jpeg;base64," in page
    assert admin_client.get("/admin/vision/cameraday/").status_code == 200


def test_whoever_sees_no_store_sees_no_fault(camera: Camera, client: Client) -> None:
    get_user_model().objects.create_user("somebody", password="secret-words-1", is_staff=True)
    client.login(username="somebody", password="secret-words-1")
    assert client.get("/admin/vision/camerafault/").status_code == 403


@pytest.fixture
def known(camera: Camera, film: Callable[..., None]) -> Iterator[PictureState]:
    film(camera, 0.0, 16.0)
    yield PictureState.from_bytes(CameraFeed.objects.get(camera=camera).picture_state)


def test_a_day_is_noted_once_an_hour(camera: Camera, known: PictureState) -> None:
    now = NOON + timedelta(seconds=30)
    assert faults.days_note(now=now) == 1
    assert faults.days_note(now=now + timedelta(minutes=5)) == 0
    day = CameraDay.objects.get()
    assert (day.camera, day.day, day.hours) == (camera, NOON.date(), 1)
    assert day.sharpness == pytest.approx(known.faults.usual.sharpness)
    assert day.fps == pytest.approx(FPS)
    assert faults.days_note(now=now + timedelta(hours=3)) == 0, "it gives no video"


def test_what_changes_over_weeks_is_a_warning(camera: Camera) -> None:
    today = datetime.now(UTC).date()
    for back in range(20):
        CameraDay.objects.create(
            camera=camera, day=today - timedelta(days=back), hours=8, sharpness=400.0 if back < 3 else 900.0,
            luma=100.0, fps=15.0,
        )  # fmt: skip
    said = [item for item in health_of(camera.lane) if "sharpness" in item.sentence]
    assert [(item.level, item.subject) for item in said] == [(HealthLevel.WARN, camera.code)]
