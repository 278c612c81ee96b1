//! One account, looked at in several ways: what is read of it, read again, read in pages, saved and judged later, with other
//! credentials and with fewer permissions.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use plumbline_emulator::{
    Audited, Call, Cli, DECISIVE, UNNEEDED, UNSHOWN, VARIATIONS, Variation, Zygote, changed, differences, exit_code,
    line, listed, lost, no_records, side_by_side, steady,
};
use plumbline_evaluator::{ALWAYS, controls};
use plumbline_findings::{Lifecycle, Report, Verdict};
use plumbline_snapshot::sagemaker::{TUNING_JOB, features};
use plumbline_snapshot::{Source, sources};
use serde_json::{Value, json};

/// What a baseline adds for a snapshot to have use for every read.
const WHOLE: &[(&str, &str)] = &[(
    "    self_service:\n      enabled: false\n",
    "    codecommit_repositories: [ds-fraud-dev, ds-gone]\n    self_service:\n      \
     portfolio: {display_name: fraud-dev products}\n      products: [{name: fraud SageMaker dev notebook}]\n",
)];
/// Audits at a time: the machine of the tests has two cores.
const THREADS: usize = 2;

#[test]
fn what_is_read_is_declared_and_what_is_declared_is_read() -> Result<()> {
    let zygote = Zygote::start()?;
    let named = |source: &Source| format!("{}:{}", source.service, source.operation);
    let declared: BTreeSet<String> = sources().map(named).collect();
    let mut received: BTreeMap<String, &str> = BTreeMap::new();

    let emulator = zygote.fork()?;
    Cli::new()?.audit(&emulator, &[])?;
    let clean = operations(&emulator.calls()?)?;
    received.extend(clean.iter().map(|operation| (operation.clone(), "the clean account")));
    for variation in VARIATIONS {
        let (user, emulator) = variation.prepare(&zygote, &[])?;
        let audited = user.audit(&emulator, &[])?;
        ensure!(audited.report.coverage.complete, "{}: {:?}", variation.name, lost(&audited.report));
        for operation in operations(&emulator.calls()?)? {
            received.entry(operation).or_insert(variation.name);
        }
    }

    // An audit reads what some control needs, and no more.
    let needed = controls().flat_map(|control| control.sources).chain(ALWAYS);
    let needed: BTreeSet<String> = needed.map(|source| named(source)).collect();
    let needless: Vec<_> = received.keys().filter(|operation| !needed.contains(*operation)).collect();
    assert!(needless.is_empty(), "an audit reads what no control needs: {needless:?}");

    // A snapshot reads the rest, too: it may be judged by controls that are not there yet. What Search lacks is described.
    emulator.forget()?;
    emulator.faults(&no_records())?;
    let user = Cli::under(WHOLE)?;
    let (file, baseline) = (user.path("whole"), user.baseline());
    let searchless = json!({"kind": "patch", "service": "sagemaker", "operation": "Search",
                            "set": {"Results": []}, "remove": ["NextToken"]});
    for (what, faults) in [
        ("a snapshot of the clean account", Vec::new()),
        ("a snapshot of which Search knows nothing", vec![searchless]),
    ] {
        emulator.faults(&faults)?;
        let ran = user.run(&emulator, &["snapshot", "--baseline", &baseline, "--out", &file, "--api-share", "off"])?;
        ensure!(ran.code == 0, "snapshot: exit {}: {}", ran.code, ran.err);
        for operation in operations(&emulator.calls()?)? {
            received.entry(operation).or_insert(what);
        }
    }

    let undeclared: Vec<_> = received.iter().filter(|(operation, _)| !declared.contains(*operation)).collect();
    assert!(undeclared.is_empty(), "received, but no declared source: {undeclared:#?}");
    let unread: Vec<_> = declared.iter().filter(|operation| !received.contains_key(*operation)).collect();
    assert!(
        unread.is_empty(),
        "declared, but received neither in the clean account, nor in a variation, nor by a snapshot: {unread:#?}"
    );
    // What a variation is for must not become superfluous unseen.
    for variation in VARIATIONS {
        let own = received.values().any(|name| *name == variation.name);
        assert!(own, "`{}` adds no read: it is not needed any more", variation.name);
    }
    Ok(())
}

