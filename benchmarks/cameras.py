"""How many cameras two cores see to in real time, stage by stage, beside ultralytics at its defaults and the limit.

    python -m benchmarks.cameras [--seconds 60] [--rounds 2] [--coco FOLDER]

One simulated lane as 720p at 25 pictures a second, H.264, twice: never at rest, and half of the time. Every contender
sees the same clips in the same run, on one thread where it can be told so; CPU seconds (all threads) per second of
video give the cameras that two cores would hold. Analysed are ten pictures a second; ultralytics can only leave out
whole pictures, so its cost at ten is read off between every second and every third of them.

* limit: ffmpeg decoding everything, and the compiled model alone on a picture that is there, as often as it was asked
* ours: what a worker does with a segment: decode, figures of the picture, gate, model, tracking, events. It can fall
  below the limit: it does not decode what nothing that is looked at is made from, nor smooth what it decodes
* predict, track: `YOLO(...)` with `stream=True` and nothing else set, with a COCO model in INT8 (the kinder way to run
  it on a processor) and as the `.pt` that most people run (weights at random: they cost the same)
"""

from __future__ import annotations

import argparse
import contextlib
import io
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain, pairwise
from pathlib import Path

import av
import cv2

from shrink.simulator.lanes import recording
from shrink.simulator.performance import Performance
from shrink.simulator.textures import Image
from vision.domain.types import ZoneShape
from vision.pipeline.decode import frames
from vision.pipeline.detector import Detector, detector_open
from vision.pipeline.gate import Attention
from vision.pipeline.picture import PictureState, PictureWatch
from vision.pipeline.run import PipelineConfig, SegmentReport, analyse

SIZE, SOURCE_FPS, FPS, SIDE = (1280, 720), 25, 10.0, 640
LANE = "vision/weights/lane"
BUSY_S = 3.0
SAME_LAYOUT = 30
"""Seeds so far apart have the same kind of lane, mirrored alike (shrink/simulator/lanes.py)."""
CORES = 2
MODES = ("predict", "track") if find_spec("lap") else ("predict",)
"""ultralytics' tracker needs `lap`, which is no part of what is installed here: `pip install lap`."""
Result = dict[str, float]


@dataclass(frozen=True)
class Clip:
    name: str
    path: Path
    seconds: float
    zones: list[ZoneShape]


def clips(folder: Path, seconds: float, seed: int) -> list[Clip]:
    """The lane at work, and the same with nothing happening in its second half."""
    layout = recording(seed, 0.5).layout
    zones = [ZoneShape(kind, polygon) for kind, polygon in layout.zones()]
    nobody = Performance(seed, layout, [])

    def idle(since: float, until: float) -> Iterator[Image]:
        return (nobody.render(since + n / SOURCE_FPS) for n in range(int((until - since) * SOURCE_FPS)))

    half = seconds / 2
    return [
        Clip("never at rest", _encoded(folder / "busy.mp4", at_work(seed, seconds)), seconds, zones),
        Clip(
            "half idle", _encoded(folder / "half.mp4", chain(at_work(seed, half), idle(half, seconds))), seconds, zones
        ),
    ]


def at_work(seed: int, seconds: float) -> Iterator[Image]:
    """Only while goods move: of lanes whose zones lie alike, one after the other."""
    left = int(seconds * SOURCE_FPS)
    while left > 0:
        lane = recording(seed, 1.5, fps=SOURCE_FPS)
        moves = [move.at_s for ticket in lane.tickets for move in ticket.moves]
        for at, picture in lane.frames():
            if moves[0] - 1.0 <= at <= moves[-1] and min(abs(at - moved) for moved in moves) < BUSY_S:
                yield picture
                left -= 1
                if left == 0:
                    return
        seed += SAME_LAYOUT


def _encoded(path: Path, pictures: Iterator[Image]) -> Path:
    """As a camera would send it: 4 Mbit/s, a key frame each two seconds."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=SOURCE_FPS)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = *SIZE, "yuv420p", 4_000_000
        stream.options = {"preset": "veryfast", "g": str(2 * SOURCE_FPS)}
        for picture in pictures:
            large = cv2.resize(picture, SIZE, interpolation=cv2.INTER_CUBIC)
            for packet in stream.encode(av.VideoFrame.from_ndarray(large, format="bgr24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process and of the children that it waited for."""
    began = time.process_time() + _children()
    work()
    return time.process_time() + _children() - began


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def decode_alone(clip: Clip) -> float:
    quiet = ["ffmpeg", "-v", "error", "-threads", "1", "-i", str(clip.path), "-f", "null", "-"]
    try:
        return cpu(lambda: subprocess.run(quiet, check=True))
    except FileNotFoundError:
        return cpu(lambda: _decoded(clip))


