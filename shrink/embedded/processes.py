"""Telling whether the process that claimed something is still the one that runs.

A process id alone is reused, so an identity also carries the machine's boot and the process's start.
"""

import ctypes
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path


@cache
def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
    except OSError:
        return "-"


def _started(pid: int) -> str:
    """Start of process `pid` in clock ticks since boot; empty where it does not run or cannot be told."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rsplit(")", 1)[1].split()
    state, started = fields[0], fields[19]
    return "" if state in "ZX" else started


def identity(pid: int | None = None) -> str:
    """`boot:pid:start` of a process, by default this one."""
    pid = os.getpid() if pid is None else pid
    return f"{_boot_id()}:{pid}:{_started(pid)}"


def is_alive(who: str) -> bool:
    """Whether the process of this identity runs. An identity that cannot be read counts as dead."""
    boot, _, rest = who.partition(":")
    pid, _, started = rest.partition(":")
    if boot != _boot_id() or not pid.isdigit():
        return False
    if Path("/proc/self/stat").exists():
        return bool(started) and _started(int(pid)) == started
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def shown_as(words: Sequence[str]) -> None:
    """Have `ps` show this process under another command line, as far as it fits into the place of the first.

    A forked worker would otherwise look like its parent, and an operator could not tell one from the other.
    """
    try:
        fields = Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return
    start, end = int(fields[45]), int(fields[46])  # arg_start and arg_end of proc(5)
    if 0 < start < end:
        line = b"\0".join(os.fsencode(word) for word in words)[: end - start - 1]
        ctypes.memmove(start, line.ljust(end - start, b"\0"), end - start)
