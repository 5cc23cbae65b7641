"""The workers' parent: who dies is there again, and when it ends nobody is left."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from shrink.supervisor import Program
from tests.repository import REPOSITORY

# Each child writes its process id under its name and then does as its arguments say.
KEEP = """
import json, os, signal, sys, time
from pathlib import Path
from shrink.embedded.child import end_with
from shrink.embedded.nursery import Nursery, turn_awaited
from shrink.embedded.processes import shown_as
from shrink.supervisor import Program

parent, folder = os.getpid(), Path(sys.argv[1])
(folder / f"waits-{parent}").touch()
turn = turn_awaited(Path(sys.argv[3]))
born = Nursery([Program(**program) for program in json.loads(sys.argv[2])], patience_s=1.0).run()
if born is not None:
    end_with(parent)
    shown_as(born.arguments)
    if "deaf" in born.arguments:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (folder / "new").write_text(str(os.getpid()))
    (folder / "new").rename(folder / born.name)
    time.sleep(60)
"""
WITHIN_S = 20.0


def comes(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + WITHIN_S
    while not (answer := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return answer


def command_line(pid: int) -> list[str]:
    """Empty where the process is gone, or nothing but its remains is left."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").decode()
    except OSError:
        return []
    return line.split("\0") if line else []


@contextmanager
def nursery(folder: Path, *programs: Program, lock: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    plan = json.dumps([asdict(program) for program in programs])
    process = subprocess.Popen(
        [sys.executable, "-c", KEEP, str(folder), plan, str(lock or folder / "lock")],
        cwd=REPOSITORY,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def child(folder: Path, name: str, *, not_: int = 0) -> int:
    """The process id of the child of this name, once it is another than `not_`."""

    def told() -> int | None:
        pid = int((folder / name).read_text()) if (folder / name).exists() else 0
        return pid if pid != not_ else None

    return int(comes(told))


def test_a_killed_child_is_replaced_and_its_sibling_is_left_alone(tmp_path: Path) -> None:
    with nursery(tmp_path, Program("one", ["it", "-n", "one"]), Program("two", ["it", "-n", "two"])):
        one, two = child(tmp_path, "one"), child(tmp_path, "two")
        assert command_line(one) == ["it", "-n", "one"], "an operator can tell them apart"
        os.kill(one, signal.SIGKILL)
        assert child(tmp_path, "one", not_=one) != two
        assert command_line(two) == ["it", "-n", "two"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_sees_its_children_out(tmp_path: Path, number: int) -> None:
    with nursery(tmp_path, Program("one", ["it"]), Program("two", ["it", "deaf"])) as process:
        pids = [child(tmp_path, "one"), child(tmp_path, "two")]
        process.send_signal(number)
        assert process.wait(WITHIN_S) == 0
        assert [command_line(pid) for pid in pids] == [[], []], "the one that would not end was killed"


def test_its_children_end_when_it_is_killed(tmp_path: Path) -> None:
    with nursery(tmp_path, Program("one", ["it"])) as process:
        one = child(tmp_path, "one")
        process.kill()
        process.wait()
        comes(lambda: command_line(one) == [])


def test_of_two_one_is_at_work_and_the_other_takes_over_at_once(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with nursery(tmp_path, Program("one", ["it", "first"]), lock=lock) as first:
        one = child(tmp_path, "one")
        with nursery(tmp_path, Program("one", ["it", "second"]), lock=lock) as second:
            comes(lambda: (tmp_path / f"waits-{second.pid}").exists())
            assert command_line(one) == ["it", "first"]
            os.killpg(first.pid, signal.SIGKILL)
            assert command_line(child(tmp_path, "one", not_=one)) == ["it", "second"]


def test_where_forking_is_not_safe_the_program_is_started_from_nothing() -> None:
    program = Program("one", [sys.executable, "-c", "import os; print(os.environ['NAME'])"], {"NAME": "one"})
    source = f"from shrink.embedded.nursery import *; become(Program(**{asdict(program)!r}), here=False)"
    done = subprocess.run([sys.executable, "-c", source], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.stdout == "one\n", done.stderr
