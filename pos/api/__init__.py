"""The doors for tills."""
