"""From a row of history to an English sentence.

Each app registers the phrases of its own actions (in ``AppConfig.ready``); an
action without a phrase is still told, only less well.
"""

from collections.abc import Callable, Mapping

from privacy.models import AuditEvent

Phrase = str | Callable[[AuditEvent], str]

_phrases: dict[str, Phrase] = {}


def phrases_register(phrases: Mapping[str, Phrase]) -> None:
    """``{action: phrase}``. A phrase continues "Ana ...": a text with the event's
    fields and ``data`` in braces ("saw the clip of case {object_id}"), or a
    callable from the event to such a text, already filled."""
    _phrases.update(phrases)


def audit_sentence(event: AuditEvent) -> str:
    """One sentence, with its reason if there was one: never raises, never empty."""
    said = f"{_who(event)} {_what(event)}"
    if event.reason:
        said += f", because: {event.reason.rstrip('.')}"
    return f"{said[0].upper()}{said[1:]}."


def _who(event: AuditEvent) -> str:
    if event.actor_kind == AuditEvent.ActorKind.KEY:
        return f"API key {event.actor}"
    if event.actor_kind == AuditEvent.ActorKind.SYSTEM:
        return f"the system ({event.actor})"
    return event.actor


def _what(event: AuditEvent) -> str:
    phrase = _phrases.get(event.action, _plain)
    try:
        return phrase(event) if callable(phrase) else phrase.format_map(_Fields(event))
    except Exception:
        # An old row may lack what today's phrase speaks of; it is told plainly.
        return _plain(event)


class _Fields(dict):
    """The event's fields and, where it has no such field, its data."""

    def __init__(self, event: AuditEvent) -> None:
        super().__init__(event.data if isinstance(event.data, dict) else {})
        for name in ("actor", "action", "object_type", "object_id", "store_code", "reason", "ip"):
            self[name] = getattr(event, name)


def _plain(event: AuditEvent) -> str:
    noun, _, verb = event.action.rpartition(".")
    about = " ".join(part for part in (event.object_type.replace("_", " "), event.object_id) if part)
    where = f" in store {event.store_code}" if event.store_code else ""
    if not noun or noun == event.object_type:
        return f"{verb.replace('_', ' ')} {about or 'something'}{where}"
    return f"{verb.replace('_', ' ')} {noun.replace('_', ' ')}{f' ({about})' if about else ''}{where}"


phrases_register(
    {
        "audit.expired": "removed {removed} audit events from before {before}",
        "user.signed_in": "signed in",
        "user.signed_out": "signed out",
        "user.sign_in_failed": "failed to sign in",
        "user.created": "created the user {object_id}",
        "user.changed": "changed the user {object_id}",
    }
)
