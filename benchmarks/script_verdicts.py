"""The judge with nearly perfect eyes: crossings from the simulated store's own script, lines from its till.

    python -m benchmarks.script_verdicts --minutes 30 --seeds 12

What the eyes add to the judge's errors is the difference to `benchmarks.verdicts`, which looks at pictures.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.verdicts import KINDS, Tally, judged, lane
from cases.domain.alignment.types import Sighting
from shrink.simulator.acts import Look
from shrink.simulator.choreography import choreograph, crossings
from shrink.simulator.lanes import START_AT
from shrink.simulator.offline import Recording

JITTER_S, NOISE_LAB = 0.08, 2.0
BELIEVED = 0.9995
"""What our calibrated eyes say of a clear crossing."""


def appearance(look: Look, rng: np.random.Generator) -> dict[str, object]:
    """Size and colour as an eye gives them: the article's own, with a little noise."""
    own = np.random.default_rng(look.seed).uniform((20, -40, -40), (80, 40, 40))
    lab = own + rng.normal(0, NOISE_LAB, 3)
    return {"area_n": look.length_n * look.width_n * float(rng.uniform(0.9, 1.1)), "colour": tuple(map(float, lab))}


def seen(found: Recording, missed: float) -> list[Sighting]:
    """Every crossing of the script but a share `missed`."""
    rng, events = np.random.default_rng([found.seed, 9]), list[Sighting]()
    for ticket in found.tickets:
        for crossing in crossings(ticket.acts, choreograph(ticket.acts, staffed=found.layout.staffed)):
            if rng.random() < missed:
                continue
            number = len(events)
            events.append(
                Sighting(
                    key=f"v{number}",
                    at=START_AT + crossing.at_s + float(rng.normal(0, JITTER_S)),
                    type="item_pass" if crossing.over_scanner else "item_bypass",
                    confidence=BELIEVED,
                    item_probability=BELIEVED,
                    label="item",
                    track=f"t{number}",
                    path=("belt", "scanner", "bagging"),
                    **appearance(ticket.acts[crossing.act].looks[crossing.item], rng),  # type: ignore[arg-type]
                )
            )
    return events


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--first-seed", type=int, default=98_001)
    parser.add_argument("--missed", type=float, default=0.03)
    options = parser.parse_args()
    tallies, off, length_s = [Tally(kind) for kind in KINDS], [], 0.0
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        found = lane(seed, options.minutes, 10.0)
        off.append(judged(found, seed, seen(found, options.missed), tallies))
        length_s += found.length_s
    print(f"{length_s / 60:.0f} lane-minutes; clock off by {np.median(off):.2f} s, at most {max(off):.2f} s")
    for tally in tallies:
        print(tally)


if __name__ == "__main__":
    main()
