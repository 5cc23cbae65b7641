"""How the audit page tells what happened to tills."""

from privacy.presenters import Phrase

PHRASES: dict[str, Phrase] = {
    "peers.viewed": "looked at the operators of store {store_code} compared with each other",
    "terminal.mapped": lambda event: (
        f"mapped terminal {event.object_id} of store {event.store_code} to lane {event.data['lane']}"
    ),
    "feed.created": "set up {kind} {object_id} of store {store_code}",
    "feed.changed": lambda event: (
        f"changed {', '.join(event.data['fields'])} of {event.data['kind']} {event.object_id}"
        f" of store {event.store_code}"
    ),
    "feed.secret_changed": "entered a new secret for {kind} {object_id} of store {store_code}",
    "feed.deleted": "deleted {kind} {object_id} of store {store_code}",
    "till.tried": "sent {sent} events to store {store_code} from the page for trying a till ({accepted} of them new)",
}
