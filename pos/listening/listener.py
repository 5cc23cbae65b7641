"""Keeps the door of every source open that is switched on, and none waits for another."""

import asyncio
import errno
import logging
import random
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from pos.adapters.options import OptionsRefused
from pos.adapters.reading import Reading
from pos.domain.waiting import wait_before
from pos.listening.datagrams import udp
from pos.listening.folders import folder
from pos.listening.monitor import Monitor, monitor_of
from pos.listening.mqtt import NAME, mqtt
from pos.listening.post import LINE, WAITING, House, Post, Wait, alone
from pos.listening.serial_line import serial_line
from pos.listening.sockets import tcp_connect, tcp_listen
from pos.listening.streams import How, stream_finish, stream_left
from pos.models import PosSource
from pos.selectors.sources import SourcePlan, source_plans
from pos.services.documents import Taken
from pos.services.sources import SourceNews, previews_expire, source_reading_take, sources_note

logger = logging.getLogger(__name__)

Door = Callable[[Post], Awaitable[None]]
DOORS: dict[str, Door] = {
    PosSource.Door.TCP_LISTEN: tcp_listen,
    PosSource.Door.TCP_CONNECT: tcp_connect,
    PosSource.Door.UDP: udp,
    PosSource.Door.SERIAL: serial_line,
    PosSource.Door.MQTT: mqtt,
    PosSource.Door.FOLDER: folder,
}
ADOPTED: dict[str, str] = {PosSource.Door.TCP_CONNECT: LINE, PosSource.Door.SERIAL: LINE, PosSource.Door.MQTT: NAME}
"""Doors with one other side, and the name of its stream: what it had begun goes on after a restart."""
_FAULTS = {
    errno.ECONNREFUSED: "Nobody answers at {place}. Check that the device is on and the port is right.",
    errno.EACCES: "The server may not open {place}. Let the user that it runs as do so.",
    errno.EPERM: "The server may not open {place}. Let the user that it runs as do so.",
    errno.ENOENT: "There is no {place}. Check that it is plugged in.",
    errno.EADDRINUSE: "Port {plan.port} is taken by another program or source. Choose another.",
    errno.EADDRNOTAVAIL: "{plan.host} is no address of this server. Leave it empty to listen on all.",
    errno.EHOSTUNREACH: "{place} cannot be reached. Check the address and the network.",
    errno.ENETUNREACH: "{place} cannot be reached. Check the address and the network.",
}
THREADS = 4
UNTOLD_MOST = 1_000
EXPIRE_EVERY = 60  # tellings


@dataclass(frozen=True, slots=True)
class Pace:
    """``look_s``: how soon a source that was changed is served so. ``tell_s``: how soon what came is shown."""

    look_s: float = 2.0
    tell_s: float = 1.0


@dataclass(slots=True)
class Served:
    plan: SourcePlan
    post: Post
    task: asyncio.Task[None]


