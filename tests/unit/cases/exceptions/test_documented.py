"""docs/exceptions.md tells every field, operator and shipped rule, and its example is a rule."""

from __future__ import annotations

import re

import yaml

from cases.domain.exceptions.fields import OPERATORS
from cases.domain.exceptions.reading import RULE_KEYS, STEP_KEYS, VIDEO_KEYS, rule_read
from cases.domain.exceptions.types import Same, VideoFact
from tests.repository import REPOSITORY
from tests.unit.cases.exceptions.scene import CATALOGUE, shipped

TEXT = (REPOSITORY / "docs" / "exceptions.md").read_text(encoding="utf-8")


def row_of(code: str) -> str:
    rule = shipped(code)
    asks = "never" if rule.unavailable else "yes" if rule.video else "no"
    return f"| {code} | {rule.title} | {rule.score:g} | {asks} |"


def test_the_catalogue_is_told_as_it_is_shipped() -> None:
    told = [line for line in TEXT.splitlines() if re.match(r"\| R\d\d \|", line)]
    assert told == [row_of(path.stem) for path in sorted(CATALOGUE.glob("*.yaml"))]


def test_every_word_of_a_document_is_told() -> None:
    words = {*RULE_KEYS, *STEP_KEYS, *VIDEO_KEYS, *OPERATORS, "share_of", *Same, *VideoFact}
    assert sorted(word for word in words if f"`{word}`" not in TEXT) == []


def test_the_example_is_a_rule() -> None:
    examples = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    assert [rule_read(yaml.safe_load(example)).code for example in examples] == ["X01"]
