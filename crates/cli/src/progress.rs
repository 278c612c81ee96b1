//! What is being read, on a terminal: one line that changes. Silent everywhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use plumbline_app::{Forecast, Outlook, Progress, Silent};
use plumbline_names::Region;
use plumbline_snapshot::{Outcome, Source};

/// A line on standard error if that is a terminal, else silence.
pub(crate) fn watcher() -> Arc<dyn Progress> {
    use std::io::IsTerminal as _;
    if std::io::stderr().is_terminal() { Arc::new(Line::new()) } else { Arc::new(Silent) }
}

struct Line {
    bar: ProgressBar,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    reads: BTreeMap<&'static str, u64>,
    regions: BTreeSet<String>,
    items: u64,
    ended: u64,
    forecast: Option<Forecast>,
}

/// Reads that are named at once.
const NAMED: usize = 4;

impl Line {
    fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, open: Mutex::default() }
    }

    fn change(&self, change: impl FnOnce(&mut Open)) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut open);
        let outlook = open.forecast.as_ref().and_then(Forecast::longest);
        self.bar.set_message(message(&open, outlook.as_ref()));
    }
}

/// What the line says: what takes longest and how much longer, as far as that is known; what is done; what is being read.
fn message(open: &Open, outlook: Option<&Outlook>) -> String {
    let mut text = String::new();
    // Of a single question there is nothing to foretell.
    let outlook = outlook.filter(|outlook| outlook.total > 1);
    if let Some(outlook) = outlook {
        text.push_str(&told(outlook, open.regions.len() > 1));
        text.push_str("; ");
    }
    // Writing to a String cannot fail.
    let _ = write!(text, "{} reads done, {} items", grouped(open.ended), grouped(open.items));
    let others = || open.reads.keys().filter(|name| outlook.is_none_or(|outlook| outlook.source.operation != **name));
    let named: Vec<&str> = others().take(NAMED).copied().collect();
    if !named.is_empty() {
        let also = if outlook.is_some() { "also reading" } else { "reading" };
        let _ = write!(text, "; {also} {}", named.join(", "));
        let more = others().count() - named.len();
        if more > 0 {
            let _ = write!(text, " and {more} more");
        }
    }
    text
}

/// `sagemaker DescribeModel 420 of ~1,300, about 2 min left`.
fn told(outlook: &Outlook, several_regions: bool) -> String {
    let Outlook { source, region, done, total, estimated, left } = outlook;
    let mut text = format!("{} {}", source.service, source.operation);
    if let Some(region) = region.as_ref().filter(|_| several_regions) {
        let _ = write!(text, " in {region}");
    }
    let about = if *estimated { "~" } else { "" };
    let _ = write!(text, " {} of {about}{}", grouped(*done), grouped(*total));
    if let Some(left) = left {
        let _ = write!(text, ", {} left", lasting(*left));
    }
    text
}

/// A time as people say it who do not know it exactly.
fn lasting(left: Duration) -> String {
    let seconds = left.as_secs();
    match seconds {
        0..10 => "a few seconds".to_owned(),
        10..55 => format!("about {} s", seconds.div_ceil(10) * 10),
        55..3570 => format!("about {} min", (seconds + 30) / 60),
        _ => {
            let minutes = (seconds + 30) / 60;
            format!("about {} h {} min", minutes / 60, minutes % 60)
        }
    }
}

/// A number with commas between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Drop for Line {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Line {
    fn follow(&self, forecast: Forecast) {
        self.change(|open| open.forecast = Some(forecast));
    }

    fn started(&self, source: &Source, region: Option<&Region>) {
        let name = source.operation;
        self.change(|open| {
            *open.reads.entry(name).or_default() += 1;
            if let Some(region) = region.filter(|region| !open.regions.contains(region.as_str())) {
                open.regions.insert(region.to_string());
            }
        });
    }

    fn received(&self, _: &Source, _: Option<&Region>, items: u64) {
        self.change(|open| open.items += items);
    }

    fn ended(&self, source: &Source, _: Option<&Region>, _: Outcome) {
        let name = source.operation;
        self.change(|open| {
            open.ended += 1;
            if let Some(count) = open.reads.get_mut(name) {
                *count -= 1;
                if *count == 0 {
                    open.reads.remove(name);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use expect_test::expect;
    use plumbline_app::Outlook;
    use plumbline_snapshot::sagemaker;

    use super::{Open, grouped, lasting, message};

    fn outlook(done: u64, total: u64, left: Option<u64>) -> Outlook {
        Outlook {
            source: &sagemaker::MODEL,
            region: Some("eu-west-1".parse().unwrap()),
            done,
            total,
            estimated: true,
            left: left.map(Duration::from_secs),
        }
    }

    fn open(reads: &[&'static str], regions: &[&str]) -> Open {
        Open {
            reads: reads.iter().map(|name| (*name, 1)).collect(),
            regions: regions.iter().map(|region| (*region).to_owned()).collect(),
            items: 12_345,
            ended: 1_037,
            forecast: None,
        }
    }

    #[test]
    fn the_line_says_what_how_many_and_how_much_longer() {
        let some = open(&["DescribeModel", "ListDomains"], &["eu-west-1"]);
        let many = open(&["A", "B", "C", "D", "DescribeModel", "E", "F"], &["eu-west-1", "eu-west-2"]);
        let whole = Outlook { estimated: false, ..outlook(1_299, 1_300, Some(0)) };
        let lines = [
            message(&some, Some(&outlook(420, 1_300, Some(118)))),
            message(&many, Some(&outlook(420, 1_300, Some(118)))),
            message(&some, Some(&whole)),
            message(&some, Some(&outlook(420, 1_300, None))),
            message(&some, Some(&outlook(0, 1, Some(0)))),
            message(&some, None),
            message(&open(&[], &[]), None),
        ];
        expect![[r#"
            sagemaker DescribeModel 420 of ~1,300, about 2 min left; 1,037 reads done, 12,345 items; also reading ListDomains
            sagemaker DescribeModel in eu-west-1 420 of ~1,300, about 2 min left; 1,037 reads done, 12,345 items; also reading A, B, C, D and 2 more
            sagemaker DescribeModel 1,299 of 1,300, a few seconds left; 1,037 reads done, 12,345 items; also reading ListDomains
            sagemaker DescribeModel 420 of ~1,300; 1,037 reads done, 12,345 items; also reading ListDomains
            1,037 reads done, 12,345 items; reading DescribeModel, ListDomains
            1,037 reads done, 12,345 items; reading DescribeModel, ListDomains
            1,037 reads done, 12,345 items"#]]
        .assert_eq(&lines.join("\n"));
    }

    #[test]
    fn times_and_numbers_as_people_say_them() {
        let said = |seconds| lasting(Duration::from_secs(seconds));
        let times = [0, 9, 10, 41, 54, 55, 89, 90, 3_569, 3_570, 7_500].map(said);
        let wanted = [
            "a few seconds",
            "a few seconds",
            "about 10 s",
            "about 50 s",
            "about 60 s",
            "about 1 min",
            "about 1 min",
            "about 2 min",
            "about 59 min",
            "about 1 h 0 min",
            "about 2 h 5 min",
        ];
        assert_eq!(times, wanted);
        let numbers = [0, 999, 1_000, 12_345, 1_234_567].map(grouped);
        assert_eq!(numbers, ["0", "999", "1,000", "12,345", "1,234,567"]);
    }
}
