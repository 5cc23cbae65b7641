"""Shopify: orders, refunds and transactions of its Admin API, as webhooks carry them and as its answers hold them."""

from pos.adapters.shopify.config import Config
from pos.adapters.shopify.reader import read
from pos.adapters.shopify.signature import signature_valid

__all__ = ["Config", "read", "signature_valid"]
