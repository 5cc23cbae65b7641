"""A database of its own for a benchmark: a throw-away file, or one beside the others on the server that is set."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def throw_away() -> Iterator[None]:
    """Django set up, on an empty database that is gone afterwards. SQLite's is a file: in memory it has no disk to
    wait for."""
    os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="shrink-bench-"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shrink.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test.runner import DiscoverRunner

    settings.ALLOWED_HOSTS = ["*"]
    runner = DiscoverRunner(verbosity=0, interactive=False)
    connection.settings_dict.setdefault("TEST", {})["NAME"] = (
        str(Path(os.environ["DATA_DIR"], "bench.sqlite3")) if connection.vendor == "sqlite" else "test_bench"
    )
    old = runner.setup_databases()
    try:
        yield
    finally:
        runner.teardown_databases(old)
