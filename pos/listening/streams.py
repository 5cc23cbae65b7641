"""One sender's bytes: to the spool, through the adapter, to the store; nothing twice and nothing lost in between."""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import msgspec
from django.db import InterfaceError, OperationalError

from pos.adapters.catalogue import ADAPTERS
from pos.adapters.options import OptionsRefused, config_read
from pos.adapters.reading import AdapterConfig, DocumentNotUnderstood, Reading, Refusal
from pos.adapters.receipt_text import Config, ReceiptStream
from pos.listening.spool import Piece, Spool, spool_read
from pos.services.documents import Taken

logger = logging.getLogger(__name__)

DOCUMENT_MOST = 8 * 2**20
SPOOL_MOST = 2 * DOCUMENT_MOST
"""Bytes of one receipt or document on disk; what is longer is ended, for none is."""
TRIM_AT = 2**18
ASIDE = "failed"
BEGUN = ".begun"
"""Of the file beside a spool that a process is reading again after another has died."""
AWAY = (OperationalError, InterfaceError, OSError)
"""The database or the disk cannot be used now; later they can."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOTHING = Reading((), (), ())
_CUTS = (rb"\x1dV[ABabgh].", rb"\x1dV.", rb"\x1b[im]")  # ESC/POS: GS V and ESC i, ESC m


class Reader(Protocol):
    """What turns pieces into events. While ``idle`` it has begun nothing; a fresh one that is fed ``resume`` goes on as
    it would."""

    @property
    def idle(self) -> bool: ...
    @property
    def resume(self) -> bytes: ...
    def feed(self, data: bytes, at: str) -> Reading: ...
    def close(self, at: str = "") -> Reading: ...


class DocumentReader:
    """For adapters that read whole documents: what came until the end is one."""

    resume = b""

    def __init__(self, kind: str, config: Any) -> None:
        self._kind, self._config = kind, config
        self._begun = bytearray()
        self._too_large = False

    @property
    def idle(self) -> bool:
        return not self._begun and not self._too_large

    def feed(self, data: bytes, at: str) -> Reading:
        self._too_large = self._too_large or len(self._begun) + len(data) > DOCUMENT_MOST
        self._begun = bytearray() if self._too_large else self._begun + data
        return NOTHING

    def close(self, at: str = "") -> Reading:
        document, too_large = bytes(self._begun), self._too_large
        self._begun, self._too_large = bytearray(), False
        if too_large:
            said = f"It has more than {DOCUMENT_MOST:,} bytes. Send it in parts."
            return Reading((), (Refusal("Document", "too_large", said),), ())
        if not document.strip():
            return NOTHING
        try:
            return ADAPTERS[self._kind].read(document, self._config)
        except DocumentNotUnderstood as error:
            return Reading((), (Refusal("Document", "not_understood", str(error)),), ())


@dataclass(frozen=True, slots=True)
class How:
    """How a stream is read, as it is written at the head of its spool. ``options``: as JSON. ``whole``: nothing goes on
    after an end, not even the code page."""

    source_id: int
    store_id: int
    terminal: str
    kind: str
    options: str
    whole: bool = False

    def config(self) -> AdapterConfig:
        """Raises OptionsRefused."""
        return config_read(self.kind, msgspec.json.decode(self.options), terminal=self.terminal)

    def reader(self, resume: bytes = b"") -> Reader:
        """Raises OptionsRefused."""
        config = self.config()
        if not isinstance(config, Config):
            return DocumentReader(self.kind, config)
        reader = ReceiptStream(config)
        if resume:
            reader.feed(resume, "")
        return reader

    def ends(self) -> re.Pattern[bytes]:
        """Where in a stream a receipt may end: at a stop mask, or behind a command that cuts the paper."""
        masks = getattr(self.config(), "stop_masks", ())
        return re.compile(b"|".join([*_CUTS, *(re.escape(mask) for mask in masks if mask)]), re.DOTALL)

    def about(self, resume: bytes) -> bytes:
        return msgspec.json.encode([self, resume])


Keep = Callable[[How, Reading], Taken | None]
"""Store what was read; raises what is in AWAY where that cannot be done now."""


class Stream:
    """``take`` what came, then ``settle`` until it does not raise. Both are for one thread at a time."""

    def __init__(self, path: Path, how: How, keep: Keep, *, resume: bytes = b"") -> None:
        self.how, self._keep = how, keep
        self.spool = Spool(path, how.about(resume))
        self._reader, self._ends = how.reader(resume), how.ends()
        self._unstored: list[Reading] = []
        self._rest: tuple[bytes, list[Piece]] | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is begun and nothing is left to be stored."""
        return self._reader.idle and not self._unstored

    @property
    def due(self) -> bool:
        """Whether ``settle`` has something to do."""
        return bool(self._unstored) or self._rest is not None or (self._reader.idle and self.spool.size > 0)

    def take(self, pieces: Sequence[Piece]) -> None:
        """Write down, then read. Raises OSError where it cannot be written down; then nothing was taken."""
        if self.spool.size > SPOOL_MOST and not self._reader.idle:
            self._take([Piece(pieces[0].at_us, ends=True)])
        self._take(pieces)

    def _take(self, pieces: Sequence[Piece]) -> None:
        self.spool.append(pieces)
        self.apply(pieces)

    def apply(self, pieces: Sequence[Piece]) -> None:
        """Read what is written down. Where the adapter fails over it all of it is set aside."""
        for piece in pieces:
            try:
                self._apply(piece)
            except Exception as error:  # of an adapter's fault nobody else shall suffer
                logger.exception("The adapter %s failed; what it read is set aside", self.how.kind)
                self._set_aside(type(error).__name__)
                return

    def abandon(self) -> None:
        """Set aside what is in the spool, unread."""
        self._set_aside("the process died over it twice")

    def settle(self) -> None:
        """Store what was read, then let go of its bytes. Raises what is in AWAY where that cannot be done
        now; call it again then."""
        while self._unstored:
            reading = self._unstored[0]
            try:
                self._keep(self.how, reading)
            except AWAY:
                raise
            except Exception as error:  # it would fail for ever, and nothing behind it would be stored
                logger.exception("What the adapter %s read cannot be stored; it is set aside", self.how.kind)
                if reading.events:
                    self._set_aside(type(error).__name__)
            self._unstored.pop(0)
        if self._reader.idle:
            self._rest = None
            self.spool.rewrite(self.how.about(self._reader.resume), ())
        elif self._rest is not None:
            resume, pieces = self._rest
            self.spool.rewrite(self.how.about(resume), pieces)
            self._rest = None

    def _apply(self, piece: Piece) -> None:
        at = instant(piece.at_us)
        if piece.ends:
            self._read(self._reader.close(at))
            self._reader = self.how.reader(b"" if self.how.whole else self._reader.resume)
            self._rest = (self._reader.resume, [])
        elif self.spool.size > TRIM_AT:
            self._feed_by_receipt(piece, at)
        else:
            self._read(self._reader.feed(piece.data, at))
            if self._rest is not None:
                self._rest[1].append(piece)

    def _feed_by_receipt(self, piece: Piece, at: str) -> None:
        """Of one who never pauses the end of a receipt lies within a piece: it is looked for, to let go of what was
        before it."""
        data, begun, resume, after = piece.data, 0, b"", 0
        for end in [*(match.end() for match in self._ends.finditer(data)), len(data)]:
            self._read(self._reader.feed(data[begun:end], at))
            begun = end
            if self._reader.idle:
                resume, after = self._reader.resume, end
        if after:
            self._rest = (resume, [Piece(piece.at_us, data[after:])])
        elif self._rest is not None:
            self._rest[1].append(piece)

    def _read(self, reading: Reading) -> None:
        if reading.events or reading.refusals:
            self._unstored.append(reading)

    def _set_aside(self, why: str) -> None:
        self.spool.close()
        if self.spool.path.exists():
            set_aside(self.spool.path)
        self.spool.size, self._rest = 0, None
        self._reader = self.how.reader()
        said = f"Reading or storing it failed ({why}). Its bytes are set aside on the server; report this."
        self._unstored.append(Reading((), (Refusal("Document", "failed", said),), ()))


