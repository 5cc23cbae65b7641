"""Pulling video: sources, clocks, and files of about two seconds. Knows nothing of Django."""
