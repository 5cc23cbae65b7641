"""Raw video that a case still has to be cut from is not deleted before."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from cases.models import Case
from cases.selectors import cases_without_evidence
from cases.services.evidence import camera_of, footage_of
from vision.registry import Hold, segment_hold_register


def case_holds() -> Iterator[Hold]:
    """The seconds of every young case that has no pictures yet."""
    waiting = cases_without_evidence(now=timezone.now(), older_than=timedelta(0))
    for case in Case.objects.filter(pk__in=waiting).select_related("lane", "discrepancy__camera"):
        camera, footage = camera_of(case), footage_of(case)
        if camera is not None:
            start, end = (datetime.fromtimestamp(at, UTC) for at in (footage.starts_at, footage.ends_at))
            yield Hold(camera.pk, start, end)


segment_hold_register("cases", case_holds)
