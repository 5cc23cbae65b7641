"""Eyes and judge together on simulated lanes, without the rest of the system: minutes of lane in seconds of machine.

    python -m benchmarks.verdicts --minutes 36
    python -m benchmarks.verdicts --minutes 36 --keep events.json     (what the eyes saw)
    python -m benchmarks.verdicts --minutes 36 --again events.json    (judged again, without looking again)

The tills' clocks are off by up to a minute and drift; some cut to whole seconds. A verdict counts where an item that
was not rung up crossed within a second and a half of it. `demo_minutes` measures the system as it runs.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.item_pass import zones_of
from cases.domain.alignment.judge import judge
from cases.domain.alignment.params import Params
from cases.domain.alignment.types import PosLine, Sighting, Verdict
from shrink.simulator.lanes import START_AT, recording
from shrink.simulator.offline import Recording
from shrink.simulator.script import Move
from shrink.simulator.till import TillClock
from vision.domain.types import VisualEventDraft
from vision.pipeline.decode import frames
from vision.pipeline.detector import Detector, detector_open
from vision.pipeline.gate import Attention
from vision.pipeline.run import LaneVision, PipelineConfig, analyse

TOLERANCE_S = 1.5
KINDS = ("no_scan", "bypass", "item_swap")


def lane(seed: int, minutes: float, fps: float) -> Recording:
    """A lane whose till's clock errs in a way of its own."""
    rng = np.random.default_rng([seed, 5])
    clock = TillClock(float(rng.uniform(-60, 60)), float(rng.uniform(-80, 80)), 1.0 if rng.random() < 0.3 else 0.001)
    return recording(seed, minutes, fps, clock)


def look(found: Recording, detector: Detector, fps: float, folder: Path) -> list[VisualEventDraft]:
    path = folder / f"{found.seed}.mp4"
    if not path.exists():
        found.write(path)
    attention = Attention()
    source = frames(path, START_AT, fps, 640, attention)
    return analyse(source, detector, zones_of(found), PipelineConfig(), LaneVision(), attention)[1]


def stored(draft: VisualEventDraft) -> dict[str, Any]:
    return {
        "at": draft.at,
        "type": draft.type.value,
        "confidence": draft.confidence,
        "label": draft.label,
        "track": draft.track,
        "path": list(draft.path),
        "attributes": dict(draft.attributes),
    }


def sighting(number: int, event: dict[str, Any]) -> Sighting:
    attributes = event["attributes"]
    colour = attributes.get("colour")
    return Sighting(
        key=f"v{number}",
        at=event["at"],
        type=event["type"],
        confidence=event["confidence"],
        label=event["label"].lower(),
        track=event["track"],
        camera="L1",
        path=tuple(event["path"]),
        area_n=attributes.get("area_n"),
        colour=(colour[0], colour[1], colour[2]) if colour else None,
        first_seen_at=attributes.get("first_seen_at"),
        entered_at=attributes.get("entered_at"),
        clear_hits=attributes.get("clear_hits"),
        item_probability=event["confidence"] if attributes.get("calibrated") else None,
    )


def line(body: dict[str, Any]) -> PosLine:
    data = body.get("data", {})
    amount, quantity = data.get("amount"), data.get("quantity")
    return PosLine(
        key=body["id"],
        at=datetime.fromisoformat(body["occurred_at"]).timestamp(),
        type=body["type"],
        transaction=body.get("transaction", ""),
        line=body.get("line"),
        gtin=data.get("gtin", ""),
        description=data.get("description", ""),
        quantity=float(quantity) if quantity is not None else 1.0,
        amount_cents=round(float(amount) * 100) if amount is not None else None,
        entry_method=data.get("entry_method", ""),
        voids_line=data.get("voids_line"),
    )


def wanted(moves: Sequence[Move], kind: str) -> list[float]:
    if kind == "item_swap":
        return [move.at_s for move in moves if move.theft and move.scanned]
    visual = {"no_scan": "item_pass", "bypass": "item_bypass"}[kind]
    return [move.at_s for move in moves if move.visual == visual and not move.scanned]


