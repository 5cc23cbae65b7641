"""JSON of any shape, by configuration: where events stand, and for every field of ours a path."""

from pos.adapters.json_map.config import Config
from pos.adapters.json_map.reader import read

__all__ = ["Config", "read"]