def _decoded(clip: Clip) -> None:
    with av.open(str(clip.path)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        for _ in container.decode(video=0):
            pass


def model_alone(detector: Detector, clip: Clip) -> float:
    """One call for each picture that would be analysed."""
    picture = next(frames(clip.path, 0.0, FPS, SIDE)).image
    calls = int(clip.seconds * FPS)
    detector.detect([picture])
    return cpu(lambda: [detector.detect([picture]) for _ in range(calls)])


def ours(detector: Detector, clip: Clip) -> tuple[float, SegmentReport, PictureWatch]:
    kept: list[tuple[SegmentReport, PictureWatch]] = []

    def look() -> None:
        watch, attention = PictureWatch(PictureState()), Attention()
        pictures = watch.over(frames(clip.path, 1000.0, FPS, SIDE, attention))
        _, _, report = analyse(pictures, detector, clip.zones, PipelineConfig(), None, attention)
        kept.append((report, watch))

    return cpu(look), *kept[-1]


def ultralytics_cost(model: object, clip: Clip, mode: str) -> float:
    """CPU seconds at ten pictures a second, between every second and every third of 25."""

    def run(stride: int) -> float:
        def look() -> None:
            with contextlib.redirect_stdout(io.StringIO()):
                for _ in getattr(model, mode)(source=str(clip.path), stream=True, vid_stride=stride, verbose=False):
                    pass

        return cpu(look)

    per_two, per_three = SOURCE_FPS / 2, SOURCE_FPS / 3
    share = (FPS - per_three) / (per_two - per_three)
    return share * run(2) + (1 - share) * run(3)


def contenders(coco: Path | None) -> Iterator[tuple[str, object]]:
    from vision.pipeline.detector import ultralytics_open

    if coco is not None and coco.exists():
        yield "COCO INT8 on OpenVINO", ultralytics_open(coco)
    import torch
    from ultralytics import YOLO

    torch.set_num_threads(1)
    yield "yolo11n.pt on torch", YOLO("yolo11n.yaml", task="detect")


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def memory_per_camera(detector: Detector, clip: Clip, cameras: int = 8) -> float:
    """MB that each further camera of one worker keeps: its own state and its thread's detector."""
    import threading

    held: list[object] = []
    marks = [resident_mb()]
    for _ in range(cameras):

        def look() -> None:
            own = detector_open(LANE)
            watch = PictureWatch(PictureState())
            pictures = watch.over(
                frame for _, frame in zip(range(40), frames(clip.path, 1000.0, FPS, SIDE, Attention()), strict=False)
            )
            held.append((own, analyse(pictures, own, clip.zones, PipelineConfig(), None)[0], watch.state))

        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        marks.append(resident_mb())
    steps = sorted(after - before for before, after in pairwise(marks[2:]))
    return steps[len(steps) // 2]


def report_stages(report: SegmentReport, watch: PictureWatch, clip: Clip) -> None:
    stages = {
        "decode and scale": report.decode_ms - watch.spent_ms,
        "figures of the picture": watch.spent_ms,
        "gate": report.gate_ms,
        "model": report.detector_ms,
        "colour, motion": report.motion_ms,
        "tracking, zones, events": report.tracking_ms,
    }
    looked = report.analysed + report.gated
    print(f"  {looked} pictures looked at, {report.analysed} of them by the model; ms a picture (wall):")
    for name, spent in stages.items():
        print(f"    {name:24} {spent / looked:6.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=2, help="interleaved; the least counts")
    parser.add_argument("--seed", type=int, default=98_301)
    parser.add_argument("--coco", type=Path, default=Path("../shared/media/weights/yolo11n_int8_openvino_model"))
    parser.add_argument("--without-ultralytics", action="store_true")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    detector = detector_open(LANE)
    others = [] if asked.without_ultralytics else list(contenders(asked.coco))
    if others and "track" not in MODES:
        print("lap is not installed: ultralytics' `track` is left out")
    with tempfile.TemporaryDirectory() as folder:
        films = clips(Path(folder), asked.seconds, asked.seed)
        print(f"a further camera of one worker keeps {memory_per_camera(detector, films[0]):.1f} MB")
        for clip in films:
            print(
                f"\n{clip.name}: {clip.seconds:.0f} s, {clip.path.stat().st_size * 8 / clip.seconds / 1e6:.1f} Mbit/s"
            )
            compared(clip, detector, others, asked.rounds)


def compared(clip: Clip, detector: Detector, others: list[tuple[str, object]], rounds: int) -> None:
    best: Result = {}

    def note(name: str, spent: float) -> None:
        best[name] = min(spent, best.get(name, spent))

    for _ in range(rounds):
        note("decode alone", decode_alone(clip))
        note("model alone", model_alone(detector, clip))
        spent, report, watch = ours(detector, clip)
        note("ours", spent)
        for name, model in others:
            for mode in MODES:
                note(f"{mode}, {name}", ultralytics_cost(model, clip, mode))
    limit = best["decode alone"] + report.analysed / int(clip.seconds * FPS) * best["model alone"]
    report_stages(report, watch, clip)
    print(f"  {'':34} CPU s   cameras   ours / it")
    for name, spent in [*best.items(), ("limit: decode + model as often", limit)]:
        print(f"  {name:34} {spent:6.2f} {CORES * clip.seconds / spent:8.1f} {spent / best['ours']:9.2f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
