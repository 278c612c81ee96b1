//! The Lambda program on the emulated account: what starts it, what it remembers, tells and measures, and what becomes of
//! that when it is killed, disturbed or not alone. And that `--publish` at a terminal does the same.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use plumbline_emulator::{
    Answer, Audited, Call, Cli, Datum, Emulator, Mail, Outputs, Runtime, Zygote, line, side_by_side, until,
};
use plumbline_evaluator::controls;
use plumbline_findings::{Area, Finding, Severity, Verdict};
use serde_json::{Value, json};

/// Where the state lies in its bucket.
const PREFIX: &str = "audits/prod";

/// Breaks in several areas, each of few findings.
const BROKEN: &[&str] = &[
    "net-02-igw-attached",
    "net-14-default-ingress",
    "vpe-03-s3-open",
    "iam-03-anybody",
    "data-11-off",
    "smk-04-root-enabled",
    "smk-12-hidden",
    "log-01-stopped",
    "log-11-reject-only",
];

/// An account with topics, queues behind them and a bucket for the state.
struct Stage {
    emulator: Emulator,
    outputs: Outputs,
}

/// An alert as the subscribed queue got it.
#[derive(Debug, Clone, PartialEq)]
struct Alert {
    finding: String,
    lifecycle: String,
    message: Value,
    attributes: BTreeMap<String, String>,
}

impl Stage {
    fn of(zygote: &Zygote) -> Result<Self> {
        let emulator = zygote.fork()?;
        let outputs = emulator.outputs()?;
        Ok(Self { emulator, outputs })
    }

    /// The variables that a set-up has.
    fn variables(&self) -> Result<Vec<(&'static str, String)>> {
        let topic = |name: &str| self.outputs.topics.get(name).cloned().context("no such topic");
        Ok(vec![
            ("PLUMBLINE_BASELINE", Cli::new()?.baseline()),
            ("PLUMBLINE_STATE", self.state()),
            ("PLUMBLINE_TOPIC_ARN", topic("alerts")?),
            ("PLUMBLINE_DIGEST_TOPIC_ARN", topic("digest")?),
            ("PLUMBLINE_API_SHARE", "off".to_owned()),
        ])
    }

    fn state(&self) -> String {
        format!("s3://{}/{PREFIX}", self.outputs.state_bucket)
    }

    /// A Lambda program that waits for events.
    fn program(&self) -> Result<Runtime> {
        self.program_with(&[])
    }

    /// The same with other variables in place of its own.
    fn program_with(&self, more: &[(&str, &str)]) -> Result<Runtime> {
        let own = self.variables()?;
        let mut variables: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
        variables.extend(more);
        Runtime::start(&self.emulator.url(), &variables)
    }

    /// A user at a terminal with the same set-up.
    fn user(&self) -> Result<Cli> {
        let mut user = Cli::new()?;
        for (name, value) in self.variables()? {
            user = user.with(name, &value);
        }
        Ok(user)
    }

    /// The user's audit, published.
    fn publish(&self, user: &Cli) -> Result<plumbline_emulator::Ran> {
        let (baseline, state) = (user.baseline(), self.state());
        user.run(
            &self.emulator,
            &["audit", "--baseline", &baseline, "--state", &state, "--publish", "--format", "json"],
        )
    }

    fn break_all(&self, names: &[&str]) -> Result<()> {
        names.iter().try_for_each(|name| self.emulator.break_(name).map(drop))
    }

    /// The alerts that came in.
    fn alerts(&self) -> Result<Vec<Alert>> {
        self.emulator.mail("alerts")?.iter().map(alert).collect()
    }

    /// What the state remembers.
    fn remembered(&self) -> Result<Value> {
        let objects = self.emulator.objects()?;
        let text = objects.get(&format!("{PREFIX}/123456789012/state.json")).context("no state was saved")?;
        Ok(serde_json::from_str(text.as_deref().context("the state is no text")?)?)
    }

    /// How much is owed.
    fn owed(&self) -> Result<usize> {
        let state = self.remembered()?;
        let outbox = state.get("outbox").context("no outbox")?;
        let count = |name: &str| outbox.get(name).and_then(Value::as_array).map_or(0, Vec::len);
        Ok(count("alerts") + count("digests"))
    }

    /// The ids of what is NON_COMPLIANT, as an audit of its own sees it.
    fn open(&self) -> Result<BTreeSet<String>> {
        let audited = Cli::new()?.audit(&self.emulator, &[])?;
        let open = audited.report.findings.iter().filter(|finding| finding.verdict == Verdict::NonCompliant);
        Ok(open.map(|finding| finding.id.clone()).collect())
    }
}

/// A scheduled event as EventBridge sends it.
fn scheduled(id: &str) -> Value {
    json!({
        "version": "0", "id": id, "detail-type": "Scheduled Event", "source": "aws.events", "account": "123456789012",
        "time": "2026-09-14T06:00:00Z", "region": "eu-west-1",
        "resources": ["arn:aws:events:eu-west-1:123456789012:rule/plumbline"], "detail": {}
    })
}

