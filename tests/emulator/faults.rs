//! What goes wrong between AWS and the auditor, over real HTTP: each fault once for each protocol, and one fault for each
//! read. No verdict becomes better, what needs the read is INSUFFICIENT_DATA and names it, the rest is as it was, and it ends.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use anyhow::{Context as _, Result, ensure};
use plumbline_emulator::{
    Audited, Cli, Emulator, UNNEEDED, VARIATIONS, Zygote, changed, differences, exit_code, line, listed, lost,
    side_by_side, steady,
};
use plumbline_evaluator::ALWAYS;
use plumbline_findings::{Evidence, Finding, Lifecycle, ReadOutcome, Reason, Report, Verdict};
use serde::Deserialize;
use serde_json::{Value, json};

/// Audits at a time that keep the machine busy.
const BUSY: usize = 2;
/// Audits at a time of which most wait.
const WAITING: usize = 18;

/// A read of each protocol: what AWS calls EC2 query, IAM query, JSON, and REST-XML.
const PROTOCOLS: &[(&str, &str)] = &[
    ("ec2", "DescribeRouteTables"),
    ("iam", "GetAccountAuthorizationDetails"),
    ("sagemaker", "ListNotebookInstances"),
    ("kms", "DescribeKey"),
    ("logs", "DescribeLogGroups"),
    ("cloudtrail", "GetTrailStatus"),
    ("s3", "GetBucketEncryption"),
    ("s3control", "GetPublicAccessBlock"),
];

/// Faults that are over at once.
const QUICK: &[&str] = &["deny", "error500", "cut", "empty", "garble", "reset"];
/// Faults that try the patience.
const SLOW: &[&str] = &["throttle", "hang"];

/// A read and what is done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    service: String,
    operation: String,
    kind: &'static str,
}

impl Fault {
    fn new(service: &str, operation: &str, kind: &'static str) -> Self {
        Self { service: service.to_owned(), operation: operation.to_owned(), kind }
    }

    fn rule(&self) -> Value {
        json!({"kind": self.kind, "service": self.service, "operation": self.operation})
    }

    fn read(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }

    /// What the read's end is called.
    fn outcome(&self) -> (ReadOutcome, Reason) {
        match self.kind {
            "deny" => (ReadOutcome::Denied, Reason::AccessDenied),
            "throttle" => (ReadOutcome::Throttled, Reason::Throttled),
            _ => (ReadOutcome::Failed, Reason::ApiError),
        }
    }
}

#[test]
fn each_fault_in_each_protocol() -> Result<()> {
    let zygote = Zygote::start()?;
    let clean = Cli::new()?.audit(&zygote.fork()?, &[])?.report;
    let of = |kinds: &'static [&'static str]| {
        let pairs = kinds.iter().flat_map(|kind| PROTOCOLS.iter().map(move |(s, o)| Fault::new(s, o, kind)));
        pairs.collect::<Vec<_>>()
    };
    // The slow ones first: the quick ones are done while they wait.
    let all = [of(SLOW), of(QUICK)].concat();
    let (mut wrong, without) = std::thread::scope(|scope| {
        let without = scope.spawn(|| without_an_identity(&zygote));
        (try_all(&zygote, &clean, &all, WAITING), without.join())
    });
    wrong.extend(without.unwrap_or_else(|_| vec!["the thread of the identities panicked".to_owned()]));
    ensure!(wrong.is_empty(), "{} of {} faults:\n\n{}\n", wrong.len(), all.len(), wrong.join("\n\n"));
    Ok(())
}

#[test]
fn one_fault_for_each_read() -> Result<()> {
    let zygote = Zygote::start()?;
    let emulator = zygote.fork()?;
    let clean = Cli::new()?.audit(&emulator, &[])?.report;
    let called = called(&emulator)?;
    drop(emulator);
    let faults: Vec<Fault> = called.iter().enumerate().map(|(turn, read)| spoilt(read, turn)).collect();
    let mut wrong = try_all(&zygote, &clean, &faults, BUSY);

    // The reads that only another account or baseline needs.
    let mut others = Vec::new();
    for variation in VARIATIONS {
        let (user, emulator) = variation.prepare(&zygote, &[])?;
        let before = user.audit(&emulator, &[])?.report;
        let own: Vec<_> = self::called(&emulator)?.difference(&called).cloned().collect();
        for (turn, read) in own.iter().enumerate() {
            others.push((variation, spoilt(read, turn), before.clone()));
        }
    }
    ensure!(!others.is_empty(), "the variations have no reads of their own");
    let complaints = side_by_side(&others, BUSY, |(variation, fault, before)| {
        let tried = variation.prepare(&zygote, &[fault.rule()]).and_then(|(user, emulator)| user.audit(&emulator, &[]));
        match tried {
            Ok(audited) => complaints(before, &audited, fault, false),
            Err(error) => vec![format!("{error:#}")],
        }
    });
    for ((variation, fault, _), complaints) in others.iter().zip(complaints) {
        if !complaints.is_empty() {
            let what = format!("{} {} where {}", fault.kind, fault.read(), variation.name);
            wrong.push(format!("{what}:\n    {}", complaints.join("\n    ")));
        }
    }
    ensure!(wrong.is_empty(), "{} of {} reads:\n\n{}\n", wrong.len(), faults.len() + others.len(), wrong.join("\n\n"));
    Ok(())
}

