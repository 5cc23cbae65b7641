"""The import direction, as `.importlinter` writes it down, and the names that say nothing."""

import subprocess
import sys
from pathlib import Path

from tests.repository import REPOSITORY

PACKAGES = ("shrink", "edge", "cases", "vision", "pos", "lanes", "privacy")
NAMELESS = {"utils.py", "helpers.py", "misc.py", "common.py", "tools.py"}


def test_apps_import_downwards_only() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(linter), "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_no_file_is_named_after_nothing() -> None:
    files = [path for package in PACKAGES for path in (REPOSITORY / package).rglob("*.py") if path.name in NAMELESS]
    assert files == []


def test_no_file_grows_past_the_ceiling() -> None:
    files = [
        path for package in PACKAGES for path in (REPOSITORY / package).rglob("*.py") if "migrations" not in path.parts
    ]
    long = {
        str(path.relative_to(REPOSITORY)): lines
        for path in files
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert long == {}
