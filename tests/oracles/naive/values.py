"""Numbers, dates and addresses as the condition operators read them.

Page: "IAM JSON policy elements: Condition operators". A text that has no documented form raises Unclear (the page does
not say what it means) or Malformed (it is no value of that kind at all).
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from datetime import datetime, timedelta
from fractions import Fraction


class Malformed(Exception):
    """No value of this kind: a positive operator does not match it (row 30)."""


class Unclear(Exception):
    """A form that the page neither gives nor rules out."""

    def __init__(self, row: int, text: str):
        super().__init__(text)
        self.row = row
        self.text = text


def number(text: str) -> Fraction:
    """Integers and decimals, by value (Numeric, row 30)."""
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        return Fraction(text)
    if re.fullmatch(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", text):
        raise Unclear(30, f"the number {text!r}")
    raise Malformed


TIME = r"T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})"
DATE = re.compile(rf"([0-9]{{4}})(?:-([0-9]{{2}})(?:-([0-9]{{2}})(?:{TIME})?)?)?")


def date(text: str) -> Fraction:
    """A form of the W3C's note on ISO 8601, or UNIX time (Date, row 31), as seconds since 1970."""
    if re.fullmatch(r"[0-9]{5,}", text):
        return Fraction(text)
    parts = DATE.fullmatch(text)
    if not parts:
        if re.search(r"[0-9]", text):
            raise Unclear(31, f"the date {text!r}")
        raise Malformed
    year, month, day, hour, minute, second, fraction, zone = parts.groups()
    if month is None:
        raise Unclear(31, f"{text}: a year, or seconds since 1970")
    try:
        moment = datetime(int(year), int(month), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        raise Unclear(31, f"the date {text!r}") from None
    seconds = Fraction((moment - datetime(1970, 1, 1)) // timedelta(seconds=1))
    seconds += Fraction("0" + fraction) if fraction else 0
    if zone and zone != "Z":
        hours, minutes = int(zone[1:3]), int(zone[4:6])
        if hours > 23 or minutes > 59:
            raise Unclear(31, f"the date {text!r}")
        offset = hours * 3600 + minutes * 60
        seconds -= offset if zone[0] == "+" else -offset
    return seconds


def binary(text: str) -> bytes:
    """Base64 in the policy (Binary); a line gives the key's value in base64 too."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unclear(28, "a value that is not base64") from None


def network(text: str) -> tuple[int, int, int]:
    """(family, first, last) of a CIDR, or of an address, which stands for itself alone (IP address, row 32)."""
    address, slash, prefix = text.partition("/")
    family, value = _address(address)
    bits = 32 if family == 4 else 128
    if not slash:
        length = bits
    elif re.fullmatch(r"[0-9]{1,3}", prefix) and int(prefix) <= bits and str(int(prefix)) == prefix:
        length = int(prefix)
    else:
        raise Unclear(32, f"the range {text!r}")
    size = 1 << (bits - length)
    first = value - value % size  # host bits are masked (row 32)
    return family, first, first + size - 1


def _address(text: str) -> tuple[int, int]:
    if "%" in text:
        raise Unclear(33, f"the address {text!r}")
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        raise Unclear(33, f"the address {text!r}") from None
    if parsed.version == 6 and parsed.ipv4_mapped is not None:
        raise Unclear(33, f"an IPv4 address inside an IPv6 one: {text}")
    return parsed.version, int(parsed)


def inside(address: str, wanted: str) -> bool:
    """Compared as numbers; an address is never inside a range of the other family (row 33)."""
    family, first, last = network(wanted)
    own_family, own = _address(address)
    return family == own_family and first <= own <= last
