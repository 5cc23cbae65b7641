"""A folder into which a till or its back office writes documents.

A file is read once it has stayed the same from one look to the next, so half of one is never taken. What was read goes
to done/, what could not be to failed/ with a text that says why. Read again it changes nothing: a process that is
killed before it could move the file reads it again.
"""

import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from pos.adapters.catalogue import ADAPTERS
from pos.adapters.options import config_read
from pos.adapters.reading import DocumentNotUnderstood, Reading
from pos.listening.post import Post
from pos.listening.spool import Piece
from pos.services.documents import Taken
from pos.services.kept_files import DONE, FAILED

EVERY_S = 2.0
LARGEST = 16 * 2**20
UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp")
REASONS_MOST = 200
Mark = tuple[int, int]


class Folder:
    def __init__(self, post: Post, place: Path) -> None:
        self.post, self.place = post, place
        self._seen: dict[str, Mark] = {}

    def sweep(self) -> None:
        """Take what is whole. Raises what is in streams.AWAY: nothing is moved then that was not stored."""
        for name in ("", DONE, FAILED):
            (self.place / name).mkdir(parents=True, exist_ok=True)
        found = dict(self._files())
        for name in sorted(found):
            if self._seen.get(name) == found[name]:
                self._take(self.place / name, found[name])
        self._seen = found

    def _files(self) -> list[tuple[str, Mark]]:
        files = []
        for path in self.place.iterdir():
            if path.name.startswith(".") or path.name.lower().endswith(UNFINISHED):
                continue
            with suppress(FileNotFoundError):  # it has been taken away again
                about = path.lstat()
                if stat.S_ISREG(about.st_mode):
                    files.append((path.name, (about.st_size, about.st_mtime_ns)))
        return files

    def _take(self, path: Path, mark: Mark) -> None:
        size, written_ns = mark
        if size > LARGEST:
            self._move(path, FAILED, [f"It has {size:,} bytes; at most {LARGEST:,} are read. Write it in parts."])
            return
        document = path.read_bytes()
        self.post.monitor.heard(path.name, [Piece(self.post.house.clock_us(), document)])
        try:
            reading = self._read(document, written_ns)
        except DocumentNotUnderstood as error:
            self._move(path, FAILED, [str(error)])
            return
        except Exception as error:  # of an adapter's fault the other files shall not suffer
            self._move(path, FAILED, [f"The adapter failed over it ({type(error).__name__}: {error}). Report this."])
            return
        taken = self.post.house.keep(self.post.how, reading)
        self._move(path, DONE, _reasons(reading, taken))

    def _read(self, document: bytes, written_ns: int) -> Reading:
        """What names no time itself is of the instant at which the file was written, however often it is read."""
        plan = self.post.plan
        written_at = datetime.fromtimestamp(written_ns / 1e9, UTC).isoformat()
        options = msgspec.json.decode(plan.options)
        config = config_read(plan.adapter, options, terminal=plan.terminal, captured_at=written_at)
        return ADAPTERS[plan.adapter].read(document, config)

    def _move(self, path: Path, where: str, reasons: list[str]) -> None:
        to = self.place / where / path.name
        if to.exists():
            to = to.with_name(f"{to.stem}-{path.stat().st_mtime_ns}{to.suffix}")
        if reasons:
            more = [f"... and {len(reasons) - REASONS_MOST} more"] if len(reasons) > REASONS_MOST else []
            to.with_name(f"{to.name}.txt").write_text("\n".join([*reasons[:REASONS_MOST], *more, ""]))
        if where == FAILED:
            self.post.monitor.failed(f"{path.name} could not be read: {reasons[0]}")
        path.replace(to)
        to.touch()  # how long it is kept counts from now


async def folder(post: Post) -> None:
    config_read(post.plan.adapter, msgspec.json.decode(post.plan.options))  # a mistake in them now, not at a document
    door = Folder(post, post.house.inboxes / post.plan.store_code / post.plan.folder)
    await post.thread(door.sweep)
    post.fine(door.place)
    while True:
        await post.house.wait(EVERY_S)
        await post.thread(door.sweep)


def _reasons(reading: Reading, taken: Taken | None) -> list[str]:
    """What of a document was not taken, for whoever looks into done/."""
    refused = [f"{one.part} ({one.code}): {one.detail}" for one in reading.refusals]
    rejected = [f"{event} ({code}): {detail}" for event, code, detail in (taken.rejected if taken else ())]
    return [*refused, *rejected]
