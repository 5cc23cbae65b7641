"""Who works on a camera."""

from __future__ import annotations

import os
import subprocess
import threading
from datetime import timedelta

import pytest
from django.db import connection

from lanes.holders import holder_gone, holder_new
from lanes.models import Camera
from tests.integration.vision.conftest import NOON
from vision.models import CameraFeed
from vision.services.leases import lease_free, lease_renew, lease_take

LEASE = {"work": "lease", "for_s": 6.0}


def test_one_holder_at_a_time_until_the_lease_runs_out(camera: Camera) -> None:
    first, second = "elsewhere:1:1:a", "elsewhere:2:2:b"
    assert lease_take(camera_id=camera.pk, holder=first, now=NOON, **LEASE)
    assert not lease_take(camera_id=camera.pk, holder=second, now=NOON + timedelta(seconds=5.9), **LEASE)
    assert lease_renew(camera_id=camera.pk, holder=first, now=NOON + timedelta(seconds=5), **LEASE)
    assert not lease_take(camera_id=camera.pk, holder=second, now=NOON + timedelta(seconds=10.9), **LEASE)
    assert lease_take(camera_id=camera.pk, holder=second, now=NOON + timedelta(seconds=11), **LEASE)
    assert not lease_renew(camera_id=camera.pk, holder=first, now=NOON + timedelta(seconds=11), **LEASE)


def test_giving_back_frees_ones_own_lease_only(camera: Camera) -> None:
    lease_take(camera_id=camera.pk, holder="elsewhere:1:1:a", now=NOON, **LEASE)
    lease_free(camera_id=camera.pk, work="lease", holder="elsewhere:2:2:b")
    assert CameraFeed.objects.get().lease_holder == "elsewhere:1:1:a"
    lease_free(camera_id=camera.pk, work="lease", holder="elsewhere:1:1:a")
    assert lease_take(camera_id=camera.pk, holder="elsewhere:2:2:b", now=NOON, **LEASE)


@pytest.mark.parametrize(
    "change", [{"enabled": False}, {"source": "rtsp://elsewhere/l1"}], ids=["off", "another source"]
)
def test_a_lease_ends_when_the_camera_is_switched_off_or_changed(camera: Camera, change: dict[str, object]) -> None:
    lease_take(camera_id=camera.pk, holder="elsewhere:1:1:a", now=NOON, **LEASE)
    source = camera.source
    Camera.objects.filter(pk=camera.pk).update(**change)
    assert not lease_renew(camera_id=camera.pk, holder="elsewhere:1:1:a", now=NOON, source=source, **LEASE)


def test_looking_and_pulling_are_two_leases(camera: Camera) -> None:
    assert lease_take(camera_id=camera.pk, work="lease", holder="elsewhere:1:1:a", for_s=6, now=NOON)
    assert lease_take(camera_id=camera.pk, work="analysis", holder="elsewhere:2:2:b", for_s=6, now=NOON)


def test_a_holder_that_died_on_this_machine_is_taken_over_at_once(camera: Camera) -> None:
    dead = subprocess.Popen(["sleep", "60"])
    pid = dead.pid
    started = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[19]  # noqa: SIM115, PTH123
    machine = holder_new().split(":")[0]
    holder = f"{machine}:{pid}:{started}:x"
    assert lease_take(camera_id=camera.pk, holder=holder, now=NOON, **LEASE)
    assert not lease_take(camera_id=camera.pk, holder=holder_new(), now=NOON, **LEASE)
    dead.kill()
    dead.wait()
    assert lease_take(camera_id=camera.pk, holder=holder_new(), now=NOON, **LEASE)


@pytest.mark.parametrize(
    ("holder", "gone", "why"),
    [
        (holder_new(), False, "this process"),
        (f"{holder_new().split(':')[0]}:{os.getpid()}:1:x", True, "its number was given to another"),
        ("elsewhere:1:1:x", False, "nobody here can tell"),
        ("", False, "nobody"),
        ("nonsense", False, "no holder of ours"),
    ],
)
def test_who_is_known_to_be_gone(holder: str, gone: bool, why: str) -> None:
    assert holder_gone(holder) is gone, why


@pytest.mark.django_db(transaction=True)
def test_of_many_who_try_at_once_one_gets_it(camera: Camera) -> None:
    taken, barrier = list[str](), threading.Barrier(6)

    def attempt(name: str) -> None:
        barrier.wait()
        try:
            if lease_take(camera_id=camera.pk, holder=f"elsewhere:1:1:{name}", now=NOON, **LEASE):
                taken.append(name)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(str(n),)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 1
