"""`manage.py pos_listen`: the doors for tills that speak no HTTP. `manage.py up` runs it beside the workers."""

import asyncio
import fcntl
import os
import signal
from typing import IO, Any

from django.core.management.base import BaseCommand

from edge.heartbeat import Heartbeat
from pos.listening.listener import Listener
from pos.services.kept_files import inboxes_folder, spools_folder

ROLE = "tills"
LEAVE_S = 2.0


class Command(BaseCommand):
    help = "Serve every till source that is switched on: TCP, UDP, serial lines, MQTT, folders. One at a time runs."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)  # what it writes is for this user: receipts
        spools_folder().mkdir(parents=True, exist_ok=True)
        turn = self._turn_awaited()
        heartbeat = Heartbeat(ROLE)
        heartbeat.start()
        try:
            asyncio.run(_listen())
        finally:
            heartbeat.stop()
            heartbeat.join(LEAVE_S)
            turn.close()

    def _turn_awaited(self) -> IO[str]:
        """Two that serve the same sources would fight over ports and devices: the second waits for the first to end."""
        turn = (spools_folder() / "turn.lock").open("w")
        try:
            fcntl.lockf(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.stdout.write("Another process serves the sources; this one waits for it to end.")
            fcntl.lockf(turn, fcntl.LOCK_EX)
        return turn


async def _listen() -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await Listener(spools=spools_folder(), inboxes=inboxes_folder()).run(stopping)
