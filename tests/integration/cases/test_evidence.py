"""A case's pictures: cut from the segments, blurred before they are written, gone when their time is up."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from cases.holds import case_holds
from cases.models import Case, Evidence
from cases.personal_data import _evidence_expire
from cases.selectors import cases_without_evidence
from cases.services import evidence as evidence_services
from cases.services.evidence import EvidenceOutcome, evidence_build
from lanes.models import Zone
from privacy.models import AuditEvent
from tests.factories.cases import AT, case_at
from tests.factories.stores import SmallStore
from vision.models import Segment

pytestmark = pytest.mark.django_db
WORK = {"belt": (0.05, 0.4), "scanner": (0.4, 0.6), "bagging": (0.6, 0.95)}
SEGMENT_S = 4.0
FPS = 12


def noise(rng: np.random.Generator) -> np.ndarray:
    """Coarse noise, 320x180: it survives H.264, and the mosaic flattens it."""
    return np.repeat(np.repeat(rng.integers(0, 256, (90, 160, 3), np.uint8), 2, axis=0), 2, axis=1)


def segment(shop: SmallStore, root: Path, started_at: datetime) -> Segment:
    path = root / "segments" / f"{started_at.timestamp():.0f}.mp4"
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(3)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for _ in range(int(SEGMENT_S * FPS)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noise(rng), format="bgr24")))
        container.mux(stream.encode(None))
    return Segment.objects.create(
        camera=shop.cameras[0], started_at=started_at, duration_s=SEGMENT_S, clock_source="rtcp",
        path=str(path.relative_to(root)), state="analysed",
    )  # fmt: skip


@pytest.fixture
def root(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def filmed(shop: SmallStore, root: Path) -> SmallStore:
    """Lane L1 with work zones and eight seconds of footage around AT."""
    for kind, (left, right) in WORK.items():
        polygon = [[left, 0.3], [right, 0.3], [right, 0.7], [left, 0.7]]
        Zone.objects.create(camera=shop.cameras[0], kind=kind, polygon=polygon)
    for start in (-5, -1):
        segment(shop, root, AT + timedelta(seconds=start))
    return shop


def pictures(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def detail(image: np.ndarray) -> float:
    """How much neighbouring blocks of four pixels differ: high for noise, nearly none for a mosaic."""
    blocks = image[:176, :320].reshape(44, 4, 80, 4, 3).mean(axis=(1, 3))
    return float(np.abs(np.diff(blocks, axis=1)).mean())


def test_a_case_gets_a_short_clip_and_key_frames(filmed: SmallStore, root: Path) -> None:
    case = case_at(filmed)

    assert evidence_build(case_id=case.pk, now=AT) is EvidenceOutcome.BUILT

    clip = case.evidence.get(kind=Evidence.Kind.CLIP)
    stills = list(case.evidence.filter(kind=Evidence.Kind.KEY_FRAME))
    assert 3.0 <= clip.duration_s <= 4.0
    assert clip.starts_at <= AT - timedelta(seconds=1)
    assert clip.starts_at + timedelta(seconds=clip.duration_s) >= AT
    assert [still.position for still in stills] == [0, 1, 2]
    for row in [clip, *stills]:
        content = (root / row.path).read_bytes()
        assert (row.sha256, row.size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    with av.open(str(root / clip.path)) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_only_the_work_surface_is_clear_in_every_written_frame(filmed: SmallStore, root: Path) -> None:
    case = case_at(filmed)

    evidence_build(case_id=case.pk, now=AT)

    for frame in pictures(root / case.evidence.get(kind=Evidence.Kind.CLIP).path):
        above, inside = frame[:50], frame[56:124, 18:302]
        assert np.abs(np.diff(above.reshape(-1, 320, 3).astype(int), axis=1)).mean() < 12
        assert np.abs(np.diff(inside.astype(int), axis=1)).mean() > 20


def test_a_frame_whose_heads_nobody_could_look_for_is_hidden_whole(
    filmed: SmallStore, root: Path, settings: Any
) -> None:
    class Broken:
        version = "broken"

        def find(self, image: np.ndarray) -> list[object]:
            raise RuntimeError("the model is gone")

    evidence_services._finder.cache_clear()
    settings.BLUR_DETECTOR = "gone"
    finder = evidence_services._finder
    evidence_services._finder = lambda lane_model, face_model: Broken()
    try:
        case = case_at(filmed)
        evidence_build(case_id=case.pk, now=AT)
    finally:
        evidence_services._finder = finder

    clip = case.evidence.get(kind=Evidence.Kind.CLIP)
    assert clip.blur["frames_not_judged"] == clip.blur["frames"] > 0
    assert max(detail(frame) for frame in pictures(root / clip.path)) < 12


def test_it_waits_for_the_seconds_after_the_pass_but_not_for_ever(filmed: SmallStore) -> None:
    Segment.objects.latest("started_at").delete()
    case = case_at(filmed)
    created = case.created_at

    assert evidence_build(case_id=case.pk, now=created) is EvidenceOutcome.WAITING
    assert evidence_build(case_id=case.pk, now=created + timedelta(seconds=21)) is EvidenceOutcome.BUILT


def test_building_again_changes_nothing(filmed: SmallStore) -> None:
    case = case_at(filmed)
    evidence_build(case_id=case.pk, now=AT)
    before = list(case.evidence.values_list("pk", "sha256"))

    assert evidence_build(case_id=case.pk, now=AT) is EvidenceOutcome.THERE_ALREADY
    assert list(case.evidence.values_list("pk", "sha256")) == before


def test_no_footage_is_an_answer(shop: SmallStore, root: Path) -> None:
    case = case_at(shop)

    outcome = evidence_build(case_id=case.pk, now=case.created_at + timedelta(minutes=1))

    assert outcome is EvidenceOutcome.NO_FOOTAGE
    assert not case.evidence.exists()


def test_a_segment_that_is_gone_costs_only_itself(filmed: SmallStore, root: Path) -> None:
    first = Segment.objects.earliest("started_at")
    (root / first.path).unlink()
    case = case_at(filmed)

    assert evidence_build(case_id=case.pk, now=AT) is EvidenceOutcome.BUILT
    assert case.evidence.get(kind=Evidence.Kind.CLIP).starts_at >= AT - timedelta(seconds=1)


def test_writing_is_in_the_history(filmed: SmallStore) -> None:
    case = case_at(filmed)

    evidence_build(case_id=case.pk, now=AT)

    told = AuditEvent.objects.get(action="evidence.written")
    assert (told.object_type, told.object_id, told.store_code) == ("case", str(case.pk), "S001")


def test_pictures_go_when_their_time_is_up_and_the_case_stays(filmed: SmallStore, root: Path) -> None:
    case = case_at(filmed)
    evidence_build(case_id=case.pk, now=AT)
    files = [root / row.path for row in case.evidence.all()]
    young, old = case.created_at + timedelta(hours=71), case.created_at + timedelta(hours=72)

    assert _evidence_expire(young) == 0
    assert all(path.exists() for path in files)
    assert _evidence_expire(old) == 4
    assert not any(path.exists() for path in files)
    assert not Case.objects.get(pk=case.pk).evidence.exists()


def test_raw_video_is_held_until_the_pictures_are_cut(filmed: SmallStore) -> None:
    case = case_at(filmed)

    (hold,) = case_holds()
    assert hold.camera_id == filmed.cameras[0].pk
    assert hold.starts_at < AT < hold.ends_at

    evidence_build(case_id=case.pk, now=AT)
    assert list(case_holds()) == []


def test_what_a_dead_worker_left_is_found_again_while_there_is_footage(filmed: SmallStore) -> None:
    case = case_at(filmed)
    born, patience = case.created_at, timedelta(seconds=30)

    assert cases_without_evidence(now=born + timedelta(seconds=29), older_than=patience) == []
    assert cases_without_evidence(now=born + timedelta(seconds=31), older_than=patience) == [case.pk]
    assert cases_without_evidence(now=born + timedelta(minutes=61), older_than=patience) == []
    assert born.tzinfo == UTC
