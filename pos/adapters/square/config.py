"""What a Square feed may be told."""

from dataclasses import dataclass

from pos.adapters.reading import AdapterConfig


@dataclass(frozen=True, slots=True)
class Config(AdapterConfig):
    """``states``: orders in these states are read. An OPEN order may still change, and an event that was taken once
    never does, so it is left until it is COMPLETED unless this says otherwise."""

    states: frozenset[str] = frozenset({"COMPLETED", "CANCELED"})
