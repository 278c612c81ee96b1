//! What the product tells and measures, from a terminal as from the Lambda program: alerts, digests, storms and metrics, and
//! what becomes of them when nobody takes them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use plumbline_emulator::{
    Audited, BROKEN, Cli, Datum, Stage, Zygote, exactly, failure, is_well_formed, response, scheduled, side_by_side,
};
use plumbline_evaluator::controls;
use plumbline_findings::{Area, Finding, Lifecycle, Severity, Verdict};
use serde_json::{Value, json};

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

    // An answer that says nothing has nothing to say: the call has none. The values are there either way.
    for kind in ["empty", "garble"] {
        stage.emulator.faults(&[json!({"kind": kind, "service": "cloudwatch"})])?;
        let ran = stage.publish(&user)?;
        ensure!(matches!(ran.code, 1 | 2), "{kind}: exit {}: {}", ran.code, ran.err);
        ensure!(same(&stage.emulator.metrics()?) == same(&drifted), "{kind}: not all was measured");
        stage.emulator.heal()?;
    }

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
    stage.emulator.metrics()?;
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
        ("metrics hang", json!({"kind": "hang", "service": "cloudwatch"})),
        ("alerts denied", json!({"kind": "deny", "service": "sns", "operation": "PublishBatch"})),
        ("alerts throttled", json!({"kind": "throttle", "service": "sns", "operation": "PublishBatch"})),
        ("second batch fails", json!({"kind": "error500", "service": "sns", "operation": "PublishBatch", "after": 1})),
        ("alerts answered with nothing", json!({"kind": "empty", "service": "sns", "operation": "PublishBatch"})),
        ("digest denied", json!({"kind": "deny", "service": "sns", "operation": "Publish"})),
        ("metrics denied", json!({"kind": "deny", "service": "cloudwatch"})),
        ("metrics throttled", json!({"kind": "throttle", "service": "cloudwatch"})),
        ("metrics fail", json!({"kind": "error500", "service": "cloudwatch"})),
        ("metrics cut", json!({"kind": "cut", "service": "cloudwatch"})),
    ];
    let wrong = side_by_side(&faults, 5, |(what, fault)| disturbed(&zygote, what, fault));
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

    // The function fails by name, and says so again while it lasts. (What hangs has been waited for once.)
    let program = stage.program()?;
    if !what.contains("hang") {
        let (kind, message) = failure(program.invoke("req-1", &scheduled("event-1"))?)?;
        ensure!(kind == "Undelivered" && message.contains(&stage.state()), "{kind}: {message}");
    }
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
        let new = count(&|one| here(one) && one.lifecycle == Some(Lifecycle::New));
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
