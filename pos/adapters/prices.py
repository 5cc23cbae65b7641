"""What a line cost before something came off its price."""

from decimal import Decimal

from pos.domain.money import cents_of


def amount_before(amount: Decimal, off: Decimal, regular: Decimal | None, count: Decimal) -> Decimal:
    """The amount of a line before its modifiers, which took ``off`` in all.

    Vendors differ whether a line's ``amount`` is before or after them: it is
    before where it equals the ``regular`` unit price times ``count``.
    """
    if regular is not None and cents_of(regular * count) == abs(amount):
        return amount
    return amount + off if amount >= 0 else amount - off
