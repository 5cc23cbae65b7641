"""What a door is given: its plan, and ways to have bytes stored without waiting for anybody else."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from django.db import close_old_connections
from django.utils import timezone

from pos.domain.waiting import wait_before
from pos.listening.inbox import Inbox, Over
from pos.listening.line_known import LineKnown
from pos.listening.monitor import Monitor
from pos.listening.spool import Piece
from pos.listening.streams import AWAY, EPOCH, How, Keep, Stream, stream_finish, stream_left
from pos.models import PosSource
from pos.selectors.sources import SourcePlan
from pos.services.sources import source_gap_note

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Wait = Callable[[float], Awaitable[Any]]
LINE = "line"
"""Of a door with one other side: what it had begun is gone on with when this process starts again."""
WAITING = "The database does not answer, or the disk is full: what came is kept and stored once that is over."


@dataclass(frozen=True)
class House:
    """What all doors share."""

    spools: Path
    inboxes: Path
    executor: Executor
    keep: Keep
    wait: Wait
    share: Callable[[], float]
    clock_us: Callable[[], int]
    open_paths: set[Path] = field(default_factory=set)


class Post:
    """One source's."""

    def __init__(self, plan: SourcePlan, house: House, monitor: Monitor) -> None:
        self.plan, self.house, self.monitor = plan, house, monitor
        whole = plan.door == PosSource.Door.MQTT
        self.how = How(plan.id, plan.store_id, plan.terminal, plan.adapter, plan.options, whole)
        self.failures = 0
        self.place: Any = None
        self._line = LineKnown(house.spools / f"{plan.id}.line", f"{plan.store_id} {plan.terminal}")

    async def thread(self, act: Callable[..., Answer], *arguments: Any) -> Answer:
        """``act`` in a thread, to its end even if this task is told to end meanwhile."""
        running = asyncio.get_running_loop().run_in_executor(self.house.executor, alone, act, *arguments)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait([running])
            raise

    def fine(self, place: Any = None) -> None:
        """The door is open; ``place``: where, if that was left to the system."""
        self.failures, self.place = 0, place
        self.monitor.fine()

    def still(self) -> None:
        """To be said every few seconds: should the process be killed, the next knows since when nobody listened."""
        if self.place is not None:
            self._line.still(self.house.clock_us())

    def lost(self, at_us: int | None = None) -> None:
        """The door has shut by itself, at that instant if it is known, or is about to be shut."""
        if self.place is not None:
            self._line.still(at_us or self.house.clock_us())
        self.place = None

    async def back(self, place: Any) -> None:
        """The line to the till is there, perhaps again: what it said meanwhile nobody has heard, in this process or
        before it, which the judge must know."""
        await self._insist(self._back, self.house.clock_us())
        self.fine(place)

    def _back(self, back_us: int) -> None:
        lost_us = self._line.until_us()
        if lost_us is not None and lost_us < back_us and self.plan.terminal:
            self._gap_note(lost_us, back_us)
        self._line.there(back_us)

    def _gap_note(self, lost_us: int, back_us: int) -> None:
        source_gap_note(
            source_id=self.plan.id,
            store_id=self.plan.store_id,
            terminal=self.plan.terminal,
            lost_at=EPOCH + timedelta(microseconds=lost_us),
            back_at=EPOCH + timedelta(microseconds=back_us),
            now=timezone.now(),
        )

    # -- what came ---------------------------------------------------------------------------------------

    async def carry(self, inbox: Inbox, *, name: str = "") -> None:
        """Have everything that comes into ``inbox`` stored, in order, until its sender is gone: raises Over.

        Told to end, it leaves what is begun in the spool, with all that has come meanwhile.
        """
        sender = name or secrets.token_hex(6)
        opened, held = list[Stream](), list[Piece]()
        try:
            await self._insist(lambda: opened.append(self.stream(sender)))
            await self._carry(opened[0], inbox, held, sender)
        except asyncio.CancelledError:
            await self._put_down(opened, [*held, *inbox.rest()])
            raise
        finally:
            for stream in opened:
                self._shut(stream)

    async def _carry(self, stream: Stream, inbox: Inbox, held: list[Piece], sender: str) -> None:
        """``held``: what was taken from ``inbox`` and is not in the spool."""
        while True:
            try:
                held += await inbox.take(None if stream.idle else self.plan.quiet_s)
            except Over:
                if not stream.idle:
                    await self._through(stream, self._end(held))
                await self.thread(stream.spool.remove)
                raise
            if held:
                self.monitor.heard(sender, [*held])
            await self._through(stream, held or self._end(held))

    def _end(self, held: list[Piece]) -> list[Piece]:
        held.append(Piece(self.house.clock_us(), ends=True))
        return held

    async def _put_down(self, opened: list[Stream], pieces: list[Piece]) -> None:
        """To where this door, or the next process, finds it when it begins again."""
        if pieces:
            try:
                await self.thread(self._spool, opened, pieces)
            except OSError as error:
                logger.exception("%s: what came last could not be written down", self.plan.name)
                self.monitor.failed(f"What came last could not be written down ({type(error).__name__}): see the disk.")

    def _spool(self, opened: list[Stream], pieces: list[Piece]) -> None:
        if not opened:  # what an earlier process left under its own name could not be read yet
            opened.append(self.stream(secrets.token_hex(6)))
        opened[0].take(pieces)

    def _shut(self, stream: Stream) -> None:
        stream.spool.close()
        self.house.open_paths.discard(stream.spool.path)

    def stream(self, name: str) -> Stream:
        """A stream for the sender ``name``. What an earlier process left of it is gone on with if it is to be read as
        it was, and is over otherwise."""
        path = self.house.spools / f"{self.plan.id}-{name}.spool"
        self.house.open_paths.add(path)
        try:
            return self._stream(path)
        except BaseException:
            self.house.open_paths.discard(path)
            raise

    def _stream(self, path: Path) -> Stream:
        left = stream_left(path, self.house.keep) if path.exists() else None
        if left is not None and left.how == self.how:
            try:
                left.settle()
            except BaseException:
                left.spool.close()
                raise
            return left
        if left is not None:
            stream_finish(left, now_us=self.house.clock_us())
        return Stream(path, self.how, self.house.keep)

    async def _through(self, stream: Stream, held: list[Piece]) -> None:
        """``held`` is empty from the moment at which it is in the spool."""
        await self._insist(taken_from, held, stream)
        if stream.due:
            await self._insist(stream.settle)

    async def _insist(self, act: Callable[..., None], *arguments: Any) -> None:
        """Until it can be done. Meanwhile nothing more is taken, so the sender waits."""
        failures = 0
        while True:
            try:
                await self.thread(act, *arguments)
                if failures:
                    self.monitor.fine()
                return
            except AWAY as error:
                failures += 1
                self.monitor.failed(f"{WAITING} ({type(error).__name__})")
                await self.house.wait(wait_before(failures, self.house.share()))


def taken_from(held: list[Piece], stream: Stream) -> None:
    stream.take(held)
    held.clear()


def alone(act: Callable[..., Answer], *arguments: Any) -> Answer:
    """With a connection to the database that is sound, and given back afterwards."""
    close_old_connections()
    try:
        return act(*arguments)
    finally:
        close_old_connections()
