"""How right and how fast the whole system is on the simulated store, seen from outside.

    python -m benchmarks.demo_minutes --minutes 15 --seed 9001

Starts `manage.py up --demo` on an empty directory with a seed that training never used, keeps the dashboard open in
headless Chromium, and compares with the truth file after the end: item passes, unmatched passes (no_scan), bypasses,
and the seconds from when an item left the scanner to its card on the page. Only this file and tests read the truth.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.e2e.running import System, running

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WATCH = """
() => {
  window.arrived = {};
  const note = () => document.querySelectorAll("[data-case]").forEach((card) => {
    window.arrived[card.dataset.case] ??= Date.now() / 1000;
  });
  new MutationObserver(note).observe(document.body, { childList: true, subtree: true });
  note();
}
"""
# An event belongs to the item whose true instant is nearest, at most this far away.
TOLERANCE_S = 1.5
# The first seconds are connecting, the last may not be judged yet.
SETTLE_S = 20.0
TAIL_S = 25.0


@dataclass(frozen=True)
class Score:
    found: int
    expected: int
    said: int

    @property
    def precision(self) -> float:
        return self.found / self.said if self.said else math.nan

    @property
    def recall(self) -> float:
        return self.found / self.expected if self.expected else math.nan

    @property
    def f1(self) -> float:
        return 2 * self.found / (self.said + self.expected) if self.said + self.expected else math.nan

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.3f} recall {self.recall:.3f} F1 {self.f1:.3f} "
            f"({self.found} right of {self.said} said, {self.expected} true)"
        )


def matched(truth: Sequence[float], said: Sequence[float], tolerance_s: float = TOLERANCE_S) -> list[tuple[int, int]]:
    """Pairs (index of truth, index of said), nearest first, each used once."""
    near = sorted(
        (abs(t - s), i, j) for i, t in enumerate(truth) for j, s in enumerate(said) if abs(t - s) <= tolerance_s
    )
    pairs: dict[int, int] = {}
    for _, i, j in near:
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    return sorted(pairs.items())


def instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def true_items(path: Path) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [row | {"at": row["at"] if isinstance(row["at"], float | int) else instant(row["at"])} for row in rows]


def score(truth: list[tuple[str, float]], said: list[tuple[str, float]]) -> tuple[Score, list[tuple[int, int]]]:
    """Lane by lane; pairs are indices into the lists given."""
    pairs = []
    for lane in sorted({lane for lane, _ in truth + said}):
        mine = [i for i, (own, _) in enumerate(truth) if own == lane]
        theirs = [j for j, (own, _) in enumerate(said) if own == lane]
        local = matched([truth[i][1] for i in mine], [said[j][1] for j in theirs])
        pairs += [(mine[i], theirs[j]) for i, j in local]
    return Score(len(pairs), len(truth), len(said)), pairs


def dashboard_open(page: Page, system: System, access: dict[str, Any]) -> None:
    page.goto(system.url + "/")
    page.fill("input[name=username]", access["username"])
    page.fill("input[name=password]", access["password"])
    page.press("input[name=password]", "Enter")
    page.wait_for_url(system.url + "/")
    page.evaluate(WATCH)


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def run(minutes: float, seed: int, data_dir: Path, keep: Path | None) -> dict[str, Any]:
    with running(data_dir, command=("up", "--demo"), DEMO_SEED=str(seed)) as system, sync_playwright() as driver:
        access = json.loads((data_dir / "demo.json").read_text())
        system.keys = access["keys"]
        page = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS).new_page()
        dashboard_open(page, system, access)
        began = time.time()
        page.wait_for_timeout(minutes * 60_000)
        ended = time.time()
        arrived = page.evaluate("window.arrived")
        page.context.browser.close()
        cases = system.all("cases")
        discrepancies = system.all("discrepancies")
        passes = json.loads(system.manage("shell", "-v0", "-c", PASSES))
        lanes = system.get("lanes")["results"]
    seen = {"cases": cases, "discrepancies": discrepancies, "passes": passes, "lanes": lanes, "arrived": arrived}
    seen |= {"truth": true_items(Path(access["truth"])), "began": began, "ended": ended}
    if keep:
        keep.write_text(json.dumps(seen))
    return seen


# What the cameras saw has no reading call in the API: the benchmark asks the database.
PASSES = """
import json
from vision.models import VisualEvent
rows = VisualEvent.objects.filter(type="item_pass").select_related("lane")
print(json.dumps([[row.lane.code, row.occurred_at.timestamp()] for row in rows]))
"""


def report(seen: dict[str, Any]) -> str:
    start, end = seen["began"] + SETTLE_S, seen["ended"] - TAIL_S
    truth = [row for row in seen["truth"] if start <= row["at"] <= end]
    crossed = [(row["lane"], row["at"]) for row in truth if row["visual"] == "item_pass"]
    unpaid = [(row["lane"], row["at"]) for row in truth if row["visual"] == "item_pass" and not row["scanned"]]
    around = TOLERANCE_S
    passes = [(lane, at) for lane, at in seen["passes"] if start - around <= at <= end + around]
    raised = [c for c in seen["cases"] if c["status"] != "withdrawn"]
    raised = [c for c in raised if start - around <= instant(c["occurred_at"]) <= end + around]
    no_scan = [(c["lane"], instant(c["occurred_at"])) for c in raised if c["kind"] == "no_scan"]
    around_it = [(row["lane"], row["at"]) for row in truth if row["visual"] == "item_bypass" and not row["scanned"]]
    bypasses = [(c["lane"], instant(c["occurred_at"])) for c in raised if c["kind"] == "bypass"]
    bypass_score, _ = score(around_it, bypasses)
    item_score, _ = score(crossed, passes)
    case_score, pairs = score(unpaid, no_scan)
    ids = [c["id"] for c in raised if c["kind"] == "no_scan"]
    waits = [seen["arrived"][ids[j]] - unpaid[i][1] for i, j in pairs if ids[j] in seen["arrived"]]
    kinds = {kind: sum(c["kind"] == kind for c in raised) for kind in sorted({c["kind"] for c in raised})}
    clocks = {lane["code"]: lane["clock"] for lane in seen["lanes"]}
    lane_minutes = (end - start) / 60 * len(clocks)
    return "\n".join(
        [
            f"lane-minutes: {lane_minutes:.1f} (lanes {', '.join(sorted(clocks))})",
            f"item passes: {item_score}",
            f"no_scan cases: {case_score}",
            f"bypass cases: {bypass_score}",
            f"cases by kind: {kinds}; withdrawn: {sum(c['status'] == 'withdrawn' for c in seen['cases'])}",
            f"pass to card on the page, s: p50 {percentile(waits, 0.5):.1f} p95 {percentile(waits, 0.95):.1f} "
            f"(n={len(waits)})",
            f"clocks: {json.dumps(clocks)}",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=16.0)
    parser.add_argument("--seed", type=int, default=9001)
    parser.add_argument("--keep", type=Path, help="write what was seen, for another look with --again")
    parser.add_argument("--again", type=Path, help="report on what an earlier run kept")
    options = parser.parse_args()
    if options.again:
        print(report(json.loads(options.again.read_text())))
        return
    with tempfile.TemporaryDirectory(prefix="shrink-bench-") as folder:
        print(report(run(options.minutes, options.seed, Path(folder) / "var", options.keep)))


if __name__ == "__main__":
    main()
