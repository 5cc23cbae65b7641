"""The pages of the till's side. Each view loads, makes one call, and shows."""
