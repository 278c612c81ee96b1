//! `plumbline-load TARGET`: measures audits against the load server, prints a table, and adds it to bench/RESULTS.md.
//!
//! TARGET is cargo's target folder, where the command is. `--dry` writes no file; `--only WORD` keeps the measurements
//! whose name has WORD in it. It asserts nothing.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the bench prints and times"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use plumbline_app::Share;
use plumbline_load::account::{Account, Jobs, Size};
use plumbline_load::command::{self, Program, Ran, What};
use plumbline_load::figures::judged;
use plumbline_load::least::{self, Bound, least};
use plumbline_load::ports::Memory;
use plumbline_load::results::{self, Row};
use plumbline_load::stage::{Seen, audit};
use plumbline_load::{Faults, Limits, Server};
use serde_json::Value;

/// How long a request takes from the asker and back.
const LATENCY: Duration = Duration::from_millis(50);
/// The limits exactly as they are published, or as they are to be started from.
const KEPT: Limits = Limits::Kept { guess: 1.0 };
/// How many times longer than the bound an audit may take, how many times more calls than the least it may make, and how
/// many times longer it may take in trouble.
const TIME: f64 = 1.1;
const CALLS: f64 = 1.05;
const TROUBLE: f64 = 1.5;

struct Bench {
    /// The command; none if it was not built.
    program: Option<Program>,
    only: Option<String>,
    rows: Vec<Row>,
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let (mut target, mut dry, mut only) = (None, false, None);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--dry" => dry = true,
            "--only" => only = words.next(),
            _ => target = Some(PathBuf::from(word)),
        }
    }
    let Some(target) = target else {
        eprintln!("usage: plumbline-load [--dry] [--only WORD] TARGET");
        return ExitCode::from(2);
    };
    let mut bench = Bench { program: command::find(&target), only, rows: Vec::new() };
    match bench.measure(dry) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

impl Bench {
    fn measure(&mut self, dry: bool) -> Result<()> {
        match &self.program {
            Some(program) => println!("The command is {} ({}).", program.path.display(), program.how),
            None => println!("No command plumbline: only what needs none is measured."),
        }
        self.real_time()?;
        for n in [1, 10, 100] {
            self.virtual_time(&format!("{n}×"), Size::times(n), 1.0)?;
        }
        let many = Jobs { number: 10_000, running: 2, from_days: 0, to_days: 7 };
        self.virtual_time("1× with 10,000 jobs of 7 days", Size::times(1).with_jobs(many), 1.0)?;
        self.virtual_time("10×, unpublished limits four times what is known", Size::times(10), 4.0)?;
        for n in [1, 10] {
            self.trouble(n)?;
        }
        self.real_trouble()?;
        self.stream()?;
        self.kept()?;
        self.large(0, 60, "of 60 days, 58,333 of them of interest,")?;
        self.large(8, 58, "that stream by")?;
        self.steady()?;
        results::show(&self.rows);
        if !dry {
            results::append(&self.rows, Timestamp::now())?;
            println!("\nAppended to bench/RESULTS.md.");
        }
        Ok(())
    }

    /// Announces a measurement; false if it is not wanted.
    fn begins(&self, what: &str) -> bool {
        let wanted = self.only.as_ref().is_none_or(|only| what.contains(only));
        if wanted {
            println!("Measuring: {what}.");
        }
        wanted
    }

    /// The command with the whole share of the limits, in real time.
    fn real_time(&mut self) -> Result<()> {
        let Some(program) = self.program.clone() else { return Ok(()) };
        let what = format!("1×, the command ({}), real time", program.how);
        if !self.begins(&what) {
            return Ok(());
        }
        let server = server(Size::times(1), KEPT, LATENCY);
        let ran = once(&program, What::Audit, &server, "1")?;
        println!("  {}", reported(&ran));
        let bound = bound(&server);
        // The command asks STS who it is, once.
        let least = least::calls(&least(&server.account)) + 1;
        let mut row = paced(what, &bound, ran.wall, server.calls(), least);
        row.memory = mb(ran.peak_mb);
        row.aim = format!("{}; {}", judged("complete", said(&ran, "/coverage/complete") == "true"), row.aim);
        self.rows.push(row.because(late(&server)));
        explain(&server);
        Ok(())
    }

