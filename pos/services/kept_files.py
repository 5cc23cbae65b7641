"""Files that hold what tills said, and for how long: nobody else deletes them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

DONE, FAILED = "done", "failed"
KEPT_FOR = {DONE: timedelta(days=7), FAILED: timedelta(days=30)}


def spools_folder() -> Path:
    return Path(settings.DATA_DIR) / "pos_spool"


def inboxes_folder() -> Path:
    """``STORE/FOLDER`` below it is the folder of a source."""
    return Path(settings.DATA_DIR) / "pos_inbox"


def kept_files_expire(*, now: datetime) -> int:
    """Documents that were read go after a week, those that could not be after thirty days; bytes that no adapter could
    read likewise."""
    old = [path for path, kept_for in _kept() if path.stat().st_mtime < (now - kept_for).timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _kept() -> Iterator[tuple[Path, timedelta]]:
    for name, kept_for in KEPT_FOR.items():
        for folder in (*inboxes_folder().glob(f"*/*/{name}"), spools_folder() / name):
            if folder.is_dir():
                yield from ((path, kept_for) for path in folder.iterdir() if path.is_file())
