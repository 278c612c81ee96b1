"""Numbers, dates and addresses of policy documents as plain integers, and back to text for a witness."""
import ipaddress
import re
from datetime import datetime, timedelta, timezone
from fractions import Fraction

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
DATE_UNIT = 1000  # dates are counted in milliseconds
DATE_MIN = int((datetime(1, 1, 2, tzinfo=timezone.utc) - EPOCH).total_seconds()) * DATE_UNIT
DATE_MAX = int((datetime(9999, 12, 30, tzinfo=timezone.utc) - EPOCH).total_seconds()) * DATE_UNIT

W3C = re.compile(
    r"(\d{4})-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?)?"
)


def number(text):
    """Value of an integer or decimal number, or None ("Condition operators", Numeric)."""
    return Fraction(text) if re.fullmatch(r"[+-]?\d+(\.\d+)?", text) else None


def decimals(value):
    """How many digits behind the point a decimal value needs."""
    digits = 0
    while (value * 10 ** digits).denominator != 1:
        digits += 1
    return digits


def number_text(value):
    """Decimal text of a fraction whose denominator is a power of ten."""
    if value.denominator == 1:
        return str(value.numerator)
    digits = decimals(value)
    scaled = abs(value * 10 ** digits).numerator
    whole, rest = divmod(scaled, 10 ** digits)
    return f"{'-' if value < 0 else ''}{whole}.{str(rest).zfill(digits)}"


def date(text):
    """Milliseconds since 1970 of an ISO 8601 date as W3C profiles it, or of epoch seconds; else None.

    Four digits alone may be a year or seconds: no meaning is given to them.
    """
    if re.fullmatch(r"\d{5,12}", text):
        value = int(text) * DATE_UNIT
        return value if value <= DATE_MAX else None
    match = W3C.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second, part, zone = match.groups()
    try:
        when = datetime(int(year), int(month), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0),
                        tzinfo=timezone.utc)
    except ValueError:
        return None
    whole = int((when - EPOCH).total_seconds()) * DATE_UNIT
    if part:
        whole += int(part[1:].ljust(3, "0"))
    if zone and zone != "Z":
        shift = (int(zone[1:3]) * 60 + int(zone[4:6])) * 60 * DATE_UNIT
        whole -= shift if zone[0] == "+" else -shift
    return whole


def date_text(value):
    """ISO text of milliseconds since 1970."""
    when = EPOCH + timedelta(milliseconds=value)
    text = f"{when.year:04d}-{when:%m-%dT%H:%M:%S}"
    return text + (f".{value % 1000:03d}Z" if value % 1000 else "Z")


def network(text):
    """(family 4 or 6, first, last) of an address or a prefix, or None; host bits are masked."""
    if "%" in text or re.search(r"/\D|/$|/\d*\.", text):
        return None
    try:
        net = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return net.version, int(net.network_address), int(net.broadcast_address)


def address_text(family, value):
    """Text of an address given as a number."""
    return str(ipaddress.IPv4Address(value) if family == 4 else ipaddress.IPv6Address(value))
