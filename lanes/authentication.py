"""Who calls the HTTP API: a key of one store, or a signed-in person.

A view says what it needs in two attributes, and ``HasScope`` (the default
permission class) holds it to them::

    required_scope = ApiKey.Scope.CASES_READ          # None: any key will do
    person_permission = Permission.CASES_VIEW         # None: people may not call it

The store always comes from the key, never from the payload.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from lanes.models import ApiKey, Store
from lanes.permissions import may_somewhere, stores_for
from privacy.domain.roles import Permission
from privacy.models import AuditEvent, User

if TYPE_CHECKING:  # DRF's settings import this module while its views are being imported
    from rest_framework.views import APIView

KEYWORD = "Api-Key"
LAST_USED_STEP = timedelta(minutes=1)  # finer would cost every batch a write


class Caller:
    """``request.user`` where no person calls: enough of a user for Django, never a row of one."""

    is_authenticated = True
    is_active = True
    is_anonymous = False
    is_staff = False
    is_superuser = False
    pk = None


class KeyCaller(Caller):
    def __init__(self, key: ApiKey) -> None:
        self.key = key

    def get_username(self) -> str:
        """How the audit names the key: what a person called it, and the prefix that finds it."""
        return f"{self.key.name} ({self.key.prefix})"

    def __str__(self) -> str:
        return self.get_username()


class ApiKeyAuthentication(BaseAuthentication):
    """``Authorization: Api-Key <key>``. Sets ``request.user`` to a KeyCaller, ``request.auth`` to the ApiKey.

    No such header: not ours to judge (a session may follow). A header that does
    not hold a usable key is refused with 401 and what to do about it.
    """

    marks_use = True

    def authenticate(self, request: Request) -> tuple[KeyCaller, ApiKey] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != KEYWORD.lower().encode():
            return None
        if len(words) != 2:
            raise AuthenticationFailed(
                "The header must read 'Authorization: Api-Key <key>', with one space and no more.", "key_malformed"
            )
        now = timezone.now()
        key = _usable_key(words[1].decode("latin-1"), now)
        if self.marks_use:
            _mark_used(key, now)
        return KeyCaller(key), key

    def authenticate_header(self, request: Request) -> str:
        return f'{KEYWORD} realm="shrink"'


class WaitingKeyAuthentication(ApiKeyAuthentication):
    """For calls that must be answered within milliseconds: the key is not marked as used, as a write may have to wait
    for others."""

    marks_use = False


def _usable_key(raw: str, now: datetime) -> ApiKey:
    # Revoked or expired is only said to whoever holds the secret.
    prefix = raw.partition(".")[0]
    known = ApiKey.objects.select_related("store").filter(prefix=prefix) if prefix.isalnum() else ApiKey.objects.none()
    key = known.first()
    if key is None or not key.is_valid(raw):
        raise AuthenticationFailed(
            "No such key. Check that it was copied whole, or have a new one made with 'manage.py provision'.",
            "key_unknown",
        )
    if key.revoked:
        raise AuthenticationFailed(f"The key '{key.name}' has been revoked. Use its successor.", "key_revoked")
    if key.expiry_date is not None and key.expiry_date <= now:
        raise AuthenticationFailed(f"The key '{key.name}' expired on {key.expiry_date:%Y-%m-%d}.", "key_expired")
    return key


def _mark_used(key: ApiKey, now: datetime) -> None:
    if key.last_used_at is not None and now - key.last_used_at < LAST_USED_STEP:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


class HasScope(BasePermission):
    """Holds a view to its ``required_scope`` and ``person_permission``. A view that declares neither is a mistake."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        scope, permission = _declared(view)
        if isinstance(request.auth, ApiKey):
            _check_key(request.auth, scope)
            return True
        if not request.user.is_authenticated:
            return False  # becomes 401
        _check_person(request.user, permission)
        return True


def _declared(view: "APIView") -> tuple[str | None, Permission | None]:
    if not hasattr(view, "required_scope"):
        raise TypeError(f"{type(view).__name__} must declare required_scope (None: any key).")
    return view.required_scope, getattr(view, "person_permission", None)


def _check_key(key: ApiKey, scope: str | None) -> None:
    if scope is not None and scope not in key.scopes:
        held = ", ".join(key.scopes) or "none"
        raise PermissionDenied(
            f"The key '{key.name}' lacks the scope {scope} (it has: {held}). Use a key that carries it.",
            "scope_missing",
        )


def _check_person(user: User, permission: Permission | None) -> None:
    if permission is None:
        raise PermissionDenied("This call is for devices: send 'Authorization: Api-Key <key>'.", "key_required")
    if not may_somewhere(user, permission):
        raise PermissionDenied(
            f"Your role in no store allows {permission}. Ask an administrator for it.", "permission_missing"
        )


def stores_of(request: Request, permission: Permission) -> QuerySet[Store]:
    """The stores this call may see: the key's one, or those where the person holds ``permission``."""
    if isinstance(request.auth, ApiKey):
        return Store.objects.filter(pk=request.auth.store_id)
    return stores_for(request.user, permission)


def actor_of(request: Request) -> dict[str, Any]:
    """``{actor, actor_kind}`` of this call, as the audit and the services take them."""
    if isinstance(request.user, KeyCaller):
        return {"actor": request.user.get_username(), "actor_kind": AuditEvent.ActorKind.KEY}
    return {"actor": request.user, "actor_kind": AuditEvent.ActorKind.USER}
