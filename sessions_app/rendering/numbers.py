"""Numbers and times as people read them, with their units; what is unknown is a dash and never zero."""

import math
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

UNKNOWN = "—"

# Not strftime: its names follow the locale of the server, and the rest of the page does not.
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def tokens(n: int | None) -> str:
    """12 → "12 tok", 8_100 → "8.1k tok", 1_250_000 → "1.3M tok"."""
    if n is None:
        return UNKNOWN
    value, unit = Decimal(n), ""
    for larger in ("k", "M", "G"):
        if abs(_rounded(value)) < 1000:
            break
        value, unit = value / 1000, larger
    return f"{_rounded(value):f}{unit} tok"


def usd(value: Decimal | float | None) -> str:
    """0.047 → "$0.047", 0.0004 → "<$0.001", 12.3 → "$12.30", 0 → "$0.00"; three decimals below one dollar."""
    amount = None if value is None else Decimal(str(value))
    if amount is None or not amount.is_finite():
        return UNKNOWN
    if amount < 0:
        return "-" + usd(-amount)
    if 0 < amount < Decimal("0.001"):
        return "<$0.001"
    thousandths = amount.quantize(Decimal("0.001"), ROUND_HALF_UP)
    if 0 < thousandths < 1:
        return f"${thousandths}"
    return f"${amount.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


def duration(ms: int | None) -> str:
    """Milliseconds: 200 → "0.2 s", 41_300 → "41 s", 192_000 → "3 min 12 s", 7_500_000 → "2 h 5 min"."""
    if ms is None:
        return UNKNOWN
    if ms <= 0:
        return "0 s"
    if ms < 50:
        return "<0.1 s"
    if ms < 9_950:
        return f"{ms / 1000:.1f} s"
    seconds = (ms + 500) // 1000
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


def span(time: timedelta) -> str:
    """A set time in words: "30 seconds", "1 minute", "60 minutes", "24 hours"."""
    seconds = round(time.total_seconds())
    for unit, length, from_ in (("hour", 3600, 2 * 3600), ("minute", 60, 60), ("second", 1, 0)):
        if seconds >= from_ and seconds % length == 0:
            return count(seconds // length, unit)
    return count(seconds, "second")


def clock(moment: datetime) -> str:
    """Like "on 26 Nov at 20:45 UTC": words that hold however late they are read."""
    return f"on {moment.day} {_MONTHS[moment.month - 1]} at {moment:%H:%M} {moment.tzname()}"


def countdown(until: datetime, now: datetime) -> str:
    """Like "in 12 s", "in 3 min 5 s", and "now" when it is due. static/js/countdown.js says the same."""
    left = math.ceil((until - now).total_seconds())
    if left <= 0:
        return "now"
    return f"in {left} s" if left < 60 else f"in {left // 60} min {left % 60} s"


def relative_time(then: datetime, now: datetime) -> str:
    """Like "just now", "4 min ago", "3 h ago", "yesterday 10:42", "12 Mar", "12 Mar 2024"; days are those of `now`'s
    time zone.

    Both are aware, or both naive (else TypeError). A time ahead of `now`, beyond a minute of clock difference, is shown
    in full.
    """
    age = now - then
    local = then.astimezone(now.tzinfo) if now.tzinfo else then
    date = f"{local.day} {_MONTHS[local.month - 1]}"
    if age < timedelta(minutes=-1):
        return f"{date} {local.year} {local:%H:%M}"
    if age < timedelta(minutes=1):
        return "just now"
    if age < timedelta(hours=1):
        return f"{age // timedelta(minutes=1)} min ago"
    if local.date() == now.date():
        return f"{age // timedelta(hours=1)} h ago"
    if local.date() == now.date() - timedelta(days=1):
        return f"yesterday {local:%H:%M}"
    return date if local.year == now.year else f"{date} {local.year}"


def count(n: int, singular: str, plural: str | None = None) -> str:
    """1, "turn" → "1 turn"; 2, "turn" → "2 turns"; 1200, "reply", "replies" → "1,200 replies"."""
    return f"{n:,} {singular if n == 1 else plural or singular + 's'}"


def lines_cut(text: str, max_lines: int, max_chars: int) -> tuple[str, int]:
    """(the beginning of the text, at most so many lines and characters; how many lines the whole text has).

    A line end at the very end does not begin another line. Nothing was cut exactly if the first is the text itself.
    """
    total = text.count("\n") + (not text.endswith("\n") if text else 0)
    if total <= max_lines and len(text) <= max_chars:
        return text, total
    shown = "\n".join(text[:max_chars].split("\n", max_lines)[:max_lines])
    return shown, total


def _rounded(value: Decimal) -> Decimal:
    """To one decimal below 100, to none above; without a trailing ".0"."""
    step = Decimal("0.1") if abs(value) < Decimal("99.95") else Decimal(1)
    rounded = value.quantize(step, ROUND_HALF_UP)
    return rounded.to_integral_value() if rounded == rounded.to_integral_value() else rounded
