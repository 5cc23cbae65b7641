"""How the audit page tells what happened to tills, tickets and what tills asked."""

from privacy.models import AuditEvent
from privacy.presenters import Phrase


def _rule(event: AuditEvent) -> str:
    was, now = event.data["was"], event.data["is"]
    done = f"changed the approval rule '{was}' to '{now}'" if was and now else ""
    done = done or (f"added the approval rule '{now}'" if now else f"ended the approval rule '{was}'")
    return f"{done} in store {event.store_code} (version {event.data['version']})"


PHRASES: dict[str, Phrase] = {
    "peers.viewed": "looked at the operators of store {store_code} compared with each other",
    "terminal.mapped": lambda event: (
        f"mapped terminal {event.object_id} of store {event.store_code} to lane {event.data['lane']}"
    ),
    "connection.created": "set up {kind} {object_id} of store {store_code}",
    "connection.changed": lambda event: (
        f"changed {', '.join(event.data['fields'])} of {event.data['kind']} {event.object_id}"
        f" of store {event.store_code}"
    ),
    "connection.secret_changed": "entered a new secret for {kind} {object_id} of store {store_code}",
    "connection.deleted": "deleted {kind} {object_id} of store {store_code}",
    "ticket.accepted": (
        "took ticket {object_id} of till {terminal} of store {store_code} as it is, though it does not add up"
        " (lines {found}, total {declared}, paid {tendered})"
    ),
    "till.tried": "sent {sent} events to store {store_code} from the page for trying a till ({accepted} of them new)",
    "ticket.viewed": "viewed ticket {transaction} of store {store_code}",
    "tickets.operator_searched": "searched the tickets of operator {object_id} in store {store_code}",
    "approvals.policy_made": "gave store {store_code} approval rules of its own, in the shadow",
    "approvals.switched": "switched the approvals of store {store_code} from {from} to {to}",
    "approvals.rule_changed": _rule,
    "approval.overridden": "let a {type} happen at a till of store {store_code} that the rules said '{would_be}' of",
    "approval.withdrawn": "withdrew the answer to a {type} in store {store_code}",
    "approval.annotated": "added what was learnt later to the answer to a {type} in store {store_code}",
    "source.previewed": "looked at what till source {object_id} of store {store_code} sends",
    "source.on": "switched till source {object_id} of store {store_code} on",
    "source.off": "switched till source {object_id} of store {store_code} off",
}
