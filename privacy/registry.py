"""What kinds of personal data this installation holds, and who looks after each.

Each app registers its categories from its ``personal_data.py`` (imported in
``AppConfig.ready``); subject requests and retention loop over them and know
nobody by name.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Subject:
    """Whom a request is about: a value of a kind in a store (an ``operator``'s
    pseudonym, a ``user`` name), or, for ``footage``, whoever stood at a lane
    between two instants."""

    kind: str
    store_code: str = ""
    value: str = ""
    lane_code: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class PersonalData:
    """One category.

    ``export(subject)`` yields JSON-able records, nothing where it holds none;
    ``erase(subject)`` removes or anonymises them, log entries too, and returns
    how many; ``expire(now)`` removes what is past its time and returns how many.
    All three are safe to repeat.
    """

    name: str
    description: str
    export: Callable[[Subject], Iterable[dict]]
    erase: Callable[[Subject], int]
    expire: Callable[[datetime], int]


_categories: dict[str, PersonalData] = {}


def personal_data_register(category: PersonalData) -> None:
    """Register ``category``; registering its name again replaces it."""
    _categories[category.name] = category


def personal_data() -> list[PersonalData]:
    """All categories, by name."""
    return [_categories[name] for name in sorted(_categories)]