#[test]
fn the_same_account_again_is_the_same_report() -> Result<()> {
    let zygote = Zygote::start()?;
    let emulator = zygote.fork()?;
    let user = Cli::new()?;
    let (first, second) = (user.audit(&emulator, &[])?, user.audit(&emulator, &[])?);
    same(&first.report, &second.report, "a clean account audited twice");
    assert_eq!((first.code, second.code), (0, 0));
    assert_eq!(second.report.run.previous.as_deref(), Some(first.report.run.id.as_str()));

    emulator.break_("net-02-igw-attached")?;
    emulator.break_("smk-04-root-enabled")?;
    let (third, fourth) = (user.audit(&emulator, &[])?, user.audit(&emulator, &[])?);
    same(&third.report, &fourth.report, "a broken account audited twice");
    assert_eq!((third.code, fourth.code), (1, 1));
    assert_eq!(
        lives(&third.report),
        BTreeSet::from([("NET-02", Some(Lifecycle::New)), ("SMK-04", Some(Lifecycle::New))])
    );
    assert_eq!(
        lives(&fourth.report),
        BTreeSet::from([("NET-02", Some(Lifecycle::Persisting)), ("SMK-04", Some(Lifecycle::Persisting))])
    );
    for finding in fourth.report.findings.iter().filter(|finding| finding.is_open()) {
        let before = third.report.findings.iter().find(|before| before.id == finding.id).context("it was there")?;
        assert_eq!(finding.first_seen, before.first_seen, "{}", line(finding));
        assert!(finding.last_seen >= before.last_seen, "{}", line(finding));
    }
    assert_eq!(fourth.report.visibility, []);

    // Another user who audits for the first time sees the same, all of it NEW.
    let other = Cli::new()?.audit(&emulator, &[])?;
    same(&fourth.report, &other.report, "another user's audit");
    assert_eq!(lives(&other.report), lives(&third.report));
    Ok(())
}

#[test]
fn lists_in_pages_of_two_with_empty_pages_between_are_the_same_report() -> Result<()> {
    let zygote = Zygote::start()?;
    let emulator = zygote.fork()?;
    for name in ["net-08-igw-route", "smk-12-no-vpc", "iam-08-administratoraccess", "vpe-03-s3-open"] {
        emulator.break_(name)?;
    }
    let whole = Cli::new()?.audit(&emulator, &[])?;
    emulator.forget()?;
    emulator.faults(&[json!({"kind": "page", "size": 2, "empty_pages": true})])?;
    let paged = Cli::new()?.audit(&emulator, &[])?;
    same(&whole.report, &paged.report, "lists in pages of two");
    assert_eq!(whole.code, paged.code);
    assert!(paged.report.coverage.complete, "{:?}", lost(&paged.report));
    let items = |report: &Report| {
        let reads = report.coverage.reads.iter();
        reads.map(|read| (format!("{}:{}", read.service, read.operation), read.items)).collect::<BTreeMap<_, _>>()
    };
    assert_eq!(items(&whole.report), items(&paged.report), "items received");
    // The rule did something.
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for call in emulator.calls()? {
        *count.entry(format!("{}:{}", call.service, call.operation)).or_default() += 1;
    }
    for operation in [
        "ec2:DescribeVpcEndpoints",
        "iam:GetAccountAuthorizationDetails",
        "sagemaker:Search",
        "sagemaker:ListTrainingJobs",
        "kms:ListAliases",
        "logs:DescribeLogGroups",
    ] {
        let calls = count.get(operation).copied().unwrap_or_default();
        assert!(calls > 2, "{operation} was called {calls} times: its answers were not in pages");
    }
    Ok(())
}

