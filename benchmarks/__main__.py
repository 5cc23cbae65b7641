"""`make bench`: every benchmark in turn, or those you name. The figures go to docs/benchmarks.md."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def names() -> list[str]:
    modules = [path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_")]
    return sorted([*modules, *(path.parent.name for path in HERE.glob("*/__main__.py"))])


def main() -> int:
    chosen = sys.argv[1:] or names()
    unknown = sorted(set(chosen) - set(names()))
    if unknown:
        print(f"Unknown: {', '.join(unknown)}. There are: {', '.join(names())}")
        return 2
    failed = []
    for name in chosen:
        print(f"\n=== {name} ===", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"]).returncode:
            failed.append(name)
    if failed:
        print(f"\nFailed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
