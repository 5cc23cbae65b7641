"""The cameras of `benchmarks.live` are what the product takes for cameras, and its figures are what they say."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from benchmarks.live.report import Part, lag, segments
from benchmarks.live.watch import Seen, Verdict
from tests.repository import REPOSITORY
from vision.capture.clock import ClockSource
from vision.capture.pull import Pull
from vision.capture.source import Opened

FPS, LENGTH_S, KEY_S = 25, 3.0, 1.0


def clip(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.options = {"g": str(round(KEY_S * FPS)), "bf": "2", "sc_threshold": "0", "preset": "veryfast"}
        noise = np.random.default_rng(1)
        for number in range(round(LENGTH_S * FPS)):
            frame = av.VideoFrame.from_ndarray(noise.integers(0, 255, (96, 160, 3), np.uint8), format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


class Keeper:
    def __init__(self, for_s: float) -> None:
        self._until = time.monotonic() + for_s

    def going_on(self) -> bool:
        return time.monotonic() < self._until

    def connected(self, opened: Opened) -> None:
        assert (opened.width, opened.height, opened.fps) == (160, 96, FPS)

    def playback_keep(self, kept: Mapping[str, object]) -> None:
        raise AssertionError("no recording")


def test_a_looped_film_is_one_unbroken_stream_on_the_clock_of_its_reports(tmp_path: Path) -> None:
    began_at, from_s = time.time() - 0.37, 1.25
    camera = {"path": "/c0", "clip": str(clip(tmp_path / "clip.mp4")), "began_at": began_at, "from_s": from_s}
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"port": 0, "cameras": [camera]}))
    command = [sys.executable, "-m", "benchmarks.live.cameras", str(plan)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = server.stdout.readline().split()[1]
        pull = Pull(f"rtsp://127.0.0.1:{port}/c0", tmp_path / "segments", Keeper(10.0))
        found = list(pull.segments())[:-1]  # the last was cut short by us
        server.terminate()

    assert len(found) >= 3, "more than the film is long"
    for segment in found:
        into_film = segment.started_at.timestamp() - began_at + from_s
        assert segment.clock_source is ClockSource.RTCP
        assert abs(into_film / KEY_S - round(into_film / KEY_S)) < 0.02, "it begins with a key frame of the film"
        assert (segment.frames, segment.duration_s) == (50, pytest.approx(2.0, abs=0.02))
    for before, after in pairwise(found):
        assert (after.started_at - before.started_at).total_seconds() == pytest.approx(2.0, abs=0.02)


def part(ended_at: float, **other: Any) -> Part:
    report = {"took_s": 0.3, "analysed": 20, "gated": 0}
    return replace(Part(1, ended_at - 2.0, ended_at, 50, "analysed", ended_at + 0.2, "", report), **other)


def test_a_verdict_is_timed_by_the_systems_word_or_else_by_the_watch() -> None:
    seen = Seen({1: [Verdict(102.0004, 102.9, 0.5), Verdict(106.0, 107.1, 0.4)]})
    found = lag([part(102.0), part(104.0), part(106.0)], seen, 100.0, 110.0)
    assert found["segment_end_to_verdict_s"] == {"p50": 0.7, "p95": 3.1, "max": 3.1}
    assert (found["verdicts"], found["timed_by_the_watch_only"]) == (3, 1)


def test_holes_and_missing_pictures_are_counted_also_at_the_edges() -> None:
    whole = segments([part(102.0), part(104.0), part(106.0)], 100.0, 106.0, 25)
    assert (whole["holes"], whole["pictures_missing"], whole["by_state"]) == (0, 0, {"analysed": 3})
    torn = segments([part(102.0), part(104.5, frames=45, state="skipped")], 100.0, 120.0, 25)
    assert (torn["holes"], torn["longest_hole_s"], torn["pictures_missing"]) == (2, 15.5, 5)
    assert torn["by_state"] == {"analysed": 1, "skipped": 1}
