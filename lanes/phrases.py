"""How the audit page tells what happened to the map."""

from privacy.models import AuditEvent
from privacy.presenters import Phrase


def _provisioned(event: AuditEvent) -> str:
    count = len(event.data["changes"])
    return f"provisioned store {event.store_code} from a file ({count} {'change' if count == 1 else 'changes'})"


def _scopes(event: AuditEvent) -> str:
    return ", ".join(event.data["scopes"])


PHRASES: dict[str, Phrase] = {
    "store.provisioned": _provisioned,
    "camera.snapshot_viewed": "looked at the picture of camera {object_id} of store {store_code}",
    "governance.changed": "changed the governance of store {store_code}",
    "camera.on": "switched camera {object_id} of store {store_code} on",
    "camera.off": "switched camera {object_id} of store {store_code} off",
    "key.created": lambda event: (
        f"created API key {event.data['name']} ({_scopes(event)}) for store {event.store_code}"
    ),
    "key.changed": lambda event: f"changed the scopes of API key {event.data['name']} to {_scopes(event)}",
    "key.revoked": "revoked API key {name} of store {store_code}",
    "membership.added": lambda event: f"made {event.object_id} {_role(event)} of store {event.store_code}",
    "membership.removed": lambda event: (
        f"took from {event.object_id} the role {_role(event)} in store {event.store_code}"
    ),
}


def _role(event: AuditEvent) -> str:
    return event.data["role"].replace("_", " ")
