"""Every adapter by its kind. ``granularity`` is the best that its documents can give (contract, section 1)."""

from pos.adapters import csv_table, json_map, naxml, poslog, receipt_text, shopify, square
from pos.adapters.reading import Adapter

ADAPTERS = {
    adapter.kind: adapter
    for adapter in (
        Adapter("poslog", "ARTS POSLog XML, 2.x and 6.x", "line", poslog.Config, poslog.read),
        Adapter("naxml", "NAXML-POSJournal XML", "transaction", naxml.Config, naxml.read),
        Adapter("receipt_text", "Receipt text and ESC/POS", "line", receipt_text.Config, receipt_text.read),
        Adapter("square", "Square orders and payments", "transaction", square.Config, square.read),
        Adapter("shopify", "Shopify orders, refunds and transactions", "transaction", shopify.Config, shopify.read),
        Adapter("csv", "Tables (CSV) of any till, by configuration", "line", csv_table.Config, csv_table.read),
        Adapter("json", "JSON of any shape, by configuration", "line", json_map.Config, json_map.read),
    )
}
