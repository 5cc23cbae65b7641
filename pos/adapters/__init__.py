"""Readers of other systems' documents: one folder for each kind, one interface (see ``reading``) for all."""
