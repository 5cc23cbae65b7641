"""Who may do what: the whole table, so that a change of it is a change here."""

import pytest

from privacy.domain.roles import Permission, Role, permissions_of, roles_with

#                       view   decide reports audit  govern map    mapedit users
TABLE = {
    Role.REVIEWER:        (True,  True,  False, False, False, False, False, False),
    Role.STORE_MANAGER:   (True,  True,  True,  False, False, True,  False, False),
    Role.ANALYST:         (True,  False, True,  False, False, False, False, False),
    Role.PRIVACY_OFFICER: (False, False, True,  True,  True,  True,  False, False),
    Role.INSTALLER:       (False, False, False, False, False, True,  True,  False),
    Role.ADMINISTRATOR:   (True,  True,  True,  True,  True,  True,  True,  True),
}  # fmt: skip
COLUMNS = [
    Permission.CASES_VIEW,
    Permission.CASES_DECIDE,
    Permission.REPORTS_VIEW,
    Permission.AUDIT_VIEW,
    Permission.GOVERNANCE_EDIT,
    Permission.MAP_VIEW,
    Permission.MAP_EDIT,
    Permission.USERS_EDIT,
]


def test_the_table_is_whole():
    assert set(TABLE) == set(Role)
    assert set(COLUMNS) == set(Permission)


@pytest.mark.parametrize("role", Role)
def test_permissions_of_a_role(role):
    assert {p: p in permissions_of(role) for p in COLUMNS} == dict(zip(COLUMNS, TABLE[role], strict=True))


@pytest.mark.parametrize("permission", Permission)
def test_roles_with_a_permission(permission):
    column = COLUMNS.index(permission)
    assert roles_with(permission) == {role for role, row in TABLE.items() if row[column]}


def test_a_typo_is_not_a_refusal():
    with pytest.raises(ValueError, match=r"cases\.veiw"):
        roles_with("cases.veiw")
    with pytest.raises(ValueError, match="reviwer"):
        permissions_of("reviwer")
