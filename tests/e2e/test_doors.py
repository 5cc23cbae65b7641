"""A till that speaks no HTTP and a whole system: its receipts arrive, also after the doors were killed."""

import os
import signal
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.running import System, free_port, running, until
from tests.e2e.test_up import another, processes_of
from tests.factories.doors import receipt

pytestmark = pytest.mark.e2e

MAKE = """
from pos.models import PosSource
from tests.factories.stores import small_store
shop = small_store()
PosSource.objects.create(store=shop.store, terminal=shop.terminals[0], name="printer", door="tcp_listen",
    host="127.0.0.1", port={port}, adapter="receipt_text", enabled=True)
"""


def doors_of(system: System) -> int | None:
    return next((pid for pid, line in processes_of(system).items() if line.rstrip().endswith("pos_listen")), None)


def sent(port: int, data: bytes) -> bool:
    """Whether the door was open."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as till:
            till.sendall(data)
    except OSError:
        return False
    return True


def tickets(system: System) -> int:
    with closing(sqlite3.connect(f"file:{system.data_dir}/db.sqlite3?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM pos_posevent WHERE type = 'ticket_close'").fetchone()[0])


def test_receipts_arrive_and_a_killed_door_is_open_again(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path / "var") as system:
        system.manage("shell", "-v", "0", "-c", MAKE.format(port=port))
        until(lambda: sent(port, receipt(1)), within_s=30, what="the door of a source made meanwhile opens")
        until(lambda: tickets(system) == 1, within_s=30, what="its receipt is stored")
        first = doors_of(system)
        assert first is not None
        os.kill(first, signal.SIGKILL)
        until(lambda: another(doors_of(system), first), within_s=15, what="the process runs again")
        until(lambda: sent(port, receipt(2)), within_s=30, what="the door is open again")
        until(lambda: tickets(system) == 2, within_s=30, what="the next receipt is stored")
        system.process.send_signal(signal.SIGTERM)
        assert system.process.wait(10) == 0, system.log
        assert processes_of(system) == {}