fn alert(mail: &Mail) -> Result<Alert> {
    let message: Value = serde_json::from_str(&mail.message).with_context(|| mail.message.clone())?;
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let finding = message.get("finding");
    Ok(Alert {
        finding: text(finding.and_then(|finding| finding.get("id"))).unwrap_or_default(),
        lifecycle: text(finding.and_then(|finding| finding.get("lifecycle"))).unwrap_or_default(),
        attributes: mail.message_attributes.iter().map(|(name, value)| (name.clone(), value.value.clone())).collect(),
        message,
    })
}

/// The answer to an event that was audited.
fn response(answer: Answer) -> Result<Value> {
    match answer {
        Answer::Response(value) => Ok(value),
        Answer::Error(error) => bail!("the function failed: {error}"),
    }
}

/// The type and message of an error.
fn error(answer: Answer) -> Result<(String, String)> {
    let Answer::Error(error) = answer else { bail!("no error but {answer:?}") };
    let text = |name: &str| error.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok((text("errorType").context("no type")?, text("errorMessage").context("no message")?))
}

/// One alert for each of `findings` and none more, each with this lifecycle.
fn exactly(alerts: &[Alert], findings: &BTreeSet<String>, lifecycle: &str) -> Result<()> {
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for alert in alerts {
        ensure!(
            alert.lifecycle == lifecycle,
            "an alert that is {} and not {lifecycle}: {:#}",
            alert.lifecycle,
            alert.message
        );
        *told.entry(&alert.finding).or_default() += 1;
    }
    let twice: Vec<_> = told.iter().filter(|(_, times)| **times != 1).collect();
    ensure!(twice.is_empty(), "told more than once: {twice:?}");
    let told: BTreeSet<String> = told.into_keys().map(str::to_owned).collect();
    let (more, fewer): (Vec<_>, Vec<_>) = (told.difference(findings).collect(), findings.difference(&told).collect());
    ensure!(more.is_empty() && fewer.is_empty(), "told without being open: {more:?}; open and not told: {fewer:?}");
    Ok(())
}

#[test]
fn what_starts_it() -> Result<()> {
    let zygote = Zygote::start()?;
    let stage = Stage::of(&zygote)?;
    let program = stage.program()?;

    // A clean account: nothing to tell, and all of it measured.
    let first = response(program.invoke("req-1", &scheduled("event-1"))?)?;
    assert_eq!(first.pointer("/run/trigger"), Some(&json!("schedule")), "{first:#}");
    assert_eq!(first.pointer("/coverage/complete"), Some(&json!(true)), "{first:#}");
    assert_eq!(first.pointer("/summary/verdicts/NON_COMPLIANT"), Some(&json!(0)), "{first:#}");
    assert_eq!(stage.alerts()?, []);
    report_is_there(&stage, &first)?;

    // Broken: each new finding is told, once.
    stage.break_all(BROKEN)?;
    let open = stage.open()?;
    ensure!(open.len() >= BROKEN.len() && open.len() <= 50, "{} findings", open.len());
    stage.emulator.mail("digest")?;
    let second = response(program.invoke("req-2", &json!({}))?)?;
    assert_eq!(second.pointer("/run/trigger"), Some(&json!("on-demand")), "{second:#}");
    assert_eq!(second.pointer("/run/previous"), first.pointer("/run/id"), "{second:#}");
    assert_eq!(second.pointer("/summary/lifecycle/NEW"), Some(&json!(open.len())), "{second:#}");
    report_is_there(&stage, &second)?;
    let alerts = stage.alerts()?;
    exactly(&alerts, &open, "NEW")?;
    alerts.iter().try_for_each(is_well_formed)?;
    let digests = stage.emulator.mail("digest")?;
    assert_eq!(digests.len(), 1, "one digest of a run that changed something: {digests:#?}");
    for digest in &digests {
        let subject = digest.subject.clone().unwrap_or_default();
        assert!(subject.is_ascii() && !subject.is_empty() && subject.len() < 100, "{subject:?}");
        for control in ["NET-02", "SMK-12", "LOG-01"] {
            assert!(digest.message.contains(control), "the digest has no {control}: {}", digest.message);
        }
    }

    // On demand: only what was asked for, and why.
    stage.emulator.break_("net-05-vgw-attached")?;
    stage.emulator.break_("data-06-account-flag")?;
    let asked =
        json!({"action": "audit", "environments": ["fraud-dev"], "scope": ["area:network"], "reason": "INC-1234"});
    stage.emulator.metrics()?;
    let third = response(program.invoke("req-3", &asked)?)?;
    assert_eq!(third.pointer("/run/reason"), Some(&json!("INC-1234")), "{third:#}");
    assert_eq!(third.pointer("/run/scope"), Some(&json!(["area:network"])), "{third:#}");
    assert_eq!(third.pointer("/summary/lifecycle/RESOLVED"), Some(&json!(0)), "{third:#}");
    let told: Vec<_> = stage.alerts()?.into_iter().map(|alert| alert.attributes.get("control").cloned()).collect();
    assert_eq!(told, [Some("NET-05".to_owned())]);
    let scoped = stage.emulator.metrics()?;
    let whole = |one: &&Datum| matches!(one.metric_name.as_str(), "AuditCompleted" | "Coverage");
    assert_eq!(scoped.iter().filter(whole).collect::<Vec<_>>(), Vec::<&Datum>::new(), "of a scoped run");
    let drift = scoped.iter().find(|one| one.series() == "Drift Environment=fraud-dev").context("no Drift")?;
    let here = stage.open()?.len() - unassigned(&stage)? - 3;
    assert_eq!(drift.value, here as f64, "a scoped run must not shrink the others");

    // Quietly: seen and saved, told by the next run that tells.
    let quiet = json!({"action": "audit", "publish": false});
    response(program.invoke("req-4", &quiet)?)?;
    assert_eq!((stage.alerts()?, stage.emulator.metrics()?), (vec![], vec![]), "publish was false");
    response(program.invoke("req-5", &scheduled("event-5"))?)?;
    let told: Vec<_> =
        stage.alerts()?.into_iter().filter_map(|alert| alert.attributes.get("control").cloned()).collect();
    assert_eq!(told, ["DATA-06"; 3]);
    assert_eq!(stage.owed()?, 0);

    // Anything else is refused by name, before anything is asked of AWS.
    stage.emulator.forget()?;
    for payload in [
        json!({"action": "delete"}),
        json!({"action": "audit", "enviroments": ["fraud-dev"]}),
        json!({"environments": ["fraud-dev"]}),
        json!({"Records": []}),
        json!([]),
        json!("audit"),
        json!({"detail-type": "EC2 Instance State-change Notification", "source": "aws.ec2", "id": "1"}),
    ] {
        let (kind, message) = error(program.invoke("req-6", &payload)?)?;
        assert_eq!(kind, "UnknownPayload", "{payload}: {message}");
        assert!(message.contains("\"action\":\"audit\""), "{payload}: {message}");
    }
    let calls = stage.emulator.calls()?;
    assert!(calls.is_empty(), "{calls:?}");
    let (kind, message) = error(program.invoke("req-7", &json!({"action": "audit", "environments": ["fraud"]}))?)?;
    assert!(message.contains("`fraud`") && message.contains("fraud-dev"), "{kind}: {message}");
    let (kind, message) = error(program.invoke("req-8", &json!({"action": "audit", "scope": ["area:netwrk"]}))?)?;
    assert!(message.contains("netwrk"), "{kind}: {message}");

    // Mended: RESOLVED is told, once.
    let before = stage.open()?;
    stage.emulator.mend("net-02-igw-attached").context("mending")?;
    let closed: BTreeSet<String> = before.difference(&stage.open()?).cloned().collect();
    ensure!(!closed.is_empty(), "mending closed nothing");
    stage.emulator.mail("digest")?;
    response(program.invoke("req-9", &scheduled("event-9"))?)?;
    exactly(&stage.alerts()?, &closed, "RESOLVED")?;
    response(program.invoke("req-10", &scheduled("event-10"))?)?;
    assert_eq!((stage.alerts()?, stage.emulator.mail("digest")?.len()), (vec![], 1), "the digest of the run before");
    Ok(())
}

