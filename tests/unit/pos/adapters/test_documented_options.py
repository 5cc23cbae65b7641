"""The examples of docs/tills.md, as they stand there."""

from __future__ import annotations

import re
from typing import Any

import yaml

from pos.adapters.catalogue import ADAPTERS
from pos.adapters.options import config_read
from pos.adapters.reading import Reading
from tests.factories.pos_documents import tickets_of
from tests.repository import REPOSITORY

DOCUMENT = (REPOSITORY / "docs" / "tills.md").read_text(encoding="utf-8")


def example(heading: str) -> tuple[str, dict[str, Any]]:
    """The document and the options below ``heading``."""
    below = DOCUMENT.split(f"### {heading}\n", 1)[1].split("\n### ", 1)[0]
    document, options = re.findall(r"```(?:json|yaml)?\n(.*?)```", below, re.DOTALL)[:2]
    return document, yaml.safe_load(options)


def read(kind: str, heading: str) -> Reading:
    document, options = example(heading)
    return ADAPTERS[kind].read(document.encode(), config_read(kind, options))


def test_the_table_is_read_as_it_says() -> None:
    reading = read("csv", "A table")
    assert reading.refusals == ()
    ticket = tickets_of(reading.events)["T1-2026-11-21-0042"]
    assert (ticket.lines[0].text, ticket.adds_up, str(ticket.tendered)) == ("Olivenöl 1 l", True, "10.00")


def test_json_is_read_as_it_says() -> None:
    reading = read("json", "JSON of any shape")
    assert reading.refusals == ()
    [ticket] = tickets_of(reading.events).values()
    assert (ticket.lines[0].text, ticket.adds_up) == ("Oil", True)