#[test]
fn a_saved_snapshot_judged_later_is_the_same_report() -> Result<()> {
    let zygote = Zygote::start()?;
    let emulator = zygote.fork()?;
    let user = Cli::new()?;
    let snapshot = |name: &str| {
        let (file, baseline) = (user.path(name), user.baseline());
        let ran = user.run(&emulator, &["snapshot", "--baseline", &baseline, "--out", &file, "--api-share", "off"])?;
        ensure!(ran.code == 0, "snapshot: exit {}: {}", ran.code, ran.err);
        Ok(file)
    };
    let report = |name: &str, audited: &Audited| {
        let (file, baseline) = (user.path(name), user.baseline());
        let arguments = [
            "audit",
            "--baseline",
            &baseline,
            "--state",
            &user.path(&format!("state-of-{name}")),
            "--format",
            "json",
            "--out",
            &file,
            "--api-share",
            "off",
        ];
        let ran = user.run(&emulator, &arguments)?;
        ensure!(ran.code == audited.code && ran.out.is_empty(), "audit --out: exit {}: {}", ran.code, ran.err);
        Ok(file)
    };
    let clean = Cli::new()?.audit(&emulator, &[])?;
    let (clean_snapshot, again, clean_report) = (snapshot("clean")?, snapshot("again")?, report("clean.json", &clean)?);
    for name in ["net-02-igw-attached", "data-11-off", "smk-12-hidden"] {
        emulator.break_(name)?;
    }
    let broken = Cli::new()?.audit(&emulator, &[])?;
    let (broken_snapshot, broken_report) = (snapshot("broken")?, report("broken.json", &broken)?);

    // Judged without any network, the same comes out, and always the same bytes.
    for (file, live) in [(&clean_snapshot, &clean), (&broken_snapshot, &broken)] {
        let baseline = user.baseline();
        let arguments = ["evaluate", file, "--baseline", &baseline, "--format", "json"];
        let (first, second) = (user.offline(&arguments)?, user.offline(&arguments)?);
        assert!(first.out == second.out, "two evaluations of {file} differ");
        let saved = Audited::of(first)?;
        same(&live.report, &saved.report, &format!("{file} evaluated"));
        assert_eq!(saved.code, live.code, "{}", saved.err);
        assert!(saved.report.cost.calls > 0, "the cost is the snapshot's");
        let remembering = |state: &str| user.offline(&[&arguments[..], &["--state", &user.path(state)]].concat());
        let name = file.rsplit('/').next().unwrap_or_default();
        let (one, other) = (remembering(&format!("{name}-1"))?, remembering(&format!("{name}-2"))?);
        assert!(one.out == other.out, "two evaluations of {file} with fresh states differ");
        let next = Audited::of(remembering(&format!("{name}-1"))?)?;
        let open = next.report.findings.iter().filter(|finding| finding.is_open());
        let not: Vec<_> = open.filter(|finding| finding.lifecycle != Some(Lifecycle::Persisting)).map(line).collect();
        assert!(not.is_empty(), "evaluated again with its state, not PERSISTING: {not:#?}");
    }

    // Two of a kind can be compared.
    for (old, new, code, says) in [
        (&clean_snapshot, &clean_snapshot, 0, ""),
        (&clean_snapshot, &again, 0, ""),
        (&clean_snapshot, &broken_snapshot, 1, "igw-"),
        (&broken_snapshot, &clean_snapshot, 1, "igw-"),
        (&clean_report, &clean_report, 0, ""),
        (&clean_report, &broken_report, 1, "NET-02"),
        (&broken_report, &clean_report, 1, "NET-02"),
        (&clean_snapshot, &broken_report, 2, ""),
        (&user.path("nowhere"), &clean_report, 2, ""),
    ] {
        for format in ["text", "json"] {
            let ran = user.offline(&["diff", old, new, "--format", format])?;
            let said = format!("diff {old} {new} --format {format}: exit {}\n{}{}", ran.code, ran.text(), ran.err);
            assert_eq!(ran.code, code, "{said}");
            assert!(ran.text().contains(says), "{said}");
            if code == 2 {
                assert!(ran.out.is_empty() && ran.err.trim_end().lines().count() == 1, "one clear sentence: {said}");
            } else if format == "json" {
                serde_json::from_slice::<Value>(&ran.out).context(said)?;
            }
        }
    }
    Ok(())
}

