//! The Lambda program on the emulated account: what starts it, how it is set up, what it remembers, and what becomes of that
//! when it is killed or not alone.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use plumbline_emulator::{
    Answer, BROKEN, Call, Cli, Datum, PREFIX, Stage, Zygote, exactly, failure, is_audit, is_well_formed, read,
    response, scheduled, side_by_side, until,
};
use serde_json::{Value, json};

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
        let (kind, message) = failure(program.invoke("req-6", &payload)?)?;
        assert_eq!(kind, "UnknownPayload", "{payload}: {message}");
        assert!(message.contains("\"action\":\"audit\""), "{payload}: {message}");
    }
    let calls = stage.emulator.calls()?;
    assert!(calls.is_empty(), "{calls:?}");
    let (kind, message) = failure(program.invoke("req-7", &json!({"action": "audit", "environments": ["fraud"]}))?)?;
    assert!(message.contains("`fraud`") && message.contains("fraud-dev"), "{kind}: {message}");
    let (kind, message) = failure(program.invoke("req-8", &json!({"action": "audit", "scope": ["area:netwrk"]}))?)?;
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
    let both: Vec<Answer> = both.into_iter().collect::<Result<_>>()?;
    assert_eq!(both.iter().filter(|answer| is_audit(answer)).count(), 1, "{both:#?}");
    for other in both.into_iter().filter(|answer| !is_audit(answer)) {
        // Whoever sends events sends one that failed again: should the first program die, somebody audits.
        if let Answer::Error(_) = other {
            assert_eq!(failure(other)?.0, "InProgress");
        }
    }
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
    // Where it dies: the call that hangs, and how many of its kind are answered before.
    let steps = [
        ("reading", "ec2", "DescribeSubnets", "", 0),
        ("saving", "s3", "PutObject", "state.json", 0),
        ("sending", "sns", "PublishBatch", "", 0),
        ("sending more", "sns", "PublishBatch", "", 1),
        ("marking as sent", "s3", "PutObject", "state.json", 1),
        ("marking the rest", "s3", "PutObject", "state.json", 2),
        ("measuring", "cloudwatch", "PutMetricData", "", 0),
    ];
    let wrong = side_by_side(&steps, 3, |(step, service, operation, key, after)| -> Result<()> {
        let stage = Stage::of(&zygote)?;
        // Eleven alerts to twenty: two batches.
        stage.break_all(BROKEN)?;
        let open = stage.open()?;
        ensure!(open.len() > 10 && open.len() <= 20, "{} findings", open.len());
        stage.emulator.forget()?;
        let matching = if key.is_empty() { json!({}) } else { json!({"Key": key}) };
        let fault =
            json!({"kind": "hang", "service": service, "operation": operation, "after": after, "match": matching});
        stage.emulator.faults(&[fault])?;
        let program = stage.program()?;
        program.send("req-1", &scheduled("event-1"))?;
        let meant = |call: &&Call| {
            let at = call.params.get("Key").and_then(Value::as_str).unwrap_or_default();
            call.service == *service && call.operation == *operation && at.ends_with(key)
        };
        let hangs = until(90, || stage.emulator.calls().ok()?.iter().filter(meant).nth(*after).map(drop));
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
fn how_it_is_set_up() -> Result<()> {
    let zygote = Zygote::start()?;
    let stage = Stage::of(&zygote)?;
    // The baseline beside the state.
    let text = read(std::path::Path::new(&Cli::new()?.baseline()))?;
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
        let (kind, message) = failure(stage.program_with(&variables)?.invoke("req-2", &json!({}))?)?;
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
#[test]
fn out_of_time_it_invokes_itself_and_goes_on_where_it_was() -> Result<()> {
    let zygote = Zygote::start()?;
    let stage = Stage::of(&zygote)?;
    stage.break_all(BROKEN)?;
    let open = stage.open()?;
    // Of a minute and a bit, a minute is kept for the end. Every answer takes a while.
    stage.emulator.faults(&[json!({"kind": "hang", "seconds": 0.4, "service": "sagemaker"})])?;
    let program = stage.program()?;
    let mut payload = scheduled("event-1");
    let mut legs = 0;
    let audited = loop {
        legs += 1;
        ensure!(legs <= 20, "it does not end");
        stage.emulator.forget()?;
        program.send_within(&format!("req-{legs}"), &payload, std::time::Duration::from_secs(61))?;
        let answer = response(program.answer()?)?;
        let calls = stage.emulator.calls()?;
        let next: Vec<&Call> = calls.iter().filter(|call| call.service == "lambda").collect();
        if answer.get("unfinished") != Some(&json!(true)) {
            ensure!(next.is_empty(), "it invokes itself though it is done");
            break answer;
        }
        assert_eq!(answer.get("legs"), Some(&json!(legs)));
        assert_eq!(stage.alerts()?, []);
        let [next] = next.as_slice() else { anyhow::bail!("{} invocations", next.len()) };
        assert_eq!(next.params.get("FunctionName"), Some(&json!("plumbline")));
        let text = next.params.get("Payload").and_then(Value::as_str).context("no payload")?;
        payload = serde_json::from_str(text)?;
    };
    ensure!(legs > 1, "one leg was enough");
    assert_eq!(audited.pointer("/run/legs"), Some(&json!(legs)));
    assert_eq!(audited.pointer("/run/trigger"), Some(&json!("schedule")), "as it began");
    assert_eq!(audited.pointer("/coverage/complete"), Some(&json!(true)), "{audited:#}");
    exactly(&stage.alerts()?, &open, "NEW")?;
    report_is_there(&stage, &audited)?;
    let left: Vec<String> = stage.emulator.objects()?.into_keys().filter(|key| key.contains("/checkpoints/")).collect();
    assert_eq!(left, [""; 0], "what was put by is gone");
    // The event that began it is done.
    let again = response(program.invoke("req-again", &scheduled("event-1"))?)?;
    assert_eq!(again.get("duplicate"), Some(&json!(true)), "{again:#}");
    Ok(())
}

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
