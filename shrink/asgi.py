"""The web entry point: HTTP, websockets and, for the embedded channel layer, the server's start and stop."""

import os
from collections.abc import Awaitable, Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shrink.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.auth import AuthMiddlewareStack
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

from shrink.urls import websocket_urlpatterns


async def lifespan(scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Any]) -> None:
    """Start and stop the channel layer with the server, where the layer has something to start."""
    layer = get_channel_layer()
    while (await receive())["type"] == "lifespan.startup":
        if hasattr(layer, "startup"):
            await layer.startup()
        await send({"type": "lifespan.startup.complete"})
    if hasattr(layer, "shutdown"):
        await layer.shutdown()
    await send({"type": "lifespan.shutdown.complete"})


application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
        "lifespan": lifespan,
    }
)
