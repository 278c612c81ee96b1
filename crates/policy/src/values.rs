//! Numbers, times, addresses and binary values of conditions: read once, compared by value.
//!
//! A text is what the documentation describes, or *unusual* (it may be meant as such a value,
//! and no page says how it is read), or *malformed* (it is none). No operators here.

use std::cmp::Ordering;
use std::net::{IpAddr, Ipv6Addr};

/// What a text is, as a value of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading<T> {
    /// A documented form.
    Is(T),
    /// Perhaps meant as such a value; how it is read is not documented.
    Unusual,
    /// No such value.
    Malformed,
}

/// An integer or decimal number of any length (IAM User Guide, "IAM JSON policy elements:
/// Condition operators", numeric condition operators).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    negative: bool,
    /// Without leading zeros.
    whole: Box<str>,
    /// Without trailing zeros.
    fraction: Box<str>,
}

impl Number {
    /// Digits with at most one point and a minus sign; anything else that a program could take
    /// for a number is unusual.
    pub(crate) fn read(text: &str) -> Reading<Number> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (digits, None),
        };
        if !is_digits(whole) || fraction.is_some_and(|f| !is_digits(f)) {
            let digits = text.bytes().any(|b| b.is_ascii_digit());
            let perhaps = digits && text.trim().parse::<f64>().is_ok();
            return if perhaps { Reading::Unusual } else { Reading::Malformed };
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.unwrap_or_default().trim_end_matches('0');
        let zero = whole.is_empty() && fraction.is_empty();
        Reading::Is(Number { negative: negative && !zero, whole: whole.into(), fraction: fraction.into() })
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |a: &Number, b: &Number| {
            let by_length = a.whole.len().cmp(&b.whole.len());
            by_length.then_with(|| a.whole.cmp(&b.whole)).then_with(|| a.fraction.cmp(&b.fraction))
        };
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => size(self, other),
            (true, true) => size(other, self),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A point in time: seconds since 1970-01-01T00:00:00Z, and the digits of their fraction.
///
/// INVARIANT: the fraction ends with no zero, so that comparing texts compares values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time {
    seconds: i64,
    fraction: Box<str>,
}

impl Time {
    pub(crate) fn seconds(&self) -> i64 {
        self.seconds
    }

    pub(crate) fn fraction(&self) -> &str {
        &self.fraction
    }

    /// The forms of W3C's profile of ISO 8601 from the month on, and seconds since 1970 (IAM
    /// User Guide, "IAM JSON policy elements: Condition operators", date condition operators).
    /// Four digits are a year or seconds, so unusual.
    pub(crate) fn read(text: &str) -> Reading<Time> {
        if let Some(time) = iso(text).or_else(|| epoch(text)) {
            return Reading::Is(time);
        }
        let perhaps = |c: char| c.is_ascii_digit() || "TtZz:+-. ".contains(c);
        if !text.is_empty() && text.chars().all(perhaps) { Reading::Unusual } else { Reading::Malformed }
    }
}

fn epoch(text: &str) -> Option<Time> {
    let usual = is_digits(text) && text.len() != 4 && text.len() <= 18;
    let seconds = usual.then(|| text.parse().ok()).flatten()?;
    Some(Time { seconds, fraction: "".into() })
}

fn iso(text: &str) -> Option<Time> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = digits(parts.next()?, 2)?;
    let day = parts.next().map(|day| digits(day, 2));
    if parts.next().is_some() || !(1..=12).contains(&month) {
        return None;
    }
    let day = match day {
        Some(day) => day?,
        None if time.is_some() => return None,
        None => 1,
    };
    if day < 1 || day > days_of(year, month) {
        return None;
    }
    let midnight = days_since_1970(year, month, day) * 86_400;
    match time {
        None => Some(Time { seconds: midnight, fraction: "".into() }),
        Some(time) => {
            let (seconds, fraction) = of_day(time)?;
            Some(Time { seconds: midnight + seconds, fraction })
        }
    }
}

/// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.s..`, with `Z` or an offset: seconds since midnight UTC.
fn of_day(text: &str) -> Option<(i64, Box<str>)> {
    let (clock, offset) = match text.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => {
            let sign_at = text.rfind(['+', '-'])?;
            let (clock, offset) = (text.get(..sign_at)?, text.get(sign_at..)?);
            let (sign, offset) = match offset.strip_prefix('-') {
                Some(offset) => (-1, offset),
                None => (1, offset.strip_prefix('+')?),
            };
            let (hours, minutes) = offset.split_once(':')?;
            (clock, sign * (below(hours, 24)? * 3600 + below(minutes, 60)? * 60))
        }
    };
    let mut parts = clock.split(':');
    let hours = below(parts.next()?, 24)?;
    let minutes = below(parts.next()?, 60)?;
    let (seconds, fraction) = match parts.next() {
        None => (0, ""),
        Some(seconds) => match seconds.split_once('.') {
            None => (below(seconds, 60)?, ""),
            Some((seconds, fraction)) if is_digits(fraction) => (below(seconds, 60)?, fraction),
            Some(_) => return None,
        },
    };
    if parts.next().is_some() {
        return None;
    }
    Some((hours * 3600 + minutes * 60 + seconds - offset, fraction.trim_end_matches('0').into()))
}

fn below(text: &str, limit: i64) -> Option<i64> {
    digits(text, 2).filter(|value| *value < limit)
}

fn digits(text: &str, length: usize) -> Option<i64> {
    (text.len() == length && is_digits(text)).then(|| text.parse().ok()).flatten()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// In the Gregorian calendar. Years are counted from March, so that the leap day is the last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leaps + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// A range of addresses: `address/bits`, or one address. Bits behind the prefix do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// CIDR notation (IAM User Guide, "IAM JSON policy elements: Condition operators", IP
    /// address condition operators). IPv4 inside IPv6 is unusual.
    pub(crate) fn read(text: &str) -> Reading<Network> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address = match read_address(address) {
            Reading::Is(address) => address,
            other => return other.without_value(),
        };
        let most = if address.is_ipv4() { 32 } else { 128 };
        match bits {
            None => Reading::Is(Network { address, bits: most }),
            Some(bits) => match bits.parse::<u8>() {
                Ok(number) if number <= most && number.to_string() == bits => {
                    Reading::Is(Network { address, bits: number })
                }
                _ => Reading::Unusual,
            },
        }
    }

    /// The first and the last address.
    pub(crate) fn ends(&self) -> (IpAddr, IpAddr) {
        match self.address {
            IpAddr::V4(own) => {
                let behind = u32::MAX.checked_shr(u32::from(self.bits)).unwrap_or(0);
                let end = |bits: u32| IpAddr::V4(std::net::Ipv4Addr::from_bits(bits));
                (end(own.to_bits() & !behind), end(own.to_bits() | behind))
            }
            IpAddr::V6(own) => {
                let behind = u128::MAX.checked_shr(u32::from(self.bits)).unwrap_or(0);
                let end = |bits: u128| IpAddr::V6(Ipv6Addr::from_bits(bits));
                (end(own.to_bits() & !behind), end(own.to_bits() | behind))
            }
        }
    }

    /// Whether an address lies in the range; one of the other family never does.
    pub(crate) fn holds(&self, address: &IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32 - u32::from(self.bits);
                let cut = |a: u32| a.checked_shr(shift).unwrap_or(0);
                cut(own.to_bits()) == cut(other.to_bits())
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(self.bits);
                let cut = |a: u128| a.checked_shr(shift).unwrap_or(0);
                cut(own.to_bits()) == cut(other.to_bits())
            }
            _ => false,
        }
    }
}

impl<T> Reading<T> {
    fn without_value<U>(self) -> Reading<U> {
        match self {
            Reading::Malformed => Reading::Malformed,
            _ => Reading::Unusual,
        }
    }
}

/// One address, as a request holds it.
pub(crate) fn read_address(text: &str) -> Reading<IpAddr> {
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) if address.to_ipv4_mapped().is_some() => Reading::Unusual,
        Ok(address) => Reading::Is(address),
        Err(_) => {
            // With a zone behind `%`, or with zeros or brackets that some programs take.
            let (address, _) = text.split_once('%').unwrap_or((text, ""));
            let perhaps = |c: char| c.is_ascii_hexdigit() || ":./[] ".contains(c);
            if !address.is_empty() && address.chars().all(perhaps) { Reading::Unusual } else { Reading::Malformed }
        }
    }
}

