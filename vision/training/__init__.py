"""Training the shipped lane detector. Nothing here is imported by the running product."""
