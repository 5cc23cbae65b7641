"""ARTS POSLog (OMG Retail, POSLog 2.x and 6.x): XML of everything that happens at a point of sale."""

from pos.adapters.poslog.config import Config
from pos.adapters.poslog.reader import read

__all__ = ["Config", "read"]
