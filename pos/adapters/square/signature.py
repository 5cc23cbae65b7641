"""Whether a webhook is Square's (Square, "Validate webhook notifications")."""

from pos.adapters.signatures import hmac_sha256_valid


def signature_valid(*, signature: str, key: str, url: str, body: bytes) -> bool:
    """``signature``: the header ``x-square-hmacsha256-signature``. ``key``: the subscription's signature key. ``url``:
    the notification address exactly as it is registered. ``body``: the bytes as they came."""
    return hmac_sha256_valid(signature=signature, key=key, signed=url.encode() + body)
