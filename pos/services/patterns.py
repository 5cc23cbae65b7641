"""Whether a person's patterns come to an end over any line: one that does not would stop every door of the process."""

import json
import string
import subprocess
import sys
from collections.abc import Sequence

TIME_S = 2.0
LINE_LENGTH = 160  # no longer lines are read
_UNITS = ("a", "A", "1", " ", "a ", "1 ", "1,", "0.", "A1", "x1 ", "-", ".", "a.b,")
_TAILS = ("", "!", "é")
_PROBE = """
import json, re, sys
patterns, lines = json.load(sys.stdin)
for number, pattern in enumerate(patterns):
    print(number, flush=True)
    found = re.compile(pattern)
    for line in lines:
        found.search(line)
"""


def pattern_endless(patterns: Sequence[str]) -> str | None:
    """The first of these regular expressions that takes seconds over some line; None if none does.

    Tried in a process of its own, for nothing else can stop one.
    """
    if not patterns:
        return None
    units = dict.fromkeys((*_UNITS, *string.punctuation, *sorted(set("".join(patterns)))))
    lines = [(unit * LINE_LENGTH)[: LINE_LENGTH - 1] + tail for unit in units for tail in _TAILS]
    probe = [sys.executable, "-I", "-S", "-c", _PROBE]
    try:
        subprocess.run(probe, input=json.dumps([patterns, lines]).encode(), capture_output=True, timeout=TIME_S)
    except subprocess.TimeoutExpired as slow:
        begun = (slow.stdout or b"").split()
        return patterns[int(begun[-1])] if begun else patterns[0]
    return None


def patterns_told(options: object) -> list[str]:
    """The regular expressions in options that ``config_read`` takes."""
    told = options.get("patterns", {}) if isinstance(options, dict) else {}
    return [text for texts in told.values() for text in ([texts] if isinstance(texts, str) else texts)]
