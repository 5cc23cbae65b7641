"""The workers' parent: it has imported everything once and forks a worker in a moment, as often as one dies.

A worker that starts from nothing spends seconds of processor time on importing; on a busy machine capture was away for
longer than its 15 s. This process has no other thread, no connection and only waits, which makes forking it safe.

`python -m shrink.embedded.nursery PLAN`, the plan being a JSON list of programs, each the command line of a Celery
worker or of a management command. Two of them run: one is at work, the other waits for it to die.
"""

import fcntl
import gc
import json
import logging
import os
import select
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO

import django
from django.conf import settings
from django.core.management import execute_from_command_line

from shrink.embedded.child import end_with
from shrink.embedded.processes import shown_as
from shrink.supervisor import Program, backoff_s, deaths_in_a_row

logger = logging.getLogger("shrink.embedded.nursery")  # also where it is run as __main__

MANAGE = str(Path(__file__).resolve().parents[2] / "manage.py")
PATIENCE_S = 6.5  # more than a worker's own END_WITHIN_S, less than the supervisor's TERM_S
HEARD = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
# What a worker imports when it starts and our own tasks do not bring along.
NEEDED = (
    "celery.__main__",
    "celery.app.amqp",
    "celery.app.control",
    "celery.app.events",
    "celery.app.log",
    "celery.apps.worker",
    "celery.beat",
    "celery.bin.celery",
    "celery.concurrency.thread",
    "celery.events.dispatcher",
    "celery.events.receiver",
    "celery.fixups.django",
    "celery.worker.autoscale",
    "celery.worker.components",
    "celery.worker.consumer",
    "celery.worker.consumer.delayed_delivery",
    "celery.worker.strategy",
    "shrink.embedded.transport",
    "shrink.management.commands.pos_listen",
)


@dataclass
class Place:
    """One program and how it fares. `pid` is 0 while it does not run."""

    program: Program
    pid: int = 0
    began_at: float = 0.0
    deaths: int = 0
    due_at: float = 0.0


class Nursery:
    """Keeps every program running until this process is told to end; then it sees them out."""

    def __init__(self, programs: Sequence[Program], patience_s: float = PATIENCE_S) -> None:
        self._places, self._patience_s = [Place(program) for program in programs], patience_s

    def run(self) -> Program | None:
        """None once all have ended. In a forked child it returns too: the program that the child is to be."""
        with _ear() as ear:
            while True:
                for place, code in self._buried():
                    self._restart_later(place, code)
                if (born := self._begin()) is not None:
                    return born
                if _told_to_end(ear, self._next_due_s()):
                    break
            self._see_out(ear)
        return None

    def _begin(self) -> Program | None:
        """Start what is due. None in this process; in the child its program."""
        for place in self._places:
            if place.pid or place.due_at > time.monotonic():
                continue
            sys.stdout.flush()
            if (pid := os.fork()) == 0:
                return place.program
            place.pid, place.began_at = pid, time.monotonic()
        return None

    def _buried(self) -> Iterator[tuple[Place, int]]:
        """Those that have died, and their exit codes."""
        for place in self._places:
            if place.pid and (died := os.waitpid(place.pid, os.WNOHANG))[0]:
                place.pid = 0
                yield place, os.waitstatus_to_exitcode(died[1])

    def _restart_later(self, place: Place, code: int) -> None:
        now = time.monotonic()
        place.deaths = deaths_in_a_row(place.deaths, code=code, ran_s=now - place.began_at)
        pause = backoff_s(place.deaths)
        place.due_at = now + pause
        logger.warning("%s ended (%d); it is started again in %.1f s", place.program.name, code, pause)

    def _next_due_s(self) -> float | None:
        due = [place.due_at for place in self._places if not place.pid]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _see_out(self, ear: int) -> None:
        """Ask all to end, and kill what has not in time."""
        self._send(signal.SIGTERM)
        kill_at = time.monotonic() + self._patience_s
        while any(place.pid for place in self._places) and (left := kill_at - time.monotonic()) > 0:
            _told_to_end(ear, left)
            for place, code in self._buried():
                logger.debug("%s has ended (%d)", place.program.name, code)
        self._send(signal.SIGKILL)

    def _send(self, number: int) -> None:
        for place in self._places:
            if place.pid:
                os.kill(place.pid, number)  # not waited for yet, so the number is still its own


@contextmanager
def _ear() -> Iterator[int]:
    """A descriptor that can be read when a signal has come; gives one byte per signal, its number."""
    ear, mouth = os.pipe()
    os.set_blocking(mouth, False)
    before = {number: signal.signal(number, lambda *_: None) for number in HEARD}
    signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
    try:
        yield ear
    finally:
        signal.set_wakeup_fd(-1)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(ear)
        os.close(mouth)


def _told_to_end(ear: int, wait_s: float | None) -> bool:
    """Wait for a signal; whether one of those that came asks this process to end."""
    if not select.select([ear], [], [], wait_s)[0]:
        return False
    return any(number in (signal.SIGTERM, signal.SIGINT) for number in os.read(ear, 512))


def load() -> None:
    """Import all that a worker needs; nothing here may start a thread or open a connection."""
    django.setup()
    app = import_module("shrink.celery").app
    app.loader.import_default_modules()
    app.finalize()
    for name in NEEDED:
        import_module(name)
    gc.collect()
    gc.freeze()  # the collector leaves what is here alone, so that its memory stays shared


def turn_awaited(lock: Path) -> IO[str]:
    """Wait until no other nursery of this installation is at work; hold on to what is returned.

    A lock by `lockf` ends with the process and is not handed down to what it forks, whose lives may last longer.
    """
    file = lock.open("w")
    fcntl.lockf(file, fcntl.LOCK_EX)
    return file


def alone() -> bool:
    """Whether this process has no other thread. Only Linux can tell; elsewhere libraries break in a fork."""
    return sys.platform == "linux" and sum(1 for _ in Path("/proc/self/task").iterdir()) == 1


def become(program: Program, *, here: bool) -> None:
    """Go on as the program: in this very process, or by starting it from nothing."""
    os.environ.update(program.environment)
    if not here:
        os.execv(program.arguments[0], program.arguments)  # noqa: S606  our own command line
    shown_as(program.arguments)
    if "celery" in program.arguments:
        sys.argv = program.arguments[program.arguments.index("celery") :]
        import_module("celery.__main__").main()
    else:
        sys.argv = program.arguments[program.arguments.index(MANAGE) :]
        execute_from_command_line(sys.argv)


def main() -> None:
    programs = [Program(**program) for program in json.loads(sys.argv[1])]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shrink.settings")
    shown_as([sys.executable, "-m", "shrink.embedded.nursery"])
    load()
    turn = turn_awaited(settings.DATA_DIR / "workers.lock")
    parent, here = os.getpid(), alone()
    if not here:
        logger.warning("Workers are started from nothing each time: forking is not safe here")
    if (program := Nursery(programs).run()) is not None:
        turn.close()
        end_with(parent)
        become(program, here=here)


if __name__ == "__main__":
    main()
