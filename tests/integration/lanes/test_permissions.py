"""Memberships decide; guardian's grants and the staff flag only mirror them."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from guardian.models import UserObjectPermission

from lanes.models import Store, StoreMembership, grant_codename
from lanes.permissions import check_may, may, may_somewhere, stores_for
from lanes.services.memberships import membership_add, membership_remove
from privacy.domain.roles import Permission, Role, permissions_of
from privacy.models import AuditEvent, User
from tests.factories.stores import small_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def stores() -> list[Store]:
    return [small_store(code).store for code in ("S001", "S002")]


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana")


def grants(user: User) -> set[tuple[str, str]]:
    return set(UserObjectPermission.objects.filter(user=user).values_list("object_pk", "permission__codename"))


@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_the_code_says_in_its_store_only(role, ana, stores):
    membership_add(actor="test", user=ana, store=stores[0], role=role)
    for permission in Permission:
        held = permission in permissions_of(role)
        assert may(ana, permission, stores[0]) is held
        assert may(ana, permission, stores[1]) is False
        assert list(stores_for(ana, permission)) == ([stores[0]] if held else [])
        assert may_somewhere(ana, permission) is held


def test_nobody_else_may_anything(ana, stores):
    membership_add(actor="test", user=ana, store=stores[0], role=Role.ADMINISTRATOR)
    ana.is_active = False
    for person in (ana, AnonymousUser(), User.objects.create_user("new")):
        assert not any(may(person, p, store) for p in Permission for store in stores)


def test_a_superuser_is_the_administrator_of_every_store(stores):
    root = User.objects.create_superuser("root")
    assert list(stores_for(root, Permission.MAP_EDIT)) == stores


def test_a_superuser_may_enter_before_there_is_a_store():
    assert may_somewhere(User.objects.create_superuser("root"), Permission.MAP_EDIT)


def test_a_typo_is_an_error(ana, stores):
    with pytest.raises(ValueError, match="not a valid Permission"):
        may(ana, "cases.veiw", stores[0])


def test_services_refuse_with_a_sentence(ana, stores):
    with pytest.raises(PermissionDenied, match=r"ana may not do map\.edit in store S001"):
        check_may(ana, Permission.MAP_EDIT, stores[0])
    check_may("provision", Permission.MAP_EDIT, stores[0])


def test_guardian_mirrors_two_roles_and_forgets_one(ana, stores):
    analyst = membership_add(actor="test", user=ana, store=stores[0], role=Role.ANALYST)
    membership_add(actor="test", user=ana, store=stores[0], role=Role.INSTALLER)
    both = permissions_of(Role.ANALYST) | permissions_of(Role.INSTALLER)
    assert grants(ana) == {(str(stores[0].pk), grant_codename(p)) for p in both}
    assert ana.has_perm("lanes.map_edit", stores[0])
    membership_remove(actor="test", membership=analyst)
    assert grants(ana) == {(str(stores[0].pk), grant_codename(p)) for p in permissions_of(Role.INSTALLER)}


def test_deleting_a_store_takes_its_grants_along(ana, stores):
    StoreMembership.objects.create(user=ana, store=stores[0], role=Role.ANALYST)
    stores[0].delete()
    assert grants(ana) == set()


@pytest.mark.parametrize(
    ("role", "enters"),
    [
        (Role.REVIEWER, False),
        (Role.STORE_MANAGER, False),
        (Role.ANALYST, False),
        (Role.PRIVACY_OFFICER, True),  # governance is edited there, and nowhere else
        (Role.INSTALLER, True),
        (Role.ADMINISTRATOR, True),
    ],
)
def test_who_enters_the_admin_site(role, enters, ana, stores):
    membership = membership_add(actor="test", user=ana, store=stores[0], role=role)
    ana.refresh_from_db()
    assert ana.is_staff is enters
    membership_remove(actor="test", membership=membership)
    ana.refresh_from_db()
    assert ana.is_staff is False


def test_a_superuser_stays_staff(stores):
    root = User.objects.create_superuser("root")
    membership_remove(
        actor="test", membership=membership_add(actor="test", user=root, store=stores[0], role=Role.REVIEWER)
    )
    root.refresh_from_db()
    assert root.is_staff


def test_memberships_are_history_and_safe_to_repeat(ana, stores):
    for _ in range(2):
        membership_add(actor="test", user=ana, store=stores[0], role=Role.ANALYST)
    event = AuditEvent.objects.get()
    assert (event.action, event.object_id, event.store_code) == ("membership.added", "ana", "S001")
    assert event.data == {"role": "analyst"}
