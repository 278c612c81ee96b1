//! `plumbline-networks [--dry]`: measures how long it takes to find every way in and out of networks of three sizes, and what
//! hostile ones cost; prints a table, and adds it to bench/RESULTS.md. It asserts nothing.
//!
//! `plumbline-networks --ask FILE` asks the question of the networks in a file: a process of its own, so that its memory is not
//! what making them took.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the bench prints and times, and keeps its figures in a file"
)]

mod asked;
#[path = "../../../../bench/figures.rs"]
#[expect(unreachable_pub, reason = "a library has this module too, and shows it")]
mod figures;
mod hostile;
mod made;
#[path = "../../../../bench/processor.rs"]
mod processor;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use jiff::Timestamp;

use asked::{Asked, ask, ask_apart};
use figures::{Table, judged};
use hostile::{Hostile, QUOTAS, hostile};
use made::{Size, networks};

const TABLE: Table<3> = Table { section: "## Of networks", titles: ["figure", "value", "aim"] };
const RUNS: usize = 9;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--ask", file] => ask(Path::new(file), 1).and_then(|asked| asked.write()),
        ["--ask", file, runs] => runs.parse().context("how often").and_then(|runs| ask(Path::new(file), runs)?.write()),
        words => run(words.contains(&"--dry")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("plumbline-networks: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(dry: bool) -> Result<()> {
    let mut rows = sizes()?;
    for (name, much) in QUOTAS {
        rows.push(worst(name, much)?);
    }
    let borrowed: Vec<[&str; 3]> = rows.iter().map(|row| row.each_ref().map(String::as_str)).collect();
    TABLE.show(&borrowed);
    if dry { Ok(()) } else { TABLE.append(&borrowed, Timestamp::now()) }
}

/// Networks as people build them.
fn sizes() -> Result<Vec<[String; 3]>> {
    let mut rows = Vec::new();
    let mut each = Vec::new();
    for factor in [1, 2, 5] {
        let size = Size { vpcs: 2 * factor, subnets: 40 * factor, interfaces: 1_000 * factor, groups: 400 * factor };
        let Asked { millis, peak_mb, ways, .. } = ask_apart(&networks(size), RUNS)?;
        let what = format!(
            "every way in and out: {} VPCs, {} subnets, {} interfaces, {} groups",
            size.vpcs, size.subnets, size.interfaces, size.groups
        );
        let (time, memory) = match factor {
            5 => (judged("under 100 ms", millis < 100.0), judged("under 128 MB", peak_mb < 128.0)),
            _ => Default::default(),
        };
        rows.push([what.clone(), format!("{millis:.1} ms (median of {RUNS}), {ways} ways of interfaces"), time]);
        rows.push([format!("{what}: peak memory"), format!("{peak_mb:.1} MB (networks and answers)"), memory]);
        #[expect(clippy::cast_precision_loss, reason = "few")]
        each.push(millis / factor as f64);
    }
    if let [first, .., last] = each.as_slice() {
        let times: Vec<String> = each.iter().map(|each| format!("{each:.1}")).collect();
        rows.push([
            "every way in and out: time for 1,000 interfaces, of 1,000, 2,000 and 5,000".to_owned(),
            format!("{} ms", times.join(", ")),
            judged("close to linear, at most half as much again", *last < 1.5 * first),
        ]);
    }
    Ok(rows)
}

/// Networks that somebody made to be hard.
fn worst(name: &str, much: Hostile) -> Result<[String; 3]> {
    let Asked { millis, peak_mb, ways, refused, .. } = ask_apart(&hostile(much), 1)?;
    let seconds = millis / 1e3;
    #[expect(clippy::cast_precision_loss, reason = "few")]
    let each = seconds / much.vpcs as f64;
    let what = format!(
        "hostile, {name}: {} VPCs, {} subnets, {} interfaces, {} groups",
        much.vpcs,
        much.vpcs * much.subnets,
        much.vpcs * much.interfaces,
        much.vpcs * much.groups
    );
    let value =
        format!("{seconds:.2} s, {peak_mb:.0} MB; {refused} VPCs refused, {ways} ways of interfaces in the others");
    let aim = judged("answered or refused in under 10 s for each VPC and 1 GB", each < 10.0 && peak_mb < 1_000.0);
    Ok([what, value, aim])
}
