"""A simulated store: seeded shoppers, an overhead camera, a till, and the truth about both."""
