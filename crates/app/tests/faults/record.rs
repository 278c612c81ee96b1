//! Recorded answers as files, and how they are made: by one audit of each account on the emulator.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use jiff::Timestamp;
use plumbline_app::Share;
use plumbline_audit::Collect as _;
use plumbline_collector::replay::{Exchange, Recorder};
use plumbline_evaluator::{Scope, plan};
use plumbline_names::Partition;
use plumbline_snapshot::{Snapshot, sources};
use serde_json::{Value, json};

use crate::account::{ACCOUNTS, Account};
use crate::stage::{REGION, baseline, fleet};

/// How to record anew.
pub(crate) const HOW: &str = "collectors, baseline and recording don't fit together: record anew with `cargo nextest run \
    --workspace -E 'package(plumbline-app) and test(record)' --run-ignored only`";

/// What an account answered, and when.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) started_at: Timestamp,
    pub(crate) finished_at: Timestamp,
    pub(crate) exchanges: Vec<Exchange>,
}

/// A process that holds the built account, and the emulators that it forks.
struct Zygote(Child);

fn file(account: &Account) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(format!("{}.jsonl", account.name))
}

impl Recording {
    /// The recording of an account.
    pub(crate) fn of(account: &Account) -> Self {
        let text = std::fs::read_to_string(file(account)).unwrap();
        let (head, rest) = text.split_once('\n').unwrap();
        let head: Value = serde_json::from_str(head).unwrap();
        let time = |name: &str| head[name].as_str().unwrap().parse().unwrap();
        Self {
            started_at: time("started_at"),
            finished_at: time("finished_at"),
            exchanges: rest.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
        }
    }

    fn save(&self, account: &Account) {
        let head = json!({"started_at": self.started_at.to_string(), "finished_at": self.finished_at.to_string()});
        let mut text = format!("{head}\n");
        for exchange in &self.exchanges {
            text.push_str(&serde_json::to_string(exchange).unwrap());
            text.push('\n');
        }
        std::fs::create_dir_all(file(account).parent().unwrap()).unwrap();
        std::fs::write(file(account), text).unwrap();
    }
}

impl Zygote {
    fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let python = std::env::var_os("PLUMBLINE_TEST_PYTHON");
        let python = python.map_or_else(|| root.join(".build/venv/bin/python"), PathBuf::from);
        let mut command = Command::new(python);
        command.args(["-m", "server", "zygote"]).current_dir(root.join("tests/emulator"));
        Self(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap())
    }

    /// The port of a fresh copy; all end with their parent's input.
    fn fork(&mut self) -> u16 {
        self.0.stdin.as_mut().unwrap().write_all(b"fork\n").unwrap();
        // The copy's answer is the only line until the next one is asked for, so that nothing is lost with the buffer.
        for line in BufReader::new(self.0.stdout.as_mut().unwrap()).lines() {
            if let Ok(born) = serde_json::from_str::<Value>(&line.unwrap()) {
                return born["port"].as_u64().unwrap().try_into().unwrap();
            }
        }
        panic!("the emulator ended");
    }
}

impl Drop for Zygote {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Steers an emulator.
fn steer(port: u16, method: &str, path: &str, body: &str) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let length = body.len();
    let head = format!("{method} /_plumbline/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n");
    write!(stream, "{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.split(' ').nth(1).is_some_and(|status| status.starts_with('2')), "{path}: {answer}");
}

/// Audits the account at a port, and keeps what it answers.
async fn exchanges(port: u16, account: &Account, at: Timestamp) -> Vec<Exchange> {
    let recorder = Recorder::new(aws_smithy_http_client::Builder::new().build_http());
    let key = Credentials::new("AKIAEMULATOR", "emulator", None, None, "emulator");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(SharedCredentialsProvider::new(key))
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .http_client(recorder.clone())
        .build();
    let (baseline, _) = baseline(account, at);
    let plan = plan(&baseline, &Scope::default(), at);
    let regions = plan.regions.keys().cloned();
    let mut snapshot = Snapshot::unread(baseline.account_id.clone(), Partition::named("aws"), at, regions);
    fleet(config, &baseline, Share::OFF).fill(&plan, &mut snapshot, None).await;
    let mut kept = recorder.exchanges();
    for exchange in &mut kept {
        // What says nothing of the account would only change from recording to recording.
        exchange.headers.retain(|(name, _)| name == "content-type" || name.starts_with("x-amz-bucket"));
        assert!(!exchange.body.contains(&format!(":{port}")), "{} names the port", exchange.operation);
    }
    kept
}

/// Those of `more` that are not known yet.
fn beyond(known: &[Exchange], more: Vec<Exchange>) -> Vec<Exchange> {
    let same =
        |a: &Exchange, b: &Exchange| (&a.operation, &a.region, &a.request) == (&b.operation, &b.region, &b.request);
    more.into_iter().filter(|exchange| !known.iter().any(|old| same(old, exchange))).collect()
}

#[tokio::test]
#[ignore = "needs the emulator: it writes the files that the other tests read"]
async fn record() {
    const NOTHING: &str = r#"{"kind": "patch", "service": "sagemaker", "operation": "Search",
                              "set": {"Results": []}, "remove": ["NextToken"]}"#;
    const UNLISTED: &str = r#"{"kind": "patch", "service": "iam", "operation": "GetAccountAuthorizationDetails",
                               "replace": [["<Arn>arn:aws:iam::123456789012:policy/ds-boundary-fraud-dev</Arn>",
                                            "<Arn>arn:aws:iam::123456789012:policy/other</Arn>"]]}"#;
    let mut zygote = Zygote::start();
    for account in ACCOUNTS {
        let port = zygote.fork();
        for name in account.breaks {
            steer(port, "POST", &format!("break/{name}"), "");
        }
        let faults = [(account.searchless, NOTHING), (account.unlisted, UNLISTED)];
        let faults: Vec<&str> = faults.into_iter().filter_map(|(is, rule)| is.then_some(rule)).collect();
        steer(port, "PUT", "faults", &format!("[{}]", faults.join(",")));
        let started_at = Timestamp::now();
        let mut kept = exchanges(port, account, started_at).await;
        let named = |exchange: &Exchange| sources().any(|source| source.operation() == exchange.operation);
        assert!(kept.iter().all(named), "{:#?}", kept.iter().filter(|it| !named(it)).collect::<Vec<_>>());
        let finished_at = Timestamp::now();
        if !account.searchless {
            // Without Search everything is asked one by one: those answers are needed when Search fails.
            steer(port, "PUT", "faults", &format!("[{NOTHING}]"));
            let more = exchanges(port, account, started_at).await;
            kept.extend(beyond(&kept, more));
            kept.sort();
        }
        Recording { started_at, finished_at, exchanges: kept }.save(account);
    }
}
