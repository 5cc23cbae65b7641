"""How the audit page tells what happened to tills."""

from privacy.presenters import Phrase

PHRASES: dict[str, Phrase] = {
    "terminal.mapped": lambda event: (
        f"mapped terminal {event.object_id} of store {event.store_code} to lane {event.data['lane']}"
    ),
    "ticket.accepted": (
        "took ticket {object_id} of till {terminal} of store {store_code} as it is, though it does not add up"
        " (lines {found}, total {declared}, paid {tendered})"
    ),
}
