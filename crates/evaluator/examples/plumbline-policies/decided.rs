//! Decisions about single requests, with policies that were made ready before.

use std::hint::black_box;

use anyhow::{Context as _, Result};
use plumbline_policy::{ComparedKind, Comparison, Policy, PolicySet, Request, compare, decide, parse};
use serde_json::{Value, json};

use crate::compared::{self, Pair, recorded};
use crate::results::Row;
use crate::times::of_all;

/// So many decisions a second.
const A_SECOND: f64 = 1e6;

/// The figures.
pub(crate) fn measure() -> Result<Vec<Row>> {
    let mut cases = Vec::new();
    let mut refused = 0;
    for line in recorded("tests/differential/generated.jsonl.zst")? {
        match case(&serde_json::from_str(&line)?) {
            Ok(case) => cases.push(case),
            Err(_) => refused += 1,
        }
    }
    let (policies, requests) = (role()?, requests()?);
    let pairs: Vec<(&PolicySet, &Request)> = requests.iter().map(|request| (&policies, request)).collect();
    let recorded: Vec<(&PolicySet, &Request)> = cases.iter().map(|(policies, request)| (policies, request)).collect();
    let role = format!("a role with three policies, a boundary and two levels of SCPs, {} requests", pairs.len());
    // Memory bounds these: no policy is asked twice in a row.
    let beside = format!(
        "{} recorded cases, each with policies of its own, asked once ({refused} that IAM would refuse left out)",
        recorded.len()
    );
    Ok(vec![aimed(&role, &pairs), of_pairs()?, row(&beside, rate(&recorded))])
}

/// The identity policies of the pairs that are compared, each asked for the witnesses of these comparisons.
fn of_pairs() -> Result<Row> {
    let mut pairs = compared::pairs()?;
    pairs.retain(|pair| pair.kind == ComparedKind::Identity);
    let witness = |reference: &Policy, candidate: &Policy| match compare(ComparedKind::Identity, reference, candidate) {
        Comparison::NewAccess { witness, .. } => Some(*witness),
        _ => None,
    };
    let both = |pair: &Pair| [witness(&pair.reference, &pair.candidate), witness(&pair.candidate, &pair.reference)];
    let requests: Vec<Request> = pairs.iter().flat_map(both).flatten().step_by(8).collect();
    let policies = pairs.into_iter().flat_map(|pair| [pair.reference, pair.candidate]);
    let sets: Vec<PolicySet> =
        policies.map(|policy| PolicySet { identity: vec![policy], ..PolicySet::default() }).collect();
    let asked: Vec<(&PolicySet, &Request)> =
        sets.iter().flat_map(|set| requests.iter().map(move |request| (set, request))).collect();
    let what = format!(
        "{} identity policies of the same pairs, each asked {} witnesses of theirs",
        sets.len(),
        requests.len()
    );
    Ok(aimed(&what, &asked))
}

/// Decisions a second.
fn rate(asked: &[(&PolicySet, &Request)]) -> f64 {
    // A round long enough for the clock.
    let passes = 200_000 / asked.len().max(1) + 1;
    let time = of_all(|| {
        for _ in 0..passes {
            for (policies, request) in asked {
                black_box(decide(black_box(policies), black_box(request)));
            }
        }
    });
    #[expect(clippy::cast_precision_loss, reason = "a count of decisions")]
    let decided = (passes * asked.len()) as f64;
    decided / time.as_secs_f64()
}

fn row(what: &str, rate: f64) -> Row {
    Row::new(
        format!("decisions, policies made ready before, one core: {what}"),
        format!("{:.2} million a second", rate / 1e6),
    )
}

fn aimed(what: &str, asked: &[(&PolicySet, &Request)]) -> Row {
    let rate = rate(asked);
    row(what, rate).aimed([("at least 1,000,000 a second", rate >= A_SECOND)])
}

fn policy(document: &Value) -> Result<Policy> {
    Ok(parse(&document.to_string())?.into())
}

fn list(value: Option<&Value>) -> Result<Vec<Policy>> {
    value.and_then(Value::as_array).into_iter().flatten().map(policy).collect()
}

fn levels(value: Option<&Value>) -> Result<Vec<Vec<Policy>>> {
    value.and_then(Value::as_array).into_iter().flatten().map(|level| list(Some(level))).collect()
}

fn case(line: &Value) -> Result<(PolicySet, Request)> {
    let one = |name: &str| line.get(name).filter(|value| !value.is_null()).map(policy).transpose();
    let policies = PolicySet {
        identity: list(line.get("identity_policies"))?,
        resource: one("resource_policy")?,
        boundary: one("permission_boundary")?,
        session: list(line.get("session_policies"))?,
        scps: levels(line.get("scps"))?,
        rcps: levels(line.get("rcps"))?,
        endpoint: one("vpc_endpoint_policy")?,
    };
    Ok((policies, Request::parse(&line.get("request").context("no request")?.to_string())?))
}

