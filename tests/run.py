"""`make test`: the whole suite on the embedded default, then what touches servers again on those that answer."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.services import POSTGRES, RABBITMQ, REDIS, Server

CHOSEN_HERE = {"DATABASE_URL", "REDIS_URL", "BROKER_URL", "DATA_DIR"}
ON_SERVERS = ["tests/integration", "tests/conformance"]


@dataclass
class Round:
    """One run of pytest and how it ended."""

    name: str
    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    code: int = -1
    took_s: float = 0.0
    summary: str = ""

    def run(self) -> None:
        print(f"\n=== {self.name} ===", flush=True)
        clean = {name: value for name, value in os.environ.items() if name not in CHOSEN_HERE}
        began = time.monotonic()
        child = subprocess.Popen(
            [sys.executable, "-m", "pytest", *self.arguments],
            env={**clean, **self.environment},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        for line in child.stdout:
            print(line, end="", flush=True)
            self.summary = line.strip() or self.summary
        self.code, self.took_s = child.wait(), time.monotonic() - began

    @property
    def passed(self) -> bool:
        return self.code in (0, 5)  # 5: nothing selected

    def line(self) -> str:
        verdict = "passed" if self.passed else f"FAILED ({self.code})"
        return f"{self.name}: {verdict} in {self.took_s:.0f} s · {self.summary.strip('= ')}"


def rounds(found: dict[Server, str], extra: list[str]) -> list[Round]:
    """What to run where. `found`: the address of each server that answers."""
    there = [path for path in ON_SERVERS if Path(path).is_dir()]
    planned = [Round("SQLite, embedded queue and layer", extra)]
    postgres, redis, rabbitmq = (found.get(server, "") for server in (POSTGRES, REDIS, RABBITMQ))
    servers = {key: url for key, url in (("DATABASE_URL", postgres), ("REDIS_URL", redis)) if url}
    if servers:
        names = " and ".join(server.name for server in (POSTGRES, REDIS) if found.get(server))
        planned.append(Round(names, ["-m", "not e2e and not browser", *there, *extra], servers))
    if rabbitmq:
        database = {"DATABASE_URL": postgres} if postgres else {}
        planned.append(Round("RabbitMQ", ["-m", "broker", "tests", *extra], {"BROKER_URL": rabbitmq, **database}))
    return planned


def main() -> int:
    found = {server: server.url() for server in (POSTGRES, REDIS, RABBITMQ)}
    for server, url in found.items():
        print(f"{server.name}: {'answers; the suite runs on it too' if url else 'does not answer here; left out'}")
    planned = rounds(found, sys.argv[1:])
    for each in planned:
        each.run()
    print("\n=== Summary ===")
    for each in planned:
        print(each.line())
    for server, url in found.items():
        if not url:
            print(f"{server.name}: left out, it does not answer on this machine")
    return 0 if all(each.passed for each in planned) else 1


if __name__ == "__main__":
    raise SystemExit(main())
