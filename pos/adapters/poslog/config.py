"""What a POSLog feed may be told."""

from dataclasses import dataclass

from pos.adapters.reading import AdapterConfig


@dataclass(frozen=True, slots=True)
class Config(AdapterConfig):
    """``weight_units``: units of measure, lower case, that make a quantity a weight (UN/ECE Recommendation 20 codes and
    the abbreviations that tills write)."""

    weight_units: frozenset[str] = frozenset({"kgm", "kg", "grm", "g", "lbr", "lb", "lbs", "onz", "oz", "hgm"})
