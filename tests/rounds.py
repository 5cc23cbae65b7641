"""One run of pytest as a process of its own. What it says is kept until somebody wants to read it."""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

SERVERS = {"DATABASE_URL", "REDIS_URL", "BROKER_URL"}
# Without bytecode every process of every system that is started compiles Django and all the rest again.
NOT_HANDED_ON = {*SERVERS, *(f"{name}_FILE" for name in SERVERS), "DATA_DIR", "PYTHONDONTWRITEBYTECODE"}
TICK_S = 30.0
GRACE_S = 60.0  # fixtures stop the systems that they started
LAST_LINES = 50  # enough for the stack of a crash or the names of what failed
CONCLUSION = re.compile(r" in \d+\.\d+s\b")


def say(text: str) -> None:
    print(f"{text}\n", end="", flush=True)  # one piece, as several threads say something


@dataclass
class Round:
    """`environment`: the servers it runs on; it sees no others."""

    name: str
    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    code: int | None = None
    took_s: float = 0.0
    summary: str = ""
    process: subprocess.Popen[str] | None = None
    read: bool = False
    begun: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    last: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))

    def start(self) -> None:
        say(f"\n=== {self.name}: begins ===")
        self._began = time.monotonic()
        self._said: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *self.arguments],
            env=environment_of(os.environ) | self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches `make test` alone, which then ends every round in order
        )
        threading.Thread(target=self._listen, daemon=True).start()
        self.begun.set()

    def show(self) -> None:
        """Print all that it has said, then what it says, until it ends."""
        self.read = True
        while True:
            try:
                line = self._said.get(timeout=TICK_S)
            except queue.Empty:
                say(f"... {self.name}: still at it ({time.monotonic() - self._began:.0f} s)")
                continue
            if line is None:
                break
            say(line)
        say(f"=== {self.line()} ===")

    def _listen(self) -> None:
        assert self.process is not None and self.process.stdout is not None
        for line in self.process.stdout:
            self._said.put(line.rstrip("\n"))
            self.last.append(line.rstrip("\n"))
            if CONCLUSION.search(line):
                self.summary = line.strip("= \n")
        self.code, self.took_s = self.process.wait(), time.monotonic() - self._began
        if not self.read:
            say(f"=== {self.line()}; what it said comes last ===")
        self._said.put(None)
        self.over.set()

    @property
    def passed(self) -> bool:
        return self.code in (0, 5)  # 5: nothing selected

    def line(self) -> str:
        verdict = "passed" if self.passed else f"FAILED ({self.code})"
        return f"{self.name}: {verdict} in {self.took_s:.0f} s · {self.summary}"


class InTurn:
    """Rounds one after another, beside whatever else runs."""

    def __init__(self, rounds: Sequence[Round]) -> None:
        self._rounds, self._lock, self._stopped = rounds, threading.Lock(), False

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        for each in self._rounds:
            with self._lock:
                if self._stopped:
                    return
                each.start()
            each.over.wait()

    def show(self) -> None:
        """Print what each has said and says, until the last has ended."""
        for each in self._rounds:
            each.begun.wait()
            say(f"\n=== {each.name}: what it has said so far ===")
            each.show()

    def no_more(self) -> None:
        """Whatever has not begun by now will not begin."""
        with self._lock:
            self._stopped = True


def environment_of(environment: Mapping[str, str]) -> dict[str, str]:
    """What a round gets of our own environment."""
    return {name: value for name, value in environment.items() if name not in NOT_HANDED_ON}


def end(rounds: Sequence[Round]) -> None:
    """End those that run. pytest hears of it once, so that its fixtures stop what they started."""
    running = [each.process for each in rounds if each.process is not None and each.process.poll() is None]
    if running:
        say("\nEnding; what was started is stopped first ...")
    for process in running:
        process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + GRACE_S
    try:
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
    finally:
        for process in running:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
