"""What the till's side holds about people before it is asked for, and beside what it stores for good."""

from collections.abc import Iterator

from django.db.models import QuerySet

from pos.models import HeldEvent
from pos.services.kept_files import kept_files_expire
from pos.services.sources import previews_expire
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
        name="pos.previews",
        description="The last lines of a till's source, without card and loyalty numbers and names, for an hour.",
        export=lambda subject: [],  # nobody can be told apart in it
        erase=lambda subject: 0,
        expire=lambda now: previews_expire(now=now),
    )
)
personal_data_register(
    PersonalData(
        name="pos.files",
        description="Documents of tills as they came: a week once they were read, thirty days if they could not be.",
        export=lambda subject: [],  # receipts as bytes, by the name of their file: no index of people
        erase=lambda subject: 0,
        expire=lambda now: kept_files_expire(now=now),
    )
)
