"""Writing what the privacy app looks after for everybody."""

from datetime import datetime

from privacy.registry import personal_data


def personal_data_expire(*, now: datetime) -> dict[str, int]:
    """Let every category remove what is past its time; how many each removed, by name.

    One category that fails does not keep the others' data alive: the failures
    are raised together when all have had their turn.
    """
    removed, failures = {}, []
    for category in personal_data():
        try:
            removed[category.name] = category.expire(now)
        except Exception as failure:
            failure.add_note(f"while expiring {category.name}")
            failures.append(failure)
    if failures:
        raise ExceptionGroup("Some personal data could not be expired", failures)
    return removed
