"""Who took a ticket as it is that does not add up."""

from collections.abc import Iterator

from django.db.models import QuerySet

from pos.models import QuarantinedTicket
from privacy.registry import PersonalData, Subject, personal_data_register


def _of(subject: Subject) -> QuerySet[QuarantinedTicket]:
    if subject.kind != "user" or not subject.value:
        return QuarantinedTicket.objects.none()
    return QuarantinedTicket.objects.filter(released_by=subject.value)


def _export(subject: Subject) -> Iterator[dict]:
    for row in _of(subject):
        yield {"ticket": row.transaction, "reason": row.release_reason, "released_at": str(row.released_at)}


personal_data_register(
    PersonalData(
        name="pos.accepted_tickets",
        description="Who took a ticket as it is that does not add up, and why.",
        export=_export,
        erase=lambda subject: _of(subject).update(released_by="erased"),
        # Kept as long as the ticket: it says on whose word it was judged.
        expire=lambda now: 0,
    )
)