    /// The whole pipeline in this process, in virtual time.
    fn virtual_time(&mut self, what: &str, size: Size, guess: f64) -> Result<()> {
        let what = format!("{what}, virtual time");
        if !self.begins(&what) {
            return Ok(());
        }
        let server = server(size, Limits::Kept { guess }, LATENCY);
        let seen = inside(&server)?;
        let (bound, least) = (bound(&server), least::calls(&least(&server.account)));
        let mut row = paced(what, &bound, seen.took, server.calls(), least);
        if guess > 1.0 {
            // Nobody can know these limits beforehand: how fast they are found is told, and no aim.
            row.aim = String::new();
        }
        row.aim = format!("{}; {}", judged("complete", seen.report.coverage.complete), row.aim)
            .trim_end_matches("; ")
            .to_owned();
        self.rows.push(row.because(format!("{}{}", lost(&seen), late(&server))));
        explain(&server);
        Ok(())
    }

    /// The same in trouble: 5 % throttled, 1 % failed, 0.5 % cut.
    fn trouble(&mut self, n: u64) -> Result<()> {
        let what = format!("{n}×, virtual time, 5 % throttled, 1 % failed, 0.5 % cut");
        if !self.begins(&what) {
            return Ok(());
        }
        let calm = server(Size::times(n), KEPT, LATENCY);
        let before = inside(&calm)?;
        let rough = Arc::new(Server::new(calm.account, KEPT, LATENCY, Faults::rough(n)));
        let after = inside(&rough)?;
        // What there is to find, an audit without limits sees whole.
        let free = Arc::new(Server::new(calm.account, Limits::Off, Duration::ZERO, Faults::NONE));
        let same = after.report.coverage.complete && inside(&free)?.report.findings == after.report.findings;
        let ratio = after.took.as_secs_f64() / before.took.as_secs_f64();
        let troubled: u64 = rough.tallies().values().map(|tally| tally.troubled).sum();
        let row = Row {
            what,
            bound: seconds(bound(&rough).time),
            measured: format!("{} ({ratio:.2}× of {})", seconds(after.took), seconds(before.took)),
            calls: format!("{} ({troubled} troubled; without trouble {})", rough.calls(), calm.calls()),
            memory: String::new(),
            aim: format!(
                "{}; {}",
                judged("the same report as without", same),
                judged(&format!("under {TROUBLE}× the time"), ratio < TROUBLE)
            ),
            why: String::new(),
        };
        self.rows.push(row.because(format!("{}{}", lost(&after), late(&rough))));
        explain(&rough);
        Ok(())
    }

    /// The command in trouble, without limits: here connections are really cut.
    fn real_trouble(&mut self) -> Result<()> {
        let Some(program) = self.program.clone() else { return Ok(()) };
        let what = format!("10×, the command ({}), no limits, 5 % throttled, 1 % failed, 0.5 % cut", program.how);
        if !self.begins(&what) {
            return Ok(());
        }
        let calm = server(Size::times(10), Limits::Off, Duration::ZERO);
        let before = once(&program, What::Audit, &calm, "off")?;
        let rough = Arc::new(Server::new(calm.account, Limits::Off, Duration::ZERO, Faults::rough(10)));
        let after = once(&program, What::Audit, &rough, "off")?;
        println!("  {}", reported(&after));
        let troubled: u64 = rough.tallies().values().map(|tally| tally.troubled).sum();
        let row = Row {
            what,
            bound: String::new(),
            measured: format!("{} (without trouble {})", seconds(after.wall), seconds(before.wall)),
            calls: format!("{} ({troubled} troubled; without trouble {})", rough.calls(), calm.calls()),
            memory: mb(after.peak_mb),
            aim: format!(
                "{}; {}",
                judged("complete", said(&after, "/coverage/complete") == "true"),
                judged("the same verdicts as without", verdicts(&before) == verdicts(&after))
            ),
            why: String::new(),
        };
        self.rows.push(row.because(late(&rough)));
        explain(&rough);
        Ok(())
    }

    /// Ended jobs from before the lookback: each is paged, parsed and left out.
    fn stream(&mut self) -> Result<()> {
        let jobs = Jobs::ended(100_000, 8, 50);
        let figure = "100,000 ended jobs that stream by, no limits";
        self.throughput(figure, Size::times(1).with_jobs(jobs), Some(64.0))
    }

    /// Jobs of the lookback: each is paged, parsed and kept with its body.
    fn kept(&mut self) -> Result<()> {
        let jobs = Jobs { number: 100_000, running: 2, from_days: 0, to_days: 7 };
        self.throughput("100,000 jobs that are kept with their bodies, no limits", Size::times(1).with_jobs(jobs), None)
    }

