"""A small store to test against: two lanes, a terminal and a camera each, and keys."""

from dataclasses import dataclass

from django.test import Client

from lanes.models import ApiKey, Camera, Lane, Store, StoreMembership, Terminal
from privacy.models import User


@dataclass(frozen=True)
class SmallStore:
    store: Store
    lanes: list[Lane]
    terminals: list[Terminal]
    cameras: list[Camera]


def small_store(code: str = "S001", timezone: str = "Europe/Madrid") -> SmallStore:
    """Lanes L1 and L2, terminals T1 and T2, cameras L1-top and L2-top."""
    store = Store.objects.create(code=code, name=f"Store {code}", timezone=timezone, currency="EUR", country="ES")
    lanes = [Lane.objects.create(store=store, code=f"L{n}", kind="staffed") for n in (1, 2)]
    terminals = [Terminal.objects.create(store=store, lane=lane, code=f"T{n}") for n, lane in enumerate(lanes, 1)]
    cameras = [
        Camera.objects.create(store=store, lane=lane, code=f"L{n}-top", source="rtsp://127.0.0.1:1/none")
        for n, lane in enumerate(lanes, 1)
    ]
    return SmallStore(store, lanes, terminals, cameras)


def key_of(store: Store, *scopes: str, name: str = "", **fields: object) -> str:
    """A new key of ``store``; returns the secret."""
    _, secret = ApiKey.objects.create_key(
        store=store, name=name or "+".join(scopes) or "bare", scopes=list(scopes), **fields
    )
    return secret


def signed_in(shop: SmallStore, role: str, *, csrf: bool = False) -> Client:
    """The browser of a new user, called as the role that they hold at ``shop``."""
    user = User.objects.create_user(role)
    StoreMembership.objects.create(user=user, store=shop.store, role=role)
    client = Client(enforce_csrf_checks=csrf)
    client.force_login(user)
    return client
