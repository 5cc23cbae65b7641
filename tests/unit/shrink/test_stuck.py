"""A worker one of whose tasks hangs ends, so that another can take over."""

import subprocess
import sys

from cases.tasks import build_evidence, judge_lane
from shrink.embedded.stuck import STUCK, Watch
from tests.repository import REPOSITORY
from vision.services.analysis import LEASE_S
from vision.tasks import camera_analyse, camera_capture

HANGS = """
import threading
from celery import Celery
from celery.signals import worker_ready
from shrink.embedded import stuck

stuck.LOOK_EVERY_S = 0.05
app = Celery("app", broker="memory://")

@app.task(name="app.short", stuck_after_s=0.2)
def short(): pass

@app.task(name="app.lasting")
def lasting(): threading.Event().wait(1.0)

@app.task(name="app.hanging", stuck_after_s=0.2)
def hanging(): threading.Event().wait()

stuck.connect()
worker_ready.send(sender=None)
short.apply()
lasting.apply()
print("alive", flush=True)
hanging.apply()
"""


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_only_a_task_that_is_watched_and_late_is_stuck() -> None:
    clock = Clock()
    watch = Watch(clock)
    watch.begins("1", "quick", 10.0)
    watch.begins("2", "lasting", None)
    watch.begins("3", "hanging", 10.0)
    clock.now += 9.0
    assert watch.stuck() == []
    watch.ends("1")
    watch.ends("2")
    clock.now += 2.0
    assert watch.stuck() == ["hanging"]


def test_the_process_of_a_hanging_task_ends_and_says_where_it_hung() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HANGS], cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == STUCK, done.stderr
    assert done.stdout == "alive\n"
    assert "app.hanging does not end" in done.stderr
    assert "in hanging" in done.stderr  # the stack of the thread


def test_what_runs_native_code_is_watched_and_capture_may_last() -> None:
    assert camera_analyse.stuck_after_s > LEASE_S
    assert judge_lane.stuck_after_s and build_evidence.stuck_after_s
    assert not hasattr(camera_capture, "stuck_after_s")
