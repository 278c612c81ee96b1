//! Messages for the alerts topic, for programs: `plumbline.alert/1`, cut to what SNS and a queue behind it take.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use plumbline_findings::{
    AlertMessage, AttributeValue, Because, Change, ContextValue, Evidence, Finding, Hop, Lifecycle, Report, Severity,
    Trigger, Witness,
};
use plumbline_names::{AccountId, Partition, Text};
use serde::Serialize;

use crate::batch::{attributes, one, size_bytes};
use crate::escape::{cut_to_json_bytes, fitted};
use crate::group::{Room, author_of, ending_of, message_of, name_of, region_of};
use crate::json;
use crate::storm::storm;

/// The schema of one alert.
pub const ALERT_SCHEMA: &str = "plumbline.alert/1";

/// The schema of the message that stands for many alerts.
pub const STORM_SCHEMA: &str = "plumbline.storm/1";

/// How many alerts of one run go out one by one; when there are more, one storm message does.
pub const STORM_ABOVE: usize = 50;

/// The bytes of one message, attributes included. SNS takes four times as much, but what it wraps around a message for a queue
/// escapes every quotation mark once more, and the queue has the same limit.
pub const ALERT_BYTES: usize = 65_536;

/// The bytes of one string of a finding that had to be cut, as JSON.
const STRING_BYTES: usize = 1_500;

/// Columns of the sentence for people.
const TEXT_COLUMNS: usize = 1_200;

/// The run, as every message names it.
#[derive(Debug, Serialize)]
pub(crate) struct RunNote<'a> {
    id: String,
    trigger: Trigger,
    reason: Option<String>,
    started_at: Timestamp,
    finished_at: Timestamp,
    account: &'a AccountId,
    partition: &'a Partition,
    version: &'a str,
    /// Where the whole report is.
    report: String,
}

#[derive(Debug, Serialize)]
struct Alert<'a> {
    text: String,
    schema: &'static str,
    because: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity_before: Option<Severity>,
    run: RunNote<'a>,
    finding: &'a Finding,
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<CutNote>,
}

/// Says that a message does not hold the whole finding.
#[derive(Debug, Serialize)]
struct CutNote {
    /// Pieces of evidence that were left out.
    evidence_left_out: usize,
    /// A sentence.
    says: String,
}

impl<'a> RunNote<'a> {
    pub(crate) fn of(report: &'a Report, report_uri: &str) -> Self {
        let run = &report.run;
        Self {
            id: cut_to_json_bytes(&run.id, STRING_BYTES),
            trigger: run.trigger,
            reason: run.reason.as_deref().map(|reason| cut_to_json_bytes(reason, STRING_BYTES)),
            started_at: run.started_at,
            finished_at: run.finished_at,
            account: &run.account,
            partition: &run.partition,
            version: &run.version,
            report: cut_to_json_bytes(report_uri, STRING_BYTES),
        }
    }
}

/// The messages that tell of `changes`, the worst first: one each, or one for all where there are more than [`STORM_ABOVE`].
/// `report_uri` is where the whole report is. A change whose finding is not in the report has no words, and is left out.
#[must_use]
pub fn alerts(report: &Report, changes: &[Change], report_uri: &str) -> Vec<AlertMessage> {
    let findings: BTreeMap<&str, &Finding> =
        report.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect();
    let mut told: Vec<(&Change, &Finding)> =
        changes.iter().filter_map(|change| Some((change, *findings.get(change.finding.as_str())?))).collect();
    told.sort_by(|(a, one), (b, other)| {
        (Reverse(one.severity), one.rank(), *a).cmp(&(Reverse(other.severity), other.rank(), *b))
    });
    if told.len() > STORM_ABOVE {
        return vec![storm(report, &told, report_uri)];
    }
    told.into_iter().map(|(change, finding)| alert(report, change, finding, report_uri)).collect()
}

