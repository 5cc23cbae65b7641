"""The simulator's cameras are real H.264 over HTTP, and its till's line loses nothing."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from shrink.simulator.offline import Recording
from shrink.simulator.posting import Line
from shrink.simulator.rows import row_tickets
from shrink.simulator.serve import CameraServer, Feed
from shrink.simulator.till import Till


@pytest.fixture
def server() -> Iterator[CameraServer]:
    camera_server = CameraServer({"L1-top": Feed(160, 96, 10.0)}, 0)
    camera_server.start()
    yield camera_server
    camera_server.stop()


@pytest.fixture
def drawing(server: CameraServer) -> Iterator[None]:
    """Pictures of rising brightness, as long as the test runs."""
    stop = threading.Event()

    def draw() -> None:
        number = 0
        while not stop.wait(0.01):
            if server.feeds["L1-top"].watched:
                server.feeds["L1-top"].add(np.full((96, 160, 3), number % 250, np.uint8), number / 10)
            number += 1

    thread = threading.Thread(target=draw)
    thread.start()
    yield
    stop.set()
    thread.join()


def frames_of(server: CameraServer, number: int) -> list[av.VideoFrame]:
    address = f"http://127.0.0.1:{server.port}/L1-top.ts"
    found = []
    with av.open(address, options={"analyzeduration": "200000"}, timeout=20) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        for frame in container.decode(video=0):
            found.append(frame)
            if len(found) == number:
                return found
    return found


def test_two_clients_one_after_the_other_each_start_at_a_key_frame(server: CameraServer, drawing: None):
    first, second = frames_of(server, 15), frames_of(server, 15)
    assert len(first) == len(second) == 15
    assert first[0].key_frame
    assert second[0].key_frame
    assert second[0].pts > first[-1].pts  # nothing old is shown to who comes late


def test_unwatched_camera_is_not_watched_again_until_asked(server: CameraServer, drawing: None):
    frames_of(server, 5)
    feed = server.feeds["L1-top"]
    for _ in range(1000):
        if not feed.watched:
            break
        threading.Event().wait(0.01)
    assert not feed.watched


class FlakyApi:
    """An API that is down at first, then counts what it gets."""

    def __init__(self, failures: int) -> None:
        self.failures, self.ids, self.keys = failures, [], set()
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                api.failures -= 1
                if api.failures >= 0:
                    self.send_error(503)
                    return
                events: list[dict[str, Any]] = json.loads(body)
                api.ids += [event["id"] for event in events]
                api.keys.add(self.headers["Authorization"])
                answer = json.dumps({"accepted": len(events), "duplicates": 0, "rejected": []}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


def test_events_survive_a_server_that_is_away(tmp_path: Path):
    api = FlakyApi(failures=2)
    line = Line(api.url, "secret", tmp_path / "unsent.jsonl")
    line.start()
    for number in range(5):
        line.send([{"id": f"T1-{number}"}])
    for _ in range(1000):
        if len(api.ids) == 5:
            break
        threading.Event().wait(0.02)
    line.stop()
    api.server.shutdown()
    assert api.ids == [f"T1-{number}" for number in range(5)]
    assert api.keys == {"Api-Key secret"}
    assert not (tmp_path / "unsent.jsonl").exists()


def test_what_could_not_be_sent_is_sent_by_the_next_run(tmp_path: Path):
    spool = tmp_path / "unsent.jsonl"
    dead = Line("http://127.0.0.1:9", "secret", spool)
    dead.start()
    dead.send([{"id": "T1-1"}, {"id": "T1-2"}])
    dead.stop()
    api = FlakyApi(failures=0)
    line = Line(api.url, "secret", spool)
    line.start()
    line.stop()
    api.server.shutdown()
    assert api.ids == ["T1-1", "T1-2"]
    assert not spool.exists()


def test_recording_is_h264_of_its_length(tmp_path: Path):
    tickets = row_tickets("normal", 1)[:1]
    recording = Recording(1, "L1", tickets, Till("T1", datetime(2026, 11, 21, tzinfo=UTC)), fps=1.0)
    path = tmp_path / "row.mp4"
    recording.write(path)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert sum(1 for _ in container.decode(video=0)) == int(recording.length_s)
