"""Documents of which something can never be read: kept where a person sees them, for a week."""

import hashlib
from datetime import datetime, timedelta

from django.db.models import F

from lanes.models import Store
from pos.domain.excerpt import excerpt_masked
from pos.models import RefusedDocument

KEPT_FOR = timedelta(days=7)
KEPT_MOST = 500
"""Of one store: a sender of rubbish fills no disk; the latest stay."""


def refused_note(*, store: Store, feed: str, document: bytes, reason: str, now: datetime) -> None:
    """Remember it. The same document again only counts."""
    digest = hashlib.sha256(document).hexdigest()
    _, made = RefusedDocument.objects.get_or_create(
        store=store,
        feed=feed,
        digest=digest,
        defaults={"reason": reason[:500], "excerpt": excerpt_masked(document), "received_at": now},
    )
    kept = RefusedDocument.objects.filter(store=store)
    if not made:
        kept.filter(feed=feed, digest=digest).update(times=F("times") + 1, received_at=now, reason=reason[:500])
        return
    surplus = kept.order_by("-received_at", "-id").values_list("pk", flat=True)[KEPT_MOST:]
    RefusedDocument.objects.filter(pk__in=list(surplus)).delete()


def refused_expire(*, now: datetime) -> int:
    return RefusedDocument.objects.filter(received_at__lt=now - KEPT_FOR).delete()[0]
