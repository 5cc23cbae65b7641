"""Roles as code: what each role is for and what it may do.

A role is held at a store (``lanes.StoreMembership``); an administrator may be
store-less. Permissions are named after the act, not after the page.
"""

from enum import StrEnum


class Permission(StrEnum):
    CASES_VIEW = "cases.view"
    CASES_DECIDE = "cases.decide"
    REPORTS_VIEW = "reports.view"
    AUDIT_VIEW = "audit.view"
    GOVERNANCE_EDIT = "governance.edit"
    MAP_VIEW = "map.view"
    MAP_EDIT = "map.edit"
    USERS_EDIT = "users.edit"


class Role(StrEnum):
    REVIEWER = "reviewer"
    STORE_MANAGER = "store_manager"
    ANALYST = "analyst"
    PRIVACY_OFFICER = "privacy_officer"
    INSTALLER = "installer"
    ADMINISTRATOR = "administrator"


ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.REVIEWER: frozenset({Permission.CASES_VIEW, Permission.CASES_DECIDE}),
    Role.STORE_MANAGER: frozenset(
        {
            Permission.CASES_VIEW,
            Permission.CASES_DECIDE,
            Permission.REPORTS_VIEW,
            Permission.MAP_VIEW,
        }
    ),
    # An analyst sees figures and cases but never decides: two hats, two people.
    Role.ANALYST: frozenset({Permission.CASES_VIEW, Permission.REPORTS_VIEW}),
    Role.PRIVACY_OFFICER: frozenset(
        {
            Permission.AUDIT_VIEW,
            Permission.GOVERNANCE_EDIT,
            Permission.REPORTS_VIEW,
            Permission.MAP_VIEW,
        }
    ),
    # The installer maps cameras to lanes and needs no case to do so.
    Role.INSTALLER: frozenset({Permission.MAP_VIEW, Permission.MAP_EDIT}),
    Role.ADMINISTRATOR: frozenset(Permission),
}


def permissions_of(role: Role | str) -> frozenset[Permission]:
    """What ``role`` may do. Raises ValueError for a role that is not in the code."""
    return ROLE_PERMISSIONS[Role(role)]


def roles_with(permission: Permission | str) -> frozenset[Role]:
    """The roles that may do ``permission``. Raises ValueError for an unknown one."""
    wanted = Permission(permission)
    return frozenset(role for role, held in ROLE_PERMISSIONS.items() if wanted in held)
