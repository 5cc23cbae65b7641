"""Where a camera's video comes from: an address or a path, and what may be shown of it."""

import re
from difflib import get_close_matches
from urllib.parse import urlsplit

SCHEMES = ("rtsp", "rtsps", "http", "https")
HIDDEN = "***"

# The password of user:password@host. Up to the last @, because people forget to
# escape; not where what follows the colon is a port.
_PASSWORD = re.compile(r"(://[^:/@\s?#]*):(?!\d{1,5}(?:[/?#\s]|$))\S*@")
_SECRET_PARAMETER = re.compile(r"(?i)([?&;](?:pass|password|passwd|pwd|psw|token|auth|key|apikey|secret)=)[^&;\s#]*")
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):/{0,2}")


def source_redacted(text: str) -> str:
    """``text`` with the passwords of any addresses in it replaced by ``***``.

    Also for messages of libraries, which like to repeat the address.
    """
    return _SECRET_PARAMETER.sub(rf"\g<1>{HIDDEN}", _PASSWORD.sub(rf"\g<1>:{HIDDEN}@", text))


def source_is_address(source: str) -> bool:
    """Whether ``source`` is an rtsp(s) or http(s) address; otherwise it is a path."""
    return source_scheme(source) in SCHEMES


def source_scheme(source: str) -> str:
    found = _SCHEME.match(source)
    return found.group(1).lower() if found and "://" in source else ""


def source_problem(source: str) -> str:
    """What is wrong with ``source`` and what to write instead; "" when nothing is."""
    scheme = source_scheme(source)
    if not scheme:
        looks_like = _SCHEME.match(source)
        if looks_like and looks_like.group(1).lower() in SCHEMES:
            return f"an address needs two slashes: write {looks_like.group(1).lower()}://host/path"
        return ""
    if scheme == "file":
        return "write the path itself, without file://"
    if scheme not in SCHEMES:
        near = get_close_matches(scheme, ("rtsp", "https", "http"), n=1)
        wanted = f"write {near[0]}://" if near else "write rtsp://, http://, https:// or a path"
        return f"{scheme}:// is no source we can read: {wanted}"
    return _address_problem(source, scheme)


def _address_problem(source: str, scheme: str) -> str:
    try:
        parts = urlsplit(source)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return f"not a readable address: write {scheme}://user:password@host:port/path"
    return "" if host else f"the address names no host: write {scheme}://host/path"