#[test]
fn another_account_or_partition_is_refused_and_nothing_is_saved() -> Result<()> {
    let zygote = Zygote::start()?;
    let emulator = zygote.fork()?;
    let other_account = Cli::under(&[("account_id: \"123456789012\"", "account_id: \"210987654321\"")])?;
    let other_partition = Cli::under(&[("region: eu-west-1", "region: cn-north-1"), ("arn:aws:", "arn:aws-cn:")])?;
    for (user, both) in [(&other_account, ["210987654321", "123456789012"]), (&other_partition, ["aws-cn", "`aws`"])] {
        let (baseline, state, file) = (user.baseline(), user.path("state"), user.path("file"));
        for arguments in [
            ["audit", "--baseline", &baseline, "--state", &state],
            ["snapshot", "--baseline", &baseline, "--out", &file],
        ] {
            emulator.forget()?;
            let ran = user.run(&emulator, &arguments)?;
            let said = format!("{arguments:?}: exit {}: {}", ran.code, ran.err);
            assert_eq!(ran.code, 2, "{said}");
            assert!(ran.out.is_empty(), "{said}{}", ran.text());
            for id in both {
                assert!(ran.err.contains(id), "does not name {id}: {said}");
            }
            assert_eq!(ran.err.trim_end().lines().count(), 1, "one clear sentence: {said}");
            let asked: BTreeSet<String> =
                emulator.calls()?.into_iter().map(|call| format!("{}:{}", call.service, call.operation)).collect();
            let sts = BTreeSet::from(["sts:GetCallerIdentity".to_owned()]);
            assert!(asked.is_subset(&sts), "asked more than whose credentials these are: {asked:?}");
        }
        let made: Vec<_> = user.folder().read_dir()?.flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(made, ["baseline.yaml"], "something was saved");
    }
    Ok(())
}

#[test]
fn the_generated_policy_suffices_and_each_action_of_it_is_needed() -> Result<()> {
    let zygote = Zygote::start()?;
    let user = Cli::new()?;
    let printed = user.offline(&["permissions", "--format", "json"])?;
    assert_eq!(printed.code, 0, "{}", printed.err);
    let policy: Value = serde_json::from_slice(&printed.out)?;
    let actions = actions(&policy);
    ensure!(actions.len() > 30, "{actions:?}");

    // Every call is checked, and nothing is allowed but what the policy says.
    let emulator = zygote.fork()?;
    let clean = user.audit(&emulator, &[])?;
    let called = operations(&emulator.calls()?)?;
    let allowed = Cli::new()?.signed_in(&emulator.only(&policy)?).audit(&emulator, &[])?;
    assert!(allowed.report.coverage.complete, "the policy does not suffice: {:#?}", lost(&allowed.report));
    same(&clean.report, &allowed.report, "an audit with the generated policy alone");
    assert_eq!(allowed.code, 0, "{}", allowed.err);
    let nothing = Cli::new()?.signed_in(&emulator.only(&without(&policy, &actions))?);
    let blind = nothing.audit(&emulator, &[])?;
    let seen: Vec<String> =
        blind.report.findings.iter().filter(|finding| finding.verdict == Verdict::Compliant).map(line).collect();
    assert!(seen.is_empty(), "COMPLIANT without a single permission: {seen:#?}");
    drop(emulator);

    // An audit misses nothing of what only a snapshot reads.
    let spare: Vec<String> =
        actions.iter().filter(|action| !is_needed(action) && !is_always_used(action)).cloned().collect();
    let emulator = zygote.fork()?;
    let audited = Cli::new()?.signed_in(&emulator.only(&without(&policy, &spare))?).audit(&emulator, &[])?;
    assert_eq!(audited.code, 0, "without {spare:?}: {}", audited.err);
    assert!(audited.report.coverage.complete, "without {spare:?}: {:#?}", lost(&audited.report));
    drop(emulator);

    // Without one action, exactly what is foretold goes blind: here, or where the read decides.
    let mut stages = vec![Stage { variation: None, before: clean.report, called }];
    for variation in VARIATIONS.iter().chain(DECISIVE) {
        let (user, emulator) = variation.prepare(&zygote, &[])?;
        let before = user.audit(&emulator, &[])?.report;
        stages.push(Stage { variation: Some(variation), before, called: operations(&emulator.calls()?)? });
    }
    let results = side_by_side(&actions, THREADS, |action| without_one(&zygote, &user, &policy, action, &stages));
    let wrong: Vec<String> = actions
        .iter()
        .zip(results)
        .map(|(action, result)| (action, result.unwrap_or_else(|error| vec![format!("{error:#}")])))
        .filter(|(_, complaints)| !complaints.is_empty())
        .map(|(action, complaints)| format!("without {action}:\n    {}", complaints.join("\n    ")))
        .collect();
    assert!(wrong.is_empty(), "{} of {} actions:\n{}", wrong.len(), actions.len(), wrong.join("\n"));
    Ok(())
}

/// An account to try an audit with fewer permissions on.
struct Stage {
    variation: Option<&'static Variation>,
    before: Report,
    called: BTreeSet<String>,
}

