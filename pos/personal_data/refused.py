"""Documents of webhooks and polls that nobody could read."""

from pos.services.refused import refused_expire
from privacy.registry import PersonalData, personal_data_register

personal_data_register(
    PersonalData(
        name="pos.refused",
        description="How refused documents of webhooks and polls are built, with nothing that they say, for a week.",
        export=lambda subject: iter(()),
        erase=lambda subject: 0,
        expire=lambda now: refused_expire(now=now),
    )
)
