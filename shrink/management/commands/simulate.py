"""`manage.py simulate --config demo.json`: the simulated store against a running system."""

import json
import signal
import threading
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shrink.simulator.store import FPS, SimulatedStore


class Command(BaseCommand):
    help = "Run the simulated store: its cameras serve H.264 over HTTP, its tills post to the API."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--config", type=Path, required=True, help="demo.json, or a file with url, keys.till and truth"
        )
        parser.add_argument(
            "--port", type=int, default=None, help="where the cameras are served; default: as the store file says"
        )
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--theft-rate", type=float, default=0.15, help="share of items that are not paid for")
        parser.add_argument("--fps", type=float, default=FPS)

    def handle(
        self, *args: Any, config: Path, port: int | None, seed: int, theft_rate: float, fps: float, **options: Any
    ) -> None:
        told = _config(config)
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        store = SimulatedStore(
            url=told["url"],
            key=told["keys"]["till"],
            truth_file=Path(told["truth"]),
            port=port,
            seed=seed,
            theft_rate=theft_rate,
            fps=fps,
        )
        store.run(stopping)


def _config(path: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(path.read_text())
        told["url"], told["keys"]["till"], told["truth"]
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}. `manage.py up --demo` writes it.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CommandError(
            f"{path} must hold url, keys.till and truth as `manage.py up --demo` writes them: {error!r}"
        ) from error
    return told
