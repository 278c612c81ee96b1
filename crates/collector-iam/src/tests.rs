//! The read of IAM on recorded answers. All fixtures are invented.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use plumbline_collector::replay::{Answer, Fault, Replay};
use plumbline_collector::{Collector, Reader, Share};
use plumbline_snapshot::iam::{ACCOUNT_AUTHORIZATION_DETAILS, Iam, POLICY, POLICY_VERSION};
use plumbline_snapshot::{Outcome, Plan, Source, Why};
use tokio::time::Instant;

use crate::IamCollector;

/// An account of three pages, of which the second is empty.
fn aws() -> Replay {
    let aws = Replay::new();
    let page = |text: &str| Answer::xml(text);
    let source = &ACCOUNT_AUTHORIZATION_DETAILS;
    aws.answer(source, page(include_str!("../fixtures/GetAccountAuthorizationDetails.3.xml")).when("Marker=last"));
    aws.answer(source, page(include_str!("../fixtures/GetAccountAuthorizationDetails.2.xml")).when("Marker=more"));
    aws.answer(source, page(include_str!("../fixtures/GetAccountAuthorizationDetails.1.xml")));
    aws
}

fn reader_of(sources: &[&Source]) -> Reader {
    let plan = Plan {
        sources: sources.iter().map(|source| source.operation()).collect(),
        regions: BTreeMap::new(),
        buckets: BTreeMap::new(),
        jobs_since: Timestamp::UNIX_EPOCH,
        tags_since: Timestamp::UNIX_EPOCH,
        until: Timestamp::UNIX_EPOCH,
    };
    Reader::new(Arc::new(plan), Share::OFF, None)
}

async fn fill(aws: &Replay, reader: &Reader, iam: &mut Iam) {
    IamCollector::new(&aws.config("eu-west-1")).fill(reader, iam).await;
}

fn shape(iam: &Iam) -> (Vec<&str>, Vec<&str>, Option<Why>, Option<Why>) {
    let roles = iam.roles.seen().map(|role| role.name.as_str()).collect();
    let policies = iam.policies.seen().map(|policy| policy.name.as_str()).collect();
    (roles, policies, iam.roles.gap().map(|gap| gap.why), iam.policies.gap().map(|gap| gap.why))
}

#[tokio::test(start_paused = true)]
async fn one_pass_over_three_pages_fills_all_four_listings() {
    let (aws, reader) = (aws(), reader_of(&[&ACCOUNT_AUTHORIZATION_DETAILS]));
    let mut iam = Iam::unread();
    fill(&aws, &reader, &mut iam).await;
    assert_eq!(shape(&iam), (vec!["bare", "trainer"], vec!["reader"], None, None));
    assert_eq!(aws.calls_of(&ACCOUNT_AUTHORIZATION_DETAILS), 3);
    assert!(
        aws.requests().iter().all(|request| request.text.contains("MaxItems=1000") && !request.text.contains("Filter"))
    );

    let trainer = iam.roles.get("arn:aws:iam::111122223333:role/lab/trainer").unwrap().unwrap();
    assert_eq!(trainer.trust.as_deref(), Some("%7B%22Statement%22%3A%5B%5D%7D"), "as sent");
    assert_eq!(trainer.boundary.as_deref(), Some("arn:aws:iam::111122223333:policy/boundary"));
    assert_eq!(trainer.created.map(|at| at.to_string()).as_deref(), Some("2026-01-02T03:04:05Z"));
    let reader = iam.policies.get("arn:aws:iam::111122223333:policy/reader").unwrap().unwrap();
    assert_eq!(reader.document.as_deref(), Some("%7B%22Id%22%3A%22old%22%7D"), "the default version");
    let someone = iam.users.get("arn:aws:iam::111122223333:user/someone").unwrap().unwrap();
    assert_eq!((&someone.groups[..], &someone.attached[..]), (&["analysts".into()][..], &[reader.arn.clone()][..]));
    assert_eq!(iam.group("analysts").unwrap().unwrap().inline.len(), 1);
    assert!(iam.is_whole());
}

