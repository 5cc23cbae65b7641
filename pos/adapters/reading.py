"""What every adapter takes and gives back.

An adapter is a pure function ``read(document, config) -> Reading``: no clock, no
database, no network. What it cannot take of a document it refuses by name; the
good parts beside it are kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Event = dict[str, Any]
"""One POS event in the shape of the contract (section 2): id, terminal, type, occurred_at and what else is known."""


class DocumentNotUnderstood(ValueError):
    """Nothing of a document could be read. The message is one sentence: what it is not, and what to send instead."""


class ConfigRefused(ValueError):
    """A feed cannot be read as it is configured. The message is one sentence: what is wrong, and what to write."""


def size_checked(document: bytes, limit: int, what: str = "document") -> None:
    """Raises DocumentNotUnderstood for more than ``limit`` bytes."""
    if len(document) > limit:
        raise DocumentNotUnderstood(
            f"The {what} has {len(document):,} bytes; at most {limit:,} are read. Send it in parts."
        )


@dataclass(frozen=True, slots=True)
class AdapterConfig:
    """What every adapter may be told.

    ``terminal``: the code to use where the document names no terminal.
    ``currency``: ISO 4217; a part in another currency is refused. Empty: the
    first currency of each ticket is taken as its own.
    """

    terminal: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One part that was not taken.

    ``part``: where it stands, for example ``Transaction[161]/LineItem[3]``.
    ``code``: for programs. ``detail``: why, and what to do, for a person;
    free of what the part said about people.
    """

    part: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class DeclaredTender:
    """``kind`` as the document names it; ``amount`` is negative where money went back to the customer."""

    kind: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class DeclaredTicket:
    """What the document itself says of one ticket, to compare with what its events add up to.

    ``total``: what the customer owed, tax and all, negative for a refund; None
    where the document names none. ``tax``: all tax, whether in the prices or on
    top; None where it names none. Amounts in ``currency`` (ISO 4217, may be "").
    """

    transaction: str
    currency: str
    total: Decimal | None
    tax: Decimal | None
    tenders: tuple[DeclaredTender, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """``events`` are ready for ``POST /api/v1/pos/events``, in the document's order; reading the same document again
    gives the same ids."""

    events: tuple[Event, ...]
    refusals: tuple[Refusal, ...]
    declared: tuple[DeclaredTicket, ...]


@dataclass(frozen=True, slots=True)
class Adapter:
    """``read(document, config)`` takes a ``config`` made by ``configure(**options)``. Raises DocumentNotUnderstood."""

    kind: str
    title: str
    granularity: str
    configure: Callable[..., AdapterConfig]
    read: Callable[[bytes, Any], Reading]