/// The policies of a role that trains.
fn role() -> Result<PolicySet> {
    let document = |statements: Value| policy(&json!({"Version": "2012-10-17", "Statement": statements}));
    let allow = |actions: &[&str], resources: &[&str], condition: Value| json!({"Effect": "Allow", "Action": actions, "Resource": resources, "Condition": condition});
    let through = json!({"StringEquals": {"aws:SourceVpce": ["vpce-0a1b2c3d4e5f60718"]}});
    let own = json!({"StringEquals": {"aws:ResourceTag/Project": "${aws:PrincipalTag/Project}"}});
    let data = document(json!([
        allow(
            &["s3:GetObject", "s3:PutObject"],
            &["arn:aws:s3:::records/train/*", "arn:aws:s3:::results/*"],
            through.clone()
        ),
        allow(&["s3:ListBucket"], &["arn:aws:s3:::records", "arn:aws:s3:::results"], through),
        allow(&["kms:Decrypt", "kms:GenerateDataKey*"], &["arn:aws:kms:eu-west-1:111122223333:key/*"], json!({})),
    ]))?;
    let jobs = document(json!([
        allow(&["sagemaker:Describe*", "sagemaker:List*"], &["*"], json!({})),
        allow(&["sagemaker:StopTrainingJob"], &["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"], own),
    ]))?;
    let logs = document(json!([
        allow(
            &["logs:CreateLogStream", "logs:PutLogEvents"],
            &["arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/*"],
            json!({})
        ),
        allow(&["ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"], &["*"], json!({})),
    ]))?;
    let boundary = document(json!([
        allow(&["s3:*", "kms:*", "logs:*", "sagemaker:*", "ecr:*", "cloudwatch:*"], &["*"], json!({})),
        {"Effect": "Deny", "Action": ["iam:*", "logs:Delete*", "s3:DeleteBucket*"], "Resource": "*"},
    ]))?;
    let everything = document(json!([allow(&["*"], &["*"], json!({}))]))?;
    let regions = document(json!([
        allow(&["*"], &["*"], json!({})),
        {"Effect": "Deny", "NotAction": ["iam:*", "sts:*", "s3:*"], "Resource": "*",
         "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}},
        {"Effect": "Deny", "Action": "cloudtrail:StopLogging", "Resource": "*"},
    ]))?;
    Ok(PolicySet {
        identity: vec![data, jobs, logs],
        boundary: Some(boundary),
        scps: vec![vec![everything], vec![regions]],
        ..PolicySet::default()
    })
}

/// What such a role asks for, and what it should not get.
fn requests() -> Result<Vec<Request>> {
    let mut all = Vec::new();
    for number in 0..50 {
        let job = format!("arn:aws:sagemaker:eu-west-1:111122223333:training-job/job-{number}");
        for (action, resource) in [
            ("s3:GetObject", format!("arn:aws:s3:::records/train/part-{number}.csv")),
            ("s3:GetObject", format!("arn:aws:s3:::records/test/part-{number}.csv")),
            ("s3:PutObject", format!("arn:aws:s3:::results/job-{number}/model.tar.gz")),
            ("s3:ListBucket", "arn:aws:s3:::records".to_owned()),
            ("s3:DeleteBucket", "arn:aws:s3:::records".to_owned()),
            ("kms:GenerateDataKeyWithoutPlaintext", format!("arn:aws:kms:eu-west-1:111122223333:key/{number}")),
            ("sagemaker:DescribeTrainingJob", job.clone()),
            ("sagemaker:StopTrainingJob", job.clone()),
            ("sagemaker:CreateTrainingJob", job),
            (
                "logs:PutLogEvents",
                format!("arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/Jobs:log-stream:{number}"),
            ),
            ("cloudwatch:PutMetricData", "*".to_owned()),
            ("iam:CreateRole", format!("arn:aws:iam::111122223333:role/new-{number}")),
        ] {
            let request = json!({
                "principal": format!("arn:aws:sts::111122223333:assumed-role/trainer/run-{number}"),
                "action": action, "resource": resource, "resource_account": "111122223333",
                "context": {
                    "aws:SourceVpce": "vpce-0a1b2c3d4e5f60718", "aws:RequestedRegion": "eu-west-1",
                    "aws:PrincipalTag/Project": "fraud", "aws:ResourceTag/Project": if number % 2 == 0 { "fraud" } else { "churn" },
                    "aws:SecureTransport": "true", "aws:PrincipalArn": "arn:aws:iam::111122223333:role/trainer",
                    "aws:PrincipalAccount": "111122223333", "aws:ResourceAccount": "111122223333",
                },
            });
            all.push(Request::parse(&request.to_string())?);
        }
    }
    Ok(all)
}