#[tokio::test(start_paused = true)]
async fn a_pass_that_breaks_off_leaves_both_open_and_goes_on() {
    let (aws, reader) = (aws(), reader_of(&[&ACCOUNT_AUTHORIZATION_DETAILS]));
    aws.fault_calls(&ACCOUNT_AUTHORIZATION_DETAILS, 1.., Fault::Throttled);
    let mut iam = Iam::unread();
    fill(&aws, &reader, &mut iam).await;
    assert_eq!(shape(&iam), (vec!["trainer"], vec![], Some(Why::Truncated), Some(Why::Truncated)));
    assert_eq!((iam.roles.cursor(), iam.policies.cursor()), (Some("more=="), Some("more==")));

    // What was refused is not asked again in the same run; what ran out of time goes on.
    aws.heal();
    fill(&aws, &reader, &mut iam).await;
    assert_eq!(shape(&iam), (vec!["trainer"], vec![], Some(Why::Truncated), Some(Why::Truncated)));
    let (aws, mut iam) = (aws.fresh(), Iam::unread());
    aws.take_time(Duration::from_secs(1));
    reader.go_on(Some(Instant::now() + Duration::from_millis(500)));
    fill(&aws, &reader, &mut iam).await;
    assert_eq!(shape(&iam), (vec!["trainer"], vec![], Some(Why::OutOfTime), Some(Why::OutOfTime)));
    reader.go_on(None);
    fill(&aws, &reader, &mut iam).await;
    assert_eq!(shape(&iam), (vec!["bare", "trainer"], vec!["reader"], None, None));
    let calls = aws.calls_of(&ACCOUNT_AUTHORIZATION_DETAILS);
    fill(&aws, &reader, &mut iam).await;
    assert_eq!(aws.calls_of(&ACCOUNT_AUTHORIZATION_DETAILS), calls, "what is seen is not read again");
}

#[tokio::test(start_paused = true)]
async fn more_without_a_marker_is_not_the_end() {
    let aws = Replay::new();
    let text = include_str!("../fixtures/GetAccountAuthorizationDetails.1.xml").replace("<Marker>more==</Marker>", "");
    aws.answer(&ACCOUNT_AUTHORIZATION_DETAILS, Answer::xml(text));
    let mut iam = Iam::unread();
    fill(&aws, &reader_of(&[&ACCOUNT_AUTHORIZATION_DETAILS]), &mut iam).await;
    assert!(!iam.roles.is_whole() && !iam.policies.is_whole());
}

