from datetime import UTC, datetime

import pytest

from privacy import registry
from privacy.registry import PersonalData, personal_data_register
from privacy.services import personal_data_expire

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch):
    monkeypatch.setattr(registry, "_categories", {})


def category(name: str, expire) -> PersonalData:
    return PersonalData(name=name, description=name, export=lambda s: [], erase=lambda s: 0, expire=expire)


def test_every_category_is_told_the_same_now():
    told = []
    for name in ("b", "a"):
        personal_data_register(category(name, lambda now: told.append(now) or 3))

    assert personal_data_expire(now=NOW) == {"a": 3, "b": 3}
    assert told == [NOW, NOW]


def test_one_category_that_fails_does_not_keep_the_others_alive():
    def broken(now):
        raise OSError("disk")

    told = []
    personal_data_register(category("a", broken))
    personal_data_register(category("b", lambda now: told.append(now) or 1))

    with pytest.raises(ExceptionGroup) as failure:
        personal_data_expire(now=NOW)

    assert told == [NOW]
    assert failure.value.exceptions[0].__notes__ == ["while expiring a"]