fn alert(report: &Report, change: &Change, finding: &Finding, report_uri: &str) -> AlertMessage {
    let attributes = attributes_of(finding);
    let message = |finding: &Finding, cut: Option<CutNote>| {
        let text = match &cut {
            None => sentence(change.because, finding, report_uri),
            Some(cut) => format!("{} {}", sentence(change.because, finding, report_uri), cut.says),
        };
        let alert = Alert {
            text,
            schema: ALERT_SCHEMA,
            because: change.because.as_str(),
            severity_before: match change.because {
                Because::SeverityRose { from } => Some(from),
                _ => None,
            },
            run: RunNote::of(report, report_uri),
            finding,
            cut,
        };
        let body = json::message(&alert, &alert.text, "an alert");
        AlertMessage { id: change.id.clone(), body, attributes: attributes.clone() }
    };
    if roughly_fits(finding) {
        let whole = message(finding, None);
        if size_bytes(&whole) <= ALERT_BYTES {
            return whole;
        }
    }
    // Strings first, then evidence from its end: the first piece is the one that proves it.
    let mut small = shortened(finding);
    loop {
        let evidence_left_out = finding.evidence.len() - small.evidence.len();
        let says = match evidence_left_out {
            0 => "Cut: long texts end in `…`; the report has them whole.".to_owned(),
            1 => "Cut: 1 piece of evidence is left out; the report has it.".to_owned(),
            many => format!("Cut: {many} pieces of evidence are left out; the report has them."),
        };
        let cut = message(&small, Some(CutNote { evidence_left_out, says }));
        let over = size_bytes(&cut).saturating_sub(ALERT_BYTES);
        if over == 0 || small.evidence.is_empty() {
            return cut;
        }
        let mut freed = 0;
        while freed < over
            && let Some(piece) = small.evidence.pop()
        {
            freed += json::message(&piece, "", "a piece of evidence").len() + 1;
        }
    }
}

/// Whether it is worth the while to write the finding whole.
fn roughly_fits(finding: &Finding) -> bool {
    let evidence = |evidence: &Evidence| match evidence {
        Evidence::Field { operation, path, saw, wanted } => operation.len() + path.len() + saw.len() + wanted.len(),
        Evidence::NotSeen { not_seen } => not_seen.detail.len(),
        Evidence::Witness { witness } => {
            let held = |value: &ContextValue| match value {
                ContextValue::One(text) => text.len(),
                ContextValue::Many(texts) => texts.iter().map(|text| text.len() + 3).sum(),
            };
            let context = witness.context.iter().map(|(key, value)| key.len() + held(value));
            witness.principal.len() + witness.action.len() + witness.resource.len() + context.sum::<usize>()
        }
        Evidence::Path { hops } => hops.iter().map(|hop| hop.at.len() + hop.rule.len() + hop.says.len()).sum(),
    };
    finding.message.len() + finding.evidence.iter().map(evidence).sum::<usize>() <= ALERT_BYTES
}

/// The finding with every string cut that could be long, and as much evidence as a message could hold at the very best.
fn shortened(finding: &Finding) -> Finding {
    let cut = |text: &str| Text::from(cut_to_json_bytes(text, STRING_BYTES));
    let mut small = Finding { evidence: Vec::new(), ..finding.clone() };
    for text in [
        &mut small.title,
        &mut small.message,
        &mut small.remediation,
        &mut small.environment,
        &mut small.resource.arn,
        &mut small.resource.kind,
        &mut small.resource.name,
    ] {
        *text = cut(text);
    }
    small.aspect = small.aspect.as_deref().map(cut);
    if let Some(exception) = &mut small.exception {
        exception.reason = cut(&exception.reason);
        exception.owner = cut(&exception.owner);
        exception.ticket = exception.ticket.as_deref().map(cut);
    }
    if let Some(attribution) = &mut small.attribution {
        for text in [
            &mut attribution.event_id,
            &mut attribution.event_name,
            &mut attribution.principal,
            &mut attribution.confidence,
        ] {
            *text = cut(text);
        }
        attribution.source_ip = attribution.source_ip.as_deref().map(cut);
    }
    // The shortest piece of evidence there is takes about this much.
    let most = ALERT_BYTES / 40;
    small.evidence = finding
        .evidence
        .iter()
        .take(most)
        .map(|evidence| match evidence {
            Evidence::Field { operation, path, saw, wanted } => {
                Evidence::field(cut(operation), cut(path), cut(saw), cut(wanted))
            }
            Evidence::NotSeen { not_seen } => {
                let mut not_seen = not_seen.clone();
                not_seen.operation = cut(&not_seen.operation);
                not_seen.target = not_seen.target.as_deref().map(cut);
                not_seen.outcome = cut(&not_seen.outcome);
                not_seen.detail = cut(&not_seen.detail);
                Evidence::NotSeen { not_seen }
            }
            Evidence::Path { hops } => {
                let short = |hop: &Hop| Hop { at: cut(&hop.at), rule: cut(&hop.rule), says: cut(&hop.says) };
                Evidence::Path { hops: hops.iter().take(most).map(short).collect() }
            }
            Evidence::Witness { witness } => {
                let text = |text: &String| cut_to_json_bytes(text, STRING_BYTES);
                let held = |value: &ContextValue| match value {
                    ContextValue::One(value) => ContextValue::One(text(value)),
                    ContextValue::Many(values) => ContextValue::Many(values.iter().take(most).map(text).collect()),
                };
                let context = witness.context.iter().take(most).map(|(key, value)| (text(key), held(value)));
                Evidence::Witness {
                    witness: Witness {
                        principal: cut(&witness.principal),
                        action: cut(&witness.action),
                        resource: cut(&witness.resource),
                        context: context.collect(),
                    },
                }
            }
        })
        .collect();
    small
}

