//! `plumbline-policies [--dry] [--only WORD] [SOLVER]`: measures comparisons, decisions and the judgement of a whole account,
//! prints a table, and adds it to bench/RESULTS.md.
//!
//! SOLVER is the Python with the solver; without it the solver's encoding is not measured. `--dry` writes no file; `--only`
//! keeps one part: `comparison`, `decision` or `account`. It asserts nothing.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the bench prints and times, and keeps its figures in a file"
)]

mod account;
mod compared;
mod decided;
#[path = "../../../../bench/figures.rs"]
#[expect(unreachable_pub, reason = "a library has this module too, and shows it")]
mod figures;
#[path = "../../../../bench/processor.rs"]
mod processor;
mod results;
mod times;
mod whole;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use jiff::Timestamp;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let (mut solver, mut dry, mut only) = (None, false, None);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--dry" => dry = true,
            "--only" => only = words.next(),
            _ => solver = Some(PathBuf::from(word)),
        }
    }
    match run(solver, dry, only.as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("plumbline-policies: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(solver: Option<PathBuf>, dry: bool, only: Option<&str>) -> Result<()> {
    let wanted = |part: &str| only.is_none_or(|only| only == part);
    let mut rows = Vec::new();
    if wanted("comparison") {
        rows.extend(compared::measure(solver.as_deref())?);
    }
    if wanted("decision") {
        rows.extend(decided::measure()?);
    }
    if wanted("account") {
        rows.extend(whole::measure()?);
    }
    results::show(&rows);
    if dry { Ok(()) } else { results::append(&rows, Timestamp::now()) }
}
