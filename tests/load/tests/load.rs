//! The server keeps its limits, an audit of its account is whole and asks no more than it must, and trouble on the way
//! changes nothing. Times are virtual; real ones are the bench's.
#![cfg(test)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use plumbline_app::Share;
use plumbline_load::account::{Account, Jobs, Size};
use plumbline_load::least::{self, least};
use plumbline_load::listener::Loopback;
use plumbline_load::ports::Memory;
use plumbline_load::request::Request;
use plumbline_load::server::Reply;
use plumbline_load::stage::{Seen, audit};
use plumbline_load::{Faults, Limits, Server};

const LATENCY: Duration = Duration::from_millis(50);
const KEPT: Limits = Limits::Kept { guess: 1.0 };

/// An account smaller than the typical one, but with more than a page of jobs.
fn account() -> Account {
    let size = Size { roles: 150, notebooks: 6, endpoint_configs: 4, ..Size::times(1) };
    let jobs = Jobs { number: 250, running: 2, from_days: 0, to_days: 10 };
    Account { size: size.with_jobs(jobs), now: "2026-06-01T00:00:00Z".parse().unwrap() }
}

fn server(limits: Limits, faults: Faults) -> Arc<Server> {
    Arc::new(Server::new(account(), limits, LATENCY, faults))
}

fn first(server: &Arc<Server>, share: Share) -> Seen {
    audit(server, share, &Memory::default(), "first").unwrap()
}

fn assert_whole(seen: &Seen) {
    let lost: Vec<_> = seen.report.coverage.reads.iter().filter(|read| read.outcome.is_loss()).collect();
    assert!(seen.report.coverage.complete && lost.is_empty(), "{lost:#?}");
}

#[tokio::test(start_paused = true)]
async fn who_asks_too_fast_is_refused_until_the_bucket_fills() {
    let server = server(KEPT, Faults::NONE);
    let authorization = "AWS4-HMAC-SHA256 Credential=A/20260601/eu-west-1/sagemaker/aws4_request";
    let request = Request::of("POST", "/", authorization, Some("SageMaker.ListModels"), br#"{"MaxResults":100}"#);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let Reply::Answer(answer) = server.ask(&request).await else { panic!("cut") };
        statuses.push(answer.status);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let Reply::Answer(answer) = server.ask(&request).await else { panic!("cut") };
    statuses.push(answer.status);
    assert_eq!(statuses, [200, 200, 400, 400, 200]);
    let tally = server.tallies()["sagemaker:ListModels"];
    assert_eq!((tally.calls, tally.too_fast), (5, 2));
}

#[test]
fn an_audit_is_whole_and_makes_the_least_calls() {
    let server = server(Limits::Off, Faults::NONE);
    let seen = first(&server, Share::OFF);
    assert_whole(&seen);
    let made: BTreeMap<String, u64> = server.tallies().into_iter().map(|(name, tally)| (name, tally.calls)).collect();
    let must: BTreeMap<String, u64> =
        least(&server.account).into_iter().map(|(name, need)| (name.to_owned(), need.calls)).collect();
    assert_eq!(made, must);
    assert_eq!(seen.report.cost.calls, least::calls(&least(&server.account)) + 1, "and one to STS, which is not asked");
}

#[test]
fn an_audit_within_the_limits_is_whole() {
    let server = server(KEPT, Faults::NONE);
    let seen = first(&server, Share::of(1.0).unwrap());
    assert_whole(&seen);
    let bound = least::bound(&least(&server.account), &KEPT, LATENCY);
    assert!(seen.took >= bound.time, "{:?} is less than can be: {bound:?}", seen.took);
}

#[test]
fn many_jobs_are_listed_and_searched_for_side_by_side() {
    let jobs = Jobs { number: 3_000, running: 2, from_days: 0, to_days: 6 };
    let account = Account { size: account().size.with_jobs(jobs), ..account() };
    let server = Arc::new(Server::new(account, KEPT, LATENCY, Faults::NONE));
    let seen = first(&server, Share::of(1.0).unwrap());
    assert_whole(&seen);
    let least = least(&server.account);
    let bound = least::bound(&least, &KEPT, LATENCY);
    assert!(seen.took < bound.time.mul_f64(1.15), "{:?}, where {bound:?} is the least", seen.took);
    let tallies = server.tallies();
    for name in ["sagemaker:ListTrainingJobs", "sagemaker:Search"] {
        assert_eq!(tallies[name].calls - tallies[name].too_fast, least[name].calls, "{name}");
    }
}

#[test]
fn trouble_on_the_way_changes_no_finding() {
    let clean = first(&server(Limits::Off, Faults::NONE), Share::OFF);
    for seed in [1, 1000] {
        let troubled = server(Limits::Off, Faults::rough(seed));
        let seen = first(&troubled, Share::OFF);
        assert!(troubled.tallies().values().any(|tally| tally.troubled > 0));
        assert_whole(&seen);
        assert_eq!(seen.report.findings, clean.report.findings, "seed {seed}");
    }
}

#[test]
fn a_second_audit_of_the_same_account_finds_the_same() {
    let server = server(Limits::Off, Faults::NONE);
    let memory = Memory::default();
    let verdicts = |seen: &Seen| {
        let findings = seen.report.findings.iter();
        findings.map(|finding| (finding.id.clone(), finding.verdict)).collect::<BTreeMap<_, _>>()
    };
    let before = audit(&server, Share::OFF, &memory, "first").unwrap();
    server.forget();
    let after = audit(&server, Share::OFF, &memory, "second").unwrap();
    assert_whole(&after);
    assert_eq!(verdicts(&before), verdicts(&after));
    assert!(server.calls() <= least::calls(&least(&server.account)));
}

#[test]
fn the_loopback_answers_and_keeps_the_connection() {
    use std::io::{Read as _, Write as _};
    let server = Arc::new(Server::new(account(), Limits::Off, Duration::ZERO, Faults::NONE));
    let loopback = Loopback::start(server.clone()).unwrap();
    let mut stream = std::net::TcpStream::connect(loopback.url().trim_start_matches("http://")).unwrap();
    for _ in 0..3 {
        write!(
            stream,
            "HEAD /load-bucket-00001/ HTTP/1.1\r\nauthorization: AWS4-HMAC-SHA256 Credential=A/1/eu-west-1/s3/x\r\n\r\n"
        )
        .unwrap();
        let mut answer = [0; 512];
        let length = stream.read(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("x-amz-bucket-region: eu-west-1"), "{answer}");
    }
    assert_eq!(server.tallies()["s3:HeadBucket"].calls, 3);
}
