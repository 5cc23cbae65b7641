"""Starting the RTSP server of `rtsp_server.py` from a test."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

SYSTEM_PYTHON = "/usr/bin/python3"
_PROBE = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"


@cache
def _there() -> bool:
    if not Path(SYSTEM_PYTHON).exists():
        return False
    return subprocess.run([SYSTEM_PYTHON, "-c", _PROBE], capture_output=True, check=False).returncode == 0


def rtsp_needed() -> None:
    """Skips where this machine has no RTSP server to test against."""
    if not _there():
        pytest.skip("no RTSP server here: apt-get install gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-*")


class RtspCamera:
    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process, self.url = process, url

    def began_at(self) -> float:
        """The instant of the first picture that the next viewer (or the one there is) was played."""
        return float(self._line("playing "))

    def _line(self, start: str) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(start):
                return line.removeprefix(start).strip()
        raise AssertionError("the RTSP server ended")


@contextmanager
def rtsp_camera(
    clip: Path, *, port: int = 0, loop: bool = False, user: str = "", password: str = ""
) -> Iterator[RtspCamera]:
    rtsp_needed()
    script = Path(__file__).with_name("rtsp_server.py")
    command = [
        SYSTEM_PYTHON,
        str(script),
        str(clip),
        "--port",
        str(port),
        "--path",
        "/l1",
        *(["--loop"] if loop else []),
    ]
    if user:
        command += ["--user", user, "--password", password]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, bufsize=1)
    camera = RtspCamera(process, "")
    try:
        camera.url = camera._line("ready ")
        yield camera
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
