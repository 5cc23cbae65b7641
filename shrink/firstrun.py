"""The first person of an empty system."""

import secrets
from dataclasses import dataclass

from django.contrib.auth import get_user_model


@dataclass(frozen=True)
class FirstAdministrator:
    username: str
    password: str


def administrator_made() -> FirstAdministrator | None:
    """Make `admin` with a random password if nobody can sign in yet; the password is known to the caller alone."""
    users = get_user_model()._default_manager
    if users.filter(is_active=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    users.create_superuser("admin", password=password)
    return FirstAdministrator("admin", password)
