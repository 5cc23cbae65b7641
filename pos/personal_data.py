"""What the till's side holds about people: events of terminals that nobody has mapped, and who accepted a ticket."""

from collections.abc import Iterator

from django.db.models import QuerySet

from pos.models import HeldEvent, QuarantinedTicket
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


def _accepted(subject: Subject) -> QuerySet[QuarantinedTicket]:
    if subject.kind != "user" or not subject.value:
        return QuarantinedTicket.objects.none()
    return QuarantinedTicket.objects.filter(released_by=subject.value)


def _accepted_export(subject: Subject) -> Iterator[dict]:
    for row in _accepted(subject):
        yield {"ticket": row.transaction, "reason": row.release_reason, "released_at": str(row.released_at)}


personal_data_register(
    PersonalData(
        name="pos.accepted_tickets",
        description="Who took a ticket as it is that does not add up, and why.",
        export=_accepted_export,
        erase=lambda subject: _accepted(subject).update(released_by="erased"),
        # Kept as long as the ticket: it says on whose word it was judged.
        expire=lambda now: 0,
    )
)
