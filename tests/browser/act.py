# ruff: noqa: E402  Django must be set up before its models are imported
"""What happens at the store while a browser looks: run as another process against the same DATA_DIR.

`python -m tests.browser.act NAME [ARGUMENT]` prints one line of JSON.
"""

import json
import os
import sys
from collections.abc import Callable
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shrink.settings")

import django

django.setup()

from django.db import transaction
from django.utils import timezone

from cases.models import Case, Discrepancy
from cases.services.cases import case_decide
from cases.signals import case_changed
from lanes.models import Camera, Lane, Store, StoreMembership, Terminal
from pos.models import PosEvent, PosSource
from pos.services.sources import PreviewSeen, SourceNews, sources_note
from privacy.models import User
from tests.factories.cases import case_at, evidence_of, person
from tests.factories.doors import receipt, source_made
from tests.factories.stores import SmallStore, small_store


def shop() -> SmallStore:
    store = Store.objects.get(code="S001")
    rows = (model.objects.filter(store=store).order_by("code") for model in (Lane, Terminal, Camera))
    return SmallStore(store, *(list(found) for found in rows))


def open_store(_: str) -> object:
    built = small_store()
    person("ana", role="reviewer", shop=built)
    person("berta", role="reviewer", shop=built)
    person("ines", role="installer", shop=built)
    return built.store.code


def arrive(name: str) -> object:
    """A case with its clip, as the judge and the clip maker leave one."""
    case = case_at(shop(), name=name, at=timezone.now() - timedelta(seconds=20), lane=len(name) % 2)
    evidence_of(case)
    _tell(case, "evidence")
    return str(case.pk)


def dismiss(case_id: str) -> object:
    """By somebody else."""
    berta = User.objects.get(username="berta")
    return str(case_decide(actor=berta, case_id=case_id, outcome="dismiss", reason="camera_error").pk)


def withdraw(case_id: str) -> object:
    case = Case.objects.get(pk=case_id)
    Discrepancy.objects.filter(pk=case.discrepancy_id).update(withdrawn_reason="A late line explains it.")
    Case.objects.filter(pk=case_id).update(status=Case.Status.WITHDRAWN)
    _tell(case, "withdrawn")
    return case_id


def told(terminal: str) -> object:
    """The types of what this terminal has said, in order, and where it came from."""
    rows = PosEvent.objects.filter(terminal__code=terminal).order_by("occurred_at", "id")
    return [[row.type, row.data.get("source"), row.data.get("training")] for row in rows]


def revoke(username: str) -> object:
    return StoreMembership.objects.filter(user__username=username).delete()[0]


def tell(case_id: str) -> object:
    _tell(Case.objects.get(pk=case_id), "changed")
    return case_id


def till_says(number: str) -> object:
    """The listener tells of a receipt that a printer's line brought: what the page of its source shows."""
    found = PosSource.objects.filter(name="printer").first() or source_made(shop(), "tcp_listen", name="printer")
    raw = b"".join(receipt(n, first=b"\x02", end=b"END\n") for n in range(1, int(number) + 1))
    news = SourceNews(found.pk, heard_at=timezone.now(), events=5, preview=PreviewSeen(raw, [], []))
    sources_note(news=[news], now=timezone.now())
    return found.pk


def _tell(case: Case, what: str) -> None:
    with transaction.atomic():
        case_changed.send(Case, case_id=case.pk, store_id=case.store_id, what=what)


ACTS: dict[str, Callable[[str], object]] = {
    act.__name__: act for act in (open_store, arrive, dismiss, withdraw, revoke, tell, told, till_says)
}

if __name__ == "__main__":
    name, argument = [*sys.argv[1:], ""][:2]
    print(json.dumps(ACTS[name](argument)))
