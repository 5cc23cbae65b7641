"""Pseudonyms made with the installation's key."""

from django.conf import settings

from privacy.domain.pseudonyms import pseudonym_with


def pseudonym(store_code: str, kind: str, value: str) -> str:
    """The pseudonym of ``value`` (an operator's or customer's id) in one store.

    ``kind`` keeps an operator and a customer with the same number apart, for
    example ``"operator"``. 24 lower-case characters; "" for "".
    """
    return pseudonym_with(settings.PSEUDONYM_KEY.encode(), store_code, kind, value)
