"""What is kept for a while of what tills sent, as it came."""

from pos.services.kept_files import kept_files_expire
from pos.services.sources import previews_expire
from privacy.registry import PersonalData, personal_data_register

personal_data_register(
    PersonalData(
        name="pos.previews",
        description="The last lines of a till's source, without card and loyalty numbers and names, for an hour.",
        export=lambda subject: [],  # nobody can be told apart in it
        erase=lambda subject: 0,
        expire=lambda now: previews_expire(now=now),
    )
)
personal_data_register(
    PersonalData(
        name="pos.files",
        description="Documents of tills as they came: a week once they were read, thirty days if they could not be.",
        export=lambda subject: [],  # receipts as bytes, by the name of their file: no index of people
        erase=lambda subject: 0,
        expire=lambda now: kept_files_expire(now=now),
    )
)
