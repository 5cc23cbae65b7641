"""System checks: a setting that cannot work says so at start, by id, with what to write instead."""

import ipaddress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Caution

from vision.domain.versions import MOTION, named

BROKER_SCHEMES = {"redis", "rediss", "amqp", "amqps", "embedded", "memory"}


@register()
def environment_readable(**kwargs: Any) -> list[CheckMessage]:
    """What `shrink.environment` could not read: shrink.E001 to E005."""
    return [Error(problem.message, hint=problem.hint, id=problem.id) for problem in settings.ENVIRONMENT.problems]


@register()
def servers_named_well(**kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.REDIS_URL and urlsplit(settings.REDIS_URL).scheme not in {"redis", "rediss"}:
        found.append(Error("REDIS_URL is no Redis address.", hint="Write redis://host:6379/0.", id="shrink.E006"))
    scheme = urlsplit(settings.CELERY_BROKER_URL).scheme
    if scheme not in BROKER_SCHEMES:
        hint = "Write redis://host:6379/0 or amqp://user:password@host:5672//, or leave it out."
        found.append(Error(f"BROKER_URL names an unknown kind of broker: {scheme}.", hint=hint, id="shrink.E007"))
    return found


@register()
def detector_there(**kwargs: Any) -> list[CheckMessage]:
    """DETECTOR is `motion`, the name of a registered one, or weights that exist and that this installation can run.

    Whether the name is registered the database knows; a camera that looks with one that is not says so in its health.
    """
    path = Path(settings.DETECTOR)
    if settings.DETECTOR == MOTION or (named(settings.DETECTOR) and not path.exists()):
        return []
    if not path.exists():
        hint = "Point DETECTOR at weights, name a registered one (lane), or write DETECTOR=motion, which needs none."
        message = f"DETECTOR={path} does not exist."
        given = bool(settings.ENVIRONMENT.text("DETECTOR"))
        return [Error(message, hint=hint, id="shrink.E008") if given else Caution(message, hint=hint, id="shrink.W002")]
    if path.suffix == ".pt" and find_spec("ultralytics") is None:
        hint = "Install torch and ultralytics (see docs/operations.md), or use an exported OpenVINO folder."
        return [Error(f"DETECTOR={path} needs torch, which is not installed.", hint=hint, id="shrink.E009")]
    return []


@register()
def debug_stays_at_home(**kwargs: Any) -> list[CheckMessage]:
    if settings.DEBUG and not all(_local(host) for host in settings.ALLOWED_HOSTS):
        hint = "Write DEBUG=0, or leave only localhost in ALLOWED_HOSTS."
        return [
            Error("DEBUG is on for a public host: errors would show code and settings.", hint=hint, id="shrink.E010")
        ]
    return []


@register()
def public_means_https(**kwargs: Any) -> list[CheckMessage]:
    if not settings.HTTPS and not all(_local(host) for host in settings.ALLOWED_HOSTS):
        hint = "Put a proxy with TLS in front and write HTTPS=1 and TRUSTED_PROXIES=1."
        return [Caution("Sign-in cookies travel unencrypted to a public host.", hint=hint, id="shrink.W001")]
    return []


def _local(host: str) -> bool:
    if host in {"localhost", ".localhost", "testserver"}:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
