"""What all of /api/v1/ has in common: how errors look, how lists are paged, what the documentation says."""