class Listener:
    """``wait`` is called between attempts at a door, ``share`` draws how much of the longest wait it is."""

    def __init__(
        self,
        *,
        spools: Path,
        inboxes: Path,
        wait: Wait = asyncio.sleep,
        share: Callable[[], float] = random.random,
        pace: Pace | None = None,
    ) -> None:
        self.served: dict[int, Served] = {}
        self._pace = pace or Pace()
        self._monitors: dict[int, Monitor] = {}
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="doors")
        clock = Clock()
        self._house = House(spools, inboxes, self._executor, self._keep, wait, share, clock.now_us)
        self._untold: list[SourceNews] = []
        self._telling = threading.Lock()

    async def run(self, stopping: asyncio.Event) -> None:
        """Until told to stop. What had begun is then in the spool."""
        self._house.spools.mkdir(parents=True, exist_ok=True)
        telling = asyncio.create_task(self._tell_ever())
        try:
            while not stopping.is_set():
                try:
                    await self._look()
                except Exception as error:
                    logger.warning("The sources could not be looked at, those that are served go on: %s", error)
                for served in self.served.values():
                    served.post.still()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._pace.look_s):
                        await stopping.wait()
        finally:
            telling.cancel()
            await asyncio.gather(telling, *map(self._end, list(self.served)), return_exceptions=True)
            with suppress(Exception):  # a database that is away does not keep this process
                await self._tell()
            self._executor.shutdown()

    # -- which doors ---------------------------------------------------------------------------------------

    async def _look(self) -> None:
        plans = {plan.id: plan for plan in await self._thread(source_plans)}
        changed = [key for key, served in self.served.items() if plans.get(key) != served.plan]
        await asyncio.gather(*map(self._end, changed))
        new = [plan for plan in plans.values() if plan.id not in self.served]
        await self._thread(self._store_left, _adopted(plans.values()), _adopted(new))
        for plan in new:
            self._begin(plan)

    def _begin(self, plan: SourcePlan) -> None:
        monitor = monitor_of(plan.id, plan.adapter, msgspec.json.decode(plan.options))
        self._monitors[plan.id] = monitor
        post = Post(plan, self._house, monitor)
        self.served[plan.id] = Served(plan, post, asyncio.create_task(self._serve(post), name=f"door-{plan.id}"))

    async def _end(self, source_id: int) -> None:
        served = self.served.pop(source_id)
        served.post.lost()
        served.task.cancel()
        await asyncio.gather(served.task, return_exceptions=True)
        with suppress(Exception):  # it is told later
            await self._tell()
        self._monitors.pop(source_id, None)

    async def _serve(self, post: Post) -> None:
        """For ever: a door that shuts is opened again, later each time that it shuts at once."""
        while True:
            try:
                await DOORS[post.plan.door](post)
            except Exception as error:
                expected = isinstance(error, OSError | OptionsRefused | OperationalError | InterfaceError)
                logger.info("Source %s: %s", post.plan.name, error, exc_info=not expected)
                post.monitor.failed(fault_sentence(post.plan, error))
            post.lost()
            post.failures += 1
            await self._house.wait(wait_before(post.failures, self._house.share()))

    def _store_left(self, adopted: set[str], beginning: set[str]) -> None:
        """Store what is in spools that nobody writes to: of a process before this one, or of a door that was changed.

        Its senders are gone, so what they had begun is over; not so in ``beginning``, where it will go on.
        """
        for path in sorted(self._house.spools.glob("*.spool")):
            if path in self._house.open_paths or path.stem in adopted - beginning:
                continue
            try:
                stream = stream_left(path, self._house.keep)
                if stream is not None and path.stem in beginning:
                    stream.settle()
                    stream.spool.close()
                elif stream is not None:
                    stream_finish(stream, now_us=self._house.clock_us())
            except Exception as error:  # it stays, and is tried again at the next look
                logger.warning("%s could not be stored yet: %s", path.name, error)

    # -- what came -----------------------------------------------------------------------------------------

    def _keep(self, how: How, reading: Reading) -> Taken | None:
        taken = source_reading_take(store_id=how.store_id, reading=reading, now=timezone.now())
        monitor = self._monitors.get(how.source_id)
        if monitor is not None and taken is not None:
            monitor.kept(reading, taken)
        return taken

    async def _tell_ever(self) -> None:
        tellings = 0
        while True:
            await asyncio.sleep(self._pace.tell_s)
            tellings += 1
            try:
                await self._tell()
                if tellings % EXPIRE_EVERY == 0:
                    await self._thread(lambda: previews_expire(now=timezone.now()))
            except Exception as error:
                logger.warning("How the sources fare could not be written: %s", error)

    async def _tell(self) -> None:
        monitors = list(self._monitors.values())
        if any(monitor.changed for monitor in monitors) or self._untold:
            await self._thread(self._write_news, monitors)

    def _write_news(self, monitors: list[Monitor]) -> None:
        with self._telling:
            told = [news for monitor in monitors if (news := monitor.news()) is not None]
            self._untold = [*self._untold, *told][-UNTOLD_MOST:]
            sources_note(news=self._untold, now=timezone.now())
            self._untold = []

    async def _thread(self, act: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._executor, alone, act, *arguments)


class Clock:
    """Microseconds since 1970 that never come twice: an instant is part of the name of a receipt without a number."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def now_us(self) -> int:
        with self._lock:
            self._last = max(self._last + 1, time.time_ns() // 1_000)
            return self._last


def _adopted(plans: Iterable[SourcePlan]) -> set[str]:
    """Names of the spools that these sources will go on with."""
    return {f"{plan.id}-{ADOPTED[plan.door]}" for plan in plans if plan.door in ADOPTED}


def fault_sentence(plan: SourcePlan, error: Exception) -> str:
    """What is wrong with a door, and what to do."""
    place = plan.device or plan.folder or f"{plan.host or '*'}:{plan.port}"
    if isinstance(error, OptionsRefused):
        return f"Its options cannot be used: {error}"
    if isinstance(error, OperationalError | InterfaceError):
        return f"{WAITING} ({type(error).__name__})"
    if isinstance(error, socket.gaierror):
        return f"There is no host {plan.host}. Write its address."
    if isinstance(error, TimeoutError):
        return f"{place} does not answer. Check the address and the network."
    if not isinstance(error, OSError):  # its words may be the till's
        return f"It failed ({type(error).__name__}). Report this."
    return _FAULTS.get(error.errno or 0, "").format(place=place, plan=plan) or str(error) or type(error).__name__
