"""Which addresses may be asked with a provider's token, so that no setting turns the server against its own network."""

from urllib.parse import urlsplit

HOSTS = {
    "square": ("connect.squareup.com", "connect.squareupsandbox.com"),
    "shopify": (".myshopify.com",),
}
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def address_problem(url: str, provider: str, *, loopback: bool) -> str:
    """What is wrong with ``url`` and what to write instead; "" when nothing is. ``loopback``: this machine may be asked
    too, without https (development)."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "It is no address. Write it like https://host/path."
    if parts.query or parts.fragment or parts.username or parts.password:
        return "Write the address alone: no user, no ? and no #."
    if loopback and host in LOOPBACK:
        return ""
    if parts.scheme != "https" or parts.port not in (None, 443):
        return "Write an https:// address without a port: the token must not travel in the clear."
    known = HOSTS[provider]
    if any(host == one or (one.startswith(".") and host.endswith(one)) for one in known):
        return ""
    wanted = " or ".join(f"https://SHOP{one}" if one.startswith(".") else f"https://{one}" for one in known)
    return f"{host or 'It'} is no host of this provider. Write {wanted}."


def same_origin(url: str, base: str) -> bool:
    """Whether ``url`` leads to the host, the port and by the scheme of ``base``."""
    try:
        first, second = urlsplit(url), urlsplit(base)
        return (first.scheme, first.hostname, first.port) == (second.scheme, second.hostname, second.port)
    except ValueError:
        return False
