"""Control characters made visible, and read back: what an installer sees on the page can be typed as a mask."""

import re

_NAMES = (
    *("NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR", "SO", "SI"),
    *("DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US"),
)
_BY_NAME = {name: code for code, name in enumerate(_NAMES)} | {"DEL": 0x7F}
_SHOWN = {chr(code): f"<{name}>" for name, code in _BY_NAME.items()} | {
    chr(code): f"<0x{code:02X}>" for code in range(0x80, 0xA0)
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NAMED = re.compile(r"<(0x[0-9A-Fa-f]{2}|[A-Z0-9]{2,3})>")


def controls_shown(text: str) -> str:
    """``text`` with ``<STX>`` for control characters; after the end of a line the line ends here too."""
    shown = _CONTROL.sub(lambda match: _SHOWN[match[0]], text)
    return re.sub(r"(<CR><LF>|<LF>|<CR>(?!<LF>))", r"\1\n", shown)


def controls_read(text: str) -> bytes:
    """The bytes that ``text`` stands for: ``<STX>`` or ``<0x02>`` is a control character, all else itself (Latin-1).

    Raises ValueError for characters beyond, for a till sends bytes: those have to be told as ``<0x9B>``.
    """
    plain = _NAMED.sub(_named, text)
    try:
        return plain.encode("latin-1")
    except UnicodeEncodeError as error:
        raise ValueError(f"{text[error.start : error.end]!r} is more than one byte: write it as <0x9B>") from error


def _named(match: re.Match[str]) -> str:
    told = match[1]
    if told.startswith("0x"):
        return chr(int(told, 16))
    return chr(_BY_NAME[told]) if told in _BY_NAME else match[0]
