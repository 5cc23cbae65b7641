"""What the till's side holds for a while: events of terminals that nobody has mapped, and documents that nobody could
read."""

from collections.abc import Iterator

from django.db.models import QuerySet

from pos.models import HeldEvent
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
