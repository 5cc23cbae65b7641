"""Every task names its queue, and a worker listens to it."""

import pytest
from celery import current_app

from shrink.management.commands.up import WORK_QUEUES
from tests.repository import REPOSITORY

OURS = ("privacy.", "lanes.", "pos.", "vision.", "cases.", "edge.", "shrink.")
SERVED = {"capture", *WORK_QUEUES.split(",")}


@pytest.fixture
def tasks() -> dict[str, object]:
    current_app.loader.import_default_modules()
    return {name: task for name, task in current_app.tasks.items() if name.startswith(OURS)}


def test_tasks_name_a_queue_that_is_served(tasks: dict[str, object]) -> None:
    queues = {name: getattr(task, "queue", None) for name, task in tasks.items()}
    assert {name: queue for name, queue in queues.items() if queue not in SERVED} == {}


def test_tasks_keep_no_results(tasks: dict[str, object]) -> None:
    assert [name for name, task in tasks.items() if not getattr(task, "ignore_result", False)] == []


def test_everything_on_the_beat_is_a_task(settings: object, tasks: dict[str, object]) -> None:
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}  # type: ignore[attr-defined]
    assert sorted(scheduled - tasks.keys()) == []


def test_tasks_are_doors_not_business() -> None:
    root = REPOSITORY
    long = {str(path): n for path in root.glob("*/tasks.py") if (n := len(path.read_text().splitlines())) > 150}
    assert long == {}
