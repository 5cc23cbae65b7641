#!/usr/bin/env python3
"""Sets everything up and hands over: `python3 bootstrap.py setup|demo|serve|test|check|fix|bench`.

Needs Python 3.11 and nothing else; `make` calls it. It makes `.venv`, installs what requirements.txt names (uv does
it in seconds, pip where uv cannot be had) and remembers by their hash that it did, so the next start is instant.

torch is the awkward one: from the plain registry it brings several GB of CUDA. `torch_plan` decides what to do.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "setup.log"
NEEDS_TORCH = ("torch", "torchvision", "ultralytics-opencv-headless")
DEVELOPMENT = {"test", "check", "fix", "bench"}
TICK_S = 10
TEST_PACKAGES = (
    "chromium",
    "python3-gi",
    "gir1.2-gst-rtsp-server-1.0",
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-bad",
    "gstreamer1.0-plugins-ugly",
    "gstreamer1.0-libav",
)
WITHOUT_TORCH = """torch is left out: no build for CPUs can be reached, and the registry's brings gigabytes of CUDA.
  Everything runs but training and exporting a detector, and weights given as .pt (exported ones work)."""
COMMANDS = {
    "demo": ["manage.py", "up", "--demo"],
    "serve": ["manage.py", "up"],
    "test": ["-m", "tests.run"],
    "check": ["-m", "tests.check"],
    "fix": ["-m", "tests.check", "--fix"],
    "bench": ["-m", "benchmarks"],
}


def torch_plan(*, gpu: bool, cpu_builds: bool, plain_brings_cuda: bool | None) -> str:
    """What to do about torch: `plain` (with CUDA where it brings it), `cpu`, `plain-cpu` (what pip finds) or `without`.

    gpu: the machine has an NVIDIA GPU. cpu_builds: an index of CPU builds answers. plain_brings_cuda: whether the
    configured registry's torch depends on CUDA; None where that could not be found out.
    """
    if gpu:
        return "plain"
    if cpu_builds:
        return "cpu"
    return "plain-cpu" if plain_brings_cuda is False else "without"


def requirement_lines(path: Path) -> list[str]:
    """Requirements of a file and of those it includes, without comments."""
    lines: list[str] = []
    for raw in path.read_text().splitlines():
        line = raw.split("#")[0].strip()
        if line.startswith("-r "):
            lines += requirement_lines(path.parent / line[3:].strip())
        elif line:
            lines.append(line)
    return lines


def without_torch(lines: list[str]) -> list[str]:
    """The requirements less torch and what needs it."""
    return [line for line in lines if requirement_name(line) not in NEEDS_TORCH]


def requirement_name(line: str) -> str:
    for mark in "=<>!~[; ":
        line = line.split(mark)[0]
    return line.strip().lower()


def fingerprint(lines: list[str]) -> str:
    return hashlib.sha256("\n".join([sys.version, *lines]).encode()).hexdigest()


def say(text: str) -> None:
    print(text, flush=True)


def run(what: str, command: list[str], **environment: str) -> None:
    """Run one step, say every ten seconds that it still runs, and end with its own words if it fails."""
    say(f"{what} ...")
    began = time.monotonic()
    with LOG.open("ab") as log:
        child = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **environment},
            start_new_session=True,
        )  # fmt: skip
        stop_with(child)
        while True:
            try:
                code = child.wait(TICK_S)
                break
            except subprocess.TimeoutExpired:
                say(f"  ... still at it ({time.monotonic() - began:.0f} s)")
    if code:
        say(LOG.read_text(errors="replace")[-3000:])
        raise SystemExit(f"{what}: failed. The whole story is in {LOG}")


def stop_with(child: subprocess.Popen[bytes]) -> None:
    """From now on, being told to end ends the child first."""

    def end(number: int, frame: object) -> None:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)


def attempt(command: list[str], timeout_s: float, **environment: str) -> bool:
    """Whether a quick command succeeds in time."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=timeout_s, env={**os.environ, **environment})
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def make_venv() -> None:
    if attempt([str(PYTHON), "-c", "import pip"], 30):
        return
    if not attempt([sys.executable, "-c", "import ensurepip"], 30):
        install_debian("python3-venv")
    shutil.rmtree(VENV, ignore_errors=True)
    say("Making a virtual environment in .venv ...")
    if not attempt([sys.executable, "-m", "venv", str(VENV)], 300):
        raise SystemExit("python3 -m venv failed. On Debian and Ubuntu: apt install python3-venv")


