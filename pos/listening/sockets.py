"""TCP: tills that connect to us, and devices that we connect to (a serial device server, a printer tap)."""

import asyncio
import contextlib
import logging
import socket
from typing import Any

from pos.domain.senders import networks_read, sender_allowed
from pos.listening.inbox import Inbox, Over
from pos.listening.post import LINE, Post

logger = logging.getLogger(__name__)

SENDERS_MOST = 32
SILENT_S = 60
"""A sender whose machine has lost its power says no goodbye: after this long it is asked whether it is still there."""


class Line(asyncio.Protocol):
    """One connection. ``lines``: those of the same door, if it takes several."""

    def __init__(self, post: Post, lines: "set[Line]", *, name: str = "") -> None:
        self.post, self.lines, self.name = post, lines, name
        self.transport: asyncio.Transport | None = None
        self.inbox: Inbox | None = None
        self.carrying: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        _kept_alive(transport.get_extra_info("socket"))
        self.inbox = Inbox(self.post.house.clock_us, pause=transport.pause_reading, resume=transport.resume_reading)
        self.lines.add(self)
        self.carrying = asyncio.create_task(self._carry(self.inbox))

    def data_received(self, data: bytes) -> None:
        if self.inbox is not None:
            self.inbox.put(data)

    def connection_lost(self, error: Exception | None) -> None:
        if self.inbox is not None:
            self.inbox.close(error)

    async def _carry(self, inbox: Inbox) -> None:
        assert self.transport is not None
        try:
            await self.post.carry(inbox, name=self.name)
        finally:
            self.transport.abort()
            self.lines.discard(self)


class Guest(Line):
    """A connection that somebody else made: it must come from where tills are."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        address = str((transport.get_extra_info("peername") or ("",))[0])
        refused = refusal(self.post, address, len(self.lines))
        if refused:
            self.post.monitor.stranger(refused)
            transport.abort()
            return
        super().connection_made(transport)

    async def _carry(self, inbox: Inbox) -> None:
        try:
            await super()._carry(inbox)
        except Over:
            return
        except Exception as error:  # this sender's alone
            logger.exception("A connection of the source %s was given up", self.post.plan.name)
            self.post.monitor.failed(f"A connection was given up ({type(error).__name__}). Report this.")


def refusal(post: Post, address: str, others: int) -> str:
    """Why a sender may not talk to this door; "" if it may."""
    if not sender_allowed(address, networks_read(post.plan.allowed)):
        return f"A sender at {address} was refused. If it is the till, name its address under allowed senders."
    if others >= SENDERS_MOST:
        return f"A sender at {address} was refused: {SENDERS_MOST} are connected already."
    return ""


async def tcp_listen(post: Post) -> None:
    lines: set[Line] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Guest(post, lines), post.plan.host or None, post.plan.port)
    post.fine(server.sockets[0].getsockname())
    try:
        await loop.create_future()  # until told to end
    finally:
        server.close()
        await _ended(lines)


async def tcp_connect(post: Post) -> None:
    lines: set[Line] = set()
    loop = asyncio.get_running_loop()
    _, line = await loop.create_connection(lambda: Line(post, lines, name=LINE), post.plan.host, post.plan.port)
    assert line.carrying is not None
    try:
        await post.back((post.plan.host, post.plan.port))
        await line.carrying
    except Over as over:
        post.lost(over.at_us)
        raise ConnectionError("The other side has closed the connection.") from over
    finally:
        await _ended(lines)


async def _ended(lines: set[Line]) -> None:
    carrying = [line.carrying for line in lines if line.carrying is not None]
    for task in carrying:
        task.cancel()
    await asyncio.gather(*carrying, return_exceptions=True)


def _kept_alive(connection: Any) -> None:
    with contextlib.suppress(OSError, AttributeError):  # not every system knows all three
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, SILENT_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, SILENT_S // 4)
