"""A feed's configuration as files and forms hold it."""

from __future__ import annotations

from typing import Any

import pytest

from pos.adapters.catalogue import ADAPTERS
from pos.adapters.options import configured
from pos.adapters.reading import ConfigRefused


@pytest.mark.parametrize("kind", ADAPTERS)
def test_no_options_are_the_adapters_own(kind: str) -> None:
    assert configured(kind, {}) == ADAPTERS[kind].configure()
    assert configured(kind, {"terminal": "T1"}).terminal == "T1"


@pytest.mark.parametrize(
    ("kind", "options", "name", "value"),
    [
        ("square", {"states": ["OPEN", "COMPLETED"]}, "states", frozenset({"OPEN", "COMPLETED"})),
        ("shopify", {"tests": True}, "tests", True),
        ("csv", {"columns": {1: "type", 2: "date"}, "header": False}, "columns", {"1": "type", "2": "date"}),
        ("json", {"parts": [{"each": "a", "fields": {}}]}, "parts", ({"each": "a", "fields": {}},)),
        ("receipt_text", {"tax_included": False}, "tax_included", False),
    ],
)
def test_plain_data_becomes_what_the_adapter_takes(kind: str, options: dict, name: str, value: Any) -> None:
    assert getattr(configured(kind, options), name) == value


@pytest.mark.parametrize(
    ("kind", "options", "why"),
    [
        ("csv", {"colums": {}}, "Did you mean 'columns'"),
        ("csv", {"columns": ["a"]}, "Write an object"),
        ("csv", {"types": {False: "no_sale"}}, "names in quotes"),
        ("csv", {"header": "yes"}, "true or false"),
        ("csv", {"decimal": 1}, "Write a text"),
        ("csv", {"types": {"X": None}}, "in quotes"),
        ("square", {"states": "OPEN"}, "list of texts"),
        ("json", {"parts": {}}, "Write a list"),
        ("receipt_text", {"patterns": {}}, "only in a program"),
        ("poslog", {7: "x"}, "no option 7"),
    ],
)
def test_what_cannot_be_used_is_said(kind: str, options: dict, why: str) -> None:
    with pytest.raises(ConfigRefused, match=why):
        configured(kind, options)