def compare(true: Sequence[float], said: Sequence[float]) -> list[tuple[int, int]]:
    """Nearest first, each used once."""
    near = sorted(
        (abs(t - s), i, j) for i, t in enumerate(true) for j, s in enumerate(said) if abs(t - s) < TOLERANCE_S
    )
    pairs: list[tuple[int, int]] = []
    for _, i, j in near:
        if i not in {a for a, _ in pairs} and j not in {b for _, b in pairs}:
            pairs.append((i, j))
    return pairs


class Tally:
    def __init__(self, kind: str) -> None:
        self.kind, self.right = kind, 0
        self.missed: list[str] = []
        self.wrong: list[str] = []

    def add(self, seed: int, true: Sequence[float], verdicts: Sequence[Verdict]) -> None:
        mine = [v for v in verdicts if v.kind.value == self.kind and v.alertable and v.score >= Params().alert_at]
        said = [v.at - START_AT for v in mine]
        pairs = compare(true, said)
        self.right += len(pairs)
        self.missed += [f"{seed}@{at:.1f}" for i, at in enumerate(true) if i not in {a for a, _ in pairs}]
        self.wrong += [
            f"{seed}@{at:.1f}({verdict.score:.2f})"
            for j, (at, verdict) in enumerate(zip(said, mine, strict=True))
            if j not in {b for _, b in pairs}
        ]

    def __str__(self) -> str:
        said, true = self.right + len(self.wrong), self.right + len(self.missed)
        shares = f"precision {self.right / max(1, said):.3f} recall {self.right / max(1, true):.3f}"
        return f"{self.kind:10} {shares}  ({self.right} right of {said} raised, {true} true)"


def seen_by(seeds: Sequence[int], options: argparse.Namespace, folder: Path) -> dict[str, list[dict[str, Any]]]:
    if options.again:
        kept: dict[str, list[dict[str, Any]]] = json.loads(options.again.read_text())
        return kept
    detector = detector_open(options.detector, confidence=0.1)
    events = {
        str(seed): [stored(d) for d in look(lane(seed, options.each, options.fps), detector, options.fps, folder)]
        for seed in seeds
    }
    if options.keep:
        options.keep.write_text(json.dumps(events))
    return events


def judged(found: Recording, seed: int, passes: Sequence[Sighting], tallies: Sequence[Tally]) -> float:
    """Judge what was seen of a simulated lane and count it. Seconds by which its clock was found wrongly."""
    answer = judge(passes, [line(body) for body in found.pos_events() if "transaction" in body])
    moves = [move for ticket in found.tickets for move in ticket.moves]
    for tally in tallies:
        tally.add(seed, wanted(moves, tally.kind), answer.verdicts)
    return abs(answer.clock.offset_s - found.till.clock.offset_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detector", default="vision/weights/lane")
    parser.add_argument("--minutes", type=float, default=36.0)
    parser.add_argument("--each", type=float, default=3.0, help="minutes per seed")
    parser.add_argument("--first-seed", type=int, default=97_001, help="training draws from seeds far below")
    parser.add_argument("--fps", type=float, default=10.0)
    parser.add_argument("--folder", type=Path, help="keep the rendered clips here")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--again", type=Path)
    parser.add_argument("--faults", action="store_true", help="name every miss and every wrong verdict")
    options = parser.parse_args()
    seeds = [options.first_seed + number for number in range(max(1, round(options.minutes / options.each)))]
    tallies, length_s, off = [Tally(kind) for kind in KINDS], 0.0, []
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        events = seen_by(seeds, options, folder)
        for seed in seeds:
            found = lane(seed, options.each, options.fps)
            passes = [sighting(number, event) for number, event in enumerate(events[str(seed)])]
            off.append(judged(found, seed, passes, tallies))
            length_s += found.length_s
    print(f"{length_s / 60:.1f} lane-minutes, {datetime.now(UTC):%Y-%m-%d}; clock off by at most {max(off):.2f} s")
    for tally in tallies:
        print(tally)
        if options.faults:
            print("  missed", *tally.missed, "\n  wrong ", *tally.wrong)


if __name__ == "__main__":
    main()
