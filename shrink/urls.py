"""Every route of the product: each app brings its pages, its API and its websockets; this file only mounts them."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.contrib import admin
from django.urls import include, path

APPS = ["privacy", "lanes", "pos", "vision", "cases", "edge", "shrink.api"]


def _patterns(module: str, name: str) -> list[Any]:
    """`name` of `<app>.<module>` over all apps that have it."""
    found = [f"{app}.{module}" for app in APPS if find_spec(app) and find_spec(f"{app}.{module}")]
    return [pattern for path_ in found for pattern in getattr(import_module(path_), name, [])]


urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include(_patterns("urls", "api_urlpatterns"))),
    *_patterns("urls", "urlpatterns"),
]
websocket_urlpatterns = _patterns("routing", "websocket_urlpatterns")