#[test]
fn the_same_event_twice_alerts_once() -> Result<()> {
    let zygote = Zygote::start()?;
    let stage = Stage::of(&zygote)?;
    stage.break_all(BROKEN)?;
    let open = stage.open()?;
    let (one, other) = (stage.program()?, stage.program()?);

    // At the same time to two programs, and again to both when it is done.
    let both = side_by_side(&[&one, &other], 2, |program| program.invoke("req-1", &scheduled("event-1")));
    let both: Vec<Value> = both.into_iter().map(|answer| response(answer?)).collect::<Result<_>>()?;
    let audited = both.iter().filter(|answer| answer.get("summary").is_some()).count();
    assert_eq!(audited, 1, "{both:#?}");
    exactly(&stage.alerts()?, &open, "NEW")?;
    stage.emulator.forget()?;
    for program in [&one, &other] {
        let again = response(program.invoke("req-1", &scheduled("event-1"))?)?;
        assert!(again.get("summary").is_none(), "{again:#}");
    }
    assert_eq!(stage.alerts()?, []);
    let read: BTreeSet<String> = stage.emulator.calls()?.into_iter().map(|call| call.service).collect();
    assert!(read.is_subset(&BTreeSet::from(["s3".to_owned(), "sts".to_owned()])), "audited again: {read:?}");

    // Without an id, the request's id is what a second delivery has.
    stage.emulator.break_("net-05-vgw-attached")?;
    let answers =
        [one.invoke("req-2", &json!({}))?, one.invoke("req-2", &json!({}))?, other.invoke("req-2", &json!({}))?];
    let audited =
        answers.iter().filter(|answer| matches!(answer, Answer::Response(value) if value.get("summary").is_some()));
    assert_eq!(audited.count(), 1, "{answers:#?}");
    assert_eq!(stage.alerts()?.len(), 1);
    Ok(())
}

