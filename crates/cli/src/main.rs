//! The command `plumbline`: arguments in, a call to the core or to `app`, text out. A decision here belongs further in.

mod args;
mod audit;
mod baseline;
mod controls;
mod diff;
mod evaluate;
mod network;
mod output;
mod permissions;
mod policy;
mod progress;
mod snapshot;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;

use crate::args::{Arguments, Command};

/// What a command ends with, as the contract's exit codes.
pub(crate) mod exit {
    /// Complete, and nothing open at or above `--fail-on`.
    pub(crate) const FINE: u8 = 0;
    /// Drift, or a difference.
    pub(crate) const DRIFT: u8 = 1;
    /// It could not run.
    pub(crate) const FAILED: u8 = 2;
    /// Not everything could be seen.
    pub(crate) const NOT_SEEN: u8 = 3;
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    plumbline_app::log_to_stderr();
    match run(arguments) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            output::complain(&error);
            ExitCode::from(exit::FAILED)
        }
    }
}

fn run(arguments: Arguments) -> Result<u8> {
    match arguments.command {
        Command::Audit(given) => audit::run(given),
        Command::Snapshot(given) => snapshot::run(given),
        Command::Evaluate(given) => evaluate::run(given),
        Command::Diff(given) => diff::run(given),
        Command::Baseline(given) => baseline::run(given),
        Command::Controls(given) => controls::run(given),
        Command::Permissions(given) => permissions::run(given),
        Command::Policy(given) => policy::run(given),
        Command::Network(given) => network::run(given),
    }
}
