"""What one sender has sent and nobody has taken yet."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from pos.listening.spool import Piece

FULL = 2**20


class Over(Exception):
    """Nothing more will come: the sender is gone since ``at_us``. ``__cause__`` says why, if it did not just end."""

    def __init__(self, at_us: int) -> None:
        super().__init__()
        self.at_us = at_us


class Inbox:
    """Stamps each piece with the instant at which it came. Above ``FULL`` bytes the sender is told to pause, or where
    that cannot be done ``put`` refuses."""

    def __init__(
        self,
        clock_us: Callable[[], int],
        *,
        pause: Callable[[], None] | None = None,
        resume: Callable[[], None] | None = None,
    ) -> None:
        self._clock_us, self._pause, self._resume = clock_us, pause, resume
        self._pieces: list[Piece] = []
        self._size = 0
        self._paused = False
        self._over: Exception | None = None
        self._news = asyncio.Event()

    def put(self, data: bytes, *, ends: bool = False) -> bool:
        """False where it was refused: too much is waiting. ``ends``: it is whole in itself."""
        if self._pause is None and self._size > FULL:
            return False
        at_us = self._clock_us()
        self._pieces.append(Piece(at_us, data))
        if ends:
            self._pieces.append(Piece(at_us, ends=True))
        self._size += len(data)
        if self._pause is not None and self._size > FULL and not self._paused:
            self._paused = True
            self._pause()
        self._news.set()
        return True

    def close(self, error: Exception | None = None) -> None:
        if self._over is None:
            self._over = Over(self._clock_us())
            self._over.__cause__ = error
        self._news.set()

    async def take(self, quiet_s: float | None) -> list[Piece]:
        """All that has come, at least one piece; none if nothing came for ``quiet_s``. Raises Over once all is taken
        and nothing more will come."""
        if not self._pieces and self._over is None:
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(quiet_s):
                    await self._news.wait()
        if not self._pieces and self._over is not None:
            raise self._over
        taken, self._pieces, self._size = self._pieces, [], 0
        if self._paused and self._over is None and self._resume is not None:
            self._paused = False
            self._resume()
        return taken

    def rest(self) -> list[Piece]:
        """All that has come and nobody has taken, maybe nothing; the sender is told to pause for good."""
        if self._pause is not None and not self._paused:
            self._paused = True
            self._pause()
        taken, self._pieces, self._size = self._pieces, [], 0
        return taken
