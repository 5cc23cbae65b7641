"""One byte range of a file, as RFC 9110 section 14 has it. Several ranges at once are answered with the whole file."""

from __future__ import annotations

import re

ONE_RANGE = re.compile(r"\Abytes=(\d*)-(\d*)\Z")


class RangeNotSatisfiable(Exception):
    """The range lies behind the end of the file: 416."""


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte that `header` asks of a file of `size` bytes, or None where the whole file answers it.

    A header that is no single byte range is ignored, as the RFC allows. Raises RangeNotSatisfiable.
    """
    asked = ONE_RANGE.match(header.strip())
    if asked is None or asked.group(0) == "bytes=-":
        return None
    first, last = asked.groups()
    if not first:  # the last N bytes
        if int(last) == 0 or size == 0:
            raise RangeNotSatisfiable
        return max(0, size - int(last)), size - 1
    if int(first) >= size:
        raise RangeNotSatisfiable
    end = min(int(last), size - 1) if last else size - 1
    return (int(first), end) if end >= int(first) else None
