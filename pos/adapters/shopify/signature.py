"""Whether a webhook is Shopify's (Shopify, "Verify webhooks")."""

from pos.adapters.signatures import hmac_sha256_valid


def signature_valid(*, signature: str, secret: str, body: bytes) -> bool:
    """``signature``: the header ``X-Shopify-Hmac-Sha256``. ``secret``: the app's client secret. ``body``: the bytes as
    they came."""
    return hmac_sha256_valid(signature=signature, key=secret, signed=body)
