"""Fair peer scores: how often something happened at a till, against how often it was to be expected there.

Pure: counts and exposure in, scores that explain themselves out. docs/peers.md says how it is worked out and what it
may be used for.
"""
