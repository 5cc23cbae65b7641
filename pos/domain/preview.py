"""Bytes of a till as a person may see them: private things replaced before anything leaves the process that read them.

The bytes stay bytes, so that other settings can be tried on them: a line that holds nothing private is left as it came,
of any other the text is replaced and the control characters around it are kept.
"""

import re
from collections.abc import Callable, Iterator

from pos.domain.redaction import REMOVED_MARK, text_redacted

Printed = Callable[[bytes], bytes]
"""What of some bytes reaches the paper, in order; remembers between calls where it was in a printer command."""

_SERVED_BY = re.compile(
    r"((?:you were )?(?:served by|cashier|operator|es bediente sie|bedient von|kassierer(?:in)?|bediener(?:in)?"
    r"|cajer[oa]|le atendi[oó]|atendido por|caissi(?:er|[èe]re)|servi par)\b[ \t:.#№]*)(\S[^\t]*?)(?=\s{2,}|\s*$)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"((?:customer|client|member|kunde|cliente|mitglied|socio|name|card ?holder|karteninhaber|titular)"
    r"(?: ?name)?[ \t]*[:=][ \t]*)(\S[^\t]*?)(?=\s{2,}|\s*$)",
    re.IGNORECASE,
)
_TITLED = re.compile(
    r"\b((?:(?:mr|mrs|ms|miss|herr|frau|sr|sra|señora?|mme|mlle)\.?|m\.) )"
    r"((?-i:[A-ZÀ-Þ][\w'-]+)(?: (?-i:[A-ZÀ-Þ][\w'-]+))*)",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)?")
MARK_OF_DIGIT = "#"


def printed_redacted(text: str) -> str:
    """A printed line without card and loyalty numbers, addresses and names that it announces as such."""
    text = text_redacted(text)
    for pattern in (_SERVED_BY, _NAMED, _TITLED):
        text = pattern.sub(rf"\1{REMOVED_MARK}", text)
    return text


def bytes_redacted(raw: bytes, codec: str, printed: Printed) -> bytes:
    """``raw`` without what may not be shown. Of a last line that has not ended all digits go: what is still to come
    may make them a card's."""
    return b"".join(_line_redacted(line, codec, printed(line)) for line in _lines(raw))


def _line_redacted(line: bytes, codec: str, printed: bytes) -> bytes:
    """Looked at as printed and as sent: noise on the wire may look like a command that swallows the line."""
    ended = line.endswith((b"\n", b"\r"))
    for text in (_text(printed, codec), _text(line, codec)):
        shown = printed_redacted(text) if ended else _DIGIT.sub(MARK_OF_DIGIT, printed_redacted(text))
        if shown != text:
            return _replaced(line, text, shown, codec)
    return line


def _lines(raw: bytes) -> Iterator[bytes]:
    return (match[0] for match in _LINE.finditer(raw) if match[0])


def _text(printed: bytes, codec: str) -> str:
    """The printable part, its first and last control characters away."""
    return "".join(char for char in printed.decode(codec, "replace") if char >= " " and char != "\x7f")


def _replaced(line: bytes, text: str, shown: str, codec: str) -> bytes:
    """The line with ``shown`` for its text: control characters before the text stay before it, all others behind.

    Printer commands inside are dropped with what they say: their parameters look like text.
    """
    first = text[:1].encode(codec, "replace")
    start = line.find(first) if first else -1
    before = line[:start] if start > 0 and not any(byte >= 0x20 for byte in line[:start]) else b""
    behind = bytes(byte for byte in line[len(before) :] if byte < 0x20 and byte not in (0x1B, 0x1C, 0x1D, 0x10))
    return before + shown.encode(codec, "replace") + behind
