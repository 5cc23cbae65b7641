"""Who holds a piece of work: a name from which its own machine can tell whether the process still runs."""

from __future__ import annotations

import os
import uuid
from functools import cache
from pathlib import Path


def holder_new() -> str:
    """`machine:process:start:random`: unique, and its own machine can tell whether it still runs."""
    pid = os.getpid()
    return f"{_machine()}:{pid}:{_started(pid)}:{uuid.uuid4().hex[:12]}"


def holder_gone(holder: str) -> bool:
    """True where the holder ran on this machine and no longer does; False where nobody can say."""
    machine, _, rest = holder.partition(":")
    pid, _, rest = rest.partition(":")
    started = rest.partition(":")[0]
    if not started or machine != _machine() or not pid.isdigit():
        return False
    return _started(int(pid)) != started


@cache
def _machine() -> str:
    """This boot of this machine and, in it, this name space of process numbers (containers have their own)."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
        space = Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        return uuid.uuid4().hex[:8]  # nobody but this process can then be told to be gone, and it is not
    return f"{boot}-{space}"


def _started(pid: int) -> str:
    """When a process began, in ticks since boot; empty where there is none, or only its remains."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return ""
    return "" if fields[0] in "ZX" else fields[19]
