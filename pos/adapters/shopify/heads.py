"""What orders, refunds and transactions have in common: where, when, by whom, and whether it is a lane's business."""

from typing import Any

from lanes.domain.payload import Refused
from pos.adapters.drafts import Journal, TicketDraft
from pos.adapters.shopify.config import Config
from pos.adapters.values import code_plain, text_plain


def sold_at_a_till(holder: dict[str, Any], config: Config) -> None:
    """Raises Refused for what is a test or comes from elsewhere."""
    source = text_plain(holder.get("source_name"), 40)
    if source and source not in config.sources:
        raise Refused("online", f"Its source is {source!r}, not a point of sale: no lane sees it. Nothing to do.")
    if holder.get("test") is True and not config.tests:
        raise Refused("test", "It is marked as a test. Nothing to do.")


def order_name(number: object) -> str:
    """The ticket's number, "" for none: the letter keeps Shopify's 13 digits from reading as a card's."""
    named = code_plain(number)
    return f"O{named}" if named else ""


def happened_at(journal: Journal, holder: dict[str, Any], part: str) -> str:
    """When it was processed, else created; "" where neither reads as an instant."""
    return journal.instant(part, *(text_plain(holder.get(name), 60) for name in ("processed_at", "created_at")))


def draft_begun(
    journal: Journal, holder: dict[str, Any], part: str, config: Config, *, transaction: str, place: dict[str, Any]
) -> TicketDraft:
    """A ticket begun at ``holder``'s instant; ``place`` is what names device, location and user."""
    at = happened_at(journal, holder, f"{part}/created_at")
    if not at:
        raise Refused("no_time", "It names no created_at that reads as an instant. Fetch it from Shopify again.")
    draft = TicketDraft(
        config,
        transaction=transaction,
        terminal=code_plain(place.get("device_id")) or code_plain(place.get("location_id")),
        at=at,
        operator=code_plain(holder.get("user_id")),
    )
    draft.currency_agrees(holder.get("currency"))
    return draft
