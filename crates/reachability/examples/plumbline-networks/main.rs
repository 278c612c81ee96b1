//! `plumbline-networks [--dry]`: measures how long it takes to find every way in and out of networks of three sizes, and what a
//! hostile one costs; prints a table, and adds it to bench/RESULTS.md. It asserts nothing.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the bench prints and times, and keeps its figures in a file"
)]

#[path = "../../../../bench/figures.rs"]
#[expect(unreachable_pub, reason = "a library has this module too, and shows it")]
mod figures;
mod made;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use jiff::Timestamp;
use plumbline_reachability::Graph;
use plumbline_snapshot::ec2::Ec2;

use figures::{Table, judged};
use made::{Size, networks};

const TABLE: Table<3> = Table { section: "## Of networks", titles: ["figure", "value", "aim"] };
const RUNS: usize = 9;

fn main() -> ExitCode {
    match run(std::env::args().any(|word| word == "--dry")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("plumbline-networks: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(dry: bool) -> Result<()> {
    let mut rows = Vec::new();
    for factor in [1, 2, 5] {
        let size = Size { vpcs: 2 * factor, subnets: 40 * factor, interfaces: 1_000 * factor, groups: 400 * factor };
        let ec2 = networks(size);
        let mut times = Vec::new();
        let mut found = 0;
        for _ in 0..RUNS {
            let started = Instant::now();
            found = every_way(&ec2)?;
            times.push(started.elapsed());
        }
        times.sort_unstable();
        let median = times.get(RUNS / 2).copied().unwrap_or_default().as_secs_f64() * 1e3;
        let aim = if factor == 5 { judged("under 100 ms", median < 100.0) } else { String::new() };
        let figure = format!(
            "every way in and out: {} VPCs, {} subnets, {} interfaces, {} groups",
            size.vpcs, size.subnets, size.interfaces, size.groups
        );
        rows.push([figure, format!("{median:.1} ms (median of {RUNS}), {found} ways of interfaces"), aim]);
    }
    let borrowed: Vec<[&str; 3]> = rows.iter().map(|row| row.each_ref().map(String::as_str)).collect();
    TABLE.show(&borrowed);
    if dry { Ok(()) } else { TABLE.append(&borrowed, Timestamp::now()) }
}

fn every_way(ec2: &Ec2) -> Result<usize> {
    let graph = Graph::of(ec2);
    let mut found = 0;
    for vpc in ec2.vpcs.seen() {
        found += graph.border(vpc)?.crossings.len();
    }
    Ok(found)
}
