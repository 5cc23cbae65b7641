"""A table of tickets' lines as events, row by row."""

from collections.abc import Iterator, Mapping
from itertools import islice

from lanes.domain.payload import Refused
from pos.adapters.csv_table.config import Config
from pos.adapters.csv_table.text import FIELD_LIMIT, delimiters, rows_of, text_of
from pos.adapters.mapped import ROWS_LIMIT, MappedJournal, Row
from pos.adapters.mapping import FIELDS
from pos.adapters.reading import DocumentNotUnderstood, Reading, size_checked

SIZE_LIMIT = 8 * 2**20
HEADER_WITHIN = 20  # rows: exports like to begin with the shop's name and a date
Places = dict[str, int]
"""Where each field stands in a row."""


def read(document: bytes, config: Config | None = None) -> Reading:
    """The events of a table. Raises DocumentNotUnderstood."""
    config = config or Config()
    size_checked(document, SIZE_LIMIT, "table")
    text = text_of(document, config.encoding).replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    lines, whole = text.split("\n"), text.endswith("\n")
    delimiter, begins, places, width = _layout(lines, config)
    found = (row for row in rows_of(lines, delimiter) if row[0] > begins)
    rows = list(islice(found, ROWS_LIMIT + 1))
    journal = MappedJournal(config)
    journal.rows_take(_rows(journal, rows, places, width, whole))
    return journal.reading()


def _layout(lines: list[str], config: Config) -> tuple[str, int, Places, int]:
    """Delimiter, the number of the row with the headings (0: none), where fields stand, and how many columns there are
    (0: not known)."""
    found = delimiters(lines, config)
    if not config.header:
        return found[0], 0, {name: int(column) - 1 for column, name in config.columns.items()}, 0
    for delimiter in found:
        for number, cells in rows_of(lines[:HEADER_WITHIN], delimiter):
            places = _places(cells or [], config)
            if places is not None and cells:
                return delimiter, number, places, len(cells)
    raise DocumentNotUnderstood(_no_header(lines, found[0], config))


def _places(cells: list[str], config: Config) -> Places | None:
    """Where fields stand by a row of headings, None for a row that is none."""
    headings = {cell.strip().casefold(): place for place, cell in reversed([*enumerate(cells)])}
    mapped = {name: headings.get(column.strip().casefold()) for column, name in config.columns.items()}
    free = headings.keys() - {column.strip().casefold() for column in config.columns}
    own = {name: headings[name] for name in FIELDS if name in free and name not in mapped}
    known = {**own, **mapped, **config.constants}
    if None in mapped.values() or "type" not in known or not {"occurred_at", "date"} & known.keys():
        return None
    return {**own, **{name: place for name, place in mapped.items() if place is not None}}


def _no_header(lines: list[str], delimiter: str, config: Config) -> str:
    """How wide the first row is, not what it holds: where the headings are missing that is what a till said."""
    first = next(rows_of(lines[:HEADER_WITHIN], delimiter), (0, None))[1] or []
    wanted = ", ".join(config.columns) or "type and occurred_at"
    return (
        f"None of the first {HEADER_WITHIN} rows holds the headings {wanted} (the first has {len(first)} columns). "
        "Name this till's headings in columns, with type and occurred_at (or date) among their fields."
    )


def _rows(
    journal: MappedJournal, rows: list[tuple[int, list[str] | None]], places: Places, width: int, whole: bool
) -> Iterator[Row]:
    for count, (number, cells) in enumerate(rows, start=1):
        part = f"Row[{number}]"
        if count > ROWS_LIMIT:  # rows that are refused count too: rubbish must end somewhere
            journal.rest_refused(part)
            return
        with journal.journal.part(part):
            checked = _checked(cells, width, unfinished=count == len(rows) and not whole)
            yield part, _values(checked, places)


def _checked(cells: list[str] | None, width: int, *, unfinished: bool) -> list[str]:
    """Raises Refused for a row that cannot be as it was written."""
    if cells is None:
        raise Refused(
            "bad_quotes", "A quote is opened and not closed. Close it, or write a quote inside a field twice."
        )
    if width and len(cells) > width and any(cell.strip() for cell in cells[width:]):
        raise Refused(
            "too_many_columns",
            f"The row has {len(cells)} columns, the headings {width}. Put a field that holds the delimiter in quotes.",
        )
    if width and len(cells) < width and unfinished:
        raise Refused("truncated", "The file ends inside this row. Read it again when it is whole.")
    if any(len(cell) > FIELD_LIMIT for cell in cells):
        raise Refused("too_long", f"A field has more than {FIELD_LIMIT:,} characters. Check the delimiter.")
    return cells


def _values(cells: list[str], places: Places) -> Mapping[str, str]:
    return {name: cells[place].strip() for name, place in places.items() if place < len(cells)}