/// The actions by which resources are selected into environments.
const SELECTING: &[&str] = &["sagemaker:", "iam:", "ec2:DescribeVpcs", "ec2:DescribeSubnets"];

/// Takes one action away, in the clean account and then in others until all that is foretold has gone blind: what is wrong.
fn without_one(zygote: &Zygote, user: &Cli, policy: &Value, action: &str, stages: &[Stage]) -> Result<Vec<String>> {
    let said = user.offline(&["permissions", "--without", action, "--format", "json"])?;
    ensure!(said.code == 0, "permissions --without: exit {}: {}", said.code, said.err);
    let said: Value = serde_json::from_slice(&said.out)?;
    let foretold = ids(said.get("blinds").context("no `blinds`")?);
    if foretold.is_empty() {
        return snapshot_without(zygote, policy, action);
    }
    let reads: BTreeSet<String> = sources()
        .filter(|source| source.permissions.contains(&action))
        .map(|source| format!("{}:{}", source.service, source.operation))
        .collect();
    let of = |list| reads.iter().flat_map(|read| listed(list, read)).collect::<BTreeSet<String>>();
    let (unneeded, unshown) = (of(UNNEEDED), of(UNSHOWN));
    let mut wrong = Vec::new();
    let mut left: BTreeSet<String> = foretold.difference(&unshown).cloned().collect();
    // What places a resource in an environment: all that is about the resource may rest on it.
    let places = SELECTING.iter().any(|prefix| action.starts_with(prefix));
    for stage in stages {
        let selects = places && stage.variation.is_some_and(|variation| variation.selects);
        if (left.is_empty() && !selects) || reads.is_disjoint(&stage.called) {
            continue;
        }
        // In the clean account IAM itself refuses; elsewhere the same answer comes sooner from the fault rules.
        let (name, audited) = match stage.variation {
            None => {
                let emulator = zygote.fork()?;
                let credentials = emulator.only(&without(policy, &[action.to_owned()]))?;
                ("the clean account", Cli::new()?.signed_in(&credentials).audit(&emulator, &[])?)
            }
            Some(variation) => {
                let deny = |read: &String| {
                    let (service, operation) = read.split_once(':').unwrap_or_default();
                    json!({"kind": "deny", "service": service, "operation": operation})
                };
                let denials: Vec<Value> = reads.iter().map(deny).collect();
                let (user, emulator) = variation.prepare(zygote, &denials)?;
                (variation.name, user.audit(&emulator, &[])?)
            }
        };
        let after = &audited.report;
        let blind: BTreeSet<String> = after
            .findings
            .iter()
            .filter(|finding| finding.verdict == Verdict::InsufficientData)
            .map(|finding| finding.control.to_string())
            .collect();
        let mut complain = |text: String| wrong.push(format!("{name}: {text}"));
        let mut unforeseen: BTreeMap<&str, String> = BTreeMap::new();
        for one in changed(&stage.before, after) {
            if one.after.verdict != Verdict::InsufficientData || !foretold.contains(one.after.control.as_str()) {
                unforeseen.entry(&one.after.control).or_insert_with(|| line(one.after));
            }
        }
        unforeseen.into_values().for_each(|line| complain(format!("not foretold: {line}")));
        if lost(after).len() != 1 {
            complain(format!("lost: {:?}", lost(after)));
        }
        if audited.code != exit_code(after) {
            complain(format!("exit code {}, wanted {}", audited.code, exit_code(after)));
        }
        let stale: Vec<_> = unshown.intersection(&blind).collect();
        if !stale.is_empty() {
            complain(format!("in UNSHOWN and blind after all: {stale:?}"));
        }
        if stage.variation.is_none() {
            let seeing: BTreeSet<String> = foretold.difference(&blind).cloned().collect();
            if seeing != unneeded {
                complain(format!("foretold and not blind: {seeing:?}, listed in UNNEEDED: {unneeded:?}"));
            }
        }
        left.retain(|control| !blind.contains(control));
    }
    if !left.is_empty() {
        wrong.push(format!("foretold, and blind nowhere: {left:?}"));
    }
    Ok(wrong)
}

