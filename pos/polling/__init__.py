"""Asking providers for what changed: HTTP and their ways of paging, without a database."""