#[test]
fn two_at_once_lose_nothing() -> Result<()> {
    let zygote = Zygote::start()?;
    let stage = Stage::of(&zygote)?;
    let (one, other) = (stage.program()?, stage.program()?);
    response(one.invoke("req-0", &scheduled("event-0"))?)?;
    response(other.invoke("req-00", &scheduled("event-00"))?)?;
    stage.break_all(BROKEN)?;
    let open = stage.open()?;
    stage.emulator.forget()?;
    // Each looks at another half of the account, so that whoever forgets the other's half is found out.
    let jobs = [
        (&one, "req-1", json!({"action": "audit", "scope": ["area:network", "area:endpoints", "area:logs"]})),
        (&other, "req-2", json!({"action": "audit", "scope": ["area:roles", "area:data", "area:sagemaker"]})),
    ];
    for answer in side_by_side(&jobs, 2, |(program, id, payload)| program.invoke(id, payload)) {
        response(answer?)?;
    }
    let calls = stage.emulator.calls()?;
    let lost = calls.iter().filter(|call| call.operation == "PutObject" && call.status == Some(412)).count();
    ensure!(lost > 0, "the two did not meet: {:#?}", puts(&calls));
    exactly(&stage.alerts()?, &open, "NEW")?;
    assert_eq!(stage.owed()?, 0);
    let after = response(one.invoke("req-3", &scheduled("event-3"))?)?;
    assert_eq!(after.pointer("/summary/lifecycle/PERSISTING"), Some(&json!(open.len())), "{after:#}");
    assert_eq!(after.pointer("/summary/lifecycle/NEW"), Some(&json!(0)), "{after:#}");
    assert_eq!(stage.alerts()?, []);
    // And two whole audits of the same at once: no alert is lost, and the state is one of them whole.
    stage.emulator.break_("net-05-vgw-attached")?;
    let jobs = [(&one, "req-4", scheduled("event-4")), (&other, "req-5", scheduled("event-5"))];
    for answer in side_by_side(&jobs, 2, |(program, id, payload)| program.invoke(id, payload)) {
        response(answer?)?;
    }
    let told: BTreeSet<_> =
        stage.alerts()?.into_iter().filter_map(|alert| alert.attributes.get("control").cloned()).collect();
    assert_eq!(told, BTreeSet::from(["NET-05".to_owned()]));
    assert_eq!(stage.owed()?, 0);

    // The state, and all else, is never written over unseen.
    let blind: Vec<_> = puts(&stage.emulator.calls()?)
        .into_iter()
        .filter(|params| !params.contains_key("IfMatch") && !params.contains_key("IfNoneMatch"))
        .collect();
    assert!(blind.is_empty(), "written without a condition: {blind:#?}");
    Ok(())
}

