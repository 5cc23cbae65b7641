"""What a Shopify feed may be told."""

from dataclasses import dataclass

from pos.adapters.reading import AdapterConfig


@dataclass(frozen=True, slots=True)
class Config(AdapterConfig):
    """``sources``: the ``source_name`` of what is read: a point of sale, for no lane sees what is sold online. What
    names no source is read. ``tests``: read also what is marked as a test."""

    sources: frozenset[str] = frozenset({"pos"})
    tests: bool = False
