"""Which servers answer on this machine, started first where that may be done: databases and brokers."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

DATABASE_URLS = (
    "postgres://postgres@127.0.0.1:5432/shrink",
    "postgres://postgres:postgres@127.0.0.1:5432/shrink",
    "postgres://root@127.0.0.1:5432/shrink",
)
REDIS_URLS = ("redis://127.0.0.1:6379/15",)  # the last database, which nobody else is likely to use
AMQP_URLS = ("amqp://guest:guest@127.0.0.1:5672//",)
MQTT_URLS = ("mqtt://127.0.0.1:1883",)


@dataclass(frozen=True)
class Server:
    """A server that the suite can use: its setting, addresses to try, Debian's service and how to ask it."""

    name: str
    setting: str
    urls: tuple[str, ...]
    service: str
    answers: Callable[[str], bool]

    def url(self) -> str:
        """The first address that answers, tried again after starting the service; empty if none does."""
        given = os.environ.get(f"TEST_{self.setting}", "")
        tried = (given,) if given else self.urls
        for _ in ("as it is", "started") if not given else ("as it is",):
            for url in tried:
                if self.answers(url):
                    return url
            if not self._start():
                return ""
        return next((url for url in tried if self.answers(url)), "")

    def _start(self) -> bool:
        if os.geteuid() != 0 or not Path("/etc/init.d", self.service).exists():
            return False
        done = subprocess.run(["service", self.service, "start"], capture_output=True, timeout=90)
        return done.returncode == 0


def postgres_answers(url: str) -> bool:
    import psycopg

    try:
        with psycopg.connect(url.rpartition("/")[0] + "/postgres", connect_timeout=3) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname=current_user"
            ).fetchone()
            return bool(row and row[0])
    except psycopg.Error:
        return False


def redis_answers(url: str) -> bool:
    import redis

    try:
        return bool(redis.Redis.from_url(url, socket_connect_timeout=2).ping())
    except redis.RedisError:
        return False


def amqp_answers(url: str) -> bool:
    from kombu import Connection

    try:
        with Connection(url, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
    except Exception:
        return False
    return True


def mqtt_answers(url: str) -> bool:
    from threading import Event
    from urllib.parse import urlsplit

    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    welcome, client, place = Event(), Client(CallbackAPIVersion.VERSION2), urlsplit(url)
    client.on_connect = lambda *said: None if said[3].is_failure else welcome.set()
    try:
        client.connect(place.hostname or "", place.port or 1883)
    except OSError:
        return False
    client.loop_start()
    try:
        return welcome.wait(3)
    finally:
        client.disconnect()
        client.loop_stop()


POSTGRES = Server("PostgreSQL", "DATABASE_URL", DATABASE_URLS, "postgresql", postgres_answers)
REDIS = Server("Redis", "REDIS_URL", REDIS_URLS, "redis-server", redis_answers)
RABBITMQ = Server("RabbitMQ", "BROKER_URL", AMQP_URLS, "rabbitmq-server", amqp_answers)
MOSQUITTO = Server("Mosquitto", "MQTT_URL", MQTT_URLS, "mosquitto", mqtt_answers)
"""Not a way to run the product, but what some tills speak: tests ask for it themselves."""
