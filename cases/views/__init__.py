"""The reviewer's pages. Each view loads, makes one call, and shows."""