/// What happened, where, and what to do, for people who see the message in a chat.
fn sentence(because: Because, finding: &Finding, report_uri: &str) -> String {
    let happened: Cow<'_, str> = match because {
        Because::New => "NEW".into(),
        Because::Reopened => "REOPENED".into(),
        Because::Resolved => "RESOLVED".into(),
        Because::SeverityRose { from } => format!("WORSE (was {from})").into(),
        Because::ExceptionExpired => "NO LONGER EXCEPTED (the exception expired)".into(),
        Because::ExceptionNoLongerFits => "NO LONGER EXCEPTED (the exception does not fit any more)".into(),
    };
    let room = Room::SCREEN;
    let what = if because == Because::Resolved { ending_of(finding, room) } else { message_of(finding, room) };
    let mut text = format!(
        "{} {happened}: {} {} on {} in {} ({}, {}): {what}.",
        finding.severity,
        fitted(&finding.control, 64),
        fitted(&finding.name, 64),
        name_of(finding, room),
        fitted(&finding.environment, 64),
        region_of(finding),
        finding.account,
    );
    if finding.baseline_change {
        text.push_str(" Only the baseline changed.");
    }
    if because != Because::Resolved {
        if let Some(author) = author_of(finding, room) {
            text.push_str(&format!(" By {author}."));
        }
        text.push_str(&format!(" What to do: {}", fitted(&finding.remediation, TEXT_COLUMNS)));
    }
    text.push_str(&format!(" Report: {}", fitted(report_uri, TEXT_COLUMNS)));
    text
}

fn attributes_of(finding: &Finding) -> BTreeMap<String, AttributeValue> {
    attributes([
        ("schema", one(ALERT_SCHEMA)),
        ("severity", one(finding.severity.as_str())),
        ("area", one(finding.area.as_str())),
        ("control", one(&finding.control)),
        ("environment", one(&finding.environment)),
        ("account", one(finding.account.as_str())),
        ("region", one(region_of(finding))),
        ("lifecycle", one(lifecycle_of(finding))),
    ])
}

