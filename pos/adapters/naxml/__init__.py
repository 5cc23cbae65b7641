"""NAXML-POSJournal (Conexxus POS/Back Office, 3.x and 4.x): the journal of convenience store registers."""

from pos.adapters.naxml.reader import Config, read

__all__ = ["Config", "read"]
