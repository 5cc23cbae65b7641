"""Segments: rows, orphans, and the ring buffer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from lanes.models import Camera
from tests.integration.vision.conftest import NOON
from vision import registry
from vision.capture.writing import SegmentFile
from vision.models import CameraFeed, Segment
from vision.registry import Hold, segment_hold_register
from vision.services.segments import segment_folder, segment_store, segments_adopt, segments_expire

HOLDER = "elsewhere:1:1:a"
FileOf = Callable[..., SegmentFile]
SegmentOf = Callable[..., Segment]


def held(camera: Camera) -> None:
    CameraFeed.objects.filter(camera=camera).update(lease_holder=HOLDER)


def test_a_segment_is_stored_once_and_told(
    camera: Camera, file_of: FileOf, data_dir: Path, django_capture_on_commit_callbacks: Callable
) -> None:
    held(camera)
    file = file_of(camera)
    for _ in range(2):
        with django_capture_on_commit_callbacks() as told:
            assert segment_store(camera=camera, holder=HOLDER, file=file, now=NOON)
        assert len(told) == 1, "the task that looks at it is queued after the commit"
    stored = Segment.objects.get()
    assert (stored.started_at, stored.state, data_dir / stored.path) == (NOON, "pending", file.path)
    assert CameraFeed.objects.get().state == "running"


def test_who_has_lost_the_lease_leaves_nothing_behind(camera: Camera, file_of: FileOf) -> None:
    held(camera)
    file = file_of(camera)
    assert not segment_store(camera=camera, holder="elsewhere:2:2:b", file=file, now=NOON)
    assert (Segment.objects.count(), file.path.exists()) == (0, False)


def test_after_a_killed_worker_whole_files_are_taken_in_and_half_ones_go(
    camera: Camera, file_of: FileOf, segment_of: SegmentOf
) -> None:
    segment_of(camera)
    whole = file_of(camera, NOON + timedelta(seconds=4))
    broken = file_of(camera, NOON + timedelta(seconds=8), content=b"\0\0\0\x18ftypisom")
    (segment_folder(camera) / ".part-123-4").write_bytes(b"half")
    (segment_folder(camera) / "notes.txt").write_text("no segment")
    assert segments_adopt(camera=camera, now=timezone.now()) == 1
    assert segments_adopt(camera=camera, now=timezone.now()) == 0
    adopted = Segment.objects.get(started_at=whole.started_at)
    assert (adopted.frames, round(adopted.duration_s, 2), adopted.clock_source) == (100, 4.0, "arrival")
    assert not broken.path.exists()
    assert len(list(segment_folder(camera).iterdir())) == 2


def test_what_is_past_its_time_is_not_taken_in(camera: Camera, file_of: FileOf) -> None:
    file = file_of(camera)
    assert segments_adopt(camera=camera, now=timezone.now() + timedelta(hours=1)) == 0
    assert not file.path.exists()


@pytest.fixture
def no_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_providers", {})


@pytest.mark.usefixtures("no_holds")
def test_the_ring_buffer_drops_what_is_past_its_time(
    camera: Camera, segment_of: SegmentOf, settings: Any, data_dir: Path
) -> None:
    settings.SEGMENT_TTL_S = 60
    now = timezone.now()
    seen, unseen, fresh = segment_of(camera, 0, state="analysed"), segment_of(camera, 4), segment_of(camera, 8)
    Segment.objects.filter(pk__in=[seen.pk, unseen.pk]).update(created_at=now - timedelta(seconds=61))
    assert segments_expire(now=now) == 2
    rows = {s.pk: (s.state, s.path != "") for s in Segment.objects.all()}
    assert rows == {seen.pk: ("analysed", False), unseen.pk: ("skipped", False), fresh.pk: ("pending", True)}
    assert [path.name for path in segment_folder(camera).iterdir()] == [Path(fresh.path).name]


@pytest.mark.usefixtures("no_holds")
@pytest.mark.parametrize(
    ("starts_s", "ends_s", "kept", "why"),
    [
        (-10, -1, 0, "before it"),
        (-10, 0.5, 1, "it reaches into it"),
        (1, 2, 1, "within"),
        (3.9, 60, 1, "it begins in it"),
        (4, 60, 0, "after it"),
    ],
)
def test_what_somebody_needs_stays(
    camera: Camera, segment_of: SegmentOf, starts_s: float, ends_s: float, kept: int, why: str
) -> None:
    segment_of(camera, state="analysed")
    hold = Hold(camera.pk, NOON + timedelta(seconds=starts_s), NOON + timedelta(seconds=ends_s))
    segment_hold_register("test", lambda: [hold])
    segments_expire(now=timezone.now() + timedelta(hours=1))
    assert Segment.objects.exclude(path="").count() == kept, why


@pytest.mark.usefixtures("no_holds")
def test_a_file_that_is_gone_already_does_not_stop_the_rest(
    camera: Camera, segment_of: SegmentOf, data_dir: Path
) -> None:
    first = segment_of(camera, 0, state="analysed")
    segment_of(camera, 4, state="analysed")
    (data_dir / first.path).unlink()
    assert segments_expire(now=timezone.now() + timedelta(hours=1)) == 2


@pytest.mark.usefixtures("no_holds")
def test_rows_outlive_their_files_but_not_for_ever(camera: Camera, segment_of: SegmentOf) -> None:
    segment_of(camera, state="analysed")
    segments_expire(now=timezone.now() + timedelta(days=13))
    assert Segment.objects.count() == 1
    segments_expire(now=timezone.now() + timedelta(days=15))
    assert Segment.objects.count() == 0