#[test]
fn killed_at_any_step_it_sends_what_is_owed_and_repeats_nothing_it_knows_was_sent() -> Result<()> {
    let zygote = Zygote::start()?;
    // Where it dies, and what hangs there.
    let state = |after: u32| json!({"kind": "hang", "service": "s3", "operation": "PutObject", "after": after, "match": {"Key": "state.json"}});
    let steps = [
        (
            "reading",
            json!({"kind": "hang", "service": "ec2", "operation": "DescribeSubnets"}),
            "ec2",
            "DescribeSubnets",
        ),
        ("saving", state(0), "s3", "PutObject"),
        ("sending", json!({"kind": "hang", "service": "sns", "operation": "PublishBatch"}), "sns", "PublishBatch"),
        (
            "sending more",
            json!({"kind": "hang", "service": "sns", "operation": "PublishBatch", "after": 1}),
            "sns",
            "PublishBatch",
        ),
        ("marking as sent", state(1), "s3", "PutObject"),
        ("marking the rest", state(2), "s3", "PutObject"),
        ("measuring", json!({"kind": "hang", "service": "cloudwatch"}), "cloudwatch", "PutMetricData"),
    ];
    let wrong = side_by_side(&steps, 4, |(step, fault, service, operation)| -> Result<()> {
        let stage = Stage::of(&zygote)?;
        // Eleven alerts and more: two batches.
        stage.break_all(BROKEN)?;
        stage.emulator.break_("vpe-06-world")?;
        let open = stage.open()?;
        ensure!(open.len() > 12 && open.len() < 30, "{} findings", open.len());
        stage.emulator.forget()?;
        stage.emulator.faults(std::slice::from_ref(fault))?;
        let program = stage.program()?;
        program.send("req-1", &scheduled("event-1"))?;
        let hung = |call: &Call| call.service == *service && call.operation == *operation && call.status.is_none();
        let hangs = until(90, || stage.emulator.calls().ok()?.iter().any(hung).then_some(()));
        ensure!(hangs.is_some(), "it never came to {step}: {}", program.log()?);
        program.kill()?;
        stage.emulator.heal()?;
        let before: BTreeSet<String> = stage.alerts()?.into_iter().map(|alert| alert.finding).collect();
        let known = match stage.remembered() {
            Ok(_) => stage.owed()?,
            Err(_) => usize::MAX,
        };

        let next = stage.program()?;
        let answer = response(next.invoke("req-2", &scheduled("event-2"))?)?;
        let after = stage.alerts()?;
        let told: BTreeSet<String> = after.iter().map(|alert| alert.finding.clone()).collect();
        ensure!(told.len() == after.len(), "the next run told one twice");
        let all: BTreeSet<String> = before.union(&told).cloned().collect();
        ensure!(all == open, "killed while {step}: never told: {:?}", open.difference(&all).collect::<Vec<_>>());
        // A batch that was sent and not marked may come twice; what was marked may not.
        let twice = before.intersection(&told).count();
        let (sent, again) = match *step {
            "reading" | "saving" | "sending" => (0, 0),
            "sending more" => (10, 0),
            "marking as sent" => (10, 10),
            "marking the rest" => (open.len(), open.len() - 10),
            _ => (open.len(), 0),
        };
        ensure!(
            (before.len(), twice) == (sent, again),
            "killed while {step}: {} told before, wanted {sent}; {twice} of them again, wanted {again}",
            before.len()
        );
        ensure!(stage.owed()? == 0, "killed while {step}: {} still owed, {known} before", stage.owed()?);
        let persisting = answer.pointer("/summary/lifecycle/PERSISTING").and_then(Value::as_u64);
        let saved = !matches!(*step, "reading" | "saving");
        ensure!(persisting == Some(if saved { open.len() as u64 } else { 0 }), "killed while {step}: {answer:#}");
        response(next.invoke("req-3", &scheduled("event-3"))?)?;
        ensure!(stage.alerts()?.is_empty(), "killed while {step}: the run after the next tells again");
        Ok(())
    });
    let wrong: Vec<String> = wrong
        .into_iter()
        .zip(&steps)
        .filter_map(|(result, (step, ..))| result.err().map(|error| format!("{step}: {error:#}")))
        .collect();
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn what_is_measured() -> Result<()> {
    let zygote = Zygote::start()?;
    let stage = Stage::of(&zygote)?;
    let user = stage.user()?.with("PLUMBLINE_METRICS_NAMESPACE", "Team/Security");
    let clean = Audited::of(stage.publish(&user)?)?;
    assert_eq!(clean.code, 0, "{}", clean.err);
    let zeros = stage.emulator.metrics()?;
    are_as_the_report_says(&clean, &zeros, "Team/Security")?;

    stage.break_all(BROKEN)?;
    let broken = Audited::of(stage.publish(&user)?)?;
    assert_eq!(broken.code, 1, "{}", broken.err);
    let drifted = stage.emulator.metrics()?;
    are_as_the_report_says(&broken, &drifted, "Team/Security")?;
    let same = |all: &[Datum]| {
        all.iter().map(Datum::series).filter(|name| !name.starts_with("Coverage")).collect::<BTreeSet<_>>()
    };
    assert_eq!(same(&zeros), same(&drifted), "the series of a clean and of a broken account");

    // The Lambda program measures the same.
    response(stage.program()?.invoke("req-1", &scheduled("event-1"))?)?;
    let by_lambda = stage.emulator.metrics()?;
    assert_eq!(same(&by_lambda), same(&drifted), "the series of the Lambda program and of the command");
    assert!(by_lambda.iter().all(|one| one.namespace == "Plumbline"), "the default namespace");
    let steady = |all: &[Datum]| {
        let moving = ["AuditDuration", "ApiCalls", "ThrottledCalls", "NewDrift"];
        let kept = all.iter().filter(|one| !moving.contains(&one.metric_name.as_str()));
        kept.map(|one| (one.series(), one.value.to_string())).collect::<BTreeSet<_>>()
    };
    assert_eq!(steady(&by_lambda), steady(&drifted));
    Ok(())
}

#[test]
fn publish_at_a_terminal_tells_the_same() -> Result<()> {
    let zygote = Zygote::start()?;
    let stage = Stage::of(&zygote)?;
    let user = stage.user()?;
    stage.break_all(BROKEN)?;
    let open = stage.open()?;
    let first = Audited::of(stage.publish(&user)?)?;
    assert_eq!(first.code, 1, "{}", first.err);
    let alerts = stage.alerts()?;
    exactly(&alerts, &open, "NEW")?;
    alerts.iter().try_for_each(is_well_formed)?;
    assert_eq!(stage.emulator.mail("digest")?.len(), 1);
    // Command and function share what they remember.
    let second = response(stage.program()?.invoke("req-1", &scheduled("event-1"))?)?;
    assert_eq!(second.pointer("/run/previous"), Some(&json!(first.report.run.id)));
    assert_eq!(second.pointer("/summary/lifecycle/PERSISTING"), Some(&json!(open.len())), "{second:#}");
    let third = Audited::of(stage.publish(&user)?)?;
    assert_eq!((stage.alerts()?, stage.emulator.mail("digest")?), (vec![], vec![]), "nothing changed");
    assert_eq!(third.report.run.trigger.as_str(), "cli");

    // Without `--publish` nothing goes out; without a topic it cannot.
    stage.emulator.break_("net-05-vgw-attached")?;
    user.audit(&stage.emulator, &["--state", &stage.state()])?;
    assert_eq!((stage.alerts()?, stage.emulator.metrics()?.len()), (vec![], 0), "nobody asked to be told");
    let poor = Cli::new()?;
    let baseline = poor.baseline();
    let ran = poor.run(&stage.emulator, &["audit", "--baseline", &baseline, "--state", &stage.state(), "--publish"])?;
    assert_eq!((ran.code, ran.text().as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.contains("PLUMBLINE_TOPIC_ARN"), "{}", ran.err);
    // What was seen quietly is told when somebody is to be told.
    stage.publish(&user)?;
    let told: Vec<_> =
        stage.alerts()?.into_iter().filter_map(|alert| alert.attributes.get("control").cloned()).collect();
    assert_eq!(told, ["NET-05"]);
    Ok(())
}

#[test]
fn what_cannot_be_sent_stays_owed() -> Result<()> {
    let zygote = Zygote::start()?;
    let faults = [
        ("alerts denied", json!({"kind": "deny", "service": "sns", "operation": "PublishBatch"})),
        ("alerts throttled", json!({"kind": "throttle", "service": "sns", "operation": "PublishBatch"})),
        ("second batch fails", json!({"kind": "error500", "service": "sns", "operation": "PublishBatch", "after": 1})),
        ("alerts answered with nothing", json!({"kind": "empty", "service": "sns", "operation": "PublishBatch"})),
        ("digest denied", json!({"kind": "deny", "service": "sns", "operation": "Publish"})),
        ("metrics denied", json!({"kind": "deny", "service": "cloudwatch"})),
        ("metrics throttled", json!({"kind": "throttle", "service": "cloudwatch"})),
        ("metrics fail", json!({"kind": "error500", "service": "cloudwatch"})),
        ("metrics cut", json!({"kind": "cut", "service": "cloudwatch"})),
        ("metrics hang", json!({"kind": "hang", "service": "cloudwatch"})),
    ];
    let wrong = side_by_side(&faults, 4, |(what, fault)| disturbed(&zygote, what, fault));
    let wrong: Vec<String> = wrong
        .into_iter()
        .zip(&faults)
        .filter_map(|(result, (what, _))| result.err().map(|error| format!("{what}: {error:#}")))
        .collect();
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// One fault of sending, at the command and at the function.
fn disturbed(zygote: &Zygote, what: &str, fault: &Value) -> Result<()> {
    let metrics = what.starts_with("metrics");
    let stage = Stage::of(zygote)?;
    let user = stage.user()?;
    stage.break_all(BROKEN)?;
    stage.emulator.break_("vpe-06-world")?;
    let open = stage.open()?;
    stage.emulator.faults(std::slice::from_ref(fault))?;
    let failed = stage.publish(&user)?;
    ensure!(failed.code == 2, "exit {}, wanted 2: {}", failed.code, failed.err);
    let said: Vec<&str> = failed.err.lines().filter(|line| line.starts_with("plumbline: ")).collect();
    ensure!(said.len() == 1, "one clear sentence: {}", failed.err);
    // The report is printed and saved all the same.
    ensure!(
        Audited::of(failed)?.report.findings.iter().filter(|one| one.is_open()).count() == open.len(),
        "its report"
    );
    let before: BTreeSet<String> = stage.alerts()?.into_iter().map(|alert| alert.finding).collect();
    let digest = stage.emulator.mail("digest")?.len();
    let measured = stage.emulator.metrics()?.len();
    ensure!(metrics || measured > 0, "alerts that fail must not keep back the metrics");
    ensure!(!metrics || (before == open && digest == 1), "metrics that fail must not keep back the alerts");

    // The function fails by name, and says so again while it lasts.
    let program = stage.program()?;
    let (kind, message) = error(program.invoke("req-1", &scheduled("event-1"))?)?;
    ensure!(kind == "Undelivered" && message.contains(&stage.state()), "{kind}: {message}");
    let during: BTreeSet<String> = stage.alerts()?.into_iter().map(|alert| alert.finding).collect();
    stage.emulator.heal()?;
    stage.emulator.metrics()?;
    let more = stage.emulator.mail("digest")?.len();

    // The same event again: its work was not done, so it is done now.
    response(program.invoke("req-1", &scheduled("event-1"))?)?;
    let after: BTreeSet<String> = stage.alerts()?.into_iter().map(|alert| alert.finding).collect();
    let told: BTreeSet<String> = before.union(&during).chain(&after).cloned().collect();
    ensure!(told == open, "never told: {:?}", open.difference(&told).collect::<Vec<_>>());
    if !what.contains("nothing") {
        let all = before.len() + during.len() + after.len();
        ensure!(all == open.len(), "{} alerts for {} findings: some were known to be sent", all, open.len());
        let digests = digest + more + stage.emulator.mail("digest")?.len();
        ensure!(digests == 1, "{digests} digests of one change");
    }
    ensure!(stage.owed()? == 0, "{} still owed", stage.owed()?);
    let new: f64 =
        stage.emulator.metrics()?.iter().filter(|one| one.metric_name == "NewDrift").map(|one| one.value).sum();
    let wanted = if metrics { open.len() as f64 } else { 0.0 };
    ensure!((new - wanted).abs() < 0.5, "NewDrift {new}, wanted {wanted}: a transition is measured once");
    Ok(())
}

#[test]
fn more_than_fifty_changes_are_one_storm() -> Result<()> {
    let zygote = Zygote::start()?;
    let stage = Stage::of(&zygote)?;
    stage.break_all(BROKEN)?;
    stage.break_all(&[
        "net-08-igw-route-main-table",
        "net-12-subnet-untagged",
        "net-13-hostnames-off",
        "vpe-06-world",
        "data-06-account-flag",
        "data-10-data-key-pending-deletion",
        "data-10-volumes-key-pending-deletion",
        "iam-01-training-execution-missing",
    ])?;
    let open = stage.open()?;
    ensure!(open.len() > 50, "only {} findings", open.len());
    let program = stage.program()?;
    let answer = response(program.invoke("req-1", &scheduled("event-1"))?)?;
    let mail = stage.emulator.mail("alerts")?;
    assert_eq!(mail.len(), 1, "{mail:#?}");
    let storm = mail.first().context("no message")?;
    let message: Value = serde_json::from_str(&storm.message)?;
    assert_eq!(message.get("schema"), Some(&json!("plumbline.storm/1")), "{message:#}");
    assert!(storm.message.starts_with("{\"text\":"), "`text` first: {}", storm.message);
    let uri = answer.get("report").and_then(Value::as_str).context("no report")?;
    assert!(storm.message.contains(uri), "no link to {uri}: {message:#}");
    assert!(storm.message.contains(&open.len().to_string()), "no count: {message:#}");
    let kinds: BTreeMap<&str, &str> =
        storm.message_attributes.iter().map(|(name, value)| (name.as_str(), value.kind.as_str())).collect();
    assert_eq!(kinds.len(), 8, "{kinds:?}");
    assert_eq!(kinds.get("severity"), Some(&"String"), "{kinds:?}");
    assert_eq!(kinds.get("control"), Some(&"String.Array"), "{kinds:?}");
    let value = |name: &str| storm.message_attributes.get(name).map(|value| value.value.clone()).unwrap_or_default();
    assert_eq!(value("severity"), "CRITICAL");
    assert!(value("control").contains("\"NET-02\"") && value("control").contains("\"LOG-01\""), "{}", value("control"));
    response(program.invoke("req-2", &scheduled("event-2"))?)?;
    assert_eq!(stage.emulator.mail("alerts")?, []);
    Ok(())
}

#[test]
fn how_it_is_set_up() -> Result<()> {
    let zygote = Zygote::start()?;
    let stage = Stage::of(&zygote)?;
    // The baseline beside the state.
    let text = plumbline_emulator::read(std::path::Path::new(&Cli::new()?.baseline()))?;
    stage.emulator.store("config/baseline.yaml", &text)?;
    stage.emulator.store("config/other.yaml", &text.replace("\"123456789012\"", "\"210987654321\""))?;
    stage.emulator.store("config/wrong.yaml", &text.replace("min_azs", "min_asz"))?;
    let at = |name: &str| format!("s3://{}/config/{name}", stage.outputs.state_bucket);
    let from_s3 = stage.program_with(&[("PLUMBLINE_BASELINE", &at("baseline.yaml"))])?;
    let answer = response(from_s3.invoke("req-1", &json!({"action": "audit", "publish": false}))?)?;
    assert_eq!(answer.pointer("/run/baseline/file"), Some(&json!(at("baseline.yaml"))), "{answer:#}");
    let saved = stage.emulator.objects()?.len();

    // What is wrong is said by name, and nothing is saved.
    for (variables, name, says) in [
        (vec![("PLUMBLINE_BASELINE", at("other.yaml"))], "WrongAccount", vec!["210987654321", "123456789012"]),
        (vec![("PLUMBLINE_BASELINE", at("wrong.yaml"))], "Baseline", vec!["min_asz", "min_azs", "wrong.yaml"]),
        (vec![("PLUMBLINE_BASELINE", at("nothing.yaml"))], "Baseline", vec!["nothing.yaml"]),
        (vec![("PLUMBLINE_BASELINE", String::new())], "Settings", vec!["PLUMBLINE_BASELINE"]),
        (vec![("PLUMBLINE_STATE", String::new())], "Settings", vec!["PLUMBLINE_STATE"]),
        (vec![("PLUMBLINE_TOPIC_ARN", String::new())], "Settings", vec!["PLUMBLINE_TOPIC_ARN"]),
        (vec![("PLUMBLINE_STATE", "s3://no-such-bucket/x".to_owned())], "State", vec!["no-such-bucket"]),
    ] {
        let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (kind, message) = error(stage.program_with(&variables)?.invoke("req-2", &json!({}))?)?;
        assert_eq!(kind, name, "{variables:?}: {message}");
        for word in says {
            assert!(message.contains(word), "does not name {word}: {message}");
        }
    }
    assert_eq!(stage.emulator.objects()?.len(), saved, "something was saved");
    assert_eq!(stage.alerts()?, []);
    Ok(())
}

/// The report lies where the answer says.
fn report_is_there(stage: &Stage, answer: &Value) -> Result<()> {
    let uri = answer.get("report").and_then(Value::as_str).context("the answer names no report")?;
    let run = answer.pointer("/run/id").and_then(Value::as_str).context("the answer names no run")?;
    let bucket = format!("s3://{}/", stage.outputs.state_bucket);
    let key = uri.strip_prefix(&bucket).with_context(|| format!("{uri} is not in the state's bucket"))?;
    ensure!(key.starts_with(&format!("{PREFIX}/123456789012/reports/")), "{key}");
    ensure!(key.ends_with(&format!("/{run}.json.zst")), "{key}");
    let objects = stage.emulator.objects()?;
    ensure!(objects.contains_key(key), "{key} is not there: {:?}", objects.keys());
    Ok(())
}

/// The form of an alert, and its eight attributes.
fn is_well_formed(alert: &Alert) -> Result<()> {
    let message = &alert.message;
    let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let wanted: BTreeMap<String, String> = [
        ("schema", "plumbline.alert/1".to_owned()),
        ("severity", text("/finding/severity")),
        ("area", text("/finding/area")),
        ("control", text("/finding/control")),
        ("environment", text("/finding/environment")),
        ("account", "123456789012".to_owned()),
        ("region", "eu-west-1".to_owned()),
        ("lifecycle", text("/finding/lifecycle")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    ensure!(alert.attributes == wanted, "attributes {:?}, wanted {wanted:?}", alert.attributes);
    ensure!(text("/schema") == "plumbline.alert/1" && !text("/text").is_empty(), "{message:#}");
    ensure!(!text("/run/id").is_empty() && !text("/run/report").is_empty(), "{message:#}");
    let finding: Finding = serde_json::from_value(message.get("finding").cloned().context("no finding")?)?;
    ensure!(finding.verdict == Verdict::NonCompliant && !finding.evidence.is_empty(), "{}", line(&finding));
    Ok(())
}

/// The metrics are those of the contract with the values of the report, zeros included.
fn are_as_the_report_says(audited: &Audited, metrics: &[Datum], namespace: &str) -> Result<()> {
    let report = &audited.report;
    let found: BTreeMap<String, &Datum> = metrics.iter().map(|one| (one.series(), one)).collect();
    ensure!(found.len() == metrics.len(), "a series came twice");
    let areas: BTreeSet<Area> = controls().map(|control| control.info.area).collect();
    let mut wanted: BTreeMap<String, Option<f64>> = BTreeMap::new();
    let count = |keep: &dyn Fn(&Finding) -> bool| report.findings.iter().filter(|finding| keep(finding)).count() as f64;
    for environment in ["fraud-dev", "unassigned"] {
        let here = |finding: &Finding| finding.environment == environment;
        let plain = format!("Environment={environment}");
        let mut put = |name: &str, dimensions: &str, value: Option<f64>| {
            wanted.insert(format!("{name} {dimensions}"), value);
        };
        put("Drift", &plain, Some(count(&|one| here(one) && one.is_drift())));
        for severity in Severity::ALL {
            let drift = count(&|one| here(one) && one.is_drift() && one.severity == severity);
            put("Drift", &format!("{plain},Severity={severity}"), Some(drift));
        }
        for verdict in [("Compliant", Verdict::Compliant), ("InsufficientData", Verdict::InsufficientData)] {
            put(verdict.0, &plain, Some(count(&|one| here(one) && one.verdict == verdict.1)));
        }
        for area in &areas {
            let within = |one: &Finding| here(one) && one.area == *area;
            let dimensions = format!("Area={},{plain}", area.as_str());
            put("Drift", &dimensions, Some(count(&|one| within(one) && one.is_drift())));
            put("Compliant", &dimensions, Some(count(&|one| within(one) && one.verdict == Verdict::Compliant)));
            put("InsufficientData", &dimensions, Some(0.0));
            if environment == "fraud-dev" {
                put("Coverage", &dimensions, Some(100.0));
            }
        }
        if environment == "fraud-dev" {
            put("Coverage", &plain, Some(100.0));
        }
        let new = count(&|one| here(one) && one.lifecycle == Some(plumbline_findings::Lifecycle::New));
        put("NewDrift", &plain, Some(new));
        for name in ["ResolvedDrift", "ReopenedDrift", "ExceptionsActive", "ExceptionsExpired"] {
            put(name, &plain, Some(0.0));
        }
        put("AuditCompleted", &plain, Some(1.0));
    }
    wanted.insert("AuditDuration".to_owned(), None);
    wanted.insert("ApiCalls".to_owned(), None);
    wanted.insert("ThrottledCalls".to_owned(), Some(0.0));
    for (series, value) in &wanted {
        let one = found.get(series).with_context(|| format!("no {series} among {:?}", found.keys()))?;
        let good = value.map_or(one.value > 0.0, |value| (one.value - value).abs() < 1e-9);
        ensure!(good, "{series} is {}, wanted {value:?}", one.value);
    }
    for (series, one) in &found {
        let unit = match one.metric_name.as_str() {
            "Coverage" => "Percent",
            "AuditDuration" => "Milliseconds",
            _ => "Count",
        };
        ensure!(one.unit == unit && one.namespace == namespace, "{one:?}");
        // What is beyond the table: the areas of the catalogue that no control is in yet, and what `unassigned` has of coverage.
        let known = wanted.contains_key(series)
            || (series.contains("Area=self-service") && one.value == 0.0)
            || series.starts_with("Coverage");
        ensure!(known, "not in the contract: {series} = {}", one.value);
        let bounded =
            one.dimensions.iter().all(|pair| matches!(pair.name.as_str(), "Environment" | "Severity" | "Area"));
        ensure!(bounded, "{one:?}");
    }
    Ok(())
}

/// The writes to the state, by their parameters.
fn puts(calls: &[Call]) -> Vec<BTreeMap<String, Value>> {
    let state = |call: &&Call| {
        let key = call.params.get("Key").and_then(Value::as_str).unwrap_or_default();
        call.operation == "PutObject" && key.starts_with(PREFIX)
    };
    calls.iter().filter(state).map(|call| call.params.clone()).collect()
}

/// How many findings `unassigned` has open.
fn unassigned(stage: &Stage) -> Result<usize> {
    let audited = Cli::new()?.audit(&stage.emulator, &[])?;
    let open =
        audited.report.findings.iter().filter(|finding| finding.is_open() && finding.environment == "unassigned");
    Ok(open.count())
}
