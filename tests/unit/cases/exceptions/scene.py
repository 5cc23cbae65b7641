"""Small streams to match rules against. Instants are seconds."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from cases.domain.alignment.types import Gap
from cases.domain.exceptions.matching import rule_findings
from cases.domain.exceptions.reading import rule_read
from cases.domain.exceptions.stream import Listening, Stream
from cases.domain.exceptions.types import Fact, Found, Rule
from tests.repository import REPOSITORY

CATALOGUE = REPOSITORY / "cases" / "rules"
LATER = 100_000.0


def shipped(code: str) -> Rule:
    return rule_read(document(CATALOGUE / f"{code}.yaml"))


def document(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def told(
    name: str, at: float, type: str, ticket: str = "K1", terminal: str = "T1", operator: str = "op",
    training: bool = False, **values: Any,
) -> Fact:  # fmt: skip
    """What the till said. `data_x` stands for data.x."""
    plain = {key.replace("data_", "data."): float(v) if isinstance(v, int) else v for key, v in values.items()}
    return Fact(f"{terminal}/{name}", at, type, False, terminal, ticket, operator, training, plain)


def seen(name: str, at: float, type: str, zone: str = "", track: str = "p1") -> Fact:
    values = {"confidence": 0.9, "track": track} | ({"zone": zone, "path": zone} if zone else {})
    return Fact(f"L1-top/{name}", at, type, True, values=values)


def heard(
    pos_until: float | None = LATER, vision_until: float | None = LATER, now: float = LATER + 1000.0,
    gaps: Iterable[Gap] = (), goods: bool = True, doubt_s: float | None = 0.4,
) -> Listening:  # fmt: skip
    return Listening(pos_until, vision_until, now, tuple(gaps), goods, doubt_s)


def found(rule: Rule, facts: Iterable[Fact], listening: Listening | None = None, since: float = -1e9) -> Found:
    return rule_findings(rule, Stream.of(facts, listening or heard()), since, 1e9)


def anchors(rule: Rule, facts: Iterable[Fact], listening: Listening | None = None) -> list[str]:
    """External ids of the events that findings hang on."""
    return [one.anchor.key.partition("/")[2] for one in found(rule, facts, listening).findings]
