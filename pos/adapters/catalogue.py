"""Every adapter by its kind. ``granularity`` is the best that its documents can give (contract, section 1)."""

from pos.adapters import naxml, poslog, receipt_text, shopify, square
from pos.adapters.reading import Adapter

ADAPTERS = {
    adapter.kind: adapter
    for adapter in (
        Adapter("poslog", "ARTS POSLog XML, 2.x and 6.x", "line", poslog.Config, poslog.read),
        Adapter("naxml", "NAXML-POSJournal XML", "transaction", naxml.Config, naxml.read),
        Adapter("receipt_text", "Receipt text and ESC/POS", "line", receipt_text.Config, receipt_text.read),
        Adapter("square", "Square orders and payments", "transaction", square.Config, square.read),
        Adapter("shopify", "Shopify orders, refunds and transactions", "transaction", shopify.Config, shopify.read),
    )
}
