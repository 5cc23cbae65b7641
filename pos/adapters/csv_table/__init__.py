"""Tables as text (CSV and its kin): any till's export, by configuration."""

from pos.adapters.csv_table.config import Config
from pos.adapters.csv_table.reader import read

__all__ = ["Config", "read"]
