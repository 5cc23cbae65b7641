"""How the desk writes money, instants, kinds and risk."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cases.domain import words

register = template.Library()

SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}


register.filter("kind_words", words.kind_words)
register.filter("reason_words", words.reason_words)
register.filter("risk_level", words.risk_level)


@register.filter
def status_words(status: str) -> str:
    return words.STATUS_WORDS.get(status, status)


@register.filter
def money(amount: Decimal | str | None, currency: str) -> str:
    """`€7.95`, `-€7.95`, `7.95 CHF`; an en dash where the amount is not known."""
    if amount is None or amount == "":
        return "–"
    amount = Decimal(amount)
    sign = "-" if amount < 0 else ""
    text = f"{abs(amount):,.2f}"
    return f"{sign}{SIGNS[currency]}{text}" if currency in SIGNS else f"{sign}{text} {currency}"


@register.filter
def percent(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.0f} %"


@register.filter
def signed_s(seconds: float | None) -> str:
    """`+2.41 s`; the sign says who is ahead."""
    return "–" if seconds is None else f"{seconds:+.2f} s"


@register.simple_tag
def instant(at: datetime | None, zone: str, how: str = "time") -> SafeString | str:
    """A `<time>` in the store's zone: `time` (12:03:04), `day` (Sat 21 Nov 12:03) or `full` (with seconds and zone)."""
    if at is None:
        return "–"
    formats = {"time": "%H:%M:%S", "day": "%a %-d %b %H:%M", "full": "%a %-d %b %Y, %H:%M:%S %Z"}
    local = at.astimezone(_zone(zone))
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), local.strftime(formats[how]))


@register.simple_tag
def age(at: datetime, now: datetime) -> SafeString:
    """How long ago, kept current by js/age.js."""
    return format_html('<time datetime="{}" data-age>{}</time>', at.isoformat(), age_words((now - at).total_seconds()))


def age_words(seconds: float) -> str:
    if seconds < 60:
        return "just now"
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit} ago"
    return "just now"


@register.simple_tag
def icon(name: str) -> SafeString:
    """A decorative icon: the text beside it, or the button's label, says what it means."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("vendor/lucide/icons.svg"),
        name,
    )


@register.simple_tag
def risk_bar(risk: float) -> SafeString:
    width = f"{max(0.0, min(1.0, risk)) * 100:.0f}%"
    return format_html(
        '<svg class="risk__bar" aria-hidden="true"><rect width="{}" height="100%" rx="3"></rect></svg>', width
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
