"""The truth about every item that moved, as the contract's JSON lines. It goes to its file and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shrink.simulator.script import Move
from shrink.simulator.till import Till


def truth_of(move: Move, lane: str, till: Till, start_at: datetime) -> dict[str, Any]:
    at = (start_at + timedelta(seconds=move.at_s)).astimezone(UTC)
    return {
        "at": at.isoformat(timespec="milliseconds"),
        "lane": lane,
        "visual": move.visual,
        "scanned": move.scanned,
        "transaction": till.transaction(move.ticket),
        "line": move.line,
        "theft": move.theft,
    }


def append(path: Path, objects: Iterable[dict[str, Any]]) -> None:
    """Append one line per object."""
    lines = "".join(json.dumps(item, separators=(",", ":")) + "\n" for item in objects)
    if lines:
        with path.open("a", encoding="utf-8") as file:
            file.write(lines)
