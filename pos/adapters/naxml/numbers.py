"""What a ticket is called, by itself and by those that refund or void it."""

from pos.adapters.values import code_plain


def ticket_number(register: str, day: str, number: str) -> str:
    """Register, business day and number as one text; the letter keeps it from reading as a card's number."""
    return f"N{register}-{code_plain(day)[:10].replace('-', '')}-{number}"
