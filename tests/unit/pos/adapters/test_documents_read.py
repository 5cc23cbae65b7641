"""XML and JSON from strangers: what is refused before anything of it is believed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pos.adapters import markup, structured
from pos.adapters.markup import DEPTH_LIMIT, xml_read
from pos.adapters.reading import DocumentNotUnderstood
from pos.adapters.structured import json_read, record, records

BOMB = (
    b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    b"<l>&c;</l>"
)


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (BOMB, "DOCTYPE"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "DOCTYPE"),
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "http://example.com/e">]><x>&e;</x>', "DOCTYPE"),
        (b"<x>&unknown;</x>", "well-formed"),
        (b"<x>", "well-formed"),
        (b"", "well-formed"),
        (b"<x/><y/>", "well-formed"),
        (b"\xff\xfe<", "well-formed"),
        (b'<?xml version="1.0" encoding="klingon"?><x/>', "encoding|well-formed"),
        (b'<?xml version="1.0" encoding="shift_jis"?><x/>', "encoding|well-formed"),
        (b'<?xml version="1.0" encoding="hex"?><x/>', "encoding|well-formed"),
        (b'<?xml version="1.0" encoding="utf-16"?><x/>', "encoding|well-formed"),
        (b"<x>" * 100_000, "nested deeper"),
    ],
)
def test_xml_that_is_not_read(sent: bytes, why: str) -> None:
    with pytest.raises(DocumentNotUnderstood, match=why):
        xml_read(sent)


def test_xml_has_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "ELEMENT_LIMIT", 10)
    with pytest.raises(DocumentNotUnderstood, match="more than 10 elements"):
        xml_read(b"<x>" + b"<y/>" * 10 + b"</x>")
    monkeypatch.setattr(markup, "SIZE_LIMIT", 10)
    with pytest.raises(DocumentNotUnderstood, match="at most 10 are read"):
        xml_read(b"<x>12345678</x>")


def test_xml_as_deep_as_allowed_is_read() -> None:
    deep = b"<x>" * DEPTH_LIMIT + b"</x>" * DEPTH_LIMIT
    assert sum(1 for _ in xml_read(deep).walk()) == DEPTH_LIMIT - 1


def test_elements_are_known_by_their_local_name() -> None:
    root = xml_read("<p:a xmlns:p='urn:x' q:k='1'> x <q:b>é</q:b><b/> <!-- no --> y</p:a>".encode())
    assert (root.name, root.attributes["k"], root.text) == ("a", "1", "x   y")
    assert [child.text for child in root.each("b")] == ["é", ""]
    assert root.said("c", "b") == "é"
    assert root.first("c") is None
    assert root.anywhere("c") is None


def test_another_encoding_is_read_as_declared() -> None:
    assert xml_read("<?xml version='1.0' encoding='ISO-8859-1'?><x>Käse</x>".encode("latin-1")).text == "Käse"


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"\xff", "no JSON"),
        (b"9" * 5_000, "no JSON"),
        (b'{"amount": NaN}', "no number"),
        (b'{"amount": -Infinity}', "no number"),
        (b"[" * 100_000, "nested too deeply|no JSON"),
    ],
)
def test_json_that_is_not_read(sent: bytes, why: str) -> None:
    with pytest.raises(DocumentNotUnderstood, match=why):
        json_read(sent)


def test_json_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structured, "SIZE_LIMIT", 10)
    with pytest.raises(DocumentNotUnderstood, match="at most 10 are read"):
        json_read(b'{"amount": 1}')


def test_json_numbers_stay_decimal() -> None:
    assert json_read(b'{"a": 7.10, "b": 7}') == {"a": Decimal("7.10"), "b": 7}


@pytest.mark.parametrize("value", [None, 1, "x", True, [1]])
def test_anything_may_be_of_another_type(value: object) -> None:
    assert record(value) == {}
    assert list(records(value)) == []


def test_the_place_of_an_object_counts_what_is_none() -> None:
    assert list(records([None, {"a": 1}])) == [(1, {"a": 1})]
