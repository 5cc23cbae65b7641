"""Documents and signatures as Square, Shopify and others send them, and a server that answers as they do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

AT = "2026-11-21T10:00:00Z"


def signature(secret: str, signed: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def shopify_order(id: int = 7001, **fields: Any) -> dict[str, Any]:
    line = {"id": 1, "title": "Oil", "price": "7.95", "quantity": 1, "sku": "4012345678901"}
    return {
        **{"id": id, "source_name": "pos", "location_id": "T1", "currency": "EUR", "created_at": AT, "updated_at": AT},
        **{"total_price": "7.95", "total_tax": "0.00", "line_items": [line]},
        **fields,
    }


def square_money(cents: int) -> dict[str, Any]:
    return {"amount": cents, "currency": "EUR"}


def square_payment(id: str = "PAY", **fields: Any) -> dict[str, Any]:
    return {
        **{"id": id, "order_id": "ORDER", "location_id": "T1", "status": "COMPLETED", "source_type": "CASH"},
        **{"created_at": AT, "updated_at": AT, "total_money": square_money(795)},
        **fields,
    }


def square_order(id: str = "ORDER", **fields: Any) -> dict[str, Any]:
    line = {"uid": "u", "name": "Oil", "quantity": "1", "gross_sales_money": square_money(795)}
    return {
        **{"id": id, "location_id": "T1", "state": "COMPLETED", "created_at": AT, "updated_at": AT, "closed_at": AT},
        **{"line_items": [line], "total_money": square_money(795)},
        **fields,
    }


class Asked:
    """One request, as the provider saw it."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        self.method, self.path = handler.command, parts.path
        self.query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.headers = handler.headers
        self.body = json.loads(handler.rfile.read(int(handler.headers.get("Content-Length") or 0)) or b"{}")


Answer = tuple[int, dict[str, str], bytes | None]
"""Status, headers and body; None cuts the connection in the middle."""


@contextmanager
def provider(answer: Callable[[Asked], Answer]) -> Iterator[tuple[str, list[Asked]]]:
    """A server on this machine that answers as ``answer`` says: its address, and what it was asked."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(Asked(self))
            status, headers, body = answer(asked[-1])
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) if body is not None else 1_000))
            self.end_headers()
            self.wfile.write(body if body is not None else b'{"orders": [')

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def told(body: Any, **headers: str) -> Answer:
    return 200, {"Content-Type": "application/json", **headers}, json.dumps(body).encode()
