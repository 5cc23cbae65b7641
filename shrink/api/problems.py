"""Every error of the API as RFC 9457 ``application/problem+json``.

``{type, title, status, detail, code, errors?}``: ``code`` is for programs and
stays as it is, ``detail`` is for people and says what to do, ``errors`` lists
what is wrong field by field.
"""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

CONTENT_TYPE = "application/problem+json"
SIGN_IN = "Send the header 'Authorization: Api-Key <key>' with a key of the store, or sign in."
_log = logging.getLogger(__name__)


def problem_handler(exc: Exception, context: dict[str, Any]) -> Response:
    """DRF's EXCEPTION_HANDLER: whatever was raised, as a problem."""
    set_rollback()
    known = _api_exception(exc)
    if known is None:
        # Django's own 500 path still hears of it (logs, test client), but the caller gets a problem.
        _log.exception("unexpected error in %s", context.get("view").__class__.__name__)
        got_request_exception.send(sender=type(context.get("view")), request=context.get("request"))
        known = exceptions.APIException("Something broke on our side; it has been logged. Try again later.", "internal")
    return problem_response(known)


def _api_exception(exc: Exception) -> exceptions.APIException | None:
    if isinstance(exc, exceptions.NotAuthenticated):
        refused = exceptions.NotAuthenticated(SIGN_IN)
        refused.auth_header = getattr(exc, "auth_header", None)
        return refused
    if isinstance(exc, exceptions.APIException):
        return exc
    if isinstance(exc, Http404):
        return exceptions.NotFound("There is nothing here that you may see.")
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied(str(exc) or None)
    if isinstance(exc, BadRequest | SuspiciousOperation):
        return exceptions.ParseError(str(exc) or None)
    return None


def problem_response(exc: exceptions.APIException) -> Response:
    """``exc`` as a Response; the headers that DRF hangs on exceptions come along."""
    body = problem_body(exc.status_code, exc.get_codes(), exc.detail)
    headers = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = exc.auth_header
    if getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(exc.wait))
    return Response(body, status=exc.status_code, headers=headers, content_type=CONTENT_TYPE)


def problem_body(status: int, codes: Any, detail: Any) -> dict[str, Any]:
    """The document itself. ``detail`` is a sentence, or DRF's tree of field errors (codes alike)."""
    code = codes if isinstance(codes, str) else "invalid"
    body = {
        "type": f"/api/v1/docs#problem-{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail if isinstance(detail, str) else "Some fields cannot be used; see errors.",
        "code": code,
    }
    if not isinstance(detail, str):
        body["errors"] = [
            {"pointer": pointer, "code": one.code, "detail": str(one)} for pointer, one in _leaves(detail)
        ]
    return body


def _leaves(tree: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(tree, dict):
        for name, branch in tree.items():
            yield from _leaves(branch, f"{pointer}/{name}")
    elif isinstance(tree, list):
        for branch in tree:
            yield from _leaves(branch, pointer)
    else:
        yield pointer, tree
