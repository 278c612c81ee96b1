//! Numbers, times and addresses that stand for all others: each value that a policy names, and
//! one from every gap between them. How such values are read is in `values`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::values::{Network, Number, Reading, Time};

/// Numbers that are compared alike with every one of the texts that are numbers.
pub(crate) fn numbers(texts: &[&str]) -> Vec<String> {
    let mut own: Vec<(Number, &str)> = read(texts, Number::read);
    own.sort_by(|a, b| a.0.cmp(&b.0));
    own.dedup_by(|a, b| a.0 == b.0);
    let (Some((_, least)), Some((_, most))) = (own.first(), own.last()) else {
        return vec!["1".to_owned()];
    };
    let digits = |text: &str| text.trim_start_matches('-').split('.').next().unwrap_or_default().to_owned();
    let below = if least.starts_with('-') { format!("-9{}", digits(least)) } else { "-1".to_owned() };
    let above = if most.starts_with('-') { "1".to_owned() } else { format!("9{}", digits(most)) };
    let mut all: Vec<String> = own.iter().map(|(_, text)| (*text).to_owned()).collect();
    all.push(above);
    for pair in own.windows(2) {
        if let [(low, low_text), (high, high_text)] = pair {
            all.extend(between(
                low_text,
                high_text,
                |text| matches!(Number::read(text), Reading::Is(number) if number > *low && number < *high),
            ));
        }
    }
    all.push(below);
    all
}

/// A number between two others.
fn between(low: &str, high: &str, fits: impl Fn(&str) -> bool) -> Option<String> {
    let whole = low.parse::<i64>().ok().and_then(|low| low.checked_add(1)).map(|next| next.to_string());
    let finer = |text: &str, zeros: usize| {
        let point = if text.contains('.') { "" } else { "." };
        format!("{text}{point}{}5", "0".repeat(zeros))
    };
    let most = low.len() + high.len();
    let ends =
        (0..=most).flat_map(|zeros| [finer(low, zeros), finer(high, zeros), format!("-0.{}5", "0".repeat(zeros))]);
    whole.into_iter().chain(ends).find(|text| fits(text))
}

/// Times that are compared alike with every one of the texts that are times. `epoch`: written
/// as seconds where possible.
pub(crate) fn times(texts: &[&str], epoch: bool) -> Vec<String> {
    let mut own: Vec<(Time, &str)> = read(texts, Time::read);
    own.sort_by(|a, b| a.0.cmp(&b.0));
    own.dedup_by(|a, b| a.0 == b.0);
    let (Some((least, _)), Some((most, _))) = (own.first(), own.last()) else {
        return vec!["2026-01-01T00:00:00Z".to_owned()];
    };
    let is = |text: &str, fits: &dyn Fn(&Time) -> bool| matches!(Time::read(text), Reading::Is(time) if fits(&time));
    let second = |seconds: i64, fits: &dyn Fn(&Time) -> bool| {
        let form = |as_seconds| if as_seconds { seconds.to_string() } else { iso(seconds, "") };
        [epoch, !epoch].into_iter().map(form).find(|text| is(text, fits))
    };
    let mut all: Vec<String> = own.iter().map(|(_, text)| (*text).to_owned()).collect();
    all.extend(second(most.seconds() + 86_400, &|time| time > most));
    for pair in own.windows(2) {
        if let [(low, _), (high, _)] = pair {
            let fits = |time: &Time| time > low && time < high;
            let finer = || {
                let zeros = 0..=low.fraction().len() + high.fraction().len();
                let text = |zeros: usize| iso(low.seconds(), &format!("{}{}5", low.fraction(), "0".repeat(zeros)));
                zeros.map(text).find(|text| is(text, &fits))
            };
            all.extend(second(low.seconds() + 1, &fits).or_else(finer));
        }
    }
    all.extend(second(least.seconds() - 86_400, &|time| time < least));
    all
}

/// In the Gregorian calendar, UTC.
fn iso(seconds: i64, fraction: &str) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Years are counted from March, so that the leap day is the last.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hours, minutes, seconds) = (rest / 3_600, rest / 60 % 60, rest % 60);
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}{point}{fraction}Z")
}

