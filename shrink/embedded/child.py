"""Becomes a program that ends when its parent does: `python -I -S child.py PARENT_PID PROGRAM ARGUMENT...`.

Linux ties the program's life to the thread that started it; where that call is missing, the program stays and has
to be stopped by hand after its parent was killed.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    """Tie this process's life to `parent`, which must be the one that started it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)  # it died before the call above


def main() -> None:
    parent, program = int(sys.argv[1]), sys.argv[2:]
    end_with(parent)
    os.execv(program[0], program)  # noqa: S606  the program is our own command line


if __name__ == "__main__":
    main()
