"""Receipt text as a printer hears it: plain lines or ESC/POS, the way a text inserter beside the till captures it."""

from pos.adapters.receipt_text.config import Config, Patterns
from pos.adapters.receipt_text.reader import ReceiptStream, read

__all__ = ["Config", "Patterns", "ReceiptStream", "read"]