/// Addresses of both families that lie in the same of the texts' ranges as all others.
pub(crate) fn addresses(texts: &[&str]) -> Vec<String> {
    let networks: Vec<Network> = read(texts, Network::read).into_iter().map(|(network, _)| network).collect();
    // The first address of each range and the first behind it.
    let (mut v4, mut v6) = (vec![0_u32], vec![0_u128]);
    for network in &networks {
        match network.ends() {
            (IpAddr::V4(low), IpAddr::V4(high)) => {
                v4.extend([Some(low.to_bits()), high.to_bits().checked_add(1)].iter().flatten())
            }
            (IpAddr::V6(low), IpAddr::V6(high)) => {
                v6.extend([Some(low.to_bits()), high.to_bits().checked_add(1)].iter().flatten())
            }
            _ => {}
        }
    }
    // Addresses of IPv4 inside IPv6 are no addresses of requests.
    let mapped = (0xffff_u128 << 32, 0x1_0000_u128 << 32);
    v6.push(mapped.1);
    v6.retain(|start| !(mapped.0..mapped.1).contains(start));
    let mut all: Vec<String> = Vec::new();
    sort(&mut v4);
    sort(&mut v6);
    // WHY: the first of all addresses are special, and no request comes from them.
    let plain4 = |start: u32, next: Option<u32>| {
        if start == 0 && next.is_none_or(|n| n > 0x0100_0001) { 0x0100_0001 } else { start }
    };
    for (at, start) in v4.iter().enumerate() {
        all.push(Ipv4Addr::from_bits(plain4(*start, v4.get(at + 1).copied())).to_string());
    }
    for start in v6.iter().rev() {
        all.push(Ipv6Addr::from_bits(*start).to_string());
    }
    all
}

fn sort<T: Ord>(all: &mut Vec<T>) {
    all.sort_unstable();
    all.dedup();
}

fn read<'t, T>(texts: &[&'t str], read: impl Fn(&str) -> Reading<T>) -> Vec<(T, &'t str)> {
    let one = |text: &&'t str| match read(text) {
        Reading::Is(value) => Some((value, *text)),
        _ => None,
    };
    texts.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Ordering;

    #[test]
    fn numbers_from_every_gap() {
        for texts in
            [&["10", "11"][..], &["-1", "0", "0.0000001"], &["-3", "-2.5", "7"], &["10.5", "10.50000001"], &["5"]]
        {
            let mut all: Vec<Number> =
                read(&numbers(texts).iter().map(String::as_str).collect::<Vec<_>>(), Number::read)
                    .into_iter()
                    .map(|(number, _)| number)
                    .collect();
            all.sort();
            all.dedup();
            assert_eq!(all.len(), 2 * texts.len() + 1, "{texts:?}: {:?}", numbers(texts));
            let own = read(texts, Number::read);
            let places = |n: &Number| own.iter().map(|(o, _)| n.cmp(o)).collect::<Vec<Ordering>>();
            let mut seen: Vec<_> = all.iter().map(places).collect();
            seen.dedup();
            assert_eq!(seen.len(), all.len());
        }
    }

    #[test]
    fn times_from_every_gap() {
        for texts in [
            &["2026-01-01T00:00:00Z", "2026-03-15"][..],
            &["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.01Z"],
            &["1760000000", "1760000001"],
        ] {
            for epoch in [false, true] {
                let all = times(texts, epoch);
                assert_eq!(all.len(), 2 * texts.len() + 1, "{all:?}");
                assert!(all.iter().all(|text| matches!(Time::read(text), Reading::Is(_))), "{all:?}");
            }
        }
        assert_eq!(iso(0, ""), "1970-01-01T00:00:00Z");
        assert_eq!(iso(951_782_400, "5"), "2000-02-29T00:00:00.5Z");
    }

    #[test]
    fn addresses_from_every_range() {
        let texts = ["10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32", "0.0.0.0/0", "nonsense"];
        let all = addresses(&texts);
        let ranges: Vec<Network> = read(&texts, Network::read).into_iter().map(|(network, _)| network).collect();
        let inside = |text: &String| {
            let address: IpAddr = text.parse().unwrap();
            ranges.iter().map(|range| range.holds(&address)).collect::<Vec<bool>>()
        };
        let seen: Vec<Vec<bool>> = all.iter().map(inside).collect();
        for expected in [
            [true, false, false, true],
            [true, true, false, true],
            [false, false, true, false],
            [false; 4],
            [false, false, false, true],
        ] {
            assert!(seen.contains(&expected.to_vec()), "{expected:?} in {all:?}");
        }
    }
}