/// The actions of a policy.
fn actions(policy: &Value) -> Vec<String> {
    let statements = policy.get("Statement").and_then(Value::as_array).into_iter().flatten();
    let lists = statements.filter_map(|statement| statement.get("Action")).flat_map(ids);
    lists.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether some control needs what an action permits.
fn is_needed(action: &str) -> bool {
    controls().flat_map(|control| control.sources).any(|source| source.needs(action))
}

/// Whether every run makes a read that an action permits.
fn is_always_used(action: &str) -> bool {
    ALWAYS.iter().any(|source| source.needs(action))
}

/// Takes away an action that no control needs: a snapshot says that it misses it. What is wrong.
fn snapshot_without(zygote: &Zygote, policy: &Value, action: &str) -> Result<Vec<String>> {
    let reads: Vec<&Source> = sources().filter(|source| source.needs(action)).collect();
    ensure!(!is_needed(action) && !reads.is_empty(), "nothing is foretold");
    let emulator = zygote.fork()?;
    let credentials = emulator.only(&without(policy, &[action.to_owned()]))?;
    if reads.contains(&&features::FEATURE_GROUP) || reads.contains(&&TUNING_JOB) {
        // What Search lacks is described.
        emulator.faults(&no_records())?;
    }
    let user = Cli::under(WHOLE)?.signed_in(&credentials);
    let (file, baseline) = (user.path("whole"), user.baseline());
    let ran = user.run(&emulator, &["snapshot", "--baseline", &baseline, "--out", &file, "--api-share", "off"])?;
    let lost: Vec<&str> = ran.err.lines().filter(|line| line.contains(" denied: ")).collect();
    let told = |read: &&Source| lost.iter().any(|line| line.contains(&format!("{}:{} ", read.service, read.operation)));
    let mut wrong = Vec::new();
    if ran.code != 3 || !reads.iter().all(told) || lost.len() != reads.len() {
        wrong.push(format!("a snapshot: exit {}: {}", ran.code, ran.err));
    }
    if is_always_used(action) {
        // It is lost to an audit, too, and blinds none of its verdicts.
        let audited = Cli::new()?.signed_in(&credentials).audit(&emulator, &[])?;
        if audited.code != 0 || audited.report.coverage.complete {
            wrong.push(format!(
                "an audit, which does not need it: exit {}: {:?}",
                audited.code,
                plumbline_emulator::lost(&audited.report)
            ));
        }
    }
    Ok(wrong)
}

/// The texts of a list.
fn ids(list: &Value) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A policy without some actions; a statement that has none left goes.
fn without(policy: &Value, actions: &[String]) -> Value {
    let mut policy = policy.clone();
    if let Some(statements) = policy.get_mut("Statement").and_then(Value::as_array_mut) {
        for statement in statements.iter_mut() {
            if let Some(list) = statement.get_mut("Action").and_then(Value::as_array_mut) {
                list.retain(|action| !actions.iter().any(|gone| action == gone));
            }
        }
        statements
            .retain(|statement| statement.get("Action").and_then(Value::as_array).is_some_and(|list| !list.is_empty()));
        if statements.is_empty() {
            // IAM takes no policy without a statement.
            statements.push(json!({"Effect": "Allow", "Action": ["tag:GetResources"], "Resource": "*"}));
        }
    }
    policy
}

/// The operations among some calls; none of them may write.
fn operations(calls: &[Call]) -> Result<BTreeSet<String>> {
    let writes: Vec<&Call> = calls.iter().filter(|call| call.write).collect();
    ensure!(writes.is_empty(), "an audit wrote: {writes:?}");
    ensure!(!calls.is_empty(), "nothing was received");
    Ok(calls.iter().map(|call| format!("{}:{}", call.service, call.operation)).collect())
}

/// What became of the controls that have a history.
fn lives(report: &Report) -> BTreeSet<(&str, Option<Lifecycle>)> {
    let findings = report.findings.iter().filter(|finding| finding.lifecycle.is_some());
    findings.map(|finding| (finding.control.as_str(), finding.lifecycle)).collect()
}

/// Fails unless two reports have the same findings, times aside.
fn same(one: &Report, other: &Report, what: &str) {
    let (one, other) = (steady(one).unwrap_or_default(), steady(other).unwrap_or_default());
    assert!(!one.is_empty(), "{what}: no findings");
    let differ = differences(&one, &other);
    assert!(differ.is_empty(), "{what}: not the same findings:\n{}", differ.join("\n"));
}
