"""One worker pulling one camera, on a real stream."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from lanes.models import Camera
from tests.clips import clip_draw, numbers_in
from tests.integration.vision.conftest import switch_on
from tests.servers.http_video import TsCamera, served
from vision.models import CameraFeed, Segment
from vision.services.capture import camera_capture
from vision.services.feeds import feeds_due
from vision.services.leases import lease_take

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 20.0


class Worker:
    """A capture task in a thread of its own, as in the worker."""

    def __init__(self, camera: Camera) -> None:
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(camera.pk,))
        self._thread.start()

    def _run(self, camera_id: int) -> None:
        try:
            camera_capture(camera_id=camera_id, stopping=self.stopping)
        finally:
            connection.close()

    def ended(self, within_s: float) -> bool:
        self._thread.join(within_s)
        return not self._thread.is_alive()


def comes(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_camera_is_pulled_until_the_worker_stops(camera: Camera, tmp_path: Path, data_dir: Path) -> None:
    stream = TsCamera(clip_draw(tmp_path / "clip.mp4", seconds=3), turns=9)
    with served(stream.handler()) as port:
        switch_on(camera, f"http://127.0.0.1:{port}/live.ts")
        worker = Worker(camera)
        comes(lambda: Segment.objects.count() >= 2)
        assert Worker(camera).ended(PATIENCE_S), "a second worker finds the camera taken and goes"
        assert CameraFeed.objects.get().state == "running"
        worker.stopping.set()
        assert worker.ended(3.0)
    feed = CameraFeed.objects.get()
    assert (feed.lease_holder, feed.width, round(feed.fps or 0)) == ("", 320, 25)
    rows = list(Segment.objects.order_by("started_at"))
    numbers = [n for row in rows for n in numbers_in(data_dir / row.path)]
    assert numbers == [n % 75 for n in range(len(numbers))]
    assert [row.continues for row in rows] == [False] + [True] * (len(rows) - 1)


@pytest.mark.parametrize("change", [{"enabled": False}, {"source": "rtsp://127.0.0.1:1/other"}], ids=["off", "moved"])
def test_pulling_ends_when_the_camera_is_switched_off_or_changed(
    camera: Camera, tmp_path: Path, change: dict[str, object]
) -> None:
    stream = TsCamera(clip_draw(tmp_path / "clip.mp4", seconds=3), turns=9)
    with served(stream.handler()) as port:
        switch_on(camera, f"http://127.0.0.1:{port}/live.ts")
        worker = Worker(camera)
        comes(lambda: Segment.objects.exists())
        Camera.objects.filter(pk=camera.pk).update(**change)
        assert worker.ended(4.0)
    assert CameraFeed.objects.get().lease_holder == ""


def test_a_worker_whose_lease_was_taken_stores_nothing_more(camera: Camera, tmp_path: Path) -> None:
    stream = TsCamera(clip_draw(tmp_path / "clip.mp4", seconds=3), turns=9)
    with served(stream.handler()) as port:
        switch_on(camera, f"http://127.0.0.1:{port}/live.ts")
        worker = Worker(camera)
        comes(lambda: Segment.objects.exists())
        CameraFeed.objects.update(lease_expires_at=timezone.now())
        assert lease_take(camera_id=camera.pk, work="lease", holder="elsewhere:1:1:a", for_s=60, now=timezone.now())
        stored = Segment.objects.count()
        assert worker.ended(4.0)
    assert Segment.objects.count() <= stored + 1, "at most the one that was being stored at that moment"
    assert CameraFeed.objects.get().lease_holder == "elsewhere:1:1:a"


def test_a_source_that_cannot_be_opened_is_named_and_tried_again_later(camera: Camera) -> None:
    switch_on(camera, "rtsp://cam:secret@127.0.0.1:1/l1")
    worker = Worker(camera)
    assert worker.ended(PATIENCE_S)
    feed = CameraFeed.objects.get()
    assert (feed.state, feed.lease_holder, "secret" in feed.detail) == ("refused", "", False)
    assert feed.failures == 4
    assert feed.retry_at is not None and feed.retry_at > timezone.now()
    assert feeds_due(now=timezone.now()) == []
    assert feeds_due(now=feed.retry_at) == [camera.pk]


def test_a_file_is_played_to_its_end_and_stays_ended(camera: Camera, tmp_path: Path, data_dir: Path) -> None:
    switch_on(camera, str(clip_draw(tmp_path / "clip.mp4", seconds=3)))
    for _ in range(2):
        assert Worker(camera).ended(PATIENCE_S)
    feed = CameraFeed.objects.get()
    assert (feed.state, feed.clock_source, feed.detail) == (
        "ended", "file", "The file has been played to its end. Replace it to play another.",
    )  # fmt: skip
    rows = Segment.objects.order_by("started_at")
    assert [n for row in rows for n in numbers_in(data_dir / row.path)] == [*range(75)]
