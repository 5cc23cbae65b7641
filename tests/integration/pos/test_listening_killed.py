"""The process of the doors is killed between writing down what it read and storing it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pos.listening.spool import Piece, Spool
from pos.listening.streams import How
from pos.models import PosEvent, PosSource
from tests.factories.doors import apart, comes, listening, receipt, source, tickets_come
from tests.factories.stores import SmallStore
from tests.repository import REPOSITORY

pytestmark = pytest.mark.django_db(transaction=True)

# Takes two receipts and half of a third from a socket, as it were, and is killed when it is about to store the first.
CHILD = """
import sys
from pathlib import Path
import django
django.setup()
from pos.listening.spool import Piece
from pos.listening.streams import How, Stream

def keep(how, reading):
    print("storing", flush=True)
    sys.stdin.read()

path, source_id, store_id, printed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
stream = Stream(path, How(source_id, store_id, "T1", "receipt_text", "{}"), keep)
lines = printed.read_bytes().splitlines(True)
stream.take([Piece(1_774_000_000_000_000 + place, line) for place, line in enumerate(lines)])
stream.settle()
"""


def killed(made: PosSource, folder: Path, data: bytes) -> Path:
    """The spool that a process leaves behind that read ``data`` and was killed before it stored any of it."""
    (folder / "spool").mkdir()
    (folder / "printed").write_bytes(data)
    path = folder / "spool" / f"{made.pk}-0123456789ab.spool"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), str(made.pk), str(made.store_id), str(folder / "printed")],
        cwd=REPOSITORY,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "shrink.settings", "DATA_DIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    with child:
        assert child.stdout.readline() == b"storing\n"
        child.kill()
    return path


async def test_a_kill_before_storing_loses_nothing_and_stores_nothing_twice(shop: SmallStore, tmp_path: Path) -> None:
    made = await source(shop, "tcp_listen")
    left = killed(made, tmp_path, receipt(1) + receipt(2) + receipt(3, end=b""))
    copy = shutil.copy(left, tmp_path / "copy")
    async with listening(tmp_path):
        await tickets_come("1", "2", "3")
    assert not left.exists()
    stored = await apart(PosEvent.objects.count)
    shutil.copy(copy, left)  # as if it had been killed once more, after storing and before letting go
    async with listening(tmp_path):
        await tickets_come("1", "2", "3")

        async def gone() -> bool:
            return not left.exists()

        await comes(gone)
    assert await apart(PosEvent.objects.count) == stored


async def test_what_a_source_had_begun_is_stored_though_the_source_is_gone(shop: SmallStore, tmp_path: Path) -> None:
    made = await source(shop, "tcp_listen")
    (tmp_path / "spool").mkdir()
    how = How(made.pk, made.store_id, "T1", "receipt_text", "{}")
    Spool(tmp_path / "spool" / f"{made.pk}-ab.spool", how.about(b"")).append([Piece(1_774_000_000_000_000, receipt(1))])
    await apart(made.delete)
    async with listening(tmp_path):
        await tickets_come("1")
