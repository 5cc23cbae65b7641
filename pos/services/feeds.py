"""Documents that come by themselves: taken, counted, and what could not be taken kept in sight."""

from datetime import datetime

from django.db.models import F

from lanes.domain.payload import text_clean
from pos.adapters.reading import DocumentNotUnderstood, Refusal
from pos.domain.redaction import text_redacted
from pos.models import Feed
from pos.services.documents import Taken, document_take
from pos.services.refused import refused_note

NOTHING_LOST = frozenset(
    {
        "online",
        "test",
        "not_final",
        "not_a_sale",
        "not_paid",
        "counted_once",
        "repeated",
        "named_only",
        "does_not_add_up",
    }
)
"""Refusals that cost nothing: what no lane sees, what comes again when it is final, what only names an order."""
HELD = "unknown_terminal"  # kept with its terminal, see pos.services.unknown


def feed_take(*, feed: Feed, kind: str, document: bytes, now: datetime) -> Taken:
    """Store what the document says; what can never be read of it is kept as a RefusedDocument.

    Taken again it changes nothing. Raises OptionsRefused where the feed's options cannot be used.
    """
    try:
        taken = document_take(
            store=feed.store, kind=kind, document=document, now=now, options=feed.options, terminal=feed.terminal
        )
    except DocumentNotUnderstood as error:
        taken = Taken(refused=(Refusal("document", "not_understood", str(error)),))
    reason = reason_of(taken)
    if reason:
        named = f"{feed._meta.verbose_name} {feed.name}"
        refused_note(store=feed.store, feed=named, document=document, reason=reason, now=now)
    type(feed)._default_manager.filter(pk=feed.pk).update(
        last_heard_at=now,
        received=F("received") + 1,
        refused=F("refused") + (1 if reason else 0),
        last_error=reason[:300],
    )
    return taken


def feed_failed(*, feed: Feed, error: str) -> None:
    """Write down what is wrong with the feed itself."""
    type(feed)._default_manager.filter(pk=feed.pk).exclude(last_error=error[:300]).update(last_error=error[:300])


def reason_of(taken: Taken) -> str:
    """What of the document was lost and why, "" for nothing."""
    lost = [f"{one.part}: {one.detail}" for one in taken.refused if one.code not in NOTHING_LOST]
    lost += [f"{external_id}: {detail}" for external_id, code, detail in taken.rejected if code != HELD]
    more = f" And {len(lost) - 1} more." if len(lost) > 1 else ""
    return text_redacted(text_clean(f"{lost[0]}{more}")) if lost else ""
