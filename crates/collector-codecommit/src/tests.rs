//! Played answers. All of them are invented.

use plumbline_collector::replay::{Answer, Fault, Replay, plan};
use plumbline_collector::{Collector, Reader, Share};
use plumbline_snapshot::codecommit::{CodeCommit, REPOSITORIES, Repository};
use plumbline_snapshot::{Details, Outcome, Read, Why};

use crate::CodeCommitCollector;

const REGION: &str = "eu-west-1";
const ANSWER: &str = r#"{
  "repositories": [
    {"repositoryName": "lab", "Arn": "arn:aws:codecommit:eu-west-1:111122223333:lab", "kmsKeyId": "alias/lab-code"},
    {"repositoryName": "plain", "Arn": "arn:aws:codecommit:eu-west-1:111122223333:plain"}
  ],
  "repositoriesNotFound": ["gone"],
  "errors": [
    {"repositoryName": "locked", "errorCode": "EncryptionKeyAccessDeniedException", "errorMessage": "no"},
    {"repositoryName": "broken", "errorCode": "EncryptionKeyDisabledException", "errorMessage": "off"},
    {"repositoryName": "away", "errorCode": "RepositoryDoesNotExistException", "errorMessage": "away"}
  ]
}"#;

fn reader_of(names: &[&str]) -> Reader {
    let details = Details { repositories: names.iter().map(|name| (*name).to_owned()).collect(), ..Details::default() };
    Reader::new(plan(&[&REPOSITORIES], REGION, details), Share::OFF, None).in_region(&REGION.parse().unwrap())
}

async fn fill(aws: &Replay, reader: &Reader, codecommit: &mut CodeCommit) {
    CodeCommitCollector::new(&aws.config(REGION)).fill(reader, codecommit).await;
}

#[tokio::test(start_paused = true)]
async fn each_name_has_its_own_answer() {
    let (aws, mut codecommit) = (Replay::new(), CodeCommit::unread());
    aws.answer(&REPOSITORIES, Answer::json(ANSWER));
    let reader = reader_of(&["lab", "plain", "gone", "away", "locked", "broken", "forgotten"]);
    fill(&aws, &reader, &mut codecommit).await;
    let of = |name: &str| &codecommit.repositories[name];
    let lab = Repository {
        name: "lab".to_owned(),
        arn: "arn:aws:codecommit:eu-west-1:111122223333:lab".to_owned(),
        kms_key: Some("alias/lab-code".to_owned()),
    };
    assert_eq!(of("lab"), &Read::Seen(Some(lab)));
    assert!(matches!(of("plain"), Read::Seen(Some(repository)) if repository.kms_key.is_none()));
    assert_eq!((of("gone"), of("away")), (&Read::Seen(None), &Read::Seen(None)));
    for (name, why) in [("locked", Why::Denied), ("broken", Why::Failed), ("forgotten", Why::Failed)] {
        let gap = of(name).sight().unwrap_err();
        assert_eq!((gap.why, gap.target.as_deref()), (why, Some(name)), "{gap:?}");
    }
    assert_eq!((codecommit.repositories.len(), aws.calls_of(&REPOSITORIES)), (7, 1));
}

#[tokio::test(start_paused = true)]
async fn a_hundred_names_a_call_and_none_where_none_is_planned() {
    let names: Vec<String> = (0..205).map(|number| format!("r{number:03}")).collect();
    let aws = Replay::new();
    // Each call in turn: 100, 100 and 5 names, of which none exists.
    for (first, names) in names.chunks(100).map(|names| (&names[0], names)) {
        let missing = quoted(names);
        let body = format!(r#"{{"repositories": [], "repositoriesNotFound": [{missing}]}}"#);
        aws.answer(&REPOSITORIES, Answer::json(body).when(&format!("[\"{first}\"")));
    }
    let mut codecommit = CodeCommit::unread();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    fill(&aws, &reader_of(&all), &mut codecommit).await;
    assert_eq!((aws.calls_of(&REPOSITORIES), aws.unanswered()), (3, vec![]));
    assert!(codecommit.repositories.values().all(|repository| *repository == Read::Seen(None)));
    // What is seen is not asked again.
    fill(&aws, &reader_of(&all), &mut codecommit).await;
    fill(&aws, &reader_of(&[]), &mut CodeCommit::unread()).await;
    assert_eq!(aws.calls_of(&REPOSITORIES), 3);
}

/// Names as the inside of a JSON list.
fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

#[tokio::test(start_paused = true)]
async fn no_fault_looks_like_an_answer() {
    for fault in Fault::ALL.into_iter().chain([Fault::Unsupported]) {
        let (aws, mut codecommit) = (Replay::new(), CodeCommit::unread());
        aws.answer(&REPOSITORIES, Answer::json(ANSWER));
        aws.fault(&REPOSITORIES, fault.clone());
        let reader = reader_of(&["lab", "gone"]);
        fill(&aws, &reader, &mut codecommit).await;
        let expected = match fault {
            Fault::Denied => Why::Denied,
            Fault::Throttled => Why::Throttled,
            Fault::Unsupported => Why::Unsupported,
            _ => Why::Failed,
        };
        for (name, repository) in &codecommit.repositories {
            let gap = repository.sight().unwrap_err();
            assert_eq!((gap.why, gap.target.as_deref()), (expected, Some(name.as_str())), "{fault:?}");
        }
        assert_eq!(reader.records()[0].outcome, Outcome::from(expected), "{fault:?}");
        // A later run asks again.
        aws.heal();
        fill(&aws, &reader, &mut codecommit).await;
        assert!(codecommit.repositories.values().all(Read::is_seen), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttle_that_ends_costs_time_only() {
    let (aws, mut codecommit) = (Replay::new(), CodeCommit::unread());
    aws.answer(&REPOSITORIES, Answer::json(ANSWER));
    aws.fault_calls(&REPOSITORIES, 0..2, Fault::Throttled);
    fill(&aws, &reader_of(&["lab"]), &mut codecommit).await;
    assert!(codecommit.repositories["lab"].is_seen());
    assert_eq!(aws.calls_of(&REPOSITORIES), 3);
}
