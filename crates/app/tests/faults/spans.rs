//! What an audit writes to the log of a function, as JSON at the level that is on without anybody's doing.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

use plumbline_collector::replay::Fault;
use plumbline_snapshot::ec2;
use serde_json::Value;

use crate::account::CLEAN;
use crate::stage::{REGION, Seen, Stage};

/// A log in memory.
#[derive(Debug, Clone, Default)]
struct Pages(Arc<Mutex<Vec<u8>>>);

impl Write for Pages {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// An audit and the lines that it logged, written as the Lambda runtime writes them.
fn logged(wrong: Option<Fault>) -> (Seen, Vec<Value>) {
    let pages = Pages::default();
    let writer = pages.clone();
    let log = tracing_subscriber::fmt().with_target(false).without_time().with_writer(move || writer.clone());
    let log = log.with_env_filter("info").json().finish();
    let stage = Stage::of(&CLEAN);
    let seen = tracing::subscriber::with_default(log, || stage.audit(wrong.map(|fault| (&ec2::VPCS, fault))));
    let text = String::from_utf8(pages.0.lock().unwrap().clone()).unwrap();
    (seen, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn each_service_of_a_region_tells_its_calls_items_and_seconds_within_the_audit() {
    let (seen, lines) = logged(None);
    let message = |line: &Value| line["fields"]["message"].as_str().unwrap_or_default().to_owned();
    let mut calls: BTreeMap<(String, String), u64> = BTreeMap::new();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for line in lines.iter().filter(|line| message(line) == "read") {
        let span = &line["span"];
        assert_eq!((&line["level"], &span["name"]), (&"INFO".into(), &"service".into()), "{line}");
        assert!(span["items"].as_u64().is_some() && span["seconds"].as_f64().is_some_and(|it| it > 0.0), "{line}");
        let audit = &line["spans"][0];
        assert_eq!(
            (&audit["name"], &audit["run"], &audit["leg"]),
            (&"audit".into(), &"next".into(), &1.into()),
            "{line}"
        );
        *calls.entry((text(&span["service"]), text(&span["region"]))).or_default() += span["calls"].as_u64().unwrap();
    }
    let mut expected: BTreeMap<(String, String), u64> = BTreeMap::new();
    for read in seen.report.coverage.reads.iter().filter(|read| read.calls > 0) {
        let (service, region) = match (read.service.as_str(), &read.region) {
            // The account's own reads, which are no service's.
            ("sts", _) | ("ec2", None) => continue,
            ("s3control", _) => ("s3", "global".to_owned()),
            (service, region) => (service, region.as_ref().map_or("global".to_owned(), ToString::to_string)),
        };
        *expected.entry((service.to_owned(), region)).or_default() += read.calls;
    }
    assert!(expected.contains_key(&("sagemaker".to_owned(), REGION.to_owned())), "{expected:?}");
    assert_eq!(calls, expected);

    let whole: Vec<&Value> = lines.iter().filter(|line| message(line) == "the account is read").collect();
    let [whole] = whole[..] else { panic!("{whole:?}") };
    assert_eq!((&whole["fields"]["calls"], &whole["fields"]["lost"]), (&seen.report.cost.calls.into(), &0.into()));
    assert_eq!((&whole["span"]["name"], &whole["span"]["run"]), (&"audit".into(), &"next".into()));

    let (_, lines) = logged(Some(Fault::Denied));
    let lost: Vec<&Value> = lines.iter().filter(|line| message(line) == "the account is read").collect();
    assert_eq!(lost[0]["fields"]["lost"], 1);
}
