"""The real footage and documents, which lie beside the project and are never part of it."""

import os
from pathlib import Path

import pytest

from tests.repository import REPOSITORY

MEDIA = Path(os.environ.get("MEDIA_DIR", REPOSITORY.parent / "shared" / "media"))

needs_media = pytest.mark.skipif(
    not MEDIA.is_dir(), reason="no shared media beside the project (set MEDIA_DIR to where it lies)"
)