def stream_left(path: Path, keep: Keep) -> Stream | None:
    """The stream that a process left behind in ``path``, read up to its end; None where there is nothing to read.

    What cannot be read any more, because its adapter has changed since, is set aside; so is what a process was
    reading again when it died: a pattern that never comes to an end would stop every door after each start.
    """
    about, pieces, size = spool_read(path)
    if not size:
        path.unlink()
        return None
    try:
        how, resume = msgspec.json.decode(about, type=tuple[How, bytes])
        stream = Stream(path, how, keep, resume=resume)
    except (OptionsRefused, msgspec.DecodeError):
        logger.exception("%s cannot be read by this version; it is set aside", path.name)
        set_aside(path)
        return None
    stream.spool.adopt(size)
    begun = path.with_suffix(BEGUN)
    if begun.exists():
        logger.error("%s was being read when the process died; it is set aside", path.name)
        stream.abandon()
    else:
        begun.touch()
        stream.apply(pieces)
    begun.unlink()  # not where the reading ends the process
    return stream


def stream_finish(stream: Stream, *, now_us: int) -> None:
    """Store what a process left behind; its sender is gone, so what was begun is over."""
    try:
        stream.take([Piece(now_us, ends=True)])
        stream.settle()
        stream.spool.remove()
    finally:
        stream.spool.close()


def set_aside(path: Path) -> None:
    """Out of the way, for a person to look at; it goes after thirty days."""
    aside = path.parent / ASIDE
    aside.mkdir(exist_ok=True)
    path.replace(aside / f"{path.stem}-{path.stat().st_mtime_ns}.spool")


def instant(at_us: int) -> str:
    """Microseconds since 1970 as RFC 3339 in UTC."""
    return (EPOCH + timedelta(microseconds=at_us)).isoformat()
