"""UDP: each sender is a till's line of its own; of a kind that reads documents each datagram is one."""

import asyncio
from typing import Any

from pos.listening.inbox import Inbox, Over
from pos.listening.post import Post
from pos.listening.sockets import SENDERS_MOST, refusal

LOST = "Datagrams were lost: more came than could be stored. Let the till send by TCP, or less of it."
RECEIVED_AHEAD = 4 * 2**20
"""Bytes that the system keeps while this process is busy: a datagram that finds no room is gone."""


class Datagrams(asyncio.DatagramProtocol):
    """``whole``: a datagram is a document."""

    def __init__(self, post: Post, *, whole: bool) -> None:
        self.post, self.whole = post, whole
        self.inboxes: dict[Any, Inbox] = {}  # the one that was silent longest first
        self.carrying: set[asyncio.Task[None]] = set()
        self.broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, sender: Any) -> None:
        if not (refused := refusal(self.post, str(sender[0]), 0)):
            inbox = self._inbox(sender)
            if not inbox.put(data, ends=self.whole):
                self.post.monitor.failed(LOST)
        else:
            self.post.monitor.stranger(refused)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.broken.done():
            self.broken.set_exception(error or ConnectionError("The socket was closed."))

    def _inbox(self, sender: Any) -> Inbox:
        inbox = self.inboxes.pop(sender, None)
        if inbox is None:
            inbox = Inbox(self.post.house.clock_us)
            task = asyncio.create_task(self._carry(inbox))
            self.carrying.add(task)
            task.add_done_callback(self.carrying.discard)
        self.inboxes[sender] = inbox
        if len(self.inboxes) > SENDERS_MOST:
            self.inboxes.pop(next(iter(self.inboxes))).close()
        return inbox

    async def _carry(self, inbox: Inbox) -> None:
        try:
            await self.post.carry(inbox)
        except Over:
            return
        except Exception as error:  # the door itself is in doubt: it is opened anew
            if not self.broken.done():
                self.broken.set_exception(error)


async def udp(post: Post) -> None:
    loop = asyncio.get_running_loop()
    whole = post.plan.adapter != "receipt_text"
    transport, datagrams = await loop.create_datagram_endpoint(
        lambda: Datagrams(post, whole=whole),
        local_addr=(post.plan.host or "0.0.0.0", post.plan.port),  # noqa: S104  who may send is asked of each
    )
    try:
        post.fine(transport.get_extra_info("sockname"))
        await datagrams.broken
    finally:
        datagrams.broken.cancel()
        transport.abort()
        for task in datagrams.carrying:
            task.cancel()
        await asyncio.gather(*datagrams.carrying, return_exceptions=True)
