"""A line to a server that breaks in the ways that lines do: a real HTTP server in between."""

import threading
import urllib.error
import urllib.request
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

PASSED, AWAY, ANSWER_LOST, CUT, NOT_OURS = "passed", "away", "answer lost", "cut", "not ours"
TOO_LARGE = "too large"


class FlakyLine:
    """Passes requests on to `url`, after it has done to the first of them what `moods` says, one each.

    `away`: 503, nothing reaches the server. `answer lost`: the server has it, the sender hears nothing. `cut`: the
    answer breaks off. `not ours`: 200 and a page of something else. `too large`: 413.
    """

    def __init__(self, url: str, moods: Iterable[str] = ()) -> None:
        self.target, self.moods, self.met = url, list(moods), []
        line = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                line.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> "FlakyLine":
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, asked: BaseHTTPRequestHandler) -> None:
        body = asked.rfile.read(int(asked.headers["Content-Length"]))
        mood = self.moods.pop(0) if self.moods else PASSED
        self.met.append(mood)
        if mood == AWAY:
            asked.send_error(503)
        elif mood == TOO_LARGE:
            asked.send_error(413)
        elif mood == NOT_OURS:
            said(asked, 200, b"<html>hello</html>")
        else:
            status, told = self.passed_on(asked, body)
            if mood == CUT:
                said(asked, status, told, cut=5)
            elif mood == PASSED:
                said(asked, status, told)
        asked.close_connection = True

    def passed_on(self, asked: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        headers = {name: asked.headers[name] for name in ("Authorization", "Content-Type")}
        request = urllib.request.Request(self.target + asked.path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


def said(asked: BaseHTTPRequestHandler, status: int, body: bytes, cut: int | None = None) -> None:
    asked.send_response(status)
    asked.send_header("Content-Length", str(len(body)))
    asked.end_headers()
    asked.wfile.write(body[:cut])
