"""The durable queue: what is taken stays in the file until it is acknowledged, whoever dies."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shrink.embedded.processes import identity, is_alive
from shrink.embedded.queue import DurableQueue
from tests.repository import REPOSITORY

TAKE_AND_WAIT = """
import sys, time
from shrink.embedded.queue import DurableQueue
queue = DurableQueue(sys.argv[1])
print(queue.take("work")[0], flush=True)
time.sleep(60)
"""


class Clock:
    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(tmp_path: Path, clock: Clock) -> DurableQueue:
    return DurableQueue(tmp_path / "broker.sqlite3", clock)


def taker(queue: DurableQueue) -> subprocess.Popen[str]:
    """Another process that takes one message and then hangs."""
    child = subprocess.Popen(
        [sys.executable, "-c", TAKE_AND_WAIT, str(queue.path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    assert child.stdout is not None
    child.tag = child.stdout.readline().strip()  # type: ignore[attr-defined]
    return child


def test_messages_come_out_in_the_order_they_went_in(queue: DurableQueue) -> None:
    for tag in ("a", "b", "c"):
        queue.put("work", tag, f"body {tag}")
    assert [queue.take("work") for _ in range(4)] == [("a", "body a"), ("b", "body b"), ("c", "body c"), None]


def test_queues_do_not_mix(queue: DurableQueue) -> None:
    queue.put("judge", "a", "x")
    assert queue.take("vision") is None
    assert queue.take("judge") == ("a", "x")


def test_a_message_waits_until_it_is_due(queue: DurableQueue, clock: Clock) -> None:
    queue.put("work", "later", "x", due_at=1_010.0)
    queue.put("work", "now", "y")
    assert queue.take("work") == ("now", "y")
    assert queue.take("work") is None
    clock.now = 1_010.0
    assert queue.take("work") == ("later", "x")


def test_what_is_acknowledged_is_gone_and_what_is_not_stays(queue: DurableQueue) -> None:
    queue.put("work", "a", "x")
    queue.put("work", "b", "y")
    queue.take("work")
    queue.take("work")
    queue.acknowledge("a")
    assert queue.size("work") == 1
    queue.release("b")
    assert queue.take("work") == ("b", "y")


def test_a_released_message_keeps_its_place(queue: DurableQueue) -> None:
    for tag in ("a", "b"):
        queue.put("work", tag, "x")
    queue.take("work")
    queue.release("a")
    assert [queue.take("work"), queue.take("work")] == [("a", "x"), ("b", "x")]


def test_purge_leaves_what_somebody_is_working_on(queue: DurableQueue) -> None:
    queue.put("work", "a", "x")
    queue.put("work", "b", "x")
    queue.take("work")
    assert queue.purge("work") == 1
    assert queue.size("work") == 1


def test_recover_leaves_the_messages_of_the_living(queue: DurableQueue) -> None:
    queue.put("work", "mine", "x")
    queue.take("work")
    assert queue.recover() == 0
    assert queue.take("work") is None


def test_what_a_killed_process_had_taken_comes_back_once(queue: DurableQueue) -> None:
    queue.put("work", "theirs", "x")
    queue.put("work", "mine", "y")
    child = taker(queue)
    assert child.tag == "theirs"  # type: ignore[attr-defined]
    assert queue.take("work") == ("mine", "y")
    assert queue.recover() == 0, "it still runs"
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert queue.recover() == 1
    assert queue.take("work") == ("theirs", "x")
    assert queue.take("work") is None


def test_a_fork_opens_its_own_connection(queue: DurableQueue) -> None:
    queue.put("work", "a", "x")
    pid = os.fork()
    if pid == 0:
        os._exit(0 if queue.take("work") == ("a", "x") else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert queue.take("work") is None


def test_the_file_is_for_this_user_only(queue: DurableQueue) -> None:
    queue.put("work", "a", "x")
    assert queue.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("who", "alive", "reason"),
    [
        (identity(), True, "this process"),
        (identity(os.getppid()), True, "its parent"),
        ("", False, "nobody"),
        (identity().replace(f":{os.getpid()}:", ":999999999:"), False, "no such process"),
        (identity() + "1", False, "the process id was given to another process"),
        ("other" + identity(), False, "before the machine started again"),
    ],
)
def test_who_is_alive(who: str, alive: bool, reason: str) -> None:
    assert is_alive(who) is alive, reason
