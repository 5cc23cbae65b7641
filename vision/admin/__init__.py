"""Pages for those who run an installation: each module registers its own."""

from vision.admin import cameras, detectors

__all__ = ["cameras", "detectors"]
