"""How well item passes are seen: simulated lanes that no training has met, through H.264, against the script's truth.

    .venv/bin/python -m benchmarks.item_pass --minutes 30 --detector vision/weights/lane
    .venv/bin/python -m benchmarks.item_pass --minutes 30 --detector motion
    .venv/bin/python -m benchmarks.item_pass --minutes 5 --detector boxes      (the scene's own boxes: the logic alone)

Prints precision, recall and F1 per kind of event, and CPU ms per stage and analysed frame. A pass counts as found when
an event of its kind lies within a second of it; every event explains one movement at most.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import cv2
import numpy as np

from shrink.simulator.acts import WITHOUT_ITEM
from shrink.simulator.lanes import LEVELS, START_AT, recording
from shrink.simulator.layout import Layout
from shrink.simulator.offline import Recording
from shrink.simulator.performance import Performance
from shrink.simulator.script import Ticket
from vision.domain.types import Box, Detection, Frame, Label, VisualEventDraft, ZoneShape
from vision.pipeline.decode import frames
from vision.pipeline.detector import Detector, detector_open
from vision.pipeline.gate import Attention
from vision.pipeline.run import LaneVision, PipelineConfig, analyse

FIRST_SEED = 90_001
"""Training draws from seeds far below."""
TOLERANCE_S = 1.0
KINDS = ("item_pass", "item_bypass")


@dataclass
class Score:
    found: int = 0
    empty: int = 0
    """Invented while a hand, a bag or a purse moved there and no goods did."""
    missed: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)

    def line(self, kind: str) -> str:
        precision = self.found / max(1, self.found + len(self.invented))
        recall = self.found / max(1, self.found + len(self.missed))
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        return (
            f"{kind:12} precision {precision:.3f} recall {recall:.3f} F1 {f1:.3f}"
            f"  ({self.found} found, {len(self.missed)} missed, {len(self.invented)} invented, {self.empty} of them by"
            f" hand, bag or purse)"
        )


class SceneBoxes:
    """A detector that is told what the scene knows: what is left is the logic's own error."""

    generic_item = True
    classes: Mapping[int, str] = {}
    labels: Mapping[int, Label] = {}
    belief = None

    def __init__(self, lane: Performance, layout: Layout) -> None:
        self._lane, self._layout = lane, layout
        self.at = 0.0

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Detection]]:
        self._lane._cast(self.at)
        seen = [thing for thing in self._lane.scene.objects(self.at) if thing.visible >= 0.35]
        return [[Detection(Box(*thing.box_n), Label(thing.label), 0.8) for thing in seen]]


def zones_of(lane: Recording) -> list[ZoneShape]:
    return [ZoneShape(kind, polygon) for kind, polygon in lane.zones()]


def moves(tickets: Sequence[Ticket]) -> list[tuple[float, str]]:
    return sorted((move.at_s, move.visual) for ticket in tickets for move in ticket.moves if move.visual in KINDS)


def without_goods(tickets: Sequence[Ticket], at: float) -> bool:
    """Whether all that moves within a second of `at` is no item for sale."""
    near = [act for ticket in tickets for act in ticket.acts if act.start_s - 1.0 <= at <= act.end_s + 1.0]
    return bool(near) and all(act.kind in WITHOUT_ITEM for act in near)


def score(lane: Recording, events: Sequence[VisualEventDraft], scores: dict[str, Score]) -> None:
    """Nearest pairs first."""
    truth, seed = moves(lane.tickets), lane.seed
    for kind in KINDS:
        wanted = [at for at, what in truth if what == kind]
        got = [event.at - START_AT for event in events if event.type == kind]
        pairs = sorted((abs(a - b), i, j) for i, a in enumerate(wanted) for j, b in enumerate(got))
        used_i: set[int] = set()
        used_j: set[int] = set()
        for distance, i, j in pairs:
            if distance <= TOLERANCE_S and i not in used_i and j not in used_j:
                used_i.add(i)
                used_j.add(j)
        scores[kind].found += len(used_i)
        scores[kind].missed += [f"{seed}@{at:.1f}" for i, at in enumerate(wanted) if i not in used_i]
        invented = [at for j, at in enumerate(got) if j not in used_j]
        scores[kind].invented += [f"{seed}@{at:.1f}" for at in invented]
        scores[kind].empty += sum(without_goods(lane.tickets, at) for at in invented)


def _told(lane: Recording, detector: SceneBoxes) -> Iterator[Frame]:
    blank = np.zeros((lane.layout.height_px // 4, lane.layout.width_px // 4, 3), np.uint8)
    for number in range(int(lane.length_s * lane.fps)):
        detector.at = number / lane.fps
        yield Frame(START_AT + detector.at, np.full_like(blank, 40 * (number % 2)))


def _watched(lane: Recording, fps: float, side: int, folder: Path, attention: Attention) -> Iterator[Frame]:
    path = folder / f"{lane.seed}.mp4"
    if not path.exists():
        lane.write(path)
    yield from frames(path, START_AT, fps, side, attention)


def look(lane: Recording, spec: str, detector: Detector | None, args: argparse.Namespace, folder: Path):
    attention = Attention()
    if spec == "boxes":
        detector = SceneBoxes(Performance(lane.seed, lane.layout, lane.tickets), lane.layout)
        source = _told(lane, detector)
    else:
        source = _watched(lane, args.fps, args.side, folder, attention)
    assert detector is not None
    return analyse(source, detector, zones_of(lane), PipelineConfig(), LaneVision(), attention)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detector", default="vision/weights/lane")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--each", type=float, default=3.0, help="minutes per seed")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--level", choices=sorted(LEVELS), default="mid", help="see shrink/simulator/lanes.py")
    parser.add_argument("--fps", type=float, default=10.0)
    parser.add_argument("--side", type=int, default=640, help="longer side of the decoded picture")
    parser.add_argument("--confidence", type=float, default=0.1)
    parser.add_argument("--folder", type=Path, help="keep the rendered clips here")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--faults", action="store_true", help="name every miss and invention")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    detector = None if args.detector == "boxes" else detector_open(args.detector, confidence=args.confidence)
    scores = {kind: Score() for kind in KINDS}
    cost: dict[str, float] = {}
    began, wall = time.process_time(), 0.0
    with tempfile.TemporaryDirectory() as temporary:
        folder = (args.folder or Path(temporary)) / args.level
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(max(1, round(args.minutes / args.each))):
            lane = recording(args.first_seed + number, args.each, args.fps, level=args.level)
            _, events, report = look(lane, args.detector, detector, args, folder)
            score(lane, events, scores)
            wall += lane.length_s
            for key, value in asdict(report).items():
                if isinstance(value, int | float) and key not in ("mean_luma", "sharpness", "first_at", "last_at"):
                    cost[key] = cost.get(key, 0) + value
    for kind in KINDS:
        print(scores[kind].line(kind))
        if args.faults:
            print("  missed  ", *scores[kind].missed, "\n  invented", *scores[kind].invented)
    stages = {key: round(value / max(1, cost["analysed"]), 2) for key, value in cost.items() if key.endswith("_ms")}
    print(f"{wall / 60:.1f} lane-minutes; {cost['decoded']} frames, {cost['analysed']} analysed, {cost['gated']} gated")
    print("ms per analysed frame:", stages, f"(CPU of all, rendering included: {time.process_time() - began:.0f} s)")
    if args.json:
        args.json.write_text(
            json.dumps(
                {"detector": args.detector, "stages": stages, "scores": {k: asdict(v) for k, v in scores.items()}}
            )
        )


if __name__ == "__main__":
    main()
