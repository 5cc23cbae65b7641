"""What was judged, to be read, and the rules of exceptions, to be changed."""

from cases.admin import judged, rules  # noqa: F401  register themselves