/// The value of `lifecycle`.
pub(crate) fn lifecycle_of(finding: &Finding) -> &str {
    finding.lifecycle.map_or("none", Lifecycle::as_str)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_findings::{
        AlertMessage, AttributeValue, Because, Change, Evidence, Finding, Lifecycle, Reason, Severity, Verdict,
    };

    use super::{ALERT_BYTES, alerts};
    use crate::batch::{size_bytes, wire};
    use crate::samples::{
        DIRECT, HOSTILE, URI, broken, busy, changes, everywhere, gateway, new_ones, report, resolved, steering,
    };

    fn shown(message: &AlertMessage) -> String {
        let mut out = format!("{}\n", message.id);
        for (name, value) in &message.attributes {
            let (kind, value) = wire(value);
            out.push_str(&format!("{name}: {kind} {value}\n"));
        }
        format!("{out}{}\n", message.body)
    }

    fn of(finding: Finding, because: Because) -> AlertMessage {
        let change = Change { id: "m-1".to_owned(), finding: finding.id.clone(), because };
        let mut all = alerts(&report(vec![finding]), &[change], URI);
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    #[test]
    fn one_alert() {
        expect![[r#"
            m-1
            account: String 111122223333
            area: String network
            control: String NET-02
            environment: String fraud-dev
            lifecycle: String NEW
            region: String eu-west-1
            schema: String plumbline.alert/1
            severity: String CRITICAL
            {"text":"CRITICAL NEW: NET-02 no-internet-gateway on vpc-1 in fraud-dev (eu-west-1, 111122223333): Internet gateway `igw-1` is attached to `vpc-1`. By arn:aws:sts::111122223333:assumed-role/ds-admin/eve (AttachInternetGateway at 2025-11-24T10:00:00Z). What to do: Remove the routes that use the gateway, then detach and delete it. Report: s3://ds-audit-state/plumbline/111122223333/reports/2025-11-24/r-7.json.zst","schema":"plumbline.alert/1","because":"new","run":{"id":"r-7","trigger":"schedule","reason":null,"started_at":"2025-11-24T11:04:00Z","finished_at":"2025-11-24T11:05:00Z","account":"111122223333","partition":"aws","version":"0.1.0","report":"s3://ds-audit-state/plumbline/111122223333/reports/2025-11-24/r-7.json.zst"},"finding":{"id":"net-02-vpc-1","control":"NET-02","name":"no-internet-gateway","title":"No internet gateway is attached to the VPC.","area":"network","severity":"CRITICAL","verdict":"NON_COMPLIANT","reason":null,"lifecycle":"NEW","environment":"fraud-dev","account":"111122223333","region":"eu-west-1","resource":{"arn":"arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1","type":"AWS::EC2::VPC","name":"vpc-1"},"aspect":null,"message":"Internet gateway `igw-1` is attached to `vpc-1`.","evidence":[{"operation":"ec2:DescribeInternetGateways","path":"igw-1.Attachments[vpc-1].State","saw":"available","wanted":"not attached"}],"remediation":"Remove the routes that use the gateway, then detach and delete it.","first_seen":"2025-11-24T09:00:00Z","last_seen":"2025-11-24T11:05:00Z","last_confirmed":"2025-11-24T11:05:00Z","attribution":{"event_id":"e-1","event_name":"AttachInternetGateway","event_time":"2025-11-24T10:00:00Z","principal":"arn:aws:sts::111122223333:assumed-role/ds-admin/eve","source_ip":"198.51.100.7","confidence":"high"},"exception":null,"maps":{"securityhub":[],"cis":[],"nist":["AC-4","SC-7"]}}}
        "#]].assert_eq(&shown(&of(gateway(), Because::New)));
    }

    #[test]
    fn what_happened_in_words() {
        let text = |finding: Finding, because| {
            let body: serde_json::Value = serde_json::from_str(&of(finding, because).body).unwrap();
            format!("{}\n", body["text"].as_str().unwrap())
        };
        let drift = || broken(&DIRECT, "nb-1", Lifecycle::Persisting);
        let global = Finding { region: None, aspect: Some("iam:PassRole".into()), ..drift() };
        let mended = Finding { verdict: Verdict::Compliant, reason: None, ..resolved("nb-1") };
        let off = Finding { reason: Some(Reason::SwitchedOff), baseline_change: true, ..resolved("nb-1") };
        let said = [
            text(resolved("nb-1"), Because::Resolved),
            text(mended, Because::Resolved),
            text(off, Because::Resolved),
            text(global, Because::SeverityRose { from: Severity::Low }),
            text(drift(), Because::ExceptionExpired),
            text(drift(), Because::ExceptionNoLongerFits),
        ];
        expect![[r#"
            HIGH RESOLVED: SMK-02 notebook-no-direct-internet on nb-1 in fraud-dev (eu-west-1, 111122223333): the resource is gone. Report: s3://ds-audit-state/plumbline/111122223333/reports/2025-11-24/r-7.json.zst
            HIGH RESOLVED: SMK-02 notebook-no-direct-internet on nb-1 in fraud-dev (eu-west-1, 111122223333): No notebook has direct internet access. Report: s3://ds-audit-state/plumbline/111122223333/reports/2025-11-24/r-7.json.zst
            HIGH RESOLVED: SMK-02 notebook-no-direct-internet on nb-1 in fraud-dev (eu-west-1, 111122223333): it is not judged any more (switched_off). Only the baseline changed. Report: s3://ds-audit-state/plumbline/111122223333/reports/2025-11-24/r-7.json.zst
            HIGH WORSE (was LOW): SMK-02 notebook-no-direct-internet on nb-1 [iam:PassRole] in fraud-dev (global, 111122223333): Notebook `nb-1` has direct internet access. What to do: Make the notebook again with direct internet access disabled; it cannot be changed. Report: s3://ds-audit-state/plumbline/111122223333/reports/2025-11-24/r-7.json.zst
            HIGH NO LONGER EXCEPTED (the exception expired): SMK-02 notebook-no-direct-internet on nb-1 in fraud-dev (eu-west-1, 111122223333): Notebook `nb-1` has direct internet access. What to do: Make the notebook again with direct internet access disabled; it cannot be changed. Report: s3://ds-audit-state/plumbline/111122223333/reports/2025-11-24/r-7.json.zst
            HIGH NO LONGER EXCEPTED (the exception does not fit any more): SMK-02 notebook-no-direct-internet on nb-1 in fraud-dev (eu-west-1, 111122223333): Notebook `nb-1` has direct internet access. What to do: Make the notebook again with direct internet access disabled; it cannot be changed. Report: s3://ds-audit-state/plumbline/111122223333/reports/2025-11-24/r-7.json.zst
        "#]].assert_eq(&said.concat());
    }

    #[test]
    fn attributes_are_eight_never_empty_and_global_where_there_is_no_region() {
        let nowhere = Finding { region: None, environment: "".into(), ..gateway() };
        let message = of(nowhere, Because::New);
        let names: Vec<&str> = message.attributes.keys().map(String::as_str).collect();
        let eight = ["account", "area", "control", "environment", "lifecycle", "region", "schema", "severity"];
        assert_eq!(names, eight);
        assert_eq!(message.attributes["region"], AttributeValue::String("global".to_owned()));
        assert_eq!(message.attributes["environment"], AttributeValue::String("none".to_owned()));
        let hostile = everywhere(HOSTILE, 20);
        for message in alerts(&hostile, &changes(&hostile), URI) {
            for value in message.attributes.values() {
                let (_, value) = wire(value);
                assert!(!value.is_empty() && value.len() <= 256 && steering(&value).is_empty(), "{value:?}");
            }
        }
    }

    #[test]
    fn fifty_go_one_by_one_and_one_more_is_a_storm() {
        for (n, messages) in [(0, 0), (1, 1), (50, 50), (51, 1), (500, 1)] {
            let report = new_ones(n);
            let mut changes = changes(&report);
            let all = alerts(&report, &changes, URI);
            assert_eq!(all.len(), messages);
            assert!(all.iter().all(|message| size_bytes(message) <= ALERT_BYTES));
            assert!(all.iter().all(|message| message.body.starts_with(r#"{"text":""#)));
            // The same whatever the order, and whichever run tells it.
            changes.reverse();
            let mut other = report.clone();
            other.run.id = "r-8".to_owned();
            if n > 50 {
                other.findings[7].severity = Severity::Critical;
            }
            let again = alerts(&other, &changes, URI);
            let ids = |all: &[AlertMessage]| all.iter().map(|message| message.id.clone()).collect::<Vec<_>>();
            assert_eq!(ids(&again), ids(&all));
        }
    }

    #[test]
    fn a_storm() {
        let mut report = busy();
        report.findings.extend(new_ones(49).findings);
        let all = alerts(&report, &changes(&report), URI);
        assert_eq!(all.len(), 1);
        expect![[r#"
            2a9b2d6c1a693c82ccab65b99e5f8871
            account: String 111122223333
            area: String.Array ["network","sagemaker"]
            control: String.Array ["NET-02","SMK-02"]
            environment: String.Array ["fraud-dev","unassigned"]
            lifecycle: String.Array ["NEW","REOPENED","RESOLVED"]
            region: String.Array ["eu-west-1"]
            schema: String plumbline.storm/1
            severity: String CRITICAL
            {"text":"53 findings changed in account 111122223333: 51 new, 1 reopened, 1 resolved; 1 CRITICAL, 52 HIGH. Most under SMK-02 (52), NET-02 (1); in fraud-dev, unassigned. Report: s3://ds-audit-state/plumbline/111122223333/reports/2025-11-24/r-7.json.zst","schema":"plumbline.storm/1","run":{"id":"r-7","trigger":"schedule","reason":null,"started_at":"2025-11-24T11:04:00Z","finished_at":"2025-11-24T11:05:00Z","account":"111122223333","partition":"aws","version":"0.1.0","report":"s3://ds-audit-state/plumbline/111122223333/reports/2025-11-24/r-7.json.zst"},"counts":{"alerts":53,"because":{"new":51,"reopened":1,"resolved":1},"lifecycle":{"NEW":51,"REOPENED":1,"RESOLVED":1},"severity":{"CRITICAL":1,"HIGH":52},"area":{"network":1,"sagemaker":52},"control":{"NET-02":1,"SMK-02":52},"environment":{"fraud-dev":52,"unassigned":1},"region":{"eu-west-1":53}}}
        "#]].assert_eq(&shown(&all[0]));
    }

    #[test]
    fn the_worst_goes_first() {
        let report = report(vec![broken(&DIRECT, "nb-1", Lifecycle::New), gateway()]);
        let all = alerts(&report, &changes(&report), URI);
        assert_eq!(all[0].attributes["severity"], AttributeValue::String("CRITICAL".to_owned()));
    }

    #[test]
    fn a_change_without_its_finding_has_no_words() {
        let change = Change { id: "m".to_owned(), finding: "unknown".into(), because: Because::New };
        assert!(alerts(&report(vec![]), &[change], URI).is_empty());
    }

    #[test]
    fn long_evidence_is_cut_and_says_so() {
        let piece =
            |n: usize| Evidence::field("iam:GetPolicyVersion", format!("p.Statement[{n}]"), "a".repeat(900), "b");
        for n in [1, 50, 63, 64, 65, 66, 67, 100, 5_000] {
            let finding = Finding { evidence: (0..n).map(piece).collect(), ..gateway() };
            let message = of(finding, Because::New);
            assert!(size_bytes(&message) <= ALERT_BYTES);
            let body: serde_json::Value = serde_json::from_str(&message.body).unwrap();
            let kept = body["finding"]["evidence"].as_array().unwrap().len();
            let left_out = body["cut"]["evidence_left_out"].as_u64().unwrap_or_default();
            assert_eq!(kept + usize::try_from(left_out).unwrap(), n);
            assert!(kept >= n.min(60), "no more than need be: {kept} of {n}");
            assert_eq!(body["text"].as_str().unwrap().contains("left out; the report has"), left_out > 0);
            assert_eq!(body["run"]["report"], URI);
        }
    }

    #[test]
    fn whatever_the_finding_it_fits() {
        let long = ["x", "\"", "\u{1b}", "\u{e0041}", "日", "\\"].map(|text| text.repeat(70_000));
        for text in long.iter().map(String::as_str).chain([HOSTILE, ""]) {
            let mut report = everywhere(text, 15);
            report.findings.truncate(15);
            let all = alerts(&report, &changes(&report), &text.repeat(2));
            assert_eq!(all.len(), 4);
            for message in &all {
                assert!(size_bytes(message) <= ALERT_BYTES, "{}", size_bytes(message));
                assert_eq!(steering(&message.body), [].into());
                let body: serde_json::Value = serde_json::from_str(&message.body).unwrap();
                assert_eq!(steering(body["text"].as_str().unwrap()), [].into());
            }
            let short: String = text.chars().take(2_000).collect();
            let storm = everywhere(&short, 300);
            let all = alerts(&storm, &changes(&storm), text);
            assert_eq!(all.len(), 1);
            assert!(size_bytes(&all[0]) <= ALERT_BYTES);
            assert_eq!(steering(&all[0].body), [].into());
        }
    }

    #[test]
    fn a_storm_over_many_environments_is_bounded() {
        let mut report = new_ones(2_000);
        for (n, finding) in report.findings.iter_mut().enumerate() {
            finding.environment = format!("{n:04}-{}", "日\"".repeat(500)).into();
        }
        let all = alerts(&report, &changes(&report), URI);
        assert!(size_bytes(&all[0]) <= ALERT_BYTES, "{}", size_bytes(&all[0]));
        let body: serde_json::Value = serde_json::from_str(&all[0].body).unwrap();
        let environments = body["counts"]["environment"].as_object().unwrap();
        assert_eq!(environments.values().map(|n| n.as_u64().unwrap()).sum::<u64>(), 2_000);
    }
}
