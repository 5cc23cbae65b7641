"""Who changed configuration, and from where."""

from auditlog.middleware import AuditlogMiddleware
from django.http import HttpRequest


class TrailMiddleware(AuditlogMiddleware):
    """auditlog's middleware believes the left-most X-Forwarded-For, which anybody can
    write. The server has already put the address that a trusted proxy vouches for
    into REMOTE_ADDR (TRUSTED_PROXIES)."""

    @staticmethod
    def _get_remote_addr(request: HttpRequest) -> str | None:
        return request.META.get("REMOTE_ADDR") or None
