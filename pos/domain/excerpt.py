"""What a document looks like, without what it says."""

import re

from lanes.domain.payload import text_clean

LENGTH = 1_000
_NAME = re.compile(r'"([A-Za-z][A-Za-z_]{0,40})"(?=\s*:)')
_TAG = re.compile(r"</?[A-Za-z][A-Za-z:_]{0,40}")
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")


def excerpt_masked(document: bytes) -> str:
    """The beginning of ``document`` with every letter as x and every digit as 0, but for the names of fields and tags
    where these are plain words."""
    text = " ".join(text_clean(document[: 4 * LENGTH].decode("utf-8", "replace")).split())[:LENGTH]
    kept = [*_NAME.finditer(text), *_TAG.finditer(text)]
    masked = [*_DIGIT.sub("0", _LETTER.sub("x", text))]
    for found in kept:
        masked[found.start() : found.end()] = found[0]
    return "".join(masked)
