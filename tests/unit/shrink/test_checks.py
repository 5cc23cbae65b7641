"""System checks: each mistake by its id; a good installation has none."""

from pathlib import Path
from typing import Any

import pytest

from shrink import checks
from shrink.environment import Environment, Problem


def ids(found: list[Any]) -> list[str]:
    assert all(message.hint for message in found), "a check says what to do"
    return [message.id for message in found]


def test_what_the_environment_could_not_read_is_reported(settings: Any) -> None:
    settings.ENVIRONMENT = Environment(
        {}, [Problem("shrink.E003", "PORT=x is not a whole number.", "Write PORT=8000.")]
    )
    assert ids(checks.environment_readable()) == ["shrink.E003"]


@pytest.mark.parametrize(
    ("redis", "broker", "expected"),
    [
        ("", "embedded://localhost", []),
        ("redis://h:6379/0", "redis://h:6379/0", []),
        ("redis://h:6379/0", "amqp://h//", []),
        ("http://h", "amqp://h//", ["shrink.E006"]),
        ("", "kafka://h", ["shrink.E007"]),
    ],
)
def test_servers(settings: Any, redis: str, broker: str, expected: list[str]) -> None:
    settings.REDIS_URL, settings.CELERY_BROKER_URL = redis, broker
    assert ids(checks.servers_named_well()) == expected


@pytest.mark.parametrize(
    ("detector", "given", "expected", "reason"),
    [
        ("motion", True, [], "needs no file"),
        ("here", True, [], "is there"),
        ("nowhere", True, ["shrink.E008"], "somebody named it"),
        ("nowhere", False, ["shrink.W002"], "the shipped model is missing: the rest still works"),
    ],
)
def test_detectors(settings: Any, tmp_path: Path, detector: str, given: bool, expected: list[str], reason: str) -> None:
    (tmp_path / "here").mkdir()
    settings.DETECTOR = detector if detector == "motion" else str(tmp_path / detector)
    settings.ENVIRONMENT = Environment({"DETECTOR": settings.DETECTOR} if given else {})
    assert ids(checks.detector_there()) == expected, reason


@pytest.mark.parametrize(
    ("debug", "https", "hosts", "expected", "reason"),
    [
        (False, False, ["localhost", "127.0.0.1", "[::1]"], [], "the default"),
        (True, False, ["localhost"], [], "at home"),
        (True, True, ["shop.example.org"], ["shrink.E010"], "errors would show code"),
        (False, False, ["shop.example.org"], ["shrink.W001"], "cookies unencrypted"),
        (False, True, ["shop.example.org"], [], "behind a proxy with TLS"),
        (True, True, ["*"], ["shrink.E010"], "everybody is public"),
    ],
)
def test_public_hosts(
    settings: Any, debug: bool, https: bool, hosts: list[str], expected: list[str], reason: str
) -> None:
    settings.DEBUG, settings.HTTPS, settings.ALLOWED_HOSTS = debug, https, hosts
    assert ids([*checks.debug_stays_at_home(), *checks.public_means_https()]) == expected, reason
