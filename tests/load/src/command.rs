//! The real command against a server on the loopback: how long it takes, and what it takes of the machine.
//!
//! The server's thread is in this process and the command in its own, so that neither's memory counts for the other.
#![expect(
    clippy::disallowed_methods,
    reason = "the bench times, reads what the kernel says of a process, and writes files"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::baseline;
use crate::listener::Loopback;
use crate::server::Server;

/// The program under test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// How it was built, in words.
    pub how: &'static str,
}

/// What one run took.
#[derive(Debug, Clone, PartialEq)]
pub struct Ran {
    /// From start to end.
    pub wall: Duration,
    /// Of the processor.
    pub cpu: Duration,
    /// The most resident memory, in MB.
    pub peak_mb: f64,
    /// The exit code.
    pub code: i32,
    /// What an audit reported; none of a `snapshot`.
    pub report: Option<Value>,
}

/// What to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A whole audit, which judges and remembers.
    Audit,
    /// Only reading, into a file.
    Snapshot,
}

/// How often the kernel is asked: the peak is the highest so far, so that little is missed.
const GLANCE: Duration = Duration::from_millis(5);
/// The unit in which Linux counts processor time for user programs, which is the same on all machines.
const TICK: Duration = Duration::from_millis(10);

/// The command below cargo's target folder: as packaged if there is one, else as cargo builds it for the tests.
#[must_use]
pub fn find(target: &Path) -> Option<Program> {
    let places = [
        ("lambda/plumbline/bootstrap", "release"),
        ("release/plumbline", "release"),
        ("debug/plumbline", "dev profile"),
    ];
    let mut found = places.into_iter().map(|(path, how)| Program { path: target.join(path), how });
    found.find(|program| program.path.is_file())
}

/// Every area that has controls.
const AREAS: [&str; 6] = ["area:network", "area:endpoints", "area:roles", "area:data", "area:sagemaker", "area:logs"];

/// Runs the command once against `server`, with its state and all it writes in `folder`.
///
/// # Errors
/// It could not be started, ended badly, or left no report.
pub fn run(program: &Program, what: What, server: &Arc<Server>, share: &str, folder: &Path) -> Result<Ran> {
    let loopback = Loopback::start(server.clone()).context("starting the server")?;
    let (file, out, said) = (folder.join("baseline.yaml"), folder.join("out"), folder.join("stderr"));
    std::fs::write(&file, baseline::text(&server.account.size))?;
    let mut command = Command::new(&program.path);
    match what {
        What::Audit => command.args(["audit", "--format", "json", "--state"]).arg(folder.join("state")),
        // The reads of an audit: without a scope a snapshot makes more, which this server does not have.
        What::Snapshot => command.arg("snapshot").args(AREAS.iter().flat_map(|area| ["--scope", area])),
    };
    command.arg("--baseline").arg(&file).arg("--out").arg(&out);
    command.args(["--endpoint-url", &loopback.url(), "--api-share", share]);
    command.env_clear().env("AWS_ACCESS_KEY_ID", "AKIALOAD").env("AWS_SECRET_ACCESS_KEY", "load");
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", folder).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(std::fs::File::create(&said)?);
    let started = Instant::now();
    let mut child = command.spawn().with_context(|| format!("starting {}", program.path.display()))?;
    let (mut peak_kb, mut ticks) = (0, 0);
    // Ended, but not yet waited for: then the kernel still knows what it used.
    while let Some((state, used)) = stat(child.id()) {
        ticks = used;
        if state == 'Z' {
            break;
        }
        peak_kb = peak_kb.max(high_water(child.id()));
        std::thread::sleep(GLANCE);
    }
    let wall = started.elapsed();
    let code = child.wait()?.code().unwrap_or(-1);
    if !matches!(code, 0 | 1) {
        bail!("it ended with {code}: {}", std::fs::read_to_string(&said).unwrap_or_default());
    }
    let report = match what {
        What::Audit => Some(serde_json::from_slice(&std::fs::read(&out)?).context("its report")?),
        What::Snapshot => None,
    };
    Ok(Ran { wall, cpu: TICK * ticks, peak_mb: peak_kb as f64 * 1024.0 / 1e6, code, report })
}

/// The state of a process and the ticks of processor time that it has used.
fn stat(id: u32) -> Option<(char, u32)> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name stands in brackets and may hold anything.
    let (_, rest) = text.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u32>().ok());
    Some((rest.chars().next()?, ticks(11)? + ticks(12)?))
}

/// The most resident memory of a process so far, in KiB; 0 where the system does not say.
fn high_water(id: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or_default()
}
