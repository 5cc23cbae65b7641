import av
import numpy as np
import pytest

from vision.domain.types import Frame
from vision.pipeline.clip import clip_write


def frames(count: int, *, height: int = 90, width: int = 161, fps: float = 10.0) -> list[Frame]:
    return [Frame(1000.0 + i / fps, np.full((height, width, 3), i * 20, np.uint8)) for i in range(count)]


def test_a_clip_plays_everywhere_and_has_no_sound(tmp_path):
    path = tmp_path / "clip.mp4"

    duration = clip_write(frames(10), path, fps=10)

    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert [stream.type for stream in container.streams] == ["video"]
        assert (video.codec.name, video.pix_fmt, video.width, video.height) == ("h264", "yuv420p", 160, 90)
        assert sum(1 for _ in container.decode(video=0)) == 10
    assert duration == pytest.approx(1.0)
    head = path.read_bytes()[:4096]
    assert head.index(b"moov") < path.read_bytes().index(b"mdat"), "the index must come first to play at once"


def test_a_hole_in_the_footage_stays_a_hole_in_the_clip(tmp_path):
    path = tmp_path / "clip.mp4"
    early, late = frames(3), [Frame(f.at + 2.0, f.image) for f in frames(3)]

    clip_write(early + late, path, fps=10)

    with av.open(str(path)) as container:
        instants = [round(float(f.time), 2) for f in container.decode(video=0)]
    assert instants == [0.0, 0.1, 0.2, 2.0, 2.1, 2.2]


def test_no_frames_leave_no_file(tmp_path):
    path = tmp_path / "clip.mp4"

    assert clip_write([], path, fps=10) == 0.0
    assert not path.exists()
