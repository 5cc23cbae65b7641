"""What the judge costs while events arrive: one lane's day in helpings, and how many lanes a core would carry.

    python -m benchmarks.alignment.streaming [--level mid] [--seed 0] [--every 10]

Each helping is all events so far since the last state that was kept, as the product gathers them. Figures are CPU
milliseconds an event, in the first and the last hour of one run, and the lanes that one core carries in real time.
"""

from __future__ import annotations

import argparse
import json
import time
from bisect import bisect_left

from benchmarks.alignment.generator import lane_day
from benchmarks.alignment.level import LEVELS
from cases.domain.alignment.judge import judge_on
from cases.domain.alignment.state import LaneState

BACK_S, KEEP_S = 900.0, 600.0


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--level", default="mid", choices=sorted(LEVELS))
    given.add_argument("--seed", type=int, default=0)
    given.add_argument("--every", type=float, default=10.0, help="seconds of the store between two looks")
    asked = given.parse_args()
    day = lane_day(LEVELS[asked.level], asked.seed)
    seen_at, told_at = [s.at for s in day.passes], [line.at for line in day.lines]
    begin, end, offset = seen_at[0], seen_at[-1], day.truth.offset_at(seen_at[0])
    state: LaneState | None = None
    spent: dict[int, float] = {}
    events: dict[int, int] = {}
    now, size, before = begin + asked.every, 0, 0
    while now < end + asked.every:
        since = (state.until if state else begin) - BACK_S
        seen = day.passes[bisect_left(seen_at, since) : bisect_left(seen_at, now)]
        told = day.lines[bisect_left(told_at, since + offset) : bisect_left(told_at, now + offset)]
        known = bisect_left(seen_at, now) + bisect_left(told_at, now + offset)
        hour = int((now - begin) // 3600)
        if known > before:
            began = time.process_time()
            found = judge_on(seen, told, state=state, gaps=day.gaps)
            spent[hour] = spent.get(hour, 0.0) + time.process_time() - began
            events[hour] = events.get(hour, 0) + known - before
            for kept in found.states:
                if kept.until <= now - 30.0 and kept.until - (state.until if state else begin) >= KEEP_S:
                    state = kept
        before, now = known, now + asked.every
    size = len(json.dumps(state.dump())) if state else 0
    per_event = {hour: 1000 * spent[hour] / events[hour] for hour in sorted(spent)}
    total = sum(spent.values())
    print(f"{asked.level} seed {asked.seed}, a look each {asked.every:g} s: {sum(events.values())} events")
    print("CPU ms an event, by hour: " + "  ".join(f"{hour}: {ms:.2f}" for hour, ms in per_event.items()))
    lanes = (end - begin) / total
    print(f"a lane-day costs {total:.1f} s of one core in {(end - begin) / 3600:.1f} h: {lanes:.0f} lanes a core")
    print(f"state: {size} bytes")


if __name__ == "__main__":
    main()
