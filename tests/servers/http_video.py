"""Cameras that speak HTTP: MPEG-TS as it comes, HLS, and pictures one after the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO

import av


@contextmanager
def served(handler: Callable[..., BaseHTTPRequestHandler], port: int = 0) -> Iterator[int]:
    """An HTTP server in a thread; gives its port."""
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


class TsCamera:
    """MPEG-TS without a length, paced like a camera. `began_at`: when the latest viewer got picture 0.

    `turns`: how often the clip is sent before the connection ends; from one turn to the next its time either goes on,
    or jumps back as a looped file's does.
    """

    def __init__(self, clip: Path, *, turns: int = 1, jump_back: bool = False, sound: bool = False) -> None:
        self.clip, self.turns, self.jump_back, self.sound = clip, turns, jump_back, sound
        self.began_at: list[float] = []
        self.silent = threading.Event()

    def handler(self) -> Callable[..., BaseHTTPRequestHandler]:
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "video/mp2t")
                self.end_headers()
                camera.began_at.append(time.time())
                with suppress(OSError):  # the viewer has gone
                    camera.send(self.wfile)

            def log_message(self, *arguments: object) -> None:
                pass

        return Handler

    def send(self, out: IO[bytes]) -> None:
        began, shift = time.monotonic(), 0.0
        for _ in range(self.turns):
            shift += self._turn(out, began, shift)

    def _turn(self, out: IO[bytes], began: float, shift: float) -> float:
        """Sends the clip once; returns its length."""
        length = 0.0
        sink = _Sink(out)
        container = av.open(sink, "w", format="mpegts", options={"flush_packets": "1"})
        with av.open(str(self.clip)) as source:
            wanted = [s for s in source.streams if s.type == "video" or (self.sound and s.type == "audio")]
            copies = {s.index: container.add_stream_from_template(s) for s in wanted}
            for packet in source.demux(wanted):
                if packet.dts is None:
                    continue
                at, step = float(packet.dts * packet.time_base), float((packet.duration or 0) * packet.time_base)
                length = max(length, at + step)
                self._pace(began + shift + at)
                offset = 0 if self.jump_back else round(Fraction(shift).limit_denominator(1000) / packet.time_base)
                packet.pts, packet.dts = packet.pts + offset, packet.dts + offset
                packet.stream = copies[packet.stream_index]
                container.mux(packet)
        container.close()
        return length

    def _pace(self, due: float) -> None:
        while self.silent.is_set():
            time.sleep(0.05)
        time.sleep(max(0.0, due - time.monotonic()))


class _Sink:
    """What PyAV writes to: bytes out, nothing else."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def write(self, data: bytes) -> int:
        self._out.write(data)
        self._out.flush()
        return len(data)


def picture_handler(jpegs: list[bytes], fps: float) -> Callable[..., BaseHTTPRequestHandler]:
    """Motion JPEG as many cheap cameras give it: multipart, without any times."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
            self.end_headers()
            began = time.monotonic()
            with suppress(OSError):
                for number, jpeg in enumerate(jpegs):
                    time.sleep(max(0.0, began + number / fps - time.monotonic()))
                    head = f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                    self.wfile.write(head.encode() + jpeg + b"\r\n")

        def log_message(self, *arguments: object) -> None:
            pass

    return Handler


class _Quiet(SimpleHTTPRequestHandler):
    extensions_map = {".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t", "": "application/octet-stream"}

    def log_message(self, *arguments: object) -> None:
        pass


def folder_handler(folder: Path) -> Callable[..., BaseHTTPRequestHandler]:
    return partial(_Quiet, directory=str(folder))


@contextmanager
def hls_written(clip: Path, folder: Path, *, live: bool, piece_s: float = 1.0) -> Iterator[Path]:
    """A playlist of the clip in `folder`: growing as it plays, or whole at once."""
    playlist = folder / "live.m3u8"
    options = {"hls_time": str(piece_s), "hls_list_size": "6", "hls_flags": "omit_endlist"} if live else {
        "hls_time": str(piece_s), "hls_list_size": "0",
    }  # fmt: skip
    stop = threading.Event()

    def write() -> None:
        began = time.monotonic()
        with av.open(str(clip)) as source, av.open(str(playlist), "w", format="hls", options=options) as out:
            copy = out.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(source.streams.video[0]):
                if packet.dts is None:
                    continue
                if live and stop.wait(max(0.0, began + float(packet.dts * packet.time_base) - time.monotonic())):
                    return
                packet.stream = copy
                out.mux(packet)

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    try:
        if not live:
            thread.join()
        yield playlist
    finally:
        stop.set()
        thread.join()
