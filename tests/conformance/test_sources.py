"""Every kind of source, one set of promises: each picture once and in order, cut at key frames, on the wall clock."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import av
import cv2
import pytest

from tests.clips import clip_draw, numbers_in, picture
from tests.servers.http_video import TsCamera, folder_handler, hls_written, picture_handler, served
from tests.servers.rtsp import rtsp_camera
from vision.capture.faults import SourceFault, Trouble
from vision.capture.pull import Pull
from vision.capture.source import Opened
from vision.capture.writing import SegmentFile, segment_mark_read

FPS = 25
PATIENCE_S = 25.0


@dataclass
class Keeping:
    """Keeps a pull going until it is told to stop, or for long enough to see that it hangs."""

    until: float = field(default_factory=lambda: time.monotonic() + PATIENCE_S)
    kept: Mapping[str, object] = field(default_factory=dict)
    opened: Opened | None = None

    def going_on(self) -> bool:
        return time.monotonic() < self.until

    def connected(self, opened: Opened) -> None:
        self.opened = opened

    def playback_keep(self, kept: Mapping[str, object]) -> None:
        self.kept = dict(kept)

    def stop(self) -> None:
        self.until = 0.0


def pulled(
    source: str, folder: Path, *, most: int = 99, **known: object
) -> tuple[list[SegmentFile], SourceFault | None]:
    """At most so many whole segments of a source, and how it ended."""
    keeping, found = Keeping(), list[SegmentFile]()
    try:
        for segment in Pull(source, folder, keeping, **known).segments():
            found.append(segment)
            if len(found) >= most:
                break
    except SourceFault as fault:
        return found, fault
    assert len(found) >= most or keeping.going_on(), f"nothing more came within {PATIENCE_S} s"
    return found, None


@dataclass
class Camera:
    """`began_at`: when picture 0 was shown, once that is known. `within_s`: how exactly the source can tell."""

    source: str
    clock: str
    began_at: Callable[[], float] | None = None
    within_s: float = 0.35


Source = Callable[[Path], AbstractContextManager[Camera]]


@contextmanager
def a_file(tmp: Path) -> Iterator[Camera]:
    yield Camera(str(clip_draw(tmp / "clip.mp4", b_frames=2, sound=True)), "file")


@contextmanager
def a_file_with_long_gops(tmp: Path) -> Iterator[Camera]:
    yield Camera(str(clip_draw(tmp / "clip.mp4", key_every=200)), "file")


@contextmanager
def a_folder(tmp: Path) -> Iterator[Camera]:
    """Two files whose pictures go on, in name order; something that is no video lies between them."""
    (tmp / "in").mkdir()
    whole = clip_draw(tmp / "whole.mp4", seconds=4)
    for name, start in (("a.ts", 0), ("c.ts", 2)):
        _copied(whole, tmp / "in" / name, start, start + 2)
    _age(tmp / "in")
    yield Camera(str(tmp / "in"), "file")


@contextmanager
def http_ts(tmp: Path) -> Iterator[Camera]:
    camera = TsCamera(clip_draw(tmp / "clip.mp4", seconds=6, sound=True), sound=True)
    with served(camera.handler()) as port:
        yield Camera(f"http://127.0.0.1:{port}/live.ts", "arrival", lambda: camera.began_at[0])


@contextmanager
def http_ts_h265(tmp: Path) -> Iterator[Camera]:
    camera = TsCamera(clip_draw(tmp / "clip.mp4", seconds=6, codec="libx265", b_frames=2))
    with served(camera.handler()) as port:
        yield Camera(f"http://127.0.0.1:{port}/live.ts", "arrival", lambda: camera.began_at[0])


@contextmanager
def hls_live(tmp: Path) -> Iterator[Camera]:
    (tmp / "hls").mkdir()
    clip = clip_draw(tmp / "clip.mp4", seconds=14)
    with hls_written(clip, tmp / "hls", live=True) as playlist, served(folder_handler(tmp / "hls")) as port:
        _appears(playlist)
        yield Camera(f"http://127.0.0.1:{port}/live.m3u8", "arrival")


@contextmanager
def hls_recorded(tmp: Path) -> Iterator[Camera]:
    (tmp / "hls").mkdir()
    clip = clip_draw(tmp / "clip.mp4", seconds=4)
    with hls_written(clip, tmp / "hls", live=False), served(folder_handler(tmp / "hls")) as port:
        yield Camera(f"http://127.0.0.1:{port}/live.m3u8", "file")


@contextmanager
def motion_jpeg(tmp: Path) -> Iterator[Camera]:
    del tmp
    jpegs = [cv2.imencode(".jpg", picture(number))[1].tobytes() for number in range(10 * FPS)]
    with served(picture_handler(jpegs, FPS)) as port:
        yield Camera(f"http://127.0.0.1:{port}/mjpeg", "arrival")


@contextmanager
def rtsp(tmp: Path) -> Iterator[Camera]:
    with rtsp_camera(clip_draw(tmp / "clip.mp4", seconds=8, b_frames=2), loop=True) as camera:
        yield Camera(camera.url, "rtcp", camera.began_at, within_s=0.1)


@contextmanager
def rtsp_h265(tmp: Path) -> Iterator[Camera]:
    with rtsp_camera(clip_draw(tmp / "clip.mp4", seconds=8, codec="libx265"), loop=True) as camera:
        yield Camera(camera.url, "rtcp", camera.began_at, within_s=0.1)


SOURCES: list[Source] = [
    a_file, a_file_with_long_gops, a_folder, http_ts, http_ts_h265, hls_live, hls_recorded, motion_jpeg,
    rtsp, rtsp_h265,
]  # fmt: skip


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
def test_every_picture_comes_once_in_order_and_on_time(source: Source, tmp_path: Path) -> None:
    with source(tmp_path) as camera:
        asked_at = time.time()
        segments, _ = pulled(camera.source, tmp_path / "out", most=2)
        done_at = time.time()
        began_at = camera.began_at() if camera.began_at else None

    shown = [numbers_in(segment.path) for segment in segments]
    numbers = [number for part in shown for number in part]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len(numbers) == sum(segment.frames for segment in segments) > FPS
    assert {segment.clock_source.value for segment in segments} == {camera.clock}
    assert [segment.continues for segment in segments[1:]] == [True] * (len(segments) - 1)
    for segment, part in zip(segments, shown, strict=True):
        assert segment.duration_s == pytest.approx(len(part) / FPS, abs=0.15)
        assert _streams(segment.path) == ["video"]
        assert asked_at - 15 < segment.started_at.timestamp() < done_at
        if began_at is not None:
            assert segment.started_at.timestamp() == pytest.approx(began_at + part[0] / FPS, abs=camera.within_s)
    assert not list((tmp_path / "out").glob(".part*"))


@dataclass(frozen=True)
class Wrong:
    """A source that cannot be pulled: what it is called, and a word of the sentence that says why."""

    make: Callable[[Path], str]
    trouble: Trouble
    word: str


def _text_file(tmp: Path) -> str:
    (tmp / "notes.mp4").write_text("This is no video at all, only words about one. " * 50)
    return str(tmp / "notes.mp4")


def _cut_file(tmp: Path) -> str:
    """An MP4 without its index, which lies at the end."""
    whole = clip_draw(tmp / "whole.mp4").read_bytes()
    (tmp / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    return str(tmp / "cut.mp4")


def _half_file(tmp: Path) -> str:
    """An MP4 with its index in front and half of its pictures missing."""
    clip_draw(tmp / "whole.mp4", seconds=6)
    with (
        av.open(str(tmp / "whole.mp4")) as source,
        av.open(str(tmp / "front.mp4"), "w", options={"movflags": "faststart"}) as out,
    ):
        copy = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = copy
                out.mux(packet)
    whole = (tmp / "front.mp4").read_bytes()
    (tmp / "half.mp4").write_bytes(whole[: len(whole) // 2])
    return str(tmp / "half.mp4")


def _sound_only(tmp: Path) -> str:
    clip_draw(tmp / "both.mp4", sound=True)
    with av.open(str(tmp / "both.mp4")) as source, av.open(str(tmp / "sound.mp4"), "w") as out:
        copy = out.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = copy
                out.mux(packet)
    return str(tmp / "sound.mp4")


WRONG = [
    pytest.param(Wrong(lambda tmp: str(tmp / "nowhere"), Trouble.REFUSED, "no file or folder"), id="no such path"),
    pytest.param(Wrong(_text_file, Trouble.NO_VIDEO, "not with video"), id="a text that is called a video"),
    pytest.param(Wrong(_cut_file, Trouble.TRUNCATED, "cut short"), id="a file without its end"),
    pytest.param(Wrong(_half_file, Trouble.TRUNCATED, "breaks off"), id="half a file"),
    pytest.param(Wrong(_sound_only, Trouble.NO_VIDEO, "no video"), id="sound without picture"),
    pytest.param(
        Wrong(lambda tmp: "rtsp://cam:secret@127.0.0.1:1/l1", Trouble.REFUSED, "Nothing listens"), id="a closed port"
    ),
    pytest.param(
        Wrong(lambda tmp: "rtsp://cam:secret@no-such-host.invalid/l1", Trouble.REFUSED, "not known"), id="no such host"
    ),
    pytest.param(Wrong(lambda tmp: "udp://127.0.0.1:5000", Trouble.REFUSED, "not supported"), id="a strange protocol"),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_pulled_says_why_and_keeps_its_password(wrong: Wrong, tmp_path: Path) -> None:
    _, fault = pulled(wrong.make(tmp_path), tmp_path / "out")
    assert fault is not None
    assert (fault.trouble, wrong.word in str(fault)) == (wrong.trouble, True), str(fault)
    assert "secret" not in str(fault)


def test_half_a_file_gives_the_half_that_is_there(tmp_path: Path) -> None:
    segments, _ = pulled(_half_file(tmp_path), tmp_path / "out")
    numbers = [number for segment in segments for number in numbers_in(segment.path)]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > FPS


@pytest.mark.parametrize(
    ("user", "password", "path", "word"),
    [("cam", "wrong", "/l1", "user name or password"), ("cam", "right", "/other", "path")],
    ids=["a wrong password", "a wrong path"],
)
def test_a_camera_that_refuses_is_named_so(user: str, password: str, path: str, word: str, tmp_path: Path) -> None:
    with rtsp_camera(clip_draw(tmp_path / "clip.mp4"), user="cam", password="right") as camera:
        source = camera.url.replace("://", f"://{user}:{password}@").replace("/l1", path)
        _, fault = pulled(source, tmp_path / "out")
    assert fault is not None
    assert (fault.trouble, word in str(fault)) == (Trouble.REFUSED, True), str(fault)
    assert "right" not in str(fault) and "wrong" not in str(fault)


def test_a_camera_with_a_password_is_pulled(tmp_path: Path) -> None:
    with rtsp_camera(clip_draw(tmp_path / "clip.mp4", seconds=6), user="cam", password="p@:ss") as camera:
        segments, fault = pulled(camera.url.replace("://", "://cam:p%40%3Ass@"), tmp_path / "out", most=1)
    assert (len(segments), fault) == (1, None)


def test_a_server_killed_in_mid_stream_is_lost_and_what_came_is_kept(tmp_path: Path) -> None:
    with rtsp_camera(clip_draw(tmp_path / "clip.mp4", seconds=8), loop=True) as camera:
        killer = threading.Timer(5.0, camera.process.kill)
        killer.start()
        began = time.monotonic()
        segments, fault = pulled(camera.url, tmp_path / "out")
    assert fault is not None and fault.trouble is Trouble.LOST
    assert time.monotonic() - began < 15
    assert sum(segment.frames for segment in segments) > 2 * FPS


def test_a_camera_that_falls_silent_is_noticed(tmp_path: Path) -> None:
    camera = TsCamera(clip_draw(tmp_path / "clip.mp4", seconds=10))
    with served(camera.handler()) as port:
        threading.Timer(3.0, camera.silent.set).start()
        segments, fault = pulled(f"http://127.0.0.1:{port}/live.ts", tmp_path / "out")
        camera.silent.clear()
    assert segments
    assert fault is not None
    assert (fault.trouble, str(fault)) == (Trouble.LOST, "The camera is connected but sends nothing.")


def test_a_looped_file_whose_time_jumps_back_goes_on_on_the_wall_clock(tmp_path: Path) -> None:
    camera = TsCamera(clip_draw(tmp_path / "clip.mp4", seconds=3), turns=3, jump_back=True)
    with served(camera.handler()) as port:
        segments, _ = pulled(f"http://127.0.0.1:{port}/live.ts", tmp_path / "out")
    numbers = [number for segment in segments for number in numbers_in(segment.path)]
    assert numbers == [*range(75)] * 3
    starts = [segment.started_at.timestamp() for segment in segments]
    for segment, start in zip(segments, starts, strict=True):
        first, passed = numbers_in(segment.path)[0], start - camera.began_at[0]
        assert passed % 3.0 == pytest.approx(first / FPS, abs=0.35)
    assert all(later >= earlier + 0.9 for earlier, later in pairwise(starts))


def test_a_pull_goes_on_after_the_stream_ended_and_came_back(tmp_path: Path) -> None:
    """A looped file that is served by reconnection: each turn is a connection of its own."""
    camera, keeping, found = TsCamera(clip_draw(tmp_path / "clip.mp4", seconds=3)), Keeping(), list[SegmentFile]()
    with served(camera.handler()) as port:
        pull = Pull(f"http://127.0.0.1:{port}/live.ts", tmp_path / "out", keeping)
        for _ in range(2):
            with pytest.raises(SourceFault, match="ended the stream") as ended:
                found.extend(pull.segments())
            assert ended.value.trouble is Trouble.LOST
    assert [n for segment in found for n in numbers_in(segment.path)] == [*range(75)] * 2
    ends = [segment.started_at.timestamp() + segment.duration_s for segment in found]
    gaps = [b.started_at.timestamp() - a for a, b in zip(ends, found[1:], strict=False)]
    assert max(gaps) < 1.0 and min(gaps) > -0.05


def test_a_file_is_played_once_and_a_replaced_one_again(tmp_path: Path) -> None:
    clip = clip_draw(tmp_path / "clip.mp4", seconds=1)
    keeping = Keeping()
    pull = Pull(str(clip), tmp_path / "out", keeping)
    counts = []
    for change in (lambda: None, lambda: None, lambda: clip_draw(clip, seconds=2)):
        change()
        found = []
        with pytest.raises(SourceFault) as ended:
            found.extend(pull.segments())
        assert ended.value.trouble is Trouble.ENDED
        counts.append(sum(segment.frames for segment in found))
    assert counts == [25, 0, 50]


def test_a_file_taken_over_in_the_middle_misses_and_doubles_nothing(tmp_path: Path) -> None:
    clip, first = clip_draw(tmp_path / "clip.mp4", seconds=5), Keeping()
    before: list[SegmentFile] = []
    for segment in Pull(str(clip), tmp_path / "out", first).segments():
        before.append(segment)
        break
    until = before[0].started_at.timestamp() + before[0].duration_s
    after, _ = pulled(str(clip), tmp_path / "out", stored_until=until, kept=first.kept)
    assert [n for segment in [*before, *after] for n in numbers_in(segment.path)] == [*range(125)]
    assert after[0].started_at.timestamp() == pytest.approx(until, abs=1e-5)


def test_a_playlist_taken_over_in_the_middle_doubles_nothing_of_what_it_sends_again(tmp_path: Path) -> None:
    with hls_live(tmp_path) as camera:
        before, _ = pulled(camera.source, tmp_path / "out", most=2)
        until = before[-1].started_at.timestamp() + before[-1].duration_s
        mark = segment_mark_read(before[-1].path.name)
        after, _ = pulled(camera.source, tmp_path / "out", most=2, stored_until=until, stored_mark=mark)
    numbers = [n for segment in before + after for n in numbers_in(segment.path)]
    assert numbers == [*range(numbers[0], numbers[0] + len(numbers))]
    assert after[0].started_at.timestamp() == pytest.approx(until, abs=0.001)
    assert after[0].continues


def test_a_folder_goes_on_with_what_is_added_and_passes_over_what_is_broken(tmp_path: Path) -> None:
    folder, keeping, found, faults = tmp_path / "in", Keeping(), list[SegmentFile](), list[str]()
    folder.mkdir()
    clip_draw(folder / "a.mp4", seconds=1)
    (folder / "b.mp4").write_text("no video")
    _age(folder)
    pull = Pull(str(folder), tmp_path / "out", keeping)

    def added() -> None:
        clip_draw(tmp_path / "later.mp4", seconds=2)
        _age(tmp_path)
        shutil.move(tmp_path / "later.mp4", folder / "c.mp4")

    threading.Timer(2.5, added).start()
    while len(found) < 2 and keeping.going_on():
        try:
            for segment in pull.segments():
                found.append(segment)
                if len(found) == 2:
                    break
        except SourceFault as fault:
            faults.append(str(fault))
    assert [segment.frames for segment in found] == [25, 50]
    assert [fault[:18] for fault in faults] == ["Passed over b.mp4:"]


def test_a_pull_that_is_told_to_stop_ends_at_once_and_keeps_what_it_has(tmp_path: Path) -> None:
    camera, keeping = TsCamera(clip_draw(tmp_path / "clip.mp4", seconds=10)), Keeping()
    with served(camera.handler()) as port:
        threading.Timer(3.5, keeping.stop).start()
        segments = list(Pull(f"http://127.0.0.1:{port}/live.ts", tmp_path / "out", keeping).segments())
        ended = time.time()
    assert ended - camera.began_at[0] < 6
    assert sum(segment.frames for segment in segments) > 2 * FPS


def _streams(path: Path) -> list[str]:
    with av.open(str(path)) as container:
        return [stream.type for stream in container.streams]


def _copied(source: Path, target: Path, start: float, end: float) -> None:
    with av.open(str(source)) as read, av.open(str(target), "w", format="mpegts") as written:
        video = read.streams.video[0]
        copy = written.add_stream_from_template(video)
        for packet in read.demux(video):
            if packet.dts is not None and start <= float(packet.pts * packet.time_base) < end:
                packet.stream = copy
                written.mux(packet)


def _age(folder: Path) -> None:
    """As if the files had been there for a while."""
    for path in folder.iterdir():
        if path.is_file():
            os.utime(path, (time.time() - 60, time.time() - 60))


def _appears(path: Path) -> None:
    deadline = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