/// Breaks of every area.
const BROKEN: &[&str] = &[
    "net-02-igw-attached",
    "net-14-default-ingress",
    "vpe-03-s3-open",
    "iam-03-anybody",
    "iam-09-no-boundary",
    "data-01-sse-s3",
    "data-06-account-flag",
    "data-11-off",
    "smk-04-root-enabled",
    "smk-08-public",
    "smk-12-hidden",
    "log-01-stopped",
    "log-08-studio",
    "log-11-reject-only",
];

/// Every service that is read.
const SERVICES: &[&str] = &["ec2", "iam", "sagemaker", "s3", "s3control", "kms", "cloudtrail", "logs"];

#[test]
fn drift_that_cannot_be_seen_stays_open() -> Result<()> {
    let zygote = Zygote::start()?;
    // All of them refuse or throttle for ever; one hangs; then each answers badly in its own way.
    let each = SERVICES.iter().enumerate();
    let everything = |kind: &str| {
        let rules = SERVICES.iter().map(|service| json!({"kind": kind, "service": service})).collect();
        (format!("{kind} everything"), rules)
    };
    let hangs = ("hang everything of ec2".to_owned(), vec![json!({"kind": "hang", "service": "ec2"})]);
    let mut faults: Vec<(String, Vec<Value>)> = vec![hangs, everything("throttle"), everything("deny")];
    faults.extend(each.map(|(turn, service)| {
        let kind = QUICK.get(turn % QUICK.len()).copied().unwrap_or("deny");
        (format!("{kind} everything of {service}"), vec![json!({"kind": kind, "service": service})])
    }));
    let wrong = side_by_side(&faults, 5, |(what, rules)| blinded(&zygote, what, rules));
    let wrong: Vec<String> =
        wrong.into_iter().flat_map(|result| result.unwrap_or_else(|error| vec![format!("{error:#}")])).collect();
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Breaks an account, audits it, audits it blind, and audits it once more: what is wrong.
fn blinded(zygote: &Zygote, what: &str, rules: &[Value]) -> Result<Vec<String>> {
    let (emulator, user) = (zygote.fork()?, Cli::new()?);
    for name in BROKEN {
        emulator.break_(name)?;
    }
    let base = user.audit(&emulator, &[])?.report;
    let open = base.findings.iter().filter(|finding| finding.verdict == Verdict::NonCompliant).count();
    ensure!(open >= BROKEN.len(), "only {open} findings");
    emulator.faults(rules)?;
    let blind = user.audit(&emulator, &[])?;
    let mut wrong = never_better(&base, &blind, what);
    if rules.len() == SERVICES.len() {
        let seen = blind.report.findings.iter().filter(|finding| finding.verdict == Verdict::Compliant);
        wrong.extend(seen.map(|finding| format!("{what}: COMPLIANT without a single read: {}", line(finding))));
    }
    emulator.heal()?;
    let healed = user.audit(&emulator, &[])?.report;
    let differ = differences(&steady(&base)?, &steady(&healed)?);
    wrong.extend(differ.into_iter().map(|line| format!("{what}, and healed: {line}")));
    for finding in healed.findings.iter().filter(|finding| finding.verdict == Verdict::NonCompliant) {
        if finding.lifecycle != Some(Lifecycle::Persisting) {
            wrong.push(format!("{what}, and healed: {:?}: {}", finding.lifecycle, line(finding)));
        }
    }
    Ok(wrong)
}

/// Whoever cannot learn whose account it is cannot run, and says so in one sentence: what is not so.
fn without_an_identity(zygote: &Zygote) -> Vec<String> {
    let wrong = side_by_side(&[SLOW, QUICK].concat(), 4, |kind| -> Result<Option<String>> {
        let emulator = zygote.fork()?;
        emulator.faults(&[json!({"kind": kind, "service": "sts"})])?;
        let user = Cli::new()?;
        let (baseline, state) = (user.baseline(), user.path("state"));
        let ran = user.run(&emulator, &["audit", "--baseline", &baseline, "--state", &state])?;
        let saved = user.folder().join("state").exists();
        let clear = ran.err.trim_end().lines().count() == 1 && ran.err.contains("STS");
        let good = ran.code == 2 && clear && ran.out.is_empty() && !saved;
        Ok((!good).then(|| {
            format!("{kind} sts: exit {}, state saved: {saved}, {}{}", ran.code, ran.text(), ran.err.trim_end())
        }))
    });
    wrong.into_iter().filter_map(|result| result.unwrap_or_else(|error| Some(format!("{error:#}")))).collect()
}

/// Tries faults on fresh copies of the clean account: what is wrong with each.
fn try_all(zygote: &Zygote, clean: &Report, faults: &[Fault], threads: usize) -> Vec<String> {
    let complaints = side_by_side(faults, threads, |fault| {
        let tried = || -> Result<Audited> {
            let emulator = zygote.fork()?;
            emulator.faults(&[fault.rule()])?;
            Cli::new()?.audit(&emulator, &[])
        };
        match tried() {
            Ok(audited) => complaints(clean, &audited, fault, true),
            Err(error) => vec![format!("{error:#}")],
        }
    });
    let pairs = faults.iter().zip(complaints).filter(|(_, complaints)| !complaints.is_empty());
    pairs
        .map(|(fault, complaints)| format!("{} {}:\n    {}", fault.kind, fault.read(), complaints.join("\n    ")))
        .collect()
}

/// What is wrong with an audit under a fault. `all` that need the read must be blind; else at least one of them.
fn complaints(before: &Report, audited: &Audited, fault: &Fault, all: bool) -> Vec<String> {
    let after = &audited.report;
    let read = fault.read();
    let needing = match needing(&read) {
        Ok(needing) => needing,
        Err(error) => return vec![format!("{error:#}")],
    };
    let (outcome, reason) = fault.outcome();
    let mut wrong = Vec::new();
    // What changed, changed to INSUFFICIENT_DATA, and only where the read is needed.
    for one in changed(before, after) {
        let finding = one.after;
        if finding.verdict != Verdict::InsufficientData || !needing.contains(finding.control.as_str()) {
            let was = one.before.map_or_else(|| "new".to_owned(), |before| format!("was {}", before.verdict));
            wrong.push(format!("must not change: {} ({was})", line(finding)));
        }
    }
    let known: BTreeSet<&str> = before.findings.iter().map(|finding| finding.id.as_str()).collect();
    for finding in after.findings.iter().filter(|finding| !known.contains(finding.id.as_str())) {
        if finding.verdict != Verdict::InsufficientData {
            wrong.push(format!("must not be there: {}", line(finding)));
        }
    }
    let untouched = |report: &Report| {
        let mut report = report.clone();
        report.findings.retain(|finding| !needing.contains(finding.control.as_str()));
        // What is told beside the facts that decide may be less.
        report.findings.iter_mut().for_each(|finding| finding.evidence.clear());
        steady(&report).unwrap_or_default()
    };
    wrong.extend(differences(&untouched(before), &untouched(after)));
    // What cannot see says so, and what it could not see.
    let blind: Vec<&Finding> =
        after.findings.iter().filter(|finding| finding.verdict == Verdict::InsufficientData).collect();
    for finding in &blind {
        let names_it = finding.evidence.iter().any(|fact| match fact {
            Evidence::NotSeen { not_seen } => not_seen.operation == read && not_seen.outcome == outcome.as_str(),
            Evidence::Field { .. } | Evidence::Witness { .. } | Evidence::Path { .. } => false,
        });
        if !names_it {
            wrong.push(format!(
                "does not name {read} as {}: {} {:?}",
                outcome.as_str(),
                line(finding),
                finding.evidence
            ));
        }
        if finding.reason != Some(reason) {
            wrong.push(format!("reason is not {reason:?}: {}", line(finding)));
        }
    }
    let blinded: BTreeSet<String> = blind.iter().map(|finding| finding.control.to_string()).collect();
    let seeing: BTreeSet<String> = needing.difference(&blinded).cloned().collect();
    let unneeded = listed(UNNEEDED, &read);
    if (all && seeing != unneeded) || (!all && blinded.is_empty() && !needing.is_empty()) {
        wrong.push(format!("need {read} and are not blind: {seeing:?}, listed in UNNEEDED: {unneeded:?}"));
    }
    let covered = after.coverage.reads.iter().find(|one| format!("{}:{}", one.service, one.operation) == read);
    match covered {
        Some(one) if one.outcome == outcome && one.error.is_some() => {
            let blinds: BTreeSet<String> = one.blinds.iter().cloned().collect();
            if blinds != needing {
                wrong.push(format!("coverage says that it blinds {blinds:?}, the catalogue {needing:?}"));
            }
        }
        other => wrong.push(format!("coverage of {read}: {other:?}")),
    }
    if after.coverage.complete || lost(after).len() != 1 {
        wrong.push(format!("coverage.complete is {}, lost: {:?}", after.coverage.complete, lost(after)));
    }
    let code = exit_code(after);
    // A lost read that no control needs is told, and leaves the audit what it was.
    if audited.code != code || (code == 0) != needing.is_empty() {
        wrong.push(format!("exit code {}, wanted {code}: {}", audited.code, audited.err));
    }
    wrong
}

/// What became better though it could not be seen.
fn never_better(base: &Report, blind: &Audited, what: &str) -> Vec<String> {
    let now: BTreeMap<&str, &Finding> =
        blind.report.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect();
    let mut wrong = Vec::new();
    for before in &base.findings {
        let after = now.get(before.id.as_str()).copied();
        let drift = before.verdict == Verdict::NonCompliant;
        let good = match after {
            Some(after) if drift => after.is_open() && after.lifecycle == Some(Lifecycle::Persisting),
            Some(after) => after.verdict == before.verdict || after.verdict == Verdict::InsufficientData,
            None => !drift,
        };
        if !good {
            let now = after.map_or_else(|| "gone".to_owned(), |after| format!("{} {:?}", line(after), after.lifecycle));
            wrong.push(format!("{what}: {}\n    now {now}", line(before)));
        }
    }
    let before: BTreeSet<&str> = base.findings.iter().map(|finding| finding.id.as_str()).collect();
    for new in blind.report.findings.iter().filter(|finding| !before.contains(finding.id.as_str())) {
        if new.verdict != Verdict::InsufficientData {
            wrong.push(format!("{what}: new: {}", line(new)));
        }
    }
    if blind.code != 1 || blind.report.coverage.complete {
        wrong.push(format!("{what}: exit {}, coverage complete: {}", blind.code, blind.report.coverage.complete));
    }
    wrong
}

/// The fault of a read whose turn it is, among those that its answer can have.
fn spoilt(read: &str, turn: usize) -> Fault {
    // A denial of each is made by taking its permission away, in `account.rs`.
    const KINDS: &[&str] = &["error500", "cut", "empty", "garble"];
    let (service, operation) = read.split_once(':').unwrap_or((read, ""));
    // An answer without a body has nothing to cut.
    let kind =
        if operation == "HeadBucket" { "error500" } else { KINDS.get(turn % KINDS.len()).copied().unwrap_or("cut") };
    Fault::new(service, operation, kind)
}

/// The reads that an emulator received, but for the one that says whose account it is.
fn called(emulator: &Emulator) -> Result<BTreeSet<String>> {
    let calls = emulator.calls()?.into_iter().filter(|call| call.service != "sts");
    Ok(calls.map(|call| format!("{}:{}", call.service, call.operation)).collect())
}

/// The controls that need a read, as `controls list` says: none only of those that every run makes.
fn needing(read: &str) -> Result<BTreeSet<String>> {
    #[derive(Deserialize)]
    struct Listed {
        id: String,
        reads: Vec<String>,
    }
    static LIST: OnceLock<Vec<u8>> = OnceLock::new();
    let printed = match LIST.get() {
        Some(printed) => printed,
        None => {
            let ran = Cli::new()?.offline(&["controls", "list", "--format", "json"])?;
            ensure!(ran.code == 0, "controls list: exit {}: {}", ran.code, ran.err);
            LIST.get_or_init(|| ran.out)
        }
    };
    let all: Vec<Listed> = serde_json::from_slice(printed).context("controls list")?;
    let ids: BTreeSet<String> =
        all.into_iter().filter(|one| one.reads.iter().any(|needed| needed == read)).map(|one| one.id).collect();
    let always = ALWAYS.iter().any(|source| source.operation().to_string() == read);
    ensure!(!ids.is_empty() || always, "no control needs {read}");
    Ok(ids)
}
