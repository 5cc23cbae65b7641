"""Cameras on the network: every lane's picture as H.264 in MPEG-TS over HTTP, to as many clients as ask.

A lane without a client is neither drawn nor encoded. A client that joins makes the next picture a key frame,
so it sees something at once and never gets old pictures.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from shrink.simulator.stream import Encoder, Pieces
from shrink.simulator.textures import Image

BACKLOG = 120
"""Pieces a client may be behind before it is dropped: it would only get older and older pictures."""


class Feed:
    """One camera's stream. `add` is called by the one thread that draws."""

    def __init__(self, width: int, height: int, fps: float) -> None:
        self._size, self._fps = (width, height), fps
        self._clients: list[queue.Queue[bytes | None]] = []
        self._joining: list[queue.Queue[bytes | None]] = []
        self._lock = threading.Lock()
        self._encoder: Encoder | None = None
        self._pieces = Pieces()

    @property
    def watched(self) -> bool:
        return bool(self._clients or self._joining)

    def join(self) -> queue.Queue[bytes | None]:
        client: queue.Queue[bytes | None] = queue.Queue(BACKLOG)
        with self._lock:
            self._joining.append(client)
        return client

    def leave(self, client: queue.Queue[bytes | None]) -> None:
        with self._lock:
            for listed in (self._clients, self._joining):
                if client in listed:
                    listed.remove(client)

    def add(self, picture: Image, t_s: float) -> None:
        with self._lock:
            if self._encoder is None:
                self._pieces = Pieces()
                self._encoder = Encoder(self._pieces, "mpegts", *self._size, self._fps)
            self._encoder.add(picture, t_s, key=bool(self._joining))
            self._clients += self._joining
            self._joining.clear()
            piece = self._pieces.take()
            for client in list(self._clients) if piece else ():  # an empty chunk would end the stream
                self._hand_out(client, piece)

    def end(self) -> None:
        with self._lock:
            for client in [*self._clients, *self._joining]:
                self._drop(client)
            self._clients.clear()
            self._joining.clear()
            if self._encoder is not None:
                self._encoder.close()

    def _hand_out(self, client: queue.Queue[bytes | None], piece: bytes) -> None:
        try:
            client.put_nowait(piece)
        except queue.Full:
            self._clients.remove(client)
            self._drop(client)

    @staticmethod
    def _drop(client: queue.Queue[bytes | None]) -> None:
        while True:
            try:
                client.put_nowait(None)
                return
            except queue.Full:
                client.get_nowait()


class CameraServer:
    """Serves `feeds` by name at `/<name>.ts` on 127.0.0.1 from threads of its own."""

    def __init__(self, feeds: dict[str, Feed], port: int, host: str = "127.0.0.1") -> None:
        self.feeds = feeds
        handler = type("Handler", (_Handler,), {"feeds": feeds})
        self._server = ThreadingHTTPServer((host, port), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        for feed in self.feeds.values():
            feed.end()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    feeds: dict[str, Feed] = {}

    def do_HEAD(self) -> None:
        self._begin()

    def do_GET(self) -> None:
        feed = self._begin()
        if feed is None:
            return
        client = feed.join()
        try:
            while (piece := client.get()) is not None:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            pass  # the client has gone
        finally:
            feed.leave(client)
            self.close_connection = True

    def _begin(self) -> Feed | None:
        feed = self.feeds.get(self.path.strip("/").removesuffix(".ts"))
        if feed is None:
            self.send_error(HTTPStatus.NOT_FOUND, f"Cameras here: {_listed(self.feeds)}")
            return None
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "video/mp2t")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        return feed

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the product's own log tells about its cameras."""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"/{name}.ts" for name in names)