    fn throughput(&mut self, figure: &str, size: Size, most_mb: Option<f64>) -> Result<()> {
        let Some(program) = self.program.clone() else { return Ok(()) };
        let what = format!("{figure} (`snapshot`, {})", program.how);
        if !self.begins(&what) {
            return Ok(());
        }
        let server = server(size, Limits::Off, Duration::ZERO);
        let ran = once(&program, What::Snapshot, &server, "off")?;
        let items = size.jobs.number + size.others();
        let rate = items as f64 / ran.cpu.as_secs_f64().max(0.001);
        let mut aim = judged("at least 20,000 items a second of one core", rate >= 20_000.0);
        if let Some(most) = most_mb {
            aim = format!("{aim}; {}", judged(&format!("under {most:.0} MB"), ran.peak_mb < most));
        }
        let row = Row {
            what,
            bound: String::new(),
            measured: format!(
                "{rate:.0} items/s of processor time ({}; {} in all)",
                seconds(ran.cpu),
                seconds(ran.wall)
            ),
            calls: called(server.calls(), least::calls(&least(&server.account)) + 1),
            memory: mb(ran.peak_mb),
            aim,
            why: String::new(),
        };
        self.rows
            .push(row.because("each item comes twice, by its listing and by `Search`, and is held whole".to_owned()));
        explain(&server);
        Ok(())
    }

    /// 500,000 jobs beside 100,000 other resources.
    fn large(&mut self, from_days: u32, to_days: u32, which: &str) -> Result<()> {
        let Some(program) = self.program.clone() else { return Ok(()) };
        let what = format!("500,000 jobs {which} and 100,000 other resources, no limits ({})", program.how);
        if !self.begins(&what) {
            return Ok(());
        }
        let size = Size::times(162).with_jobs(Jobs::ended(500_000, from_days, to_days));
        let server = server(size, Limits::Off, Duration::ZERO);
        let ran = once(&program, What::Audit, &server, "off")?;
        println!("  {}", reported(&ran));
        let row = Row {
            what,
            bound: String::new(),
            measured: format!("{} of processor time ({} in all)", seconds(ran.cpu), seconds(ran.wall)),
            calls: called(server.calls(), least::calls(&least(&server.account)) + 1),
            // The command says what it had taken when everything was read, in MiB.
            memory: format!("{} (reading {} MiB)", mb(ran.peak_mb), said(&ran, "/cost/peak_memory_mb")),
            aim: judged("under 256 MB", ran.peak_mb < 256.0),
            why: String::new(),
        };
        self.rows
            .push(row.because(format!("{} findings; judging and reporting take what reading did not", findings(&ran))));
        explain(&server);
        Ok(())
    }

    /// A second audit from the same state, after few and after many ended jobs.
    fn steady(&mut self) -> Result<()> {
        let Some(program) = self.program.clone() else { return Ok(()) };
        let what = format!("second audit of the same state, SageMaker calls ({})", program.how);
        if !self.begins(&what) {
            return Ok(());
        }
        let mut second = Vec::new();
        for number in [5, 500_000] {
            let server = server(Size::times(1).with_jobs(Jobs::ended(number, 0, 60)), Limits::Off, Duration::ZERO);
            let folder = tempfile::tempdir()?;
            command::run(&program, What::Audit, &server, "off", folder.path())?;
            let (first, all) = (server.calls_of("sagemaker"), server.calls());
            server.forget();
            let again = command::run(&program, What::Audit, &server, "off", folder.path())?;
            let (now, now_all) = (server.calls_of("sagemaker"), server.calls());
            second.push(now);
            let row = Row {
                what: format!("{what}, after {number} ended jobs of 60 days"),
                bound: String::new(),
                measured: format!("{now} (first audit {first})"),
                calls: format!("{now_all} (first audit {all})"),
                memory: mb(again.peak_mb),
                aim: match second.as_slice() {
                    [few, many] => judged("as many as after 5", few == many),
                    _ => String::new(),
                },
                why: String::new(),
            };
            let tallies = server.tallies();
            let of = |name: &str| tallies.get(name).map_or(0, |tally| tally.calls);
            let (listed, searched) = (of("sagemaker:ListTrainingJobs"), of("sagemaker:Search"));
            self.rows
                .push(row.because(format!("ListTrainingJobs {listed}, Search {searched}: read as the first time")));
        }
        Ok(())
    }
}

fn server(size: Size, limits: Limits, latency: Duration) -> Arc<Server> {
    let account = Account { size, now: Timestamp::now() };
    Arc::new(Server::new(account, limits, latency, Faults::NONE))
}

fn inside(server: &Arc<Server>) -> Result<Seen> {
    let started = Instant::now();
    let share = Share::of(1.0).context("the whole share")?;
    let seen = audit(server, share, &Memory::default(), "bench")?;
    println!(
        "  {}{} findings, complete: {}, by its own bound {} s; it took {:.1} s of real time.",
        lost(&seen),
        seen.report.findings.len(),
        seen.report.coverage.complete,
        seen.report.cost.bound_seconds,
        started.elapsed().as_secs_f64()
    );
    Ok(seen)
}

