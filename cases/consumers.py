"""The websocket of the open pages. Says which case changed; every message asks again whether it may."""

from __future__ import annotations

from typing import Any, TypedDict

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest
from django.utils.module_loading import import_string

from cases.live import group_of
from lanes.permissions import may, stores_for
from privacy.domain.roles import Permission

SIGNED_OUT = 4401


class CaseChanged(TypedDict):
    """What travels through the channel layer: ids, no content."""

    type: str
    store_id: int
    case_id: str
    what: str


class CasesConsumer(AsyncJsonWebsocketConsumer):
    """`{"type": "case", "id", "what"}` for a change; `{"type": "stores"}` when the permitted stores shrank."""

    async def connect(self) -> None:
        self.stores: set[int] = set()
        await self.accept()
        stores = await self._stores()
        if stores is None:
            await self.close(SIGNED_OUT)
            return
        for store_id in stores:
            await self._join(store_id)
        await self.send_json({"type": "ready"})

    async def disconnect(self, code: int) -> None:
        for store_id in list(getattr(self, "stores", ())):
            await self._leave(store_id)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """The pages have nothing to say but that they live."""
        if isinstance(content, dict) and content.get("type") == "ping":
            await self.send_json({"type": "pong"})

    async def case_changed(self, message: CaseChanged) -> None:
        allowed = await self._may(message["store_id"])
        if allowed is None:
            await self.close(SIGNED_OUT)
        elif allowed:
            await self.send_json({"type": "case", "id": message["case_id"], "what": message["what"]})
        else:
            await self._leave(message["store_id"])
            await self.send_json({"type": "stores"})

    async def _join(self, store_id: int) -> None:
        await self.channel_layer.group_add(group_of(store_id), self.channel_name)
        self.stores.add(store_id)

    async def _leave(self, store_id: int) -> None:
        await self.channel_layer.group_discard(group_of(store_id), self.channel_name)
        self.stores.discard(store_id)

    @database_sync_to_async
    def _stores(self) -> list[int] | None:
        user = self._user()
        return list(stores_for(user, Permission.CASES_VIEW).values_list("pk", flat=True)) if user else None

    @database_sync_to_async
    def _may(self, store_id: int) -> bool | None:
        user = self._user()
        return may(user, Permission.CASES_VIEW, store_id) if user else None

    def _user(self) -> Any:
        """Who this is now: the session is read again, so signing out or a new password ends the stream."""
        session = self.scope.get("session")
        store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
        request = HttpRequest()
        request.session = store(getattr(session, "session_key", None))
        user = auth.get_user(request)
        return user if user.is_authenticated and user.is_active else None
