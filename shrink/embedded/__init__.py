"""What replaces a broker and Redis on a single machine: one SQLite file and one Unix socket.

`queue.py` is the durable queue, `transport.py` makes it a kombu transport, `layer.py` is the channel layer.
docs/adr/0001-embedded-default.md says why.
"""