fn once(program: &Program, what: What, server: &Arc<Server>, share: &str) -> Result<Ran> {
    let folder = tempfile::tempdir()?;
    command::run(program, what, server, share, folder.path())
}

fn bound(server: &Server) -> Bound {
    least::bound(&least(&server.account), &server.limits, server.latency)
}

fn paced(what: String, bound: &Bound, took: Duration, calls: u64, least: u64) -> Row {
    let ratio = took.as_secs_f64() / bound.time.as_secs_f64();
    let more = calls as f64 / least as f64;
    Row {
        what,
        bound: format!("{} ({})", seconds(bound.time), bound.by),
        measured: format!("{} ({ratio:.2}×)", seconds(took)),
        calls: called(calls, least),
        memory: String::new(),
        why: String::new(),
        aim: format!(
            "{}; {}",
            judged(&format!("at most {TIME}× the bound"), ratio <= TIME),
            judged(&format!("at most {CALLS}× the least calls"), more <= CALLS)
        ),
    }
}

/// Prints which operations were asked more than they must be, were throttled, or were asked last.
fn explain(server: &Server) {
    let mut must = least(&server.account);
    must.insert("sts:GetCallerIdentity", least::Need { calls: 1, chain: 1 });
    let tallies = server.tallies();
    let mut lines: Vec<(u64, String)> = Vec::new();
    for (name, tally) in &tallies {
        let need = must.get(name.as_str()).map_or(0, |need| need.calls);
        let more = tally.calls.saturating_sub(need);
        if more > 0 {
            let line = format!(
                "{name} {} (least {need}, too fast {}, troubled {})",
                tally.calls, tally.too_fast, tally.troubled
            );
            lines.push((more, line));
        }
    }
    lines.sort_by_key(|(more, _)| std::cmp::Reverse(*more));
    for (_, line) in lines.iter().take(6) {
        println!("  more than the least: {line}");
    }
    println!("  {}", late(server));
}

/// Which operations were asked last, over which time, and how often too fast.
fn late(server: &Server) -> String {
    let tallies = server.tallies();
    // The keys come after everything else, whatever took so long.
    let mut late: Vec<_> = tallies.iter().filter(|(name, _)| !name.starts_with("kms:")).collect();
    late.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.last));
    let told = late.iter().take(2).map(|(name, tally)| {
        let (first, last) = (tally.first.as_secs_f64(), tally.last.as_secs_f64());
        format!("{name} asked from {first:.1} to {last:.1} s, {} too fast", tally.too_fast)
    });
    told.collect::<Vec<_>>().join("; ")
}

/// The reads that an audit lost.
fn lost(seen: &Seen) -> String {
    let lost = seen.report.coverage.reads.iter().filter(|read| read.outcome.is_loss());
    lost.map(|read| {
        format!("lost {}:{} ({}); ", read.service, read.operation, read.error.as_deref().unwrap_or_default())
    })
    .collect()
}

/// What the command found, by the findings' ids.
fn verdicts(ran: &Ran) -> BTreeMap<String, String> {
    let list = ran.report.as_ref().and_then(|report| report.pointer("/findings")?.as_array());
    let text = |finding: &Value, name: &str| finding.get(name).map(ToString::to_string).unwrap_or_default();
    list.into_iter().flatten().map(|finding| (text(finding, "id"), text(finding, "verdict"))).collect()
}

/// How many findings the command reported.
fn findings(ran: &Ran) -> usize {
    let list = ran.report.as_ref().and_then(|report| report.pointer("/findings")?.as_array());
    list.map_or(0, Vec::len)
}

/// What an audit by the command said.
fn reported(ran: &Ran) -> String {
    format!(
        "{} findings, complete: {}; reading took {} s, by its own bound {} s; exit code {}.",
        findings(ran),
        said(ran, "/coverage/complete"),
        said(ran, "/cost/seconds"),
        said(ran, "/cost/bound_seconds"),
        ran.code
    )
}

/// A value of the command's report, by its path.
fn said(ran: &Ran, path: &str) -> String {
    ran.report.as_ref().and_then(|report| report.pointer(path)).map(ToString::to_string).unwrap_or_default()
}

fn called(calls: u64, least: u64) -> String {
    format!("{calls} (least {least}, {:.2}×)", calls as f64 / least as f64)
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

fn mb(peak: f64) -> String {
    format!("{peak:.1} MB")
}
