"""Events from a file, sent as a till would send them: what `manage.py pos send` does."""
