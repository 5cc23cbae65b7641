"""How the audit page tells what happened to tills."""

from privacy.presenters import Phrase

PHRASES: dict[str, Phrase] = {
    "terminal.mapped": lambda event: (
        f"mapped terminal {event.object_id} of store {event.store_code} to lane {event.data['lane']}"
    ),
    "source.previewed": "looked at what till source {object_id} of store {store_code} sends",
    "source.on": "switched till source {object_id} of store {store_code} on",
    "source.off": "switched till source {object_id} of store {store_code} off",
}
