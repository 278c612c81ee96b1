//! Every read in turn goes wrong in every way, on recorded answers and in virtual time: no verdict becomes better than it was,
//! what needs the read is INSUFFICIENT_DATA and names it, the rest is as it was, and it ends in bounded time.
#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test reads its own files, says how long it took, and starts the emulator"
)]

mod account;
mod complaints;
mod legs;
mod ports;
mod record;
mod regions;
mod spans;
mod stage;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use account::{ACCOUNTS, Account, CLEAN, DRIFTED};
use plumbline_collector::replay::Fault;
use plumbline_evaluator::{ALWAYS, controls};
use plumbline_findings::{Severity, Verdict};
use plumbline_snapshot::{Source, ec2, sources, sts};
use stage::{Seen, Stage};

/// No audit may take longer, whatever one read does: a Lambda function has 15 minutes for everything.
const LONGEST: Duration = Duration::from_secs(15 * 60).saturating_sub(plumbline_app::MARGIN);
/// How many audits are made at once.
const THREADS: usize = 2;

/// One read that goes wrong in one way.
#[derive(Debug, Clone)]
struct Case {
    source: &'static Source,
    fault: Fault,
}

/// What many cases came to.
#[derive(Debug, Default)]
struct Tally {
    wrong: Vec<String>,
    longest: Duration,
    slowest: String,
}

/// Reads that an audit makes, but for the one that says whose account it is, which an [`plumbline_app::Access`] of one's own
/// skips. What no control needs and not every run makes, only a snapshot reads: the emulated account shows that it does, and
/// the collectors' own tests what becomes of each fault.
fn readable() -> impl Iterator<Item = &'static Source> {
    let needed = |source: &&'static Source| {
        ALWAYS.contains(source) || controls().any(|control| control.sources.contains(source))
    };
    sources().filter(move |source| needed(source) && **source != sts::GET_CALLER_IDENTITY)
}

/// The reads that an audit made, the one that says whose account it is aside.
fn received(seen: &Seen) -> Vec<&'static Source> {
    sources().filter(|source| seen.calls.contains_key(&source.operation())).collect()
}

/// Every one of `sources` in each of these ways.
fn cases<'a>(sources: &'a [&'static Source], faults: &'a [Fault]) -> impl Iterator<Item = Case> + 'a {
    let of = |source: &&'static Source| {
        let source = *source;
        faults.iter().map(move |fault| Case { source, fault: fault.clone() })
    };
    // WHY: the first `routeTableId` of that answer is an association's, which nobody needs: there is nothing to miss.
    let spared = |case: &Case| case.source == &ec2::ROUTE_TABLES && case.fault == Fault::Nameless;
    sources.iter().flat_map(of).filter(move |case| !spared(case))
}

/// Tries all cases and prints how many there were and how long they took.
fn try_all(account: &Account, cases: &[Case], stage: &Stage, clean: &Seen) -> Tally {
    let started = Instant::now();
    let (next, tally) = (AtomicUsize::new(0), Mutex::new(Tally::default()));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let seen = stage.audit(Some((case.source, case.fault.clone())));
                    let complaints = complaints::complaints(account, clean, &seen, case.source, &case.fault);
                    let what = format!("{} {:?}", case.source.operation(), case.fault);
                    let mut tally = tally.lock().unwrap();
                    if seen.took > tally.longest {
                        (tally.longest, tally.slowest) = (seen.took, what.clone());
                    }
                    if !complaints.is_empty() {
                        tally.wrong.push(format!("{what}:\n    {}", complaints.join("\n    ")));
                    }
                }
            });
        }
    });
    let mut tally = tally.into_inner().unwrap();
    tally.wrong.sort();
    let reads: BTreeSet<_> = cases.iter().map(|case| case.source.operation()).collect();
    println!(
        "{}: {} reads, {} cases; the longest took {:.1} s of virtual time ({}); all took {:.1} s",
        account.name,
        reads.len(),
        cases.len(),
        tally.longest.as_secs_f64(),
        tally.slowest,
        started.elapsed().as_secs_f64(),
    );
    tally
}

/// Fails with everything that is wrong.
fn report(account: &Account, cases: usize, tally: &Tally) {
    assert!(
        tally.wrong.is_empty(),
        "{}: {} of {cases}:\n\n{}\n",
        account.name,
        tally.wrong.len(),
        tally.wrong.join("\n")
    );
    assert!(tally.longest <= LONGEST, "{}: {} waited {:?}", account.name, tally.slowest, tally.longest);
}

#[test]
fn the_recorded_accounts_are_what_they_were() {
    let mut all: BTreeSet<&Source> = BTreeSet::new();
    for account in ACCOUNTS {
        let stage = Stage::of(account);
        let seen = stage.audit(None);
        assert!(seen.unanswered.is_empty(), "{}: {}: {:#?}", account.name, record::HOW, seen.unanswered);
        assert!(seen.report.coverage.complete, "{}: {:#?}", account.name, seen.report.coverage);
        let open = seen.report.findings.iter().filter(|finding| finding.verdict == Verdict::NonCompliant);
        let open: BTreeSet<&str> = open.map(|finding| finding.control.as_str()).collect();
        let expected: BTreeSet<String> = account.breaks.iter().map(|name| account::control(name)).collect();
        assert!(expected.iter().all(|control| open.contains(control.as_str())), "{}: {open:?}", account.name);
        assert_eq!(seen.report.exit_status(Severity::Low).code(), u8::from(!open.is_empty()), "{}", account.name);
        let again = stage.audit(None);
        assert_eq!(seen.report.findings, again.report.findings, "{}", account.name);
        all.extend(received(&seen));
    }
    let unread: Vec<_> = readable().filter(|source| !all.contains(source)).collect();
    assert!(unread.is_empty(), "declared, but read of none of the accounts: {unread:#?}");
    let needless: Vec<_> = all.iter().filter(|source| !readable().any(|needed| needed == **source)).collect();
    assert!(needless.is_empty(), "read, though no control needs it: {needless:#?}");
}

#[test]
fn what_cannot_be_read_of_a_clean_account_is_said_and_nothing_else() {
    let stage = Stage::of(&CLEAN);
    let clean = stage.audit(None);
    let cases: Vec<Case> = cases(&received(&clean), &Fault::ALL).collect();
    report(&CLEAN, cases.len(), &try_all(&CLEAN, &cases, &stage, &clean));
}

#[test]
fn what_cannot_be_read_of_a_drifted_account_makes_nothing_better() {
    let stage = Stage::of(&DRIFTED);
    let drifted = stage.audit(None);
    let clean = received(&Stage::of(&CLEAN).audit(None));
    let (known, own): (Vec<_>, Vec<_>) = received(&drifted).into_iter().partition(|source| clean.contains(source));
    assert!(!own.is_empty(), "the drifted account needs no read of its own");
    // How each fault of the reads of both accounts ends, the clean one shows: here one of each ending will do.
    let ways = [Fault::Denied, Fault::Throttled, Fault::CutQuietly, Fault::Nameless];
    let cases: Vec<Case> = cases(&own, &Fault::ALL).chain(cases(&known, &ways)).collect();
    report(&DRIFTED, cases.len(), &try_all(&DRIFTED, &cases, &stage, &drifted));
}
