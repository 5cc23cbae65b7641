"""Square: orders, payments and refunds of its API, as webhooks carry them and as its answers hold them."""

from pos.adapters.square.config import Config
from pos.adapters.square.reader import read
from pos.adapters.square.signature import signature_valid

__all__ = ["Config", "read", "signature_valid"]
