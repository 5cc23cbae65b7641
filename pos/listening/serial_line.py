"""A serial line: a till's printer port or a text inserter on a wire."""

import asyncio
from contextlib import suppress

import serial

from pos.listening.inbox import Inbox, Over
from pos.listening.post import LINE, Post

AT_ONCE = 65_536


async def serial_line(post: Post) -> None:
    plan, loop = post.plan, asyncio.get_running_loop()
    line = serial.Serial(plan.device, plan.baud, parity=plan.parity, timeout=0, exclusive=True)
    inbox = Inbox(
        post.house.clock_us,
        pause=lambda: _deaf(loop, line),
        resume=lambda: loop.add_reader(line.fileno(), _hear, loop, line, inbox),
    )
    carrying = asyncio.create_task(post.carry(inbox, name=LINE))
    try:
        loop.add_reader(line.fileno(), _hear, loop, line, inbox)
        await post.back(plan.device)
        await carrying
    except Over as over:
        post.lost(over.at_us)
        raise ConnectionError(f"The device {plan.device} is gone ({over.__cause__}).") from over
    finally:
        carrying.cancel()
        await asyncio.gather(carrying, return_exceptions=True)
        _deaf(loop, line)
        line.close()


def _hear(loop: asyncio.AbstractEventLoop, line: serial.Serial, inbox: Inbox) -> None:
    try:
        data = line.read(AT_ONCE)
    except OSError as error:  # pulled out
        _deaf(loop, line)
        inbox.close(error)
        return
    if data:
        inbox.put(data)


def _deaf(loop: asyncio.AbstractEventLoop, line: serial.Serial) -> None:
    with suppress(OSError, ValueError):  # it is closed
        loop.remove_reader(line.fileno())
