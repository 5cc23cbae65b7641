"""Signatures of webhooks: HMAC-SHA256 over the bytes as they came, in base64, compared in constant time."""

import base64
import hashlib
import hmac
import re

_HEX = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


def hmac_sha256_valid(*, signature: str, key: str, signed: bytes) -> bool:
    """Whether ``signature`` (base64) is the one that ``key`` gives ``signed``. An empty key signs nothing."""
    if not key:
        return False
    made = base64.b64encode(hmac.new(key.encode(), signed, hashlib.sha256).digest())
    return hmac.compare_digest(made, signature.strip().encode(errors="replace"))


def hmac_sha256_header_valid(*, header: str, key: str, body: bytes) -> bool:
    """As ``hmac_sha256_valid``, for senders that each write it their way: base64 or hexadecimal, ``sha256=`` before it
    or not."""
    said = header.strip().removeprefix("sha256=")
    if _HEX.fullmatch(said):
        said = base64.b64encode(bytes.fromhex(said)).decode()
    return hmac_sha256_valid(signature=said, key=key, signed=body)
