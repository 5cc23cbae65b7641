"""What the till's side holds about people: events of terminals that nobody has mapped, operators compared, and for a
while documents that nobody could read."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet

from pos.models import HeldEvent, PeerComparison
from pos.services.refused import refused_expire
from pos.services.unknown import held_expire
from privacy.registry import PersonalData, Subject, personal_data_register


def _of(subject: Subject) -> QuerySet[HeldEvent]:
    if subject.kind != "operator" or not subject.value:
        return HeldEvent.objects.none()
    return HeldEvent.objects.filter(terminal__store__code=subject.store_code, row__operator=subject.value)


def _export(subject: Subject) -> Iterator[dict]:
    for held in _of(subject).select_related("terminal"):
        yield {"terminal": held.terminal.code, "id": held.external_id, "type": held.row["type"]}


personal_data_register(
    PersonalData(
        name="pos.held",
        description="Events of terminals that no lane has yet, with operators' pseudonyms, for a week.",
        export=_export,
        erase=lambda subject: _of(subject).delete()[0],
        expire=lambda now: held_expire(now=now),
    )
)
personal_data_register(
    PersonalData(
        name="pos.refused",
        description="How refused documents of webhooks and polls are built, with nothing that they say, for a week.",
        export=lambda subject: iter(()),
        erase=lambda subject: 0,
        expire=lambda now: refused_expire(now=now),
    )
)

COMPARISONS_KEPT = timedelta(days=28)


def _comparisons(subject: Subject) -> QuerySet[PeerComparison]:
    if subject.kind != "operator" or not subject.value:
        return PeerComparison.objects.none()
    return PeerComparison.objects.filter(store__code=subject.store_code, by=PeerComparison.By.OPERATOR)


def _compared(subject: Subject) -> Iterator[dict]:
    for comparison in _comparisons(subject):
        yield from (score for score in comparison.report["scores"] if score["subject"] == subject.value)


def _comparisons_expire(now: datetime) -> int:
    """A store where nothing is compared any more: its lanes' figures may stay, its operators' not."""
    old = PeerComparison.objects.filter(by=PeerComparison.By.OPERATOR, made_at__lt=now - COMPARISONS_KEPT)
    return old.delete()[0]


personal_data_register(
    PersonalData(
        name="pos.peers",
        description="The latest comparison of a store's operators with each other, under pseudonyms.",
        export=_compared,
        # What is left would still tell of whoever is missing: it is worked out anew without the events that went.
        erase=lambda subject: _comparisons(subject).delete()[0],
        expire=_comparisons_expire,
    )
)
