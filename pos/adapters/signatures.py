"""Signatures of webhooks: HMAC-SHA256 over the bytes as they came, in base64, compared in constant time."""

import base64
import hashlib
import hmac


def hmac_sha256_valid(*, signature: str, key: str, signed: bytes) -> bool:
    """Whether ``signature`` (base64) is the one that ``key`` gives ``signed``. An empty key signs nothing."""
    if not key:
        return False
    made = base64.b64encode(hmac.new(key.encode(), signed, hashlib.sha256).digest())
    return hmac.compare_digest(made, signature.strip().encode(errors="replace"))
