"""The live channel: who hears what, asked again at every message."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable

import pytest
from asgiref.sync import sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from django.conf import settings
from django.db import transaction
from django.test import Client

from cases.consumers import SIGNED_OUT
from cases.live import push
from cases.models import Case
from cases.routing import websocket_urlpatterns
from cases.services.cases import case_decide
from lanes.models import StoreMembership
from privacy.models import User
from tests.factories.cases import case_at, person
from tests.factories.stores import SmallStore, small_store
from tests.websocket import WebsocketCommunicator

pytestmark = pytest.mark.django_db(transaction=True)
application = AuthMiddlewareStack(URLRouter(websocket_urlpatterns))


@pytest.fixture
def here() -> SmallStore:
    return small_store()


@pytest.fixture
async def connect() -> AsyncIterator[Callable]:
    opened: list[WebsocketCommunicator] = []

    async def open_as(user: User | None, client: Client | None = None) -> WebsocketCommunicator:
        cookie = b""
        if user is not None:
            client = client or Client()
            await sync_to_async(client.force_login)(user)
            cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}".encode()
        socket = WebsocketCommunicator(application, "/ws/cases/", headers=[(b"cookie", cookie)])
        await socket.connect()
        opened.append(socket)
        return socket

    yield open_as
    for socket in opened:
        await socket.disconnect()


async def told(socket: WebsocketCommunicator) -> dict:
    return await socket.receive_json()


async def test_a_stranger_is_turned_away(connect: Callable) -> None:
    socket = await connect(None)
    assert (await socket.receive_output(5)) == {"type": "websocket.close", "code": SIGNED_OUT}


async def test_a_change_is_told_with_ids_only(connect: Callable, here: SmallStore) -> None:
    socket = await connect(await sync_to_async(person)("ana", role="reviewer", shop=here))
    assert await told(socket) == {"type": "ready"}
    case_id = uuid.uuid4()
    await sync_to_async(push)(here.store.pk, case_id, "created")
    assert await told(socket) == {"type": "case", "id": str(case_id), "what": "created"}


async def test_another_store_is_never_heard(connect: Callable, here: SmallStore) -> None:
    other = await sync_to_async(small_store)("S002")
    socket = await connect(await sync_to_async(person)("ana", role="reviewer", shop=here))
    await told(socket)
    await sync_to_async(push)(other.store.pk, uuid.uuid4(), "created")
    mine = uuid.uuid4()
    await sync_to_async(push)(here.store.pk, mine, "created")
    assert (await told(socket))["id"] == str(mine), "the first thing heard is of the own store"


async def test_a_role_without_cases_hears_nothing(connect: Callable, here: SmallStore) -> None:
    socket = await connect(await sync_to_async(person)("olga", role="privacy_officer", shop=here))
    await told(socket)
    await sync_to_async(push)(here.store.pk, uuid.uuid4(), "created")
    assert await socket.receive_nothing(0.3)


async def test_a_withdrawn_membership_silences_an_open_page(connect: Callable, here: SmallStore) -> None:
    socket = await connect(await sync_to_async(person)("ana", role="reviewer", shop=here))
    await told(socket)
    await sync_to_async(StoreMembership.objects.all().delete)()
    await sync_to_async(push)(here.store.pk, uuid.uuid4(), "created")
    assert await told(socket) == {"type": "stores"}, "told to look again, not what happened"
    await sync_to_async(push)(here.store.pk, uuid.uuid4(), "created")
    assert await socket.receive_nothing(0.3)


@pytest.mark.parametrize("ending", ["signs out", "is switched off", "gets a new password"])
async def test_a_session_that_ended_ends_the_channel(connect: Callable, here: SmallStore, ending: str) -> None:
    user, client = await sync_to_async(person)("ana", role="reviewer", shop=here), Client()
    socket = await connect(user, client)
    await told(socket)
    if ending == "signs out":
        await sync_to_async(client.logout)()
    elif ending == "is switched off":
        await sync_to_async(User.objects.update)(is_active=False)
    else:
        await sync_to_async(user.set_password)("another long password")
        await sync_to_async(user.save)()
    await sync_to_async(push)(here.store.pk, uuid.uuid4(), "created")
    assert (await socket.receive_output(5)) == {"type": "websocket.close", "code": SIGNED_OUT}


async def test_a_decision_reaches_the_open_pages(connect: Callable, here: SmallStore) -> None:
    user = await sync_to_async(person)("ana", role="reviewer", shop=here)
    case: Case = await sync_to_async(case_at)(here)
    socket = await connect(user)
    await told(socket)
    await sync_to_async(case_decide)(actor=user, case_id=case.pk, outcome="dismiss", reason="camera_error")
    assert await told(socket) == {"type": "case", "id": str(case.pk), "what": "decided"}


async def test_what_is_rolled_back_is_never_told(connect: Callable, here: SmallStore) -> None:
    socket = await connect(await sync_to_async(person)("ana", role="reviewer", shop=here))
    await told(socket)

    def change_and_fail() -> None:
        with transaction.atomic():
            case_at(here)
            transaction.set_rollback(True)

    await sync_to_async(change_and_fail)()
    assert await socket.receive_nothing(0.3)


async def test_the_page_says_that_it_lives(connect: Callable, here: SmallStore) -> None:
    socket = await connect(await sync_to_async(person)("ana", role="reviewer", shop=here))
    await told(socket)
    await socket.send_json({"type": "ping"})
    assert await told(socket) == {"type": "pong"}
