"""Grading what the tills' feeds are worth."""

from datetime import datetime

from lanes.models import Store
from pos.domain.feed_quality import feed_grade
from pos.models import FeedGrade
from pos.selectors.quality import feeds_seen


def feeds_grade(*, now: datetime) -> int:
    """Grade the feed of every terminal that was ever heard; gives how many there are. Safe to repeat."""
    count = 0
    for store in Store.objects.all():
        for terminal, feed in feeds_seen(store, now).items():
            graded = feed_grade(feed, now)
            values = {"grade": graded.grade, "granularity": graded.granularity, "resolution": graded.resolution}
            FeedGrade.objects.update_or_create(
                terminal=terminal, defaults=values | {"reasons": graded.sentences, "graded_at": now}
            )
            count += 1
    return count
