"""The judge: two witnesses of the same goods, compared on one clock. One door, ``judge.judge``."""
