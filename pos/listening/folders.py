"""A folder into which a till or its back office writes documents.

A file is read once it has stayed the same from one look to the next, so half of one is never taken. What was read goes
to done/, what could not be to failed/ with a text that says why. Read again it changes nothing: a process that is
killed before it could move the file reads it again.
"""

import logging
import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from pos.adapters.catalogue import ADAPTERS
from pos.adapters.options import config_read
from pos.adapters.reading import DocumentNotUnderstood, Reading
from pos.domain.preview import printed_redacted
from pos.listening.post import Post
from pos.listening.spool import Piece
from pos.listening.streams import AWAY
from pos.services.documents import Taken
from pos.services.kept_files import DONE, FAILED

logger = logging.getLogger(__name__)

EVERY_S = 2.0
LARGEST = 16 * 2**20
UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp")
REASONS_MOST = 200
Mark = tuple[int, int]


class Folder:
    def __init__(self, post: Post, place: Path) -> None:
        self.post, self.place = post, place
        self._seen: dict[str, Mark] = {}

    async def sweep(self) -> None:
        """Take what is whole, each file by itself, so that a full folder does not keep the other doors waiting.

        Raises what is in streams.AWAY: nothing is moved then that was not stored.
        """
        for path, mark in await self.post.thread(self._whole):
            await self.post.thread(self._take, path, mark)

    def _whole(self) -> list[tuple[Path, Mark]]:
        for name in ("", DONE, FAILED):
            (self.place / name).mkdir(parents=True, exist_ok=True)
        before, self._seen = self._seen, dict(self._files())
        return [(self.place / name, mark) for name, mark in sorted(self._seen.items()) if before.get(name) == mark]

    def _files(self) -> list[tuple[str, Mark]]:
        files = []
        for path in self.place.iterdir():
            if path.name.startswith(".") or path.name.lower().endswith(UNFINISHED):
                continue
            with suppress(FileNotFoundError):  # it has been taken away again
                mark = _mark(path)
                if mark is not None:
                    files.append((path.name, mark))
        return files

    def _take(self, path: Path, mark: Mark) -> None:
        size, written_ns = mark
        if size > LARGEST:
            self._move(path, mark, FAILED, [f"It has {size:,} bytes; at most {LARGEST:,} are read. Write it in parts."])
            return
        document = self._content(path, mark)
        if document is None:
            return
        self.post.monitor.heard(path.name, [Piece(self.post.house.clock_us(), document)])
        try:
            reading = self._read(document, written_ns)
        except DocumentNotUnderstood as error:
            self._move(path, mark, FAILED, [str(error)])
            return
        except Exception as error:  # of an adapter's fault the other files shall not suffer
            self._failed(path, mark, f"The adapter failed over it ({type(error).__name__}). Report this.")
            return
        self._store(path, mark, reading)

    def _content(self, path: Path, mark: Mark) -> bytes | None:
        """None where it is not, or not any more, what was looked at, and where it may not be read."""
        try:
            document = path.read_bytes()
            return document if _mark(path) == mark else None
        except FileNotFoundError:
            return None
        except PermissionError:
            said = "the server may not read it. Let the user that it runs as do so."
            self.post.monitor.failed(f"{path.name} was left in the folder: {said}")
            return None

    def _store(self, path: Path, mark: Mark, reading: Reading) -> None:
        try:
            taken = self.post.house.keep(self.post.how, reading)
        except AWAY:
            raise
        except Exception as error:  # it would fail for ever, and nothing behind it would be read
            self._failed(path, mark, f"What it says cannot be stored ({type(error).__name__}). Report this.")
            return
        self._move(path, mark, DONE, _reasons(reading, taken))

    def _read(self, document: bytes, written_ns: int) -> Reading:
        """What names no time itself is of the instant at which the file was written, however often it is read."""
        plan = self.post.plan
        written_at = datetime.fromtimestamp(written_ns / 1e9, UTC).isoformat()
        options = msgspec.json.decode(plan.options)
        config = config_read(plan.adapter, options, terminal=plan.terminal, captured_at=written_at)
        return ADAPTERS[plan.adapter].read(document, config)

    def _failed(self, path: Path, mark: Mark, why: str) -> None:
        """In the ``except`` of what failed: its words may hold the till's, so they go to the log alone."""
        logger.exception("A document of the source %s failed", self.post.plan.name)
        self._move(path, mark, FAILED, [why])

    def _move(self, path: Path, mark: Mark, where: str, reasons: list[str]) -> None:
        """Unless it was rewritten or taken away meanwhile: then it is another document, for the next look."""
        try:
            if _mark(path) != mark:
                return
        except FileNotFoundError:
            return
        to = self.place / where / path.name
        if to.exists():
            to = to.with_name(f"{to.stem}-{path.stat().st_mtime_ns}{to.suffix}")
        if reasons:
            more = [f"... and {len(reasons) - REASONS_MOST} more"] if len(reasons) > REASONS_MOST else []
            shown = [printed_redacted(reason) for reason in reasons[:REASONS_MOST]]
            to.with_name(f"{to.name}.txt").write_text("\n".join([*shown, *more, ""]))
        if where == FAILED:
            self.post.monitor.failed(f"{path.name} could not be read: {reasons[0]}")
        path.replace(to)
        to.touch()  # how long it is kept counts from now


async def folder(post: Post) -> None:
    config_read(post.plan.adapter, msgspec.json.decode(post.plan.options))  # a mistake in them now, not at a document
    door = Folder(post, post.house.inboxes / post.plan.store_code / post.plan.folder)
    await door.sweep()
    post.fine(door.place)
    while True:
        await post.house.wait(EVERY_S)
        await door.sweep()


def _mark(path: Path) -> Mark | None:
    """None for what is no file. Raises FileNotFoundError."""
    about = path.lstat()
    return (about.st_size, about.st_mtime_ns) if stat.S_ISREG(about.st_mode) else None


def _reasons(reading: Reading, taken: Taken | None) -> list[str]:
    """What of a document was not taken, for whoever looks into done/."""
    refused = [f"{one.part} ({one.code}): {one.detail}" for one in reading.refusals]
    rejected = [f"{event} ({code}): {detail}" for event, code, detail in (taken.rejected if taken else ())]
    return [*refused, *rejected]
