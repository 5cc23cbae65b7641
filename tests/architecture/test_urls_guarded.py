"""Every route asks who is there, or is on this short list."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

PUBLIC = {
    "admin/login/": "where one signs in",
    "admin/logout/": "only ends a session",
    "admin/jsi18n/": "words for the admin's own scripts",
    "login/": "where one signs in",
    "logout/": "only ends a session",
    "api/v1/schema": "the contract is public",
    "api/v1/docs": "the contract is public",
    "api/v1/": "what is not there says so",
}
UUID = "00000000-0000-4000-8000-000000000000"


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern).lstrip("^").rstrip("$")
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        else:
            yield route, entry


def ours() -> list[str]:
    found = [route for route, _ in routes(get_resolver())]
    return sorted({route for route in found if not route.startswith("admin/") and "(?P" not in route})


def filled(route: str) -> str:
    """A path for the route, with a value for each of its parts."""
    parts = []
    for part in route.split("/"):
        if part.startswith("<"):
            kind = part[1:-1].partition(":")[0]
            part = UUID if kind == "uuid" else "1" if kind == "int" else "x"
        parts.append(part)
    return "/" + "/".join(parts)


@pytest.mark.django_db
@pytest.mark.parametrize("route", ours())
def test_a_stranger_is_turned_away(route: str, client: Client) -> None:
    if route in PUBLIC:
        return
    for method in ("get", "post"):
        answer = getattr(client, method)(filled(route))
        turned_away = answer.status_code in (401, 403, 405) or (
            answer.status_code == 302 and "login" in answer.headers["Location"]
        )
        assert turned_away, f"{method} {route} answered {answer.status_code} to a stranger"


def test_there_are_routes_to_guard() -> None:
    assert any(route.startswith("api/v1/") for route in ours())
