"""How the audit page tells what happened to cameras and to what looks at them."""

from privacy.models import AuditEvent
from privacy.presenters import Phrase


def _instead(event: AuditEvent) -> str:
    return f" instead of {event.data['before']}" if event.data.get("before") else ""


PHRASES: dict[str, Phrase] = {
    "detector.added": "registered the detector {object_id}",
    "detector.updated": "put the detector {object_id} into use, which came with an update",
    "detector.promoted": lambda event: f"put the detector {event.object_id} into use{_instead(event)}",
    "detector.rolled_back": lambda event: f"returned to the detector {event.object_id}{_instead(event)}",
    "detector.shadowed": "let the detector {object_id} look in the shadow of the one in use",
    "detector.shadow_ended": "ended the shadow of the detector {object_id}",
    "vision.degraded": "looks at less video than usual",
    "vision.recovered": "looks at all video again",
    "camera.view_accepted": "accepted the picture of camera {object_id} as it is",
}
