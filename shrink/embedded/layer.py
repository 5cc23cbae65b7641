"""A channel layer without Redis: memory in the web process, a Unix datagram socket from the workers to it.

Delivery is at most once, as with every channel layer: a page that was not reached reads the database when it loads.
`push` is the synchronous door that both this layer and `shrink.redis_layer` offer; call it, never
`async_to_sync(layer.group_send)`, which builds a loop and a connection per call.
"""

import asyncio
import json
import logging
import os
import socket
from pathlib import Path
from typing import Any

from channels.layers import InMemoryChannelLayer

logger = logging.getLogger(__name__)

MAX_DATAGRAM = 1 << 17
SUN_PATH_MAX = 100  # the kernel allows 107 bytes in a socket's path
YEAR_S = 365 * 86_400


class LocalLayer(InMemoryChannelLayer):
    """The in-memory layer made usable from any thread: its queues live on the loop that reads them."""

    def __init__(self, group_expiry: int = YEAR_S, **kwargs: Any) -> None:
        super().__init__(group_expiry=group_expiry, **kwargs)  # a dashboard may stay open for days
        self.home: asyncio.AbstractEventLoop | None = None

    async def receive(self, channel: str) -> dict[str, Any]:
        self.home = asyncio.get_running_loop()
        return await super().receive(channel)

    async def group_add(self, group: str, channel: str) -> None:
        self.home = asyncio.get_running_loop()
        await super().group_add(group, channel)

    def push(self, group: str, message: dict[str, Any]) -> None:
        """Send to a group from synchronous code, in any thread. Never waits for a reader, never raises for one."""
        if self.home is None or self.home.is_closed():
            return  # nobody in this process has ever listened
        asyncio.run_coroutine_threadsafe(self.group_send(group, message), self.home)


class RelayLayer(LocalLayer):
    """The web process owns the socket at `path`; every other process sends it one JSON datagram per message."""

    def __init__(self, path: str | Path, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.path = Path(path)
        self._server: socket.socket | None = None
        self._pump_task: asyncio.Task[None] | None = None
        self._client: tuple[int, socket.socket] | None = None

    def push(self, group: str, message: dict[str, Any]) -> None:
        if self._server is not None:
            super().push(group, message)
        else:
            self._relay(group, message)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        if self._server is not None:
            await super().group_send(group, message)
        else:
            self._relay(group, message)

    async def startup(self) -> None:
        """Called by the web process's lifespan: bind the socket and relay from it."""
        self.home = asyncio.get_running_loop()
        self.path.unlink(missing_ok=True)
        server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with _Address(self.path) as address:
            server.bind(address)
        self.path.chmod(0o600)
        server.setblocking(False)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._server = server
        self._pump_task = asyncio.create_task(self._pump(server))

    async def shutdown(self) -> None:
        if self._pump_task is not None:
            self._pump_task.cancel()
        if self._server is not None:
            self._server.close()
            self._server = None
            self.path.unlink(missing_ok=True)

    async def _pump(self, server: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            datagram = await loop.sock_recv(server, MAX_DATAGRAM)
            try:
                group, message = json.loads(datagram)
                await super().group_send(group, message)
            except Exception:
                logger.exception("A live message could not be relayed; the next ones will be")

    def _relay(self, group: str, message: dict[str, Any]) -> None:
        datagram = json.dumps([group, message]).encode()
        if len(datagram) > MAX_DATAGRAM:
            logger.error("A live message of %d bytes to %s is too long: send ids, not content", len(datagram), group)
            return
        try:
            with _Address(self.path) as address:
                self._sender().sendto(datagram, address)
        except (FileNotFoundError, ConnectionRefusedError, TimeoutError, BlockingIOError):
            logger.debug("No web process listens; the message to %s is dropped", group)

    def _sender(self) -> socket.socket:
        if self._client is None or self._client[0] != os.getpid():
            sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            sender.settimeout(0.25)  # the kernel queues ten datagrams; a burst waits instead of losing
            self._client = (os.getpid(), sender)
        return self._client[1]


class _Address:
    """A path as a socket address; a long one through its directory's descriptor, as the kernel's limit is short."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor: int | None = None

    def __enter__(self) -> str:
        if len(os.fsencode(self.path)) <= SUN_PATH_MAX:
            return str(self.path)
        self.descriptor = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        return f"/proc/self/fd/{self.descriptor}/{self.path.name}"

    def __exit__(self, *_: object) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)
