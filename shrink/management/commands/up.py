"""`manage.py up`: the whole system from one process. Stopping it stops everything it started."""

import fcntl
import json
import os
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import IO, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from edge.heartbeat import Heartbeat
from shrink import demo
from shrink.embedded.nursery import MANAGE
from shrink.embedded.worker import BEAT, SUPERVISED
from shrink.firstrun import administrator_made
from shrink.server import Server, port_is_free
from shrink.supervisor import Program, Supervisor

CAPTURE_QUEUE = "capture"
WORK_QUEUES = "vision,judge,default"
ROOT_WARNING = "ignore:You're running the worker with superuser privileges"  # said by `up` itself, in one line
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENCV_FFMPEG_LOGLEVEL": "8"}


def worker(name: str, queues: str, concurrency: int, *, beat: bool = False) -> Program:
    """A Celery worker as a program that the nursery forks."""
    celery = [sys.executable, "-W", ROOT_WARNING, "-m", "celery", "--quiet", "-A", "shrink", "worker"]
    own = ["-n", f"{name}@%h", "-Q", queues, "-P", "threads", "-c", str(concurrency), "-l", settings.LOG_LEVEL]
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return Program(name, [*celery, *own, *alone], {BEAT: "1" if beat else "", "NODE_ROLE": name})


def workers(name: str) -> Program:
    """A parent of both workers and of the doors for tills. Its checks are `up`'s own, done already."""
    programs = [
        worker("capture", CAPTURE_QUEUE, settings.CAPTURE_CONCURRENCY + 1),  # one to see which camera is due
        worker("work", WORK_QUEUES, settings.WORK_CONCURRENCY, beat=True),
        Program("tills", [sys.executable, MANAGE, "pos_listen"], {BEAT: ""}),
    ]
    plan = json.dumps([asdict(program) for program in programs])
    environment = {**THREADS, "PYTHONPATH": str(settings.BASE_DIR), SUPERVISED: "1", "CELERY_SKIP_CHECKS": "1"}
    nursery = [sys.executable, "-W", ROOT_WARNING, "-m", "shrink.embedded.nursery", plan]
    return Program(name, nursery, environment)


class Command(BaseCommand):
    help = "Run web, live updates and background work, all in one; with --demo, a simulated store feeds them."
    requires_system_checks = "__all__"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="make the demo store and simulate it")
        parser.add_argument("--host", default=settings.BIND)
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--no-workers", action="store_true", help="web only: the workers run elsewhere")

    def handle(self, *args: Any, demo: bool, host: str, port: int, no_workers: bool, **options: Any) -> None:
        self.host, self.port, self.demo = host, port, demo
        self.supervisor = Supervisor()
        os.umask(0o077)  # what it writes is for this user: footage, receipts, keys
        lock = self._only_one(settings.DATA_DIR / "up.lock")
        if not port_is_free(host, port):
            raise CommandError(f"Port {port} is taken. Choose another: PORT={port + 1} make {self._verb}")
        self._prepare()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop_early)
        try:
            self._run(no_workers)
        finally:
            self._stop()
            lock.close()

    @property
    def _verb(self) -> str:
        return "demo" if self.demo else "serve"

    @property
    def url(self) -> str:
        shown = "127.0.0.1" if self.host in {"0.0.0.0", "::", "127.0.0.1"} else self.host  # noqa: S104  compared only
        return f"http://{shown}:{self.port}/"

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _only_one(self, path: Path) -> IO[str]:
        """A lock that the kernel gives back when this process ends, however it ends."""
        lock = path.open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CommandError(
                f"Another system runs on DATA_DIR={settings.DATA_DIR}. Stop it, or choose another DATA_DIR and PORT."
            ) from None
        return lock

    def _prepare(self) -> None:
        self.say("Preparing the database ...")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("rules", "load", verbosity=0)
        if self.demo:
            self.say("Preparing the demo store ...")
            self.access = demo.prepare(url=self.url, data_dir=settings.DATA_DIR)
        else:
            self.first = administrator_made()

    def _run(self, no_workers: bool) -> None:
        self.say("Starting web and workers ...")
        self.heartbeat = Heartbeat("web")
        if not no_workers:
            # The second waits, with everything loaded, for the first to die: it takes over in a moment.
            self.supervisor.start(workers("workers"))
            self.supervisor.start(workers("workers-spare"))
        server = Server(
            self.host,
            self.port,
            proxied=bool(settings.TRUSTED_PROXIES),
            on_started=self._started,
            on_stopping=self._stopping,
        )
        server.run()
        self.heartbeat.stop()
        if not server.started:
            raise CommandError("The web server did not start; the lines above say why.")

    def _started(self) -> None:
        if self.demo:
            self.supervisor.start(demo.simulator(settings.DATA_DIR))
        self.heartbeat.start()
        self.say(self._welcome())

    def _welcome(self) -> str:
        lines = ["", f"  The system answers at {self.url}"]
        if self.demo:
            lines += [
                f"  Sign in as {self.access['username']} with {self.access['password']}",
                "  A simulated store is at work; cases appear within a minute.",
            ]
        elif self.first is not None:
            lines += [
                f"  First administrator: {self.first.username} with password {self.first.password}",
                "  It is shown once; change it after signing in.",
            ]
        else:
            lines += ["  Provision a store with: .venv/bin/python manage.py provision STORE.yaml"]
        return "\n".join([*lines, f"  Data: {settings.DATA_DIR}", "  Stop with Ctrl-C.", ""])

    def _stopping(self) -> None:
        if not self.supervisor.stopping.is_set():
            self.say("Stopping ...")
        self.supervisor.stop()

    def _stop_early(self, number: int, frame: FrameType | None) -> None:
        """Told to end before the web server listens to signals itself."""
        self._stopping()
        sys.exit(0)

    def _stop(self) -> None:
        began = time.monotonic()
        self.supervisor.stop()
        self.supervisor.join()
        self.say(f"Stopped ({time.monotonic() - began:.1f} s).")
