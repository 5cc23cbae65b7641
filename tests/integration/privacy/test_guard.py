"""History cannot be rewritten: not by the ORM, not around it."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from privacy.audit import audit_expire, audit_record
from privacy.guard import TABLE, guard_install
from privacy.models import AppendOnly, AuditEvent, User
from privacy.presenters import audit_sentence

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> AuditEvent:
    return audit_record(actor="test", action="case.viewed", object_type="case", object_id=7, store_code="S001")


@pytest.fixture
def guarded(event: AuditEvent) -> None:
    guard_install(connection)


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda event: event.save(),
        lambda event: event.delete(),
        lambda event: AuditEvent.objects.update(actor="nobody"),
        lambda event: AuditEvent.objects.filter(pk=event.pk).delete(),
        lambda event: AuditEvent.objects.all().delete(),
        lambda event: AuditEvent.objects.bulk_update([event], ["actor"]),
        lambda event: AuditEvent.objects.update_or_create(pk=event.pk, defaults={"actor": "nobody"}),
        lambda event: AuditEvent.objects.bulk_create(
            [event], update_conflicts=True, update_fields=["actor"], unique_fields=["id"]
        ),
        lambda event: AuditEvent._base_manager.update(actor="nobody"),
        lambda event: AuditEvent._base_manager.all().delete(),
    ],
)
def test_the_orm_refuses(event, rewrite):
    with pytest.raises(AppendOnly, match="append-only"):
        rewrite(event)
    assert AuditEvent.objects.get().actor == "test"


@pytest.mark.parametrize("statement", [f"UPDATE {TABLE} SET actor = 'nobody'", f"DELETE FROM {TABLE}"])
def test_the_database_refuses(guarded, statement):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEvent.objects.get().actor == "test"


def test_the_database_takes_new_history(guarded):
    audit_record(actor="test", action="case.viewed")
    assert AuditEvent.objects.count() == 2


def test_the_guard_may_be_installed_again(guarded):
    guard_install(connection)


def test_retention_is_the_one_way_and_is_history_itself(guarded):
    now = timezone.now()
    assert audit_expire(actor="retention", before=now) == 1
    (left,) = AuditEvent.objects.all()
    assert (left.action, left.data["removed"]) == ("audit.expired", 1)
    assert audit_sentence(left) == f"The system (retention) removed 1 audit events from before {now.isoformat()}."
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE}")


def test_retention_with_nothing_to_do_leaves_no_trace(guarded):
    assert audit_expire(actor="retention", before=timezone.now().replace(year=2000)) == 0
    assert AuditEvent.objects.count() == 1


def test_erasing_a_person_leaves_history_whole():
    ana = User.objects.create_user("ana")
    audit_record(actor=ana, action="case.viewed", object_type="case", object_id=7)
    ana.delete()
    assert AuditEvent.objects.get(action="case.viewed").actor == "ana"