def install_debian(*packages: str) -> bool:
    """Install Debian packages where that may be done; says what it did not do."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    attempt(["apt-get", "update", "-qq"], 120, **quiet)
    return attempt(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], 600, **quiet)


def uv_or_none() -> str | None:
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        say("Fetching the installer (uv) ...")
        attempt([str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"], 120)
    return str(uv) if uv.exists() else None


def has_gpu() -> bool:
    return Path("/proc/driver/nvidia/version").exists() or attempt(["nvidia-smi", "-L"], 10)


def cpu_builds_answer(uv: str | None, torch: str) -> bool:
    """Whether uv reaches the index of CPU builds that it knows; one try of two seconds, no retries.

    Asked as if torch were not installed: one that is would answer for an index that does not.
    """
    if uv is None or sys.platform != "linux":
        return False
    options = ["--dry-run", "--no-deps", "--reinstall", "--torch-backend", "cpu"]
    command = [uv, "pip", "install", "--python", str(PYTHON), *options, torch]
    return attempt(command, 30, UV_HTTP_CONNECT_TIMEOUT="2", UV_HTTP_TIMEOUT="5", UV_HTTP_RETRIES="0")


def torch_by_pip(torch: str) -> dict[str, Any] | None:
    """What pip would take as torch, from its own configuration: an entry of its report; None if it cannot tell.

    Asked of pip because uv does not read pip's configuration, where a site may name a directory of wheels.
    """
    report = VENV / "torch-report.json"
    options = ["--dry-run", "--no-deps", "--ignore-installed", "--quiet", "--report", str(report)]
    if not attempt([str(PYTHON), "-m", "pip", "install", *options, torch], 120):
        return None
    chosen: dict[str, Any] = json.loads(report.read_text())["install"][0]
    return chosen


def brings_cuda(chosen: dict[str, Any] | None) -> bool | None:
    """Whether this torch depends on CUDA packages; None where nothing is known of it."""
    if sys.platform != "linux":
        return False
    if chosen is None:
        return None
    return any(need.startswith(("nvidia", "cuda", "triton")) for need in chosen["metadata"].get("requires_dist", []))


def install(lines: list[str]) -> None:
    """Install the requirements, with torch in the way this machine can have it."""
    uv = uv_or_none()
    torch = next(line for line in lines if requirement_name(line) == "torch")
    gpu = has_gpu()
    cpu_builds = not gpu and cpu_builds_answer(uv, torch)
    chosen = None if gpu or cpu_builds else torch_by_pip(torch)
    plan = torch_plan(gpu=gpu, cpu_builds=cpu_builds, plain_brings_cuda=brings_cuda(chosen))
    if plan == "without":
        say(WITHOUT_TORCH)
        lines = without_torch(lines)
    what = f"Installing {len(lines)} packages and what they need; this takes a minute or two"
    if uv is None:
        pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
        return run(what, [*pip, "-r", wanted(lines)])
    if plan == "plain-cpu" and chosen is not None:
        lines = [f"torch @ {chosen['download_info']['url']}" if line == torch else line for line in lines]
    backend = ["--torch-backend", "cpu"] if plan == "cpu" else []
    return run(what, [uv, "pip", "install", "--python", str(PYTHON), *backend, "-r", wanted(lines)])


def wanted(lines: list[str]) -> str:
    """The path of a requirements file with these lines."""
    path = VENV / "requirements.txt"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def set_up(development: bool) -> None:
    """Make and fill `.venv` unless it is as the requirements want it."""
    lines = requirement_lines(ROOT / ("requirements-dev.txt" if development else "requirements.txt"))
    stamps = [VENV / ".set-up-development"] + ([] if development else [VENV / ".set-up"])
    wanted = {fingerprint(requirement_lines(ROOT / f"requirements{kind}.txt")) for kind in ("", "-dev")}
    if any(stamp.exists() and stamp.read_text() in wanted for stamp in stamps):
        return
    began = time.monotonic()
    say("Setting up; this is done once.")
    make_venv()
    install(lines)
    stamps[-1 if not development else 0].write_text(fingerprint(lines))
    say(f"Set up in {time.monotonic() - began:.0f} s.")


def system_packages_for_tests() -> None:
    """Chromium and an RTSP server, which only tests need. Where they cannot be had, those tests skip and say so."""
    chromium = any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    server = "import gi; gi.require_version('GstRtspServer', '1.0')"
    if chromium and attempt(["/usr/bin/python3", "-c", server], 30):
        return
    say("Installing what only tests need (Chromium, an RTSP server) ...")
    if not install_debian(*TEST_PACKAGES):
        say("  They cannot be installed here; tests in a browser or over RTSP will be skipped, each with its reason.\n"
            f"  On Debian: apt-get install {' '.join(TEST_PACKAGES)}")  # fmt: skip


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else "setup"
    if command not in {*COMMANDS, "setup"}:
        raise SystemExit(f"Unknown: {command}. Choose one of: setup {' '.join(COMMANDS)}")
    if sys.version_info < (3, 11):  # noqa: UP036  the system's Python may be older than what we require
        raise SystemExit(
            f"Python 3.11 or later is needed, this is {sys.version.split()[0]}. Try: make PYTHON=python3.11"
        )
    set_up(development=command in DEVELOPMENT)
    if command == "test":
        system_packages_for_tests()
    if command in COMMANDS:
        os.chdir(ROOT)
        os.execv(PYTHON, [str(PYTHON), *COMMANDS[command], *sys.argv[2:]])


if __name__ == "__main__":
    main()