/// Base64 with padding (RFC 4648, section 4), where equal bytes are equal texts. What is not
/// written that way is unusual.
pub(crate) fn read_base64(text: &str) -> Reading<Box<str>> {
    let body = text.trim_end_matches('=');
    let padding = text.len() - body.len();
    let value = |b: u8| match b {
        b'A'..=b'Z' => Some(b - b'A'),
        b'a'..=b'z' => Some(b - b'a' + 26),
        b'0'..=b'9' => Some(b - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let known = body.bytes().all(|b| value(b).is_some());
    // The bits of the last letter that belong to no byte are zero.
    let spare = match padding {
        0 => 0,
        1 => 0b11,
        _ => 0b1111,
    };
    let last = body.bytes().last().and_then(value).unwrap_or(0);
    let whole = text.len().is_multiple_of(4) && padding <= 2 && last & spare == 0;
    if known && whole { Reading::Is(text.into()) } else { Reading::Unusual }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        match Number::read(text) {
            Reading::Is(number) => number,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn time(text: &str) -> Time {
        match Time::read(text) {
            Reading::Is(time) => time,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn row_30_numbers_by_value() {
        for (a, b, expected) in [
            ("1.50", "1.5", Ordering::Equal),
            ("-0", "0.0", Ordering::Equal),
            ("007", "7", Ordering::Equal),
            ("9", "10", Ordering::Less),
            ("5.25", "5.3", Ordering::Less),
            ("-3", "-2.5", Ordering::Less),
            ("-1", "1", Ordering::Less),
            ("123456789012345678901234567890.1", "123456789012345678901234567890", Ordering::Greater),
        ] {
            assert_eq!(number(a).cmp(&number(b)), expected, "{a} {b}");
        }
        for text in ["1e3", "+5", ".5", "5.", " 5"] {
            assert_eq!(Number::read(text), Reading::Unusual, "{text}");
        }
        for text in ["299s", "0x10", "five", "inf", "NaN", "1.2.3", "--1", "${x}", ""] {
            assert_eq!(Number::read(text), Reading::Malformed, "{text}");
        }
    }

    #[test]
    fn row_31_times_in_documented_forms() {
        let same = [
            "2026-03-01T00:00:00Z",
            "2026-03-01T02:00:00+02:00",
            "2026-02-28T19:00:00-05:00",
            "2026-03-01",
            "2026-03",
            "1772323200",
            "2026-03-01T00:00Z",
            "2026-03-01T00:00:00.000Z",
        ];
        for text in same {
            assert_eq!(time(text), time("1772323200"), "{text}");
        }
        assert!(time("2026-03-01T00:00:00.5Z") > time("2026-03-01"));
        assert!(time("2026-03-01T00:00:00.5Z") < time("2026-03-01T00:00:00.51Z"));
        assert!(time("1969-12-31T23:59:59Z") < time("0"));
        assert_eq!(time("2000-02-29"), time("951782400"));
        assert!(time("1772323200000") > time("9999-12-31"), "seconds, not milliseconds");
        for text in ["2027", "2026-03-01T00:00:00", "2026-02-30", "2026-03-01T24:00:00Z"] {
            assert_eq!(Time::read(text), Reading::Unusual, "{text}");
        }
        assert_eq!(Time::read("tomorrow"), Reading::Malformed);
    }

    #[test]
    fn rows_32_33_ranges() {
        let inside = |range: &str, address: &str| match (Network::read(range), read_address(address)) {
            (Reading::Is(range), Reading::Is(address)) => range.holds(&address),
            other => panic!("{range} {address}: {other:?}"),
        };
        assert!(inside("0.0.0.0/0", "203.0.113.9"));
        assert!(inside("203.0.113.9", "203.0.113.9"));
        assert!(!inside("203.0.113.9", "203.0.113.10"));
        assert!(inside("203.0.113.77/24", "203.0.113.9"));
        assert!(!inside("203.0.113.77/25", "203.0.113.200"));
        assert!(inside("2001:DB8::/32", "2001:0db8:0:0::1"));
        assert!(inside("::/0", "2001:db8::1"));
        assert!(!inside("::/0", "203.0.113.9"));
        assert!(inside("::/96", "::10.0.0.1"));
        for text in
            ["::ffff:203.0.113.9", "::ffff:cb00:7109", "fe80::1%eth0", "010.1.2.3", "10.0.0.0/33", "10.0.0.0/08"]
        {
            assert_eq!(Network::read(text), Reading::Unusual, "{text}");
        }
        assert_eq!(Network::read("home"), Reading::Malformed);
    }

    #[test]
    fn base64_in_one_spelling() {
        for text in ["QmluYXJ5VmFsdWVJbkJhc2U2NA==", "AAEC", "/+8=", ""] {
            assert_eq!(read_base64(text), Reading::Is(text.into()), "{text}");
        }
        for text in ["AAE", "/+9=", "A===", "AA-_", "QQ==QQ==", "QR=="] {
            assert_eq!(read_base64(text), Reading::Unusual, "{text}");
        }
    }
}
