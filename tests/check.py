"""`make check` and `make fix`: everything that can be said about the code without running the product."""

import os
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]
SCHEMA = Path("docs/openapi.yaml")

FIX = [
    ("ruff repairs", [f"{BIN}/ruff", "check", "--fix", "."]),
    ("ruff formats", [f"{BIN}/ruff", "format", "."]),
    ("OpenAPI document", [*MANAGE, "spectacular", "--file", str(SCHEMA)]),
]
CHECK = [
    ("ruff", [f"{BIN}/ruff", "check", "."]),
    ("format", [f"{BIN}/ruff", "format", "--check", "."]),
    ("import direction", [f"{BIN}/lint-imports"]),
    ("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"]),
    ("system checks", [*MANAGE, "check", "--fail-level", "ERROR"]),
    ("OpenAPI document", [*MANAGE, "spectacular", "--validate", "--file", os.devnull]),
    ("OpenAPI drift", [sys.executable, "-m", "tests.check", "--schema"]),
    ("types", [f"{BIN}/mypy", "."]),
]


def schema_drift() -> int:
    """Whether the committed document says what the code says."""
    now = subprocess.run([*MANAGE, "spectacular"], capture_output=True, text=True, check=True).stdout
    if SCHEMA.exists() and SCHEMA.read_text().strip() == now.strip():
        return 0
    print(f"{SCHEMA} is not what the code publishes. Write it again with: make fix")
    return 1


def main() -> int:
    if "--schema" in sys.argv:
        return schema_drift()
    failed = []
    for name, command in FIX if "--fix" in sys.argv else CHECK:
        print(f"--- {name}", flush=True)
        if subprocess.run(command).returncode:
            failed.append(name)
    print("\nFailed: " + ", ".join(failed) if failed else "\nAll is well.")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
