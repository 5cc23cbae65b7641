"""Clips and key frames: asked for by the page, shown to who may see the case, recorded before the first byte.

Django's FileResponse knows no ranges, and a video element cannot seek without them.
"""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from cases.desk.queue import cases_visible
from cases.domain.byte_range import RangeNotSatisfiable, byte_range
from cases.models import Evidence
from cases.services.viewing import evidence_viewed
from privacy.requests import SignedInRequest


@login_required
@require_safe
def clip(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    return _media(request, case_id, Evidence.Kind.CLIP, 0)


@login_required
@require_safe
def key_frame(request: SignedInRequest, case_id: uuid.UUID, position: int) -> HttpResponse:
    return _media(request, case_id, Evidence.Kind.KEY_FRAME, position)


def _media(request: SignedInRequest, case_id: uuid.UUID, kind: str, position: int) -> HttpResponse:
    case = get_object_or_404(cases_visible(request.user), pk=case_id)
    evidence = get_object_or_404(
        Evidence.objects.select_related("case__store"), case=case, kind=kind, position=position
    )
    path = Path(settings.DATA_DIR) / evidence.path
    if not path.is_file():
        raise Http404("This evidence has expired.")
    if request.method == "GET":
        evidence_viewed(actor=request.user, evidence=evidence, now=timezone.now(), ip=request.META.get("REMOTE_ADDR"))
    return _ranged(request, path, evidence.content_type)


def _ranged(request: SignedInRequest, path: Path, content_type: str) -> HttpResponse:
    """The file or the asked range of it. Evidence is seconds long, so an answer fits in memory."""
    size = path.stat().st_size
    try:
        asked = byte_range(request.headers.get("Range", ""), size)
    except RangeNotSatisfiable:
        return _private(HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"}))
    first, last = asked or (0, size - 1)
    with path.open("rb") as file:
        file.seek(first)
        response = HttpResponse(file.read(last - first + 1), content_type=content_type)
    if asked:
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return _private(response)


def _private(response: HttpResponse) -> HttpResponse:
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = "inline"
    return response
