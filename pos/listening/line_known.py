"""Until when the line to a till was there, kept beyond the process and the settings of the source.

A file beside the spools: what it holds says of which till, when it was last touched is the instant. A process that is
killed has touched it within the last seconds.
"""

import os
from contextlib import suppress
from pathlib import Path


class LineKnown:
    def __init__(self, path: Path, till: str) -> None:
        self._path, self._till = path, till

    def until_us(self) -> int | None:
        """Microseconds since 1970; None where this till's line was never there."""
        try:
            if self._path.read_text() == self._till:
                return self._path.stat().st_mtime_ns // 1_000
        except FileNotFoundError:
            pass
        return None

    def there(self, at_us: int) -> None:
        """It is there again, or for the first time."""
        self._path.write_text(self._till)
        self.still(at_us)

    def still(self, at_us: int) -> None:
        with suppress(OSError):  # then the gap begins a little earlier, or the door is none that has a line
            os.utime(self._path, ns=(at_us * 1_000, at_us * 1_000))
