//! The command `plumbline` as a user starts it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use plumbline_findings::Report;
use tempfile::TempDir;

use crate::server::Emulator;

/// The folder of the programs that `cargo build --workspace` made: beside the folder of this test.
///
/// # Panics
/// If the test does not run from a target folder.
#[must_use]
pub fn target(program: &str) -> PathBuf {
    #[expect(clippy::expect_used, reason = "a test without a path cannot run")]
    let test = std::env::current_exe().expect("the path of this test");
    let folder = test.ancestors().find(|folder| folder.join("deps").is_dir()).unwrap_or(&test);
    folder.join(program)
}

/// The command with a state folder of its own.
#[derive(Debug)]
pub struct Cli {
    folder: TempDir,
}

/// What an audit gave back.
#[derive(Debug)]
pub struct Audited {
    /// The report.
    pub report: Report,
    /// The exit code.
    pub code: i32,
}

impl Cli {
    /// A user who has never run it.
    ///
    /// # Errors
    /// No temporary folder can be made.
    pub fn new() -> Result<Self> {
        Ok(Self { folder: tempfile::tempdir()? })
    }

    /// The baseline of the emulated account.
    #[must_use]
    pub fn baseline() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("baseline.yaml")
    }

    /// Where this user keeps things.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The command with credentials and endpoint of `emulator`.
    #[must_use]
    pub fn command(&self, emulator: &Emulator, arguments: &[&str]) -> Command {
        let mut command = Command::new(target("plumbline"));
        command
            .args(arguments)
            .current_dir(self.folder())
            .env_clear()
            .envs(crate::runtime::environment(&emulator.url()));
        command
    }

    /// `plumbline audit` with a JSON report.
    ///
    /// # Errors
    /// It cannot be started, or printed no report.
    pub fn audit(&self, emulator: &Emulator, more: &[&str]) -> Result<Audited> {
        let baseline = Self::baseline();
        let state = self.folder().join("state");
        let mut arguments = vec!["audit", "--format", "json", "--api-share", "off", "--baseline"];
        let (baseline, state) = (baseline.display().to_string(), state.display().to_string());
        arguments.extend([baseline.as_str(), "--state", state.as_str()]);
        arguments.extend(more);
        let output = self.command(emulator, &arguments).output().context("starting plumbline")?;
        let report = Report::from_bytes(&output.stdout).with_context(|| {
            format!("exit {:?}: {}", output.status.code(), String::from_utf8_lossy(&output.stderr))
        })?;
        Ok(Audited { report, code: output.status.code().unwrap_or(-1) })
    }
}
