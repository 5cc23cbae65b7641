"""Webhooks: who signed them. The expected signatures were made with another implementation (openssl)."""

from __future__ import annotations

import pytest

from pos.adapters import shopify, square
from pos.adapters.signatures import hmac_sha256_header_valid

URL = "https://example.com/webhooks/square"
BODY = b'{"type":"payment.created"}'
SQUARE = "p6pm7BD3B3ObcdDp009US4y02dZVziUxH9sNbm/Eya4="
SHOPIFY = "VK+n1cI/XXfnVgRv9HaN4Q6PiN1HHmdLyHY35PNus28="


@pytest.mark.parametrize(
    ("signature", "key", "url", "body", "valid", "why"),
    [
        (SQUARE, "s3cret", URL, BODY, True, "as it was signed"),
        (f" {SQUARE}\n", "s3cret", URL, BODY, True, "a header's white space"),
        (SQUARE, "s3cret", URL + "/", BODY, False, "another address"),
        (SQUARE, "s3cret", URL, BODY + b" ", False, "another body"),
        (SQUARE, "other", URL, BODY, False, "another key"),
        (SHOPIFY, "s3cret", URL, BODY, False, "the body alone was signed"),
        ("", "s3cret", URL, BODY, False, "no signature"),
        ("sígnature\ud800", "s3cret", URL, BODY, False, "no base64 at all"),
        (SQUARE, "", URL, BODY, False, "an empty key signs nothing"),
    ],
)
def test_square(signature: str, key: str, url: str, body: bytes, valid: bool, why: str) -> None:
    assert square.signature_valid(signature=signature, key=key, url=url, body=body) is valid, why


@pytest.mark.parametrize(
    ("signature", "secret", "body", "valid", "why"),
    [
        (SHOPIFY, "s3cret", BODY, True, "as it was signed"),
        (SHOPIFY, "s3cret", BODY[:-1], False, "another body"),
        (SHOPIFY, "other", BODY, False, "another secret"),
        (SQUARE, "s3cret", BODY, False, "an address was signed too"),
        ("", "", BODY, False, "an empty secret signs nothing"),
    ],
)
def test_shopify(signature: str, secret: str, body: bytes, valid: bool, why: str) -> None:
    assert shopify.signature_valid(signature=signature, secret=secret, body=body) is valid, why


HEXADECIMAL = "54afa7d5c23f5d77e756046ff4768de10e8f88dd471e674bc87637e4f36eb36f"


@pytest.mark.parametrize(
    ("header", "valid", "why"),
    [
        (SHOPIFY, True, "base64"),
        (HEXADECIMAL, True, "hexadecimal"),
        (HEXADECIMAL.upper(), True, "in capitals"),
        (f"sha256={HEXADECIMAL}", True, "with the name of the method"),
        (f" {HEXADECIMAL}\n", True, "a header's white space"),
        (HEXADECIMAL[:-1] + "0", False, "another signature"),
        (HEXADECIMAL[:-2], False, "cut short"),
        ("", False, "no signature"),
        ("sha256=", False, "a method alone"),
    ],
)
def test_any_other_sender(header: str, valid: bool, why: str) -> None:
    assert hmac_sha256_header_valid(header=header, key="s3cret", body=BODY) is valid, why
    assert not hmac_sha256_header_valid(header=header, key="", body=BODY)
