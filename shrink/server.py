"""uvicorn inside our own process: it reports when it answers and leaves the end of the process to us."""

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn

GRACE_S = 3


class Server(uvicorn.Server):
    """Serves the product. `on_started` runs once it answers, `on_stopping` as soon as a signal asks it to end."""

    def __init__(
        self, host: str, port: int, *, proxied: bool, on_started: Callable[[], None], on_stopping: Callable[[], None]
    ) -> None:
        super().__init__(
            uvicorn.Config(
                "shrink.asgi:application",
                host=host,
                port=port,
                lifespan="on",
                log_config=None,
                access_log=False,
                proxy_headers=proxied,
                server_header=False,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        self.on_started, self.on_stopping = on_started, on_stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.on_started()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.on_stopping()
        super().handle_exit(sig, frame)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, without raising the signal again afterwards: the children still have to be waited for."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield


def port_is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
