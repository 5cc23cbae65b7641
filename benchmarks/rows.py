"""How often each row of the simulator's truth table ends in its verdict, through our own eyes, over many seeds.

    python -m benchmarks.rows --seeds 8

Looks, lanes and the shoppers before the deed differ from seed to seed. Right is: exactly the row's kinds are raised
for the deed's ticket. The test suite plays each row once, through the whole product (tests/integration/cases).
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

import cv2

from benchmarks.verdicts import line, sighting, stored
from cases.domain.alignment.judge import judge
from cases.domain.alignment.params import Params
from cases.domain.alignment.types import Gap
from shrink.simulator.lanes import START_AT
from shrink.simulator.layout import Layout
from shrink.simulator.offline import Recording
from shrink.simulator.rows import ROWS, row_tickets
from shrink.simulator.till import Till, TillClock
from vision.domain.types import Frame, ZoneShape
from vision.pipeline.detector import Detector, detector_open
from vision.pipeline.run import LaneVision, PipelineConfig, analyse

FIRST_SEED = 93_001
CLOCK = TillClock(1.7, 20.0, 0.001)
FPS = 10.0


def played(name: str, seed: int) -> Recording:
    layout = Layout(mirror_x=seed % 2 == 1, mirror_y=seed % 3 == 0, colour_seed=seed)
    till = Till("T1", datetime.fromtimestamp(START_AT, UTC), clock=CLOCK)
    return Recording(seed, "L1", row_tickets(name, seed), till, layout, fps=FPS)


def raised(name: str, seed: int, detector: Detector) -> set[str]:
    """The kinds that would become a case for the deed's ticket."""
    row = played(name, seed)
    deed_s = row.tickets[-1].start_s
    zones = [ZoneShape(kind, polygon) for kind, polygon in row.layout.zones()]
    pictures = (Frame(START_AT + t_s, picture) for t_s, picture in row.frames())
    _, drafts, _ = analyse(pictures, detector, zones, PipelineConfig(), LaneVision())
    silent = (deed_s, row.length_s) if ROWS[name].till_silent else None
    gap = [Gap("pos", START_AT + deed_s, START_AT + row.length_s, "reported")] if silent else []
    answer = judge(
        [sighting(number, stored(draft)) for number, draft in enumerate(drafts)],
        [line(body) for body in row.pos_events(silent=silent) if "transaction" in body],
        gaps=gap,
    )
    found = [v for v in answer.verdicts if v.alertable and v.score >= Params().alert_at]
    return {v.kind.value for v in found if v.at >= START_AT + deed_s}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detector", default="vision/weights/lane")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--row", action="append", help="only this one; may be repeated")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    detector = detector_open(options.detector, confidence=0.1)
    found: dict[str, list[bool]] = {}
    for name in options.row or ROWS:
        wrong = []
        found[name] = []
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            got = raised(name, seed, detector)
            found[name].append(got == set(ROWS[name].expected))
            if not found[name][-1]:
                wrong.append(f"{seed}: {', '.join(sorted(got)) or 'nothing'}")
        print(f"{name:24} {sum(found[name])} of {len(found[name])} right  {'; '.join(wrong)}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
