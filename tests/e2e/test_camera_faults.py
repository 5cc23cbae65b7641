"""Faults put into a camera that runs, over real RTSP: each is told within ten seconds and is over by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from shrink.simulator.stream import Encoder
from tests.e2e.running import System, free_port, running, until
from tests.e2e.test_kill_worker import rows
from tests.e2e.test_real_belt import STORE, looping_camera
from tests.unit.vision.test_camera_faults import HEIGHT, WIDTH, Change, moved, shop

FPS, KNOWN_S, LASTS_S, APART_S = 10.0, 18.0, 9.0, 9.0
"""The camera is got to know; each fault lasts; between two it is well."""
TOLD_WITHIN_S = 10.0
FAULTS: dict[str, Change] = {
    "covered": lambda picture, at: np.full_like(picture, 70),
    "frozen": lambda picture, at: shop(float(int((at - KNOWN_S) / (LASTS_S + APART_S)))),
    "moved": moved(30, 10),
}


def begins(number: int) -> float:
    """Seconds of the film at which the fault of this number begins."""
    return KNOWN_S + number * (LASTS_S + APART_S)


LENGTH_S = begins(len(FAULTS))


def film(path: Path) -> Path:
    with Encoder.to_file(path, WIDTH, HEIGHT, FPS) as encoder:
        for number in range(int(LENGTH_S * FPS)):
            at = number / FPS
            picture = shop(at)
            for place, change in enumerate(FAULTS.values()):
                if begins(place) <= at < begins(place) + LASTS_S:
                    picture = change(picture, at)
            encoder.add(picture, at)
    return path


@pytest.mark.e2e
def test_each_fault_of_a_running_camera_is_told_in_time_and_ends(tmp_path: Path) -> None:
    port = free_port()
    with (
        looping_camera(film(tmp_path / "film.mp4"), port) as camera,
        running(tmp_path / "var", DETECTOR="motion", BLUR_DETECTOR="motion") as system,
    ):
        system.provision(STORE.format(port=port))
        until(lambda: _feed_runs(system), within_s=90, what=f"the camera runs; the system said:\n{system.log}")
        began_at = camera.first_loop()
        until(lambda: len(_faults(system)) >= len(FAULTS), within_s=LENGTH_S + 30, what="every fault is told")
        until(lambda: all(ended for *_, ended, _ in _faults(system)[: len(FAULTS)]), within_s=30, what="each is over")
        until(lambda: all(picture for *_, picture in _faults(system)[: len(FAULTS)]), within_s=30, what="each is shown")
        faults = _faults(system)[: len(FAULTS)]
        said = {item["sentence"] for item in system.get("lanes")["results"][0]["health"]}
    assert [kind for kind, *_ in faults] == list(FAULTS)
    for place, (kind, told_at, ended_at, _) in enumerate(faults):
        waited = told_at - began_at - begins(place)
        print(f"{kind} told after {waited:.1f} s")
        assert 0.0 < waited <= TOLD_WITHIN_S, f"{kind} was told after {waited:.1f} s"
        assert ended_at is not None
        assert 0.0 < ended_at - began_at - begins(place) - LASTS_S <= TOLD_WITHIN_S, kind
    assert not any("lens" in sentence for sentence in said)


def _feed_runs(system: System) -> bool:
    with rows(system) as database:
        return bool(database.execute("SELECT 1 FROM vision_camerafeed WHERE state = 'running'").fetchone())


def _faults(system: System) -> list[tuple[str, float, float | None, bool]]:
    """(kind, told at, ended at, whether there is a picture) in order of time."""
    with rows(system) as database:
        found = database.execute(
            "SELECT kind, told_at, ended_at, picture IS NOT NULL FROM vision_camerafault ORDER BY began_at"
        ).fetchall()
    return [(kind, _instant(told), ended and _instant(ended), bool(picture)) for kind, told, ended, picture in found]


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
