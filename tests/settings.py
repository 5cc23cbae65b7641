"""The product's settings with what only tests may do: a throw-away DATA_DIR, a cheap password hash, no relay socket.

The environment still chooses the database and the broker, so the same suite runs on PostgreSQL and Redis.
"""

import atexit
import os
import shutil
import tempfile

_data_dir = tempfile.mkdtemp(prefix="shrink-tests-")
os.environ["DATA_DIR"] = _data_dir
os.environ.setdefault("YOLO_OFFLINE", "true")
os.environ.setdefault("OMP_NUM_THREADS", "1")
_owner = os.getpid()


@atexit.register
def _remove_data_dir() -> None:
    if os.getpid() == _owner:
        shutil.rmtree(_data_dir, ignore_errors=True)


from shrink.settings import *  # noqa: E402, F403
from shrink.settings import CHANNEL_LAYERS, DATA_DIR, DATABASES, REDIS_URL  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if not REDIS_URL:
    CHANNEL_LAYERS["default"] = {"BACKEND": "shrink.embedded.layer.LocalLayer"}
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    # A file, as in the product: in memory all threads would share one cache, which locks tables, waits for nobody and
    # does not bear a thread that ends while another writes.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=OFF;PRAGMA foreign_keys=ON"
    )
