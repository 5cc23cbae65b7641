"""Keyed pseudonyms: the same person is the same word within one store, and
without the key nobody can go back or compare two stores (P36)."""

import base64
import hashlib
import hmac

_BYTES = 15  # 120 bits: 24 characters of base32 without padding


def pseudonym_with(key: bytes, store_code: str, kind: str, value: str) -> str:
    """24 lower-case characters for ``value``; "" for "" (nobody stays nobody).

    The parts are joined with their lengths, so that no two triples can make
    the same message.
    """
    if not value:
        return ""
    message = b"".join(len(part).to_bytes(4, "big") + part for part in map(str.encode, (store_code, kind, value)))
    digest = hmac.new(key, message, hashlib.sha256).digest()
    return base64.b32encode(digest[:_BYTES]).decode().lower()
