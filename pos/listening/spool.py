"""Bytes of one sender on disk, from the moment they were read until what they say is stored."""

import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from struct import Struct

_HEAD = Struct("<BqII")  # what it is, when (microseconds), length, checksum
_DATA, _END, _ABOUT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that came at ``at_us`` (microseconds since 1970, UTC). ``ends``: with them the receipt or document is
    over, because the sender went away, said so, or had been quiet for too long."""

    at_us: int
    data: bytes = b""
    ends: bool = False


class Spool:
    """A file of records, each with a checksum: one that was cut short by a power cut ends what is read.

    The file is there only while something in it is not stored. ``about``: what a later process must know to read it.
    """

    def __init__(self, path: Path, about: bytes) -> None:
        self.path, self.about = path, about
        self.size = 0
        self._file: int | None = None

    def append(self, pieces: Sequence[Piece]) -> None:
        """On disk when it returns. Raises OSError, and then nothing of ``pieces`` is there."""
        if self._file is None:
            self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self.size = 0
        records = b"".join(_record(_END if piece.ends else _DATA, piece.at_us, piece.data) for piece in pieces)
        before = self.size
        begun = records if before else _record(_ABOUT, 0, self.about) + records
        try:
            _written(self._file, begun)
            os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, before)
            os.lseek(self._file, before, os.SEEK_SET)
            raise
        self.size = before + len(begun)

    def rewrite(self, about: bytes, pieces: Sequence[Piece]) -> None:
        """Let go of everything but ``pieces``; at no instant is neither the old nor the new there."""
        self.about = about
        if not pieces:
            if self._file is not None and self.size:
                os.ftruncate(self._file, 0)
                os.lseek(self._file, 0, os.SEEK_SET)
                self.size = 0
            return
        fresh = Spool(self.path.with_suffix(".new"), about)
        fresh.append(pieces)
        fresh.path.replace(self.path)
        self.close()
        self._file, self.size = fresh._file, fresh.size

    def adopt(self, size: int) -> None:
        """Go on writing behind the first ``size`` bytes of the file that is there."""
        self._file = os.open(self.path, os.O_WRONLY)
        os.ftruncate(self._file, size)
        os.lseek(self._file, size, os.SEEK_SET)
        self.size = size

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def remove(self) -> None:
        """All of it is stored."""
        self.close()
        self.path.unlink(missing_ok=True)
        self.size = 0


def spool_read(path: Path) -> tuple[bytes, list[Piece], int]:
    """``(about, pieces, size)`` of the whole records of a file that a process left behind; ``size`` is 0 where not even
    the first is whole: then nothing of it had been answered for."""
    content = path.read_bytes()
    about, pieces, place = b"", list[Piece](), 0
    while place + _HEAD.size <= len(content):
        kind, at_us, length, checksum = _HEAD.unpack_from(content, place)
        start = place + _HEAD.size
        data = content[start : start + length]
        if len(data) < length or checksum != _checksum(kind, at_us, data):
            break
        if kind == _ABOUT:
            about = data
        else:
            pieces.append(Piece(at_us, data, ends=kind == _END))
        place = start + length
    return about, pieces, place if about else 0


def _record(kind: int, at_us: int, data: bytes) -> bytes:
    return _HEAD.pack(kind, at_us, len(data), _checksum(kind, at_us, data)) + data


def _checksum(kind: int, at_us: int, data: bytes) -> int:
    return zlib.crc32(data, zlib.crc32(b"%d %d" % (kind, at_us)))


def _written(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
