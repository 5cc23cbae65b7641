"""What a table is told about itself."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field

from pos.adapters.mapping import MappedConfig, fields_checked
from pos.adapters.reading import ConfigRefused


@dataclass(frozen=True, slots=True)
class Config(MappedConfig):
    """``columns``: a column's heading to the field of ours that it is; headings
    that are our own names need no mention. Without headings (``header`` false)
    a column is its number, the first being 1. ``delimiter`` and ``encoding``
    are found where they are not given. Exports number their tickets by the
    day, so ``daily_numbers`` is on. Raises ConfigRefused.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    header: bool = True
    delimiter: str = ""
    encoding: str = ""
    daily_numbers: bool = True

    def __post_init__(self) -> None:
        MappedConfig.__post_init__(self)
        fields_checked("columns", self.columns.values())
        twice = {name for name in self.columns.values() if list(self.columns.values()).count(name) > 1}
        if twice:
            raise ConfigRefused(f"columns gives {sorted(twice)[0]!r} to several columns. Give each field one.")
        if not self.header and not self.columns:
            raise ConfigRefused("A table without headings needs columns: the number of each, like '1', and its field.")
        if not self.header and not all(column.isdecimal() and 0 < int(column) < 1_000 for column in self.columns):
            raise ConfigRefused("Without headings columns are numbers, the first being '1'.")
        if len(self.delimiter) > 1 or self.delimiter in ('"', "\n", "\r", "\x00"):
            raise ConfigRefused("delimiter is one character, like ';' or a tab.")
        try:
            codecs.lookup(self.encoding or "utf-8")
            "".encode(self.encoding or "utf-8")  # refuses codecs that are none of text
        except LookupError as error:
            raise ConfigRefused(f"encoding {self.encoding!r} is not known. Write one like utf-8 or cp1252.") from error
