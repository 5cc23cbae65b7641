"""Which recording to play, and from when: a file or a folder of files stands in for a camera.

A file is played once, from the instant it is opened, at its own speed. A folder is played file by file in the order of
the names; what is added later with a later name follows. Where a worker dies in the middle, the next one reads the same
file again on the same clock, so that nothing is missing and nothing comes twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

# A file that was written to just now is still being written.
SETTLED_S = 1.0
# A file that comes this much later than the one before ended is still its continuation.
LATE_S = 5.0


@dataclass(frozen=True)
class Playback:
    """One file that is being played (`ended` false) or was. `began_at`: Unix time of its first picture."""

    path: str
    size: int
    modified_ns: int
    began_at: float
    ended: bool = False

    def kept(self) -> dict[str, object]:
        return asdict(self)


def playback_read(kept: Mapping[str, object]) -> Playback | None:
    """None where nothing (or nothing of use) was kept."""
    try:
        return Playback(**kept)  # type: ignore[arg-type]
    except TypeError:
        return None


def file_next(path: Path, last: Playback | None, now: float) -> Playback | None:
    """How to play a single file; None once it has been played. A file that was replaced is played again."""
    stat = path.stat()
    same = last is not None and (last.path, last.size, last.modified_ns) == (str(path), stat.st_size, stat.st_mtime_ns)
    if same:
        assert last is not None
        return None if last.ended else last
    return Playback(str(path), stat.st_size, stat.st_mtime_ns, now)


def folder_next(folder: Path, last: Playback | None, ended_at: float | None, now: float) -> Playback | None:
    """The file to play now; None while there is none. `ended_at`: Unix time at which the last one's video ended."""
    done = ""
    if last is not None and Path(last.path).parent == folder:
        if not last.ended and Path(last.path).is_file():
            return last
        done = Path(last.path).name
    for path in sorted(folder.iterdir()):
        if path.name <= done or path.name.startswith(".") or not path.is_file():
            continue
        stat = path.stat()
        if now - stat.st_mtime < SETTLED_S:
            return None  # wait for it: those behind it in name come after it in time
        follows = ended_at is not None and done and now - ended_at < LATE_S
        began_at = ended_at if follows and ended_at is not None else now
        return Playback(str(path), stat.st_size, stat.st_mtime_ns, began_at)
    return None
