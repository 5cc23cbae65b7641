"""Byte ranges as players send them."""

import pytest

from cases.domain.byte_range import RangeNotSatisfiable, byte_range

SIZE = 1000


@pytest.mark.parametrize(
    ("header", "expected", "reason"),
    [
        ("", None, "no range: the whole file"),
        ("bytes=0-", (0, 999), "Chromium's first request"),
        ("bytes=500-", (500, 999), "a seek"),
        ("bytes=0-0", (0, 0), "Safari probes with one or two bytes"),
        ("bytes=0-1", (0, 1), "and expects exactly them"),
        ("bytes=900-5000", (900, 999), "an end behind the file is cut"),
        ("bytes=-100", (900, 999), "the last hundred"),
        ("bytes=-5000", (0, 999), "more than there is: all"),
        ("bytes=5-2", None, "backwards is no range, and is ignored"),
        ("bytes=0-1,5-6", None, "several at once are answered with the whole"),
        ("items=0-1", None, "another unit is ignored"),
        ("bytes=-", None, "nothing asked"),
        ("bytes=a-b", None, "not numbers"),
    ],
)
def test_what_is_answered(header: str, expected: tuple[int, int] | None, reason: str) -> None:
    assert byte_range(header, SIZE) == expected, reason


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=99999-100000", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        byte_range(header, SIZE)


def test_an_empty_file_has_no_last_bytes() -> None:
    with pytest.raises(RangeNotSatisfiable):
        byte_range("bytes=-1", 0)
