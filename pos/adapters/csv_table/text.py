"""From the bytes of a table to its rows, whatever wrote it."""

import csv
from collections.abc import Iterator
from contextlib import suppress

from pos.adapters.csv_table.config import Config
from pos.adapters.reading import DocumentNotUnderstood

DELIMITERS = ";,\t|"
SAMPLE = 2_000  # characters; csv's sniffer is quadratic in them
SPAN_LIMIT = 10  # lines that a field in quotes may span: an unclosed quote must not swallow the file
FIELD_LIMIT = 10_000


def text_of(document: bytes, encoding: str) -> str:
    """``document`` in the configured encoding or, without one, in the first that fits. Raises DocumentNotUnderstood."""
    if encoding:
        try:
            return document.decode(encoding).removeprefix("\ufeff")
        except (UnicodeError, ValueError) as error:
            raise DocumentNotUnderstood(
                f"The file is not written in {encoding}. Name its encoding, or none to have it found."
            ) from error
    for guess in _encodings(document):
        try:
            return document.decode(guess)
        except UnicodeError:
            continue
    return document.decode("latin-1")


def delimiters(lines: list[str], config: Config) -> list[str]:
    """Those that may be this table's, the likely first."""
    if config.delimiter:
        return [config.delimiter]
    sample = "\n".join(lines[:20])[:SAMPLE]
    try:
        likely = csv.Sniffer().sniff(sample, DELIMITERS).delimiter
    except csv.Error:
        likely = max(DELIMITERS, key=sample.count)
    return [likely, *(other for other in DELIMITERS if other != likely)]


def rows_of(lines: list[str], delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """Number (from 1) and cells of every row that is not blank; None for one whose quotes are not closed.

    A field in quotes may hold line breaks, but not many: an unclosed quote
    costs the line it stands in and no other.
    """
    place, number = 0, 0
    while place < len(lines):
        span, cells = _row(lines, place, delimiter)
        place += span
        number += 1
        if cells is None or any(cell.strip() for cell in cells):
            yield number, cells


def _encodings(document: bytes) -> list[str]:
    head = document[:200]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ["utf-16"]
    if head.count(0) > len(head) // 4:  # every other byte of plain text
        return ["utf-16-le" if head[1:2] == b"\0" else "utf-16-be", "utf-8-sig"]
    return ["utf-8-sig", "cp1252"]


def _row(lines: list[str], place: int, delimiter: str) -> tuple[int, list[str] | None]:
    """How many lines the row takes, and its cells."""
    if '"' not in lines[place]:
        return 1, lines[place].split(delimiter)
    span = _span(lines, place)
    piece = [f"{line}\n" for line in lines[place : place + span]]
    with suppress(csv.Error, StopIteration):
        return span, next(csv.reader(piece, delimiter=delimiter, strict=True))
    if lines[place].count('"') % 2:
        return 1, None
    try:
        return 1, next(csv.reader([lines[place]], delimiter=delimiter))  # as sloppy tills write: "12" pizza"
    except (csv.Error, StopIteration):
        return 1, None


def _span(lines: list[str], place: int) -> int:
    """How many lines it takes until every quote is closed; 1 where it would take too many."""
    quotes = 0
    for span, line in enumerate(lines[place : place + SPAN_LIMIT], start=1):
        quotes += line.count('"')
        if quotes % 2 == 0:
            return span
    return 1
