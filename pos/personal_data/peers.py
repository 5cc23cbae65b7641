"""A store's operators compared with each other."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet

from pos.models import PeerComparison
from privacy.registry import PersonalData, Subject, personal_data_register

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