#[tokio::test(start_paused = true)]
async fn every_fault_leaves_all_unseen() {
    for fault in Fault::ALL.into_iter().chain([Fault::Unsupported]) {
        let (aws, reader) = (aws(), reader_of(&[&ACCOUNT_AUTHORIZATION_DETAILS]));
        aws.fault(&ACCOUNT_AUTHORIZATION_DETAILS, fault.clone());
        let mut iam = Iam::unread();
        fill(&aws, &reader, &mut iam).await;
        let expected = match fault {
            Fault::Denied => Why::Denied,
            Fault::Throttled => Why::Throttled,
            Fault::Unsupported => Why::Unsupported,
            _ => Why::Failed,
        };
        let (_, _, roles, policies) = shape(&iam);
        assert_eq!((roles, policies), (Some(expected), Some(expected)), "{fault:?}");
        assert_eq!((iam.users.gap(), iam.groups.gap()), (iam.roles.gap(), iam.roles.gap()), "{fault:?}");
        assert_eq!(reader.records().first().map(|record| record.outcome), Some(Outcome::from(expected)), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_without_its_list_of_policies_spoils_the_page() {
    let aws = Replay::new();
    let text = include_str!("../fixtures/GetAccountAuthorizationDetails.3.xml").replace("<RolePolicyList/>", "");
    aws.answer(&ACCOUNT_AUTHORIZATION_DETAILS, Answer::xml(text));
    let mut iam = Iam::unread();
    fill(&aws, &reader_of(&[&ACCOUNT_AUTHORIZATION_DETAILS]), &mut iam).await;
    let gap = iam.roles.gap().unwrap();
    assert_eq!(gap.why, Why::Failed);
    assert!(gap.detail.contains("RolePolicyList"), "{}", gap.detail);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_planned_is_not_read() {
    let (aws, mut iam) = (aws(), Iam::unread());
    fill(&aws, &reader_of(&[]), &mut iam).await;
    assert_eq!((aws.requests().len(), iam), (0, Iam::unread()));
}

const GIVEN: &str = "arn:aws:iam::111122223333:policy/boundary";

/// The account, in which the boundary is not listed; IAM says this of it.
fn with_policy(policy: Answer, version: Answer) -> Replay {
    let aws = aws();
    aws.answer(&POLICY, policy);
    aws.answer(&POLICY_VERSION, version);
    aws
}

fn found() -> (Answer, Answer) {
    (
        Answer::xml(include_str!("../fixtures/GetPolicy.xml")),
        Answer::xml(include_str!("../fixtures/GetPolicyVersion.xml")),
    )
}

fn everything() -> Reader {
    reader_of(&[&ACCOUNT_AUTHORIZATION_DETAILS, &POLICY, &POLICY_VERSION])
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_is_named_and_not_listed_is_asked_for() {
    let (policy, version) = found();
    let (aws, reader, mut iam) = (with_policy(policy, version), everything(), Iam::unread());
    fill(&aws, &reader, &mut iam).await;
    let said = iam.in_force(GIVEN).unwrap().unwrap();
    assert_eq!((said.version, said.document), (Some("v2"), Some("%7B%22Id%22%3A%22second%22%7D")), "as sent");
    let asked: Vec<_> = aws.requests().into_iter().filter(|request| !request.text.contains("MaxItems")).collect();
    let arn = "PolicyArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Apolicy%2Fboundary";
    assert_eq!(asked.len(), 2, "one policy, and its version in force: {asked:?}");
    assert!(asked.iter().all(|request| request.text.contains(arn)), "{asked:?}");
    assert!(asked.iter().any(|request| request.text.contains("VersionId=v2")), "{asked:?}");
    // What is seen is not read again.
    fill(&aws, &reader, &mut iam).await;
    assert_eq!((aws.calls_of(&POLICY), aws.calls_of(&POLICY_VERSION)), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn no_such_policy_is_absence_and_nothing_else_is() {
    let gone = || Answer::error(404, "NoSuchEntity", "Policy boundary does not exist");
    let (policy, version) = found();
    let (aws, reader, mut iam) = (with_policy(gone(), version.clone()), everything(), Iam::unread());
    fill(&aws, &reader, &mut iam).await;
    assert_eq!((iam.in_force(GIVEN), aws.calls_of(&POLICY_VERSION)), (Ok(None), 0));

    let (aws, mut iam) = (with_policy(policy.clone(), gone()), Iam::unread());
    fill(&aws, &everything(), &mut iam).await;
    let said = iam.in_force(GIVEN).unwrap().unwrap();
    assert_eq!((said.version, said.document), (Some("v2"), None), "the version is gone, the policy is not known to be");

    for source in [&POLICY, &POLICY_VERSION] {
        for fault in Fault::ALL {
            // A nameless answer has a policy all the same.
            let (aws, reader, mut iam) = (with_policy(policy.clone(), version.clone()), everything(), Iam::unread());
            aws.fault(source, fault.clone());
            fill(&aws, &reader, &mut iam).await;
            let expected = match fault {
                Fault::Denied => Why::Denied,
                Fault::Throttled => Why::Throttled,
                _ => Why::Failed,
            };
            let gap = iam.in_force(GIVEN).unwrap_err();
            assert_eq!((gap.why, gap.target.as_deref()), (expected, Some(GIVEN)), "{} {fault:?}", source.operation);
            assert_eq!(gap.operation, source.operation(), "{fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_is_not_whole_says_nothing_of_what_it_lacks() {
    let (policy, version) = found();
    let (aws, mut iam) = (with_policy(policy, version), Iam::unread());
    aws.fault_calls(&ACCOUNT_AUTHORIZATION_DETAILS, 1.., Fault::Denied);
    fill(&aws, &everything(), &mut iam).await;
    assert_eq!((aws.calls_of(&POLICY), iam.in_force(GIVEN).unwrap_err().why), (0, Why::Truncated));
    // Nor does one that is, where nobody plans to ask.
    let (aws, mut iam) = (aws.fresh(), Iam::unread());
    fill(&aws, &reader_of(&[&ACCOUNT_AUTHORIZATION_DETAILS]), &mut iam).await;
    assert_eq!((aws.calls_of(&POLICY), iam.in_force(GIVEN).unwrap_err().why), (0, Why::NotPlanned));
}
