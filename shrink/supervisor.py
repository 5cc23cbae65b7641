"""Keeps child processes running: starts them, restarts what dies, ends them all when told to."""

import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from sys import executable

logger = logging.getLogger(__name__)

CHILD = str(Path(__file__).parent / "embedded" / "child.py")
BACKOFF_S = (0.2, 0.5, 1.0, 2.0)
STEADY_S = 30.0  # a child that ran this long starts again without waiting
TERM_S = 7.0  # from asking a child to end to killing it


def deaths_in_a_row(before: int, *, code: int, ran_s: float) -> int:
    """Quick deaths so far. One that somebody killed has not failed, and begins a new count."""
    return 0 if ran_s > STEADY_S or code == -signal.SIGKILL else before + 1


def backoff_s(quick_deaths: int) -> float:
    """Pause before a restart after so many deaths in a row of a child that had hardly started."""
    return BACKOFF_S[min(quick_deaths, len(BACKOFF_S) - 1)]


@dataclass(frozen=True)
class Program:
    """What to run. `restart=False` is for one that may end by itself."""

    name: str
    arguments: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    restart: bool = True


class Supervisor:
    """One thread per child, which lives as long as this process: the child's own life hangs on that thread."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, program: Program) -> None:
        thread = threading.Thread(target=self._keep, args=(program,), name=f"supervise-{program.name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def stop(self) -> None:
        """Ask every child to end; returns at once."""
        self.stopping.set()

    def join(self) -> None:
        """Wait until every child is gone. Bounded by TERM_S, since what does not end is killed."""
        for thread in self._threads:
            thread.join()

    def _keep(self, program: Program) -> None:
        deaths = 0
        while not self.stopping.is_set():
            started = time.monotonic()
            child = self._spawn(program)
            code = self._watch(child)
            if self.stopping.is_set():
                return
            if not program.restart:
                logger.info("%s has ended (%d)", program.name, code)
                return
            deaths = deaths_in_a_row(deaths, code=code, ran_s=time.monotonic() - started)
            pause = backoff_s(deaths)
            logger.warning("%s ended (%d); it is started again in %.1f s", program.name, code, pause)
            self.stopping.wait(pause)

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [executable, "-I", "-S", CHILD, str(os.getpid()), *program.arguments],
            env={**os.environ, **program.environment},
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches this process alone, which then ends them in order
        )

    def _watch(self, child: subprocess.Popen[bytes]) -> int:
        """Wait for the child; when told to stop, end it. Returns its exit code."""
        waiter = threading.Thread(target=self._end_when_told, args=(child,), daemon=True)
        waiter.start()
        return child.wait()

    def _end_when_told(self, child: subprocess.Popen[bytes]) -> None:
        while child.poll() is None and not self.stopping.wait(1.0):
            pass
        if child.poll() is not None:
            return
        child.terminate()
        try:
            child.wait(TERM_S)
        except subprocess.TimeoutExpired:
            logger.warning("A child did not end in %.0f s and is killed", TERM_S)
            self._kill(child)

    @staticmethod
    def _kill(child: subprocess.Popen[bytes]) -> None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
