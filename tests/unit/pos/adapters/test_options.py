"""What a person tells an adapter, and the sentence for each mistake."""

import re
from typing import Any

import pytest

from pos.adapters.catalogue import ADAPTERS
from pos.adapters.options import OptionsRefused, config_read, options_known
from pos.adapters.poslog import Config as PosLogConfig
from pos.adapters.receipt_text import Config, Patterns
from pos.services import patterns
from pos.services.patterns import pattern_endless, patterns_told


def test_masks_and_patterns_are_told_as_text() -> None:
    options = {
        "start_masks": ["<STX>"],
        "stop_masks": "<ETX>",
        "dropped_bytes": "~<BEL>",
        "ends_at_cut": False,
        "code_page": "cp858",
        "code_pages": {"19": "cp858"},
        "tax_included": None,
        "patterns": {"ignore": "^--", "total": [r"^SUM +(?P<amount>\d+\.\d\d)$"]},
        "currency": "EUR",
    }
    config = config_read("receipt_text", options, terminal="T1", captured_at="2026-11-21T10:00:00Z")
    assert config == Config(
        terminal="T1",
        currency="EUR",
        captured_at="2026-11-21T10:00:00Z",
        start_masks=(b"\x02",),
        stop_masks=(b"\x03",),
        dropped_bytes=b"~\x07",
        ends_at_cut=False,
        code_page="cp858",
        code_pages={19: "cp858"},
        patterns=Patterns(ignore=(re.compile("^--"),), total=(re.compile(r"^SUM +(?P<amount>\d+\.\d\d)$"),)),
    )


def test_an_adapter_that_knows_no_capture_is_not_told_of_it() -> None:
    config = config_read("poslog", {"weight_units": ["kg"]}, terminal="T1", captured_at="2026-11-21T10:00:00Z")
    assert config == PosLogConfig(terminal="T1", weight_units=frozenset({"kg"}))


@pytest.mark.parametrize("kind", sorted(ADAPTERS))
def test_every_adapter_does_without_options(kind: str) -> None:
    assert config_read(kind, {}) == ADAPTERS[kind].configure()
    assert "currency" in options_known(kind) and "terminal" not in options_known(kind)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "Options are a JSON object"),
        ({"stop_mask": "x"}, "stop_mask: there is no such option; there are code_page, code_pages"),
        ({"terminal": "T2"}, "terminal: the source says it itself; leave it out."),
        ({"ends_at_cut": "yes"}, "ends_at_cut: Expected bool, got str."),
        ({"code_pages": {"x": "cp437"}}, "code_pages: "),
        ({"code_page": "cp9999"}, "unknown encoding: cp9999. Write a code page that Python knows, such as cp858."),
        ({"code_page": "rot13"}, "Write a code page that Python knows"),
        ({"stop_masks": [3]}, "stop_masks: write a text, or a list of texts."),
        ({"stop_masks": [""]}, "stop_masks: write text, with control characters"),
        ({"stop_masks": ["€"]}, "stop_masks: '€' is more than one byte: write it as <0x9B>."),
        ({"patterns": "x"}, 'patterns: write {"total": "..."}'),
        ({"patterns": {"totals": "x"}}, "patterns: 'totals' is no kind of line; there are ignore, date, no_sale"),
        ({"patterns": {"total": "("}}, "patterns: the pattern '(' of total is no regular expression"),
        ({"patterns": {"total": "a" * 501}}, "patterns: a pattern of total is longer than 500 characters."),
    ],
)
def test_a_mistake_is_told_with_what_to_write(options: Any, sentence: str) -> None:
    with pytest.raises(OptionsRefused) as refused:
        config_read("receipt_text", options)
    assert sentence in str(refused.value)


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(OptionsRefused) as refused:
        config_read("receipt_text", {"a": 1, "ends_at_cut": 1, "code_page": "cp858"})
    assert len(refused.value.sentences) == 2


def test_an_adapter_that_there_is_not() -> None:
    with pytest.raises(OptionsRefused, match="no adapter 'telex'; there are csv"):
        config_read("telex", {})


def test_a_pattern_that_never_comes_to_an_end_is_found() -> None:
    told = patterns_told({"patterns": {"total": [r"TOTAL +(\d+)", r"(\w+ ?)+:"], "ignore": "^--"}})
    assert pattern_endless(told) == r"(\w+ ?)+:"
    assert pattern_endless([told[0], "^--"]) is None


@pytest.mark.parametrize("pattern", [r"(\*+)+:", r"(ß+)+:", r"([^\w\s]+)+x"])
def test_a_pattern_that_is_endless_over_signs_of_its_own_is_found(
    pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "TIME_S", 0.5)
    assert pattern_endless([pattern]) == pattern


def test_the_patterns_that_come_with_it_all_end() -> None:
    own = [pattern.pattern for field in Patterns.__slots__ for pattern in getattr(Patterns(), field)]
    assert pattern_endless(own) is None


@pytest.mark.parametrize(
    ("kind", "options", "sentence"),
    [
        ("csv", {"columns": ["a"]}, "columns: Expected object, got array."),
        ("csv", {"columns": {"Betrag": "amuont"}}, "Did you mean 'amount'?"),
        ("csv", {"header": "yes"}, "header: Expected bool, got str."),
        ("csv", {"decimal": ";"}, "decimal is"),
        ("json", {"records": "a["}, "records: 'a[' is no JMESPath"),
        ("json", {"parts": {}}, "parts: Expected array, got object."),
        ("json", {"parts": [{"each": "a"}]}, "parts[0] must hold each"),
    ],
)
def test_tables_and_json_say_their_own_mistakes(kind: str, options: Any, sentence: str) -> None:
    with pytest.raises(OptionsRefused) as refused:
        config_read(kind, options)
    assert sentence in str(refused.value)
    assert "code page" not in str(refused.value)


def test_tables_and_json_are_told_as_json() -> None:
    table = config_read("csv", {"columns": {"1": "type", "2": "date"}, "header": False}, terminal="T1")
    assert (table.columns, table.terminal) == ({"1": "type", "2": "date"}, "T1")  # type: ignore[attr-defined]
    feed = config_read("json", {"parts": [{"each": "a", "fields": {"amount": "b"}}]})
    assert feed.parts == ({"each": "a", "fields": {"amount": "b"}},)  # type: ignore[attr-defined]
