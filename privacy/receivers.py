"""Signing in and out is history too."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from privacy.audit import audit_record
from privacy.models import User


def _address(request: HttpRequest | None) -> str | None:
    return (request.META.get("REMOTE_ADDR") or None) if request is not None else None


@receiver(user_logged_in, dispatch_uid="privacy.signed_in")
def signed_in(request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    _record("user.signed_in", user, request)


@receiver(user_logged_out, dispatch_uid="privacy.signed_out")
def signed_out(request: HttpRequest | None, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        _record("user.signed_out", user, request)


@receiver(user_login_failed, dispatch_uid="privacy.sign_in_failed")
def sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """The name only where it is a user's: people type passwords into the wrong box."""
    user = User.objects.filter(username=credentials.get("username") or "").first()
    _record("user.sign_in_failed", user or "somebody unknown", request)


def _record(action: str, user: User | str, request: HttpRequest | None) -> None:
    name = user.get_username() if isinstance(user, User) else ""
    audit_record(actor=user, action=action, object_type="user", object_id=name, ip=_address(request))
